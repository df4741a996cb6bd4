// Check a file: recognises what it is, judges journal packages and QR texts here in the browser
// without sending anything, and hands all else over to the server if the visitor may do that.

import { VerifyError, isReady, say } from "./verify/bytes.js";
import { judgeQr } from "./verify/qr.js";
import { recognise } from "./verify/recognise.js";
import { text } from "./texts.js";

const SYMBOLS = { error: "✖", warning: "▲", note: "●" };
const SHOWN_MAX = 500; // findings that are listed; all are counted
const POLL_FIRST_MS = 300;
const POLL_MS = 1000;

const find = (id) => document.getElementById(id);
const words = (one) => say(one, text);
const has = (key) => text(key) !== key;

// ---- Showing a report in one common form ----------------------------------------------------

function element(name, content, attributes = {}) {
  const made = document.createElement(name);
  if (content) made.textContent = content;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function placeWords(place) {
  if (place.field) return text("verify.place-field", place);
  if (place.field === "") return "";
  if (place.file) {
    const key = place.line ? "verify.place-line" : "verify.place-file";
    return text(key, place);
  }
  const { chain = "", epoch = 1, sequence = 0, id = "", kind = "" } = place;
  const key = sequence ? "verify.place-entry" : "verify.place-chain";
  const named = [kind, id].filter(Boolean).join(" ");
  return text(key, { chain, epoch, sequence }) + (named ? `, ${named}` : "");
}

function findingElement({ severity, code, place, detail, law }) {
  const item = find("check-finding").content.firstElementChild.cloneNode(true);
  item.classList.add(`finding-${severity}`);
  const fill = (slot, content) => {
    const target = item.querySelector(`[data-slot="${slot}"]`);
    if (!target) return;
    target.textContent = content;
    target.hidden = !content;
  };
  const more = typeof detail === "string" ? detail : words(detail);
  const seen = text(`finding.${code}`);
  fill("severity", `${SYMBOLS[severity]} ${text(`severity.${severity}`)}`);
  fill("code", code);
  fill("sentence", more ? `${seen}: ${more}` : seen);
  fill("place", [placeWords(place), law].filter(Boolean).join(" · "));
  const means = [`finding.${code}.means`, `finding.${code}.do`].filter(has).map((key) => text(key));
  fill("remedy", means.join(" → "));
  return item;
}

function showFindings(list, { findings, omitted }) {
  list.replaceChildren(...findings.slice(0, SHOWN_MAX).map(findingElement));
  const more = omitted + Math.max(0, findings.length - SHOWN_MAX);
  if (more) list.append(element("li", text("verify.findings-more", { more })));
  hideEmpty(list);
}

function showSentences(id, sentences) {
  const list = find(id);
  list.replaceChildren(...sentences.map((one) => element("li", words(one))));
  hideEmpty(list);
}

/** A list without anything in it is hidden together with its heading. */
function hideEmpty(list) {
  list.hidden = !list.children.length;
  if (list.previousElementSibling) list.previousElementSibling.hidden = list.hidden;
}

function showPairs(list, pairs) {
  list.replaceChildren(
    ...pairs.map(([name, value, code]) => {
      const pair = element("div");
      pair.append(element("dt", name));
      const said = element("dd");
      said.append(element(code ? "code" : "span", value));
      if (code) said.firstElementChild.className = "hash";
      pair.append(said);
      return pair;
    }),
  );
}

function fieldPairs(fields) {
  return fields.map(({ name, key, label, value, meaning }) => {
    const said = words({ key, reason: label, values: {} });
    return [`${name} · ${said}`, meaning ? `${value} (${words(meaning)})` : value, value.length > 24];
  });
}

const FACTS = ["first", "last", "entries", "chains", "installation", "organization", "fingerprint", "origin", "size", "root"];

function factPairs(facts) {
  const shown = FACTS.filter((name) => facts[name] !== undefined && facts[name] !== "");
  return shown.map((name) => [text(`verify.fact-${name}`), String(facts[name]), String(facts[name]).length > 24]);
}

const MOODS = { good: "good", "not good": "bad", empty: "warn", "not judged": "warn" };

function verdictWords({ kind, verdict, findings }) {
  const state = verdict.replace(" ", "-");
  const own = `verify.verdict-${kind}-${state}`;
  const said = text(has(own) ? own : `verify.verdict-${state}`);
  const counts = ["error", "warning", "note"]
    .map((severity) => [severity, findings.filter((one) => one.severity === severity).length])
    .filter(([, count]) => count)
    .map(([severity, count]) => `${count} × ${text(`severity.${severity}`)}`);
  return counts.length ? `${said} (${counts.join(", ")})` : said;
}

const MARKS = { good: "✔", bad: "✖", warn: "▲" };

function show(prefix, section, report, pairs) {
  const mood = MOODS[report.verdict];
  const verdict = find(`${prefix}-verdict`);
  verdict.className = `notice ${mood}`;
  verdict.textContent = `${MARKS[mood]} ${verdictWords(report)}`;
  showPairs(find(`${prefix}-facts`), pairs);
  showFindings(find(`${prefix}-findings`), report);
  showSentences(`${prefix}-checked`, report.checked);
  showSentences(`${prefix}-unchecked`, [...report.unchecked, ...report.notes]);
  showSentences(`${prefix}-needed`, report.needed);
  section.hidden = false;
  verdict.tabIndex = -1;
  verdict.focus();
}

// ---- Progress -------------------------------------------------------------------------------

const progress = {
  say(sentence, done = 0, total = 0) {
    const bar = find("check-progress");
    bar.hidden = !total;
    bar.max = total || 1;
    bar.value = Math.min(done, bar.max);
    find("check-words").textContent = sentence;
  },
  part(key, done, total) {
    const percent = total ? `${Math.floor((100 * done) / total)} %` : "";
    this.say(text(key, { percent }), done, total || 1);
  },
};

// ---- A journal package, in a worker ---------------------------------------------------------

let worker = null;

function stop() {
  if (worker) worker.terminate();
  worker = null;
  find("check-stop").hidden = true;
}

const JWS_BYTES_MAX = 4096;

/** The signature beside the package: chosen, dropped with it, or pasted. */
async function signatureBeside() {
  const [file] = find("check-jws").files;
  if (file) return file.slice(0, JWS_BYTES_MAX).text();
  const pasted = find("check-server-jws");
  return dropped.jws || (pasted ? pasted.value : "");
}

async function given() {
  const value = (id) => find(id).value;
  return {
    jws: await signatureBeside(),
    fingerprint: value("check-fingerprint"),
    policy: value("check-witnesses"),
    note: value("check-note"),
  };
}

const dropped = { jws: "" };

async function judgePackageFile(file) {
  stop();
  const outside = await given();
  const address = new URL("./verify/worker.js", import.meta.url);
  worker = new Worker(address, { type: "module" });
  find("check-stop").hidden = false;
  progress.part("local.reading", 0, 1);
  worker.addEventListener("message", ({ data }) => {
    if (data.progress) progress.part("local.reading", ...data.progress);
    else finish(data.report || failed(data.error));
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    finish(failed({ key: "worker-failed", reason: event.message, values: { what: event.message || "" } }));
  });
  worker.postMessage({ blob: file, outside });
}

const failed = (error) => ({
  kind: "package", verdict: "not judged", findings: [], omitted: 0, checked: [], unchecked: [error],
  needed: [], notes: [], facts: {}, fields: [],
});

function finish(report) {
  stop();
  progress.say("");
  show("check-local", find("check-local"), report, factPairs(report.facts));
}

// ---- Files ----------------------------------------------------------------------------------

let chosen = null;

async function take(files) {
  const beside = files.find((one) => /\.jws$/i.test(one.name));
  const [file] = files.filter((one) => one !== beside);
  if (beside) dropped.jws = await beside.slice(0, JWS_BYTES_MAX).text();
  if (!file) return;
  chosen = null;
  stop();
  find("check-local").hidden = true;
  const { kind, text: scanned } = await recognise(file);
  if (kind === "package") {
    handOver(file, kind);
    await judgePackageFile(file);
  } else if (kind === "qr") {
    find("check-qr-text").value = scanned.trim();
    await judgeQrText();
  } else {
    handOver(file, kind);
  }
}

const OPTIONS = { saft: "saft-pt", datev: "datev-extf", package: "journal-package" };

/** A file for the server: a package too may be sent after it was judged here. */
function handOver(file, kind) {
  const form = find("check-form");
  const recognised = text(`verify.kind-${kind}`);
  const mayUpload = form.dataset.mayUpload === "yes";
  const isSmall = file.size <= Number(form.dataset.bytesMax || Infinity);
  chosen = mayUpload && isSmall && kind !== "empty" ? file : null;
  const select = find("check-kind");
  const option = OPTIONS[kind] || kind;
  select.value = [...select.options].some((one) => one.value === option) ? option : "";
  enableSending(Boolean(chosen));
  if (kind === "package") return;
  const next = chosen ? "verify.hand-over" : mayUpload ? "verify.hand-over-large" : "upload.none";
  progress.say(`${recognised} ${kind === "empty" ? "" : text(next)}`.trim());
}

function enableSending(isEnabled) {
  find("check-send").disabled = !isEnabled;
}

async function send(event) {
  if (!chosen) return;
  event.preventDefault();
  const form = find("check-form");
  const body = new FormData();
  for (const name of ["csrf", "kind"]) {
    const field = form.elements.namedItem(name);
    body.append(name, field ? field.value : "");
  }
  const jws = await signatureBeside();
  if (jws) body.append("jws", jws);
  body.append("file", chosen, chosen.name);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", ({ loaded, total }) =>
    progress.part("upload.going", loaded, total),
  );
  request.addEventListener("error", () => progress.say(text("upload.failed")));
  request.addEventListener("load", () => answered(request));
  enableSending(false);
  request.send(body);
}

