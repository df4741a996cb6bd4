// Keeps the first page of the list of documents live: asks for what came after the newest line, as
// long as the page is seen. Without it the list is as new as the page.

const EVERY = 4000;
const PAUSE_MAX = 60000;
const LINES_MAX = 200;

const given = (id) => JSON.parse(document.getElementById(id).textContent);

const texts = given("texts");
const address = given("list").live;
const body = document.getElementById("documents");
const status = document.getElementById("live");

let pause = EVERY;

function say(text) {
  if (status.textContent !== text) {
    status.textContent = text;
  }
  status.hidden = false;
}

function newest() {
  return [...body.rows].map((row) => row.dataset.id).sort().at(-1) ?? "";
}

function place() {
  const id = newest();
  const row = [...body.rows].find((one) => one.dataset.id === id);
  return row ? row.dataset.place : "";
}

/** Puts new lines where they belong: newest day first, within a day the newest document first. */
function add(html) {
  const known = new Set([...body.rows].map((row) => row.dataset.id));
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const row of page.querySelectorAll("tr[data-id]")) {
    if (known.has(row.dataset.id)) {
      continue;
    }
    const older = [...body.rows].find((one) => one.dataset.place < row.dataset.place);
    body.insertBefore(document.importNode(row, true), older ?? null);
    document.getElementById("none")?.remove();
    body.parentElement.hidden = false;
  }
  while (body.rows.length > LINES_MAX) {
    body.deleteRow(-1);
  }
}

async function look() {
  if (document.hidden) {
    return;
  }
  try {
    const answer = await fetch(`${address}&after=${encodeURIComponent(place())}`, {
      credentials: "same-origin",
      redirect: "error",
    });
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    if (answer.status === 200) {
      add(await answer.text());
    }
    pause = EVERY;
    say(texts.live);
  } catch {
    pause = Math.min(pause * 2, PAUSE_MAX);
    say(texts.paused);
  }
}

async function keep() {
  await look();
  setTimeout(keep, pause);
}

setTimeout(keep, EVERY);
document.addEventListener("visibilitychange", () => document.hidden || look());
