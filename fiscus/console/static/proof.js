/*
 * The newest checkpoint, recomputed in the browser: the signature of the log and those of the
 * witnesses whose keys the page brings. And how far a verification of the whole journal is.
 */

import { text as words } from "./texts.js";
import { isReady, say } from "./verify/bytes.js";
import { judgeCosignatures, readNote, readVerifierKey, verifyLog } from "./verify/notes.js";

const MARKS = { good: "✔", bad: "✖", unsupported: "▲" };
const KINDS = { good: "good", bad: "bad", unsupported: "warn" };
const LOOK_MILLISECONDS = 2000;

const page = JSON.parse(document.getElementById("proof").textContent);

function conclude(state, sentence) {
  const verdict = document.getElementById("proof-verdict");
  if (!verdict) return;
  verdict.className = `notice ${KINDS[state] ?? "plain"}`;
  verdict.dataset.state = state;
  verdict.textContent = `${MARKS[state] ?? "●"} ${sentence}`;
}

function show(what, result) {
  const item = document.createElement("li");
  const mark = document.createElement("span");
  mark.setAttribute("aria-hidden", "true");
  mark.textContent = `${MARKS[result.state]} `;
  item.className = KINDS[result.state];
  item.append(mark, `${what}: ${say(result, words)}`, signedAt(result));
  document.getElementById("proof-checks").append(item);
  return result.state;
}

function signedAt({ values }) {
  const seconds = Number(values?.time ?? 0);
  if (!seconds) return "";
  const timeZone = document.body.dataset.zone;
  const time = new Date(seconds * 1000).toLocaleString(document.documentElement.lang, { timeZone });
  return ` (${words("proof.time", { time })})`;
}

async function recompute() {
  const answer = await fetch(page.note, { cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  const note = readNote(await answer.text());
  const logKey = await readVerifierKey(page.log_key);
  const keys = await Promise.all(page.witness_keys.map(readVerifierKey));
  const states = [show(words("proof.log"), await verifyLog(note, logKey))];
  for (const { name, result } of await judgeCosignatures(note, keys, note.origin)) {
    states.push(show(words("proof.witness", { name }), result));
  }
  return states;
}

async function check() {
  if (!document.getElementById("proof-verdict")) return;
  const ready = isReady();
  if (ready.state !== "good") {
    conclude("unsupported", say(ready, words));
    return;
  }
  conclude("working", words("proof.working"));
  try {
    const states = await recompute();
    if (states.includes("bad")) conclude("bad", words("proof.bad"));
    else if (states.includes("unsupported")) conclude("unsupported", words("proof.part"));
    else conclude("good", words("proof.good"));
  } catch (error) {
    conclude("bad", words("proof.failed", { reason: error.reason ?? error.message }));
  }
}

async function follow() {
  const line = document.getElementById("verification");
  if (!line?.dataset.goingOn) return;
  const answer = await fetch(page.progress, { cache: "no-store" });
  if (!answer.ok) return;
  const state = await answer.json();
  const seconds = (value) => ({ seconds: Math.round(value) });
  if (state.is_going_on) {
    const last = state.last_seconds ? ` ${words("proof.last", seconds(state.last_seconds))}` : "";
    line.textContent = `${words("proof.going-on", seconds(state.seconds))}${last}`;
  } else if (state.is_wanted) {
    line.textContent = words("proof.wanted");
  } else {
    line.textContent = words("proof.ended");
    return;
  }
  setTimeout(follow, LOOK_MILLISECONDS);
}

check();
follow();