function answered(request) {
  let said = null;
  try {
    said = JSON.parse(request.responseText);
  } catch {
    said = null;
  }
  if (request.status === 202 && said && said.address) {
    follow(said);
    return;
  }
  const error = said && said.error;
  progress.say(error ? [error.sentence, error.remedy].filter(Boolean).join(" ") : text("upload.failed"));
  enableSending(Boolean(chosen));
}

async function follow(state) {
  let said = state;
  for (let wait = POLL_FIRST_MS; said.state === "waiting" || said.state === "checking"; wait = POLL_MS) {
    progress.say(said.words || "", said.read || 0, said.size || 1);
    await new Promise((resolve) => setTimeout(resolve, wait));
    const response = await fetch(`${state.address}/state`, { headers: { Accept: "application/json" } });
    if (!response.ok) break;
    said = await response.json();
  }
  location.assign(state.address);
}

// ---- QR texts -------------------------------------------------------------------------------

async function judgeQrText(event) {
  if (event) event.preventDefault();
  const scanned = find("check-qr-text").value;
  const section = find("check-qr");
  if (!scanned.trim()) {
    section.hidden = false;
    find("check-qr-verdict").className = "notice warn";
    find("check-qr-verdict").textContent = text("qr.empty");
    return;
  }
  const report = await judgeQr(scanned);
  show("check-qr", section, report, fieldPairs(report.fields));
}

function offerImages() {
  const field = find("check-qr-image");
  if (!field) return;
  const said = find("check-qr-image-words");
  if (!("BarcodeDetector" in globalThis)) {
    field.hidden = true;
    field.disabled = true;
    const label = document.querySelector("label[for=check-qr-image]");
    if (label) label.hidden = true;
    said.textContent = text("qr.no-images");
    return;
  }
  field.addEventListener("change", async () => {
    const [image] = field.files;
    if (!image) return;
    try {
      const detector = new globalThis.BarcodeDetector({ formats: ["qr_code"] });
      const [found] = await detector.detect(await createImageBitmap(image));
      if (!found) throw new Error("no code");
      find("check-qr-text").value = found.rawValue;
      said.textContent = "";
      await judgeQrText();
    } catch {
      said.textContent = text("qr.image-unread");
    }
  });
}

// ---- The page -------------------------------------------------------------------------------

function listen() {
  const field = find("check-file");
  field.addEventListener("change", () => take([...field.files]).catch(trouble));
  const area = find("check-drop");
  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    area.classList.add("over");
  });
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("over");
    field.files = event.dataTransfer.files;
    take([...event.dataTransfer.files]).catch(trouble);
  });
  find("check-form").addEventListener("submit", (event) => send(event).catch(trouble));
  find("check-stop").addEventListener("click", () => {
    stop();
    progress.say(text("local.stopped"));
  });
  find("check-qr-form").addEventListener("submit", (event) => judgeQrText(event).catch(trouble));
}

function trouble(error) {
  const isKnown = error instanceof VerifyError;
  progress.say(isKnown ? words(error) : text("verify.worker-failed", { what: error.message }));
}

function begin() {
  const ready = isReady();
  const notice = find("check-ready");
  if (ready.state !== "good" && notice) {
    notice.textContent = words(ready);
    notice.hidden = false;
  }
  listen();
  offerImages();
  enableSending(false);
}

if (find("check-form")) begin();
