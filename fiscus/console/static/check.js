// Check a file: recognises what it is, judges journal packages and QR texts here in the browser
// without sending anything, and hands all else over to the server if the visitor may do that.
// What is judged here is sent only if the visitor then asks for that, with a button of its own words.

import { factPairs, fieldPairs, show, words } from "./check_report.js";
import { VerifyError, isReady } from "./verify/bytes.js";
import { isFingerprint } from "./verify/package.js";
import { readPolicy } from "./verify/policy.js";
import { judgeQr } from "./verify/qr.js";
import { recognise } from "./verify/recognise.js";
import { text } from "./texts.js";

const POLL_FIRST_MS = 300;
const POLL_MS = 1000;
const JWS_BYTES_MAX = 4096;
const KEY_FAULT = "CHECK-KEY-01";

const find = (id) => document.getElementById(id);

// ---- How far it is --------------------------------------------------------------------------

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

/** Whether something is going on in this part, also for who does not see it. */
const busy = (id, isBusy) => find(id).setAttribute("aria-busy", String(isBusy));

function trouble(error) {
  const isKnown = error instanceof VerifyError;
  stop();
  busy("check-form", false);
  busy("check-qr", false);
  progress.say(isKnown ? words(error) : text("verify.worker-failed", { what: error.message }));
}

// ---- A journal package, in a worker ---------------------------------------------------------

let worker = null;
let judged = null; // the package that is judged here
const beside = { jws: "", usedFor: null }; // the signature that was dropped with it

function stop() {
  if (worker) worker.terminate();
  worker = null;
  find("check-stop").hidden = true;
}

/** The signature beside the package: chosen, or dropped with it. One that was used for another
 * package is that of this one only if it is named so. */
async function signatureBeside(file) {
  const field = find("check-jws");
  const isNamed = field.files.length && field.files[0].name === `${file.name}.jws`;
  if (beside.usedFor && beside.usedFor !== file && !isNamed) field.value = "";
  const [given] = field.files;
  beside.usedFor = given ? file : null;
  return given ? given.slice(0, JWS_BYTES_MAX).text() : beside.jws;
}

/** What is wrong with a field stands beside it; empty: nothing. */
function fieldFault(id, sentence) {
  const said = find(`${id}-error`);
  said.replaceChildren(...(sentence ? ["✖ ", sentence] : []));
  said.hidden = !sentence;
  find(id).setAttribute("aria-invalid", String(Boolean(sentence)));
}

/** What was typed of the package, as far as it has its form: all else is told and left out. */
async function judgeFields() {
  const isForm = isFingerprint(find("check-fingerprint").value);
  fieldFault("check-fingerprint", isForm ? "" : text("verify.fingerprint-form"));
  let policyFault = "";
  try {
    await readPolicy(find("check-witnesses").value);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    policyFault = words(error);
  }
  fieldFault("check-witnesses", policyFault);
  return isForm && !policyFault;
}

async function knownOf(file) {
  await judgeFields();
  const value = (id) => (find(id).getAttribute("aria-invalid") === "true" ? "" : find(id).value);
  return {
    jws: await signatureBeside(file),
    fingerprint: value("check-fingerprint"),
    policy: value("check-witnesses"),
    note: value("check-note"),
  };
}

async function judgePackageFile(file, { isFirst = true } = {}) {
  stop();
  judged = file;
  busy("check-form", true);
  const outside = await knownOf(file);
  if (judged !== file) return;
  stop();
  const address = new URL("./verify/worker.js", import.meta.url);
  worker = new Worker(address, { type: "module" });
  find("check-stop").hidden = false;
  progress.part("local.reading", 0, 1);
  const finish = (report) => finished(report, isFirst);
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
  kind: "package", verdict: "not judged", findings: [], omitted: 0, more: {}, checked: [],
  unchecked: [error], needed: [], notes: [], facts: {}, fields: [],
});

function finished(report, isFirst) {
  stop();
  const said = ["local.done", ...(offer(judged, "upload.send-too") ? ["local.server"] : [])];
  progress.say(said.map((key) => text(key)).join(" "));
  show("check-local", report, factPairs(report.facts));
  if (isFirst) find("check-local-verdict").focus();
  busy("check-form", false);
}

/** Something was said of the package after it was judged. */
async function judgeAgain() {
  if (!(await judgeFields())) return; // the result stays
  if (judged) await judgePackageFile(judged, { isFirst: false });
}

// ---- Files ----------------------------------------------------------------------------------

let turn = 0; // counts the choices: what was chosen before does not come back
let chosen = null; // the file that the button sends

async function take(files) {
  const own = (turn += 1);
  const signature = files.find((one) => /\.jws$/i.test(one.name));
  const [file] = files.filter((one) => one !== signature);
  beside.jws = "";
  if (signature) {
    find("check-jws").value = "";
    beside.jws = await signature.slice(0, JWS_BYTES_MAX).text();
    if (own !== turn) return;
  }
  if (!file) {
    await judgeAgain();
    return;
  }
  stop();
  judged = null;
  withdraw();
  busy("check-form", true);
  progress.say("");
  find("check-local").hidden = true;
  const { kind, text: scanned } = await recognise(file);
  if (own !== turn) return;
  select(kind);
  if (kind === "package") {
    await judgePackageFile(file);
    return;
  }
  busy("check-form", false);
  if (kind === "qr") {
    find("check-qr-text").value = scanned.trim();
    progress.say(text("local.done"));
    await judgeQrText();
    return;
  }
  handOver(file, kind);
}

const OPTIONS = { saft: "saft-pt", datev: "datev-extf", package: "journal-package" };

function select(kind) {
  const field = find("check-kind");
  const option = OPTIONS[kind] || kind;
  field.value = [...field.options].some((one) => one.value === option) ? option : "";
}

/** A file that only the server can check. */
function handOver(file, kind) {
  const recognised = text(`verify.kind-${kind}`);
  if (kind === "empty") {
    progress.say(recognised);
    return;
  }
  const mayUpload = find("check-form").dataset.mayUpload === "yes";
  const isOffered = offer(file, "upload.send");
  const next = isOffered ? "verify.hand-over" : mayUpload ? "verify.hand-over-large" : "upload.none";
  progress.say(`${recognised} ${text(next)}`);
}

/** The button sends this file, and says so; false where the visitor may not send it. */
function offer(file, key) {
  const { mayUpload, bytesMax } = find("check-form").dataset;
  if (mayUpload !== "yes" || file.size > Number(bytesMax || Infinity)) return false;
  chosen = file;
  find("check-send").textContent = text(key);
  find("check-send").disabled = false;
  return true;
}

function withdraw() {
  chosen = null;
  find("check-send").textContent = text("upload.send");
  find("check-send").disabled = true;
}

// ---- The server -----------------------------------------------------------------------------

async function send(event) {
  event.preventDefault();
  const file = chosen;
  if (!file) return;
  stop();
  const form = find("check-form");
  const body = new FormData();
  fieldFault("check-public-key", "");
  for (const name of ["csrf", "kind", "public_key"]) {
    const field = form.elements.namedItem(name);
    body.append(name, field ? field.value : "");
  }
  const jws = file === judged ? await signatureBeside(file) : "";
  if (jws) body.append("jws", jws);
  body.append("file", file, file.name);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", ({ loaded, total }) =>
    progress.part("upload.going", loaded, total),
  );
  request.addEventListener("error", () => unsent(text("upload.failed")));
  request.addEventListener("load", () => answered(request));
  find("check-send").disabled = true;
  busy("check-form", true);
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
    follow(said).catch(() => location.assign(said.address));
    return;
  }
  const error = said && said.error;
  if (error && error.code === KEY_FAULT) fieldFault("check-public-key", error.sentence);
  unsent(error ? [error.sentence, error.remedy].filter(Boolean).join(" ") : text("upload.failed"));
}

function unsent(sentence) {
  progress.say(sentence);
  busy("check-form", false);
  find("check-send").disabled = !chosen;
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

let qrTurn = 0;

async function judgeQrText(event) {
  if (event) event.preventDefault();
  const own = (qrTurn += 1);
  const scanned = find("check-qr-text").value;
  const section = find("check-qr");
  busy("check-qr", true);
  if (!scanned.trim()) {
    section.hidden = true;
    find("check-qr-words").textContent = text("qr.empty");
    busy("check-qr", false);
    return;
  }
  find("check-qr-words").textContent = "";
  const report = await judgeQr(scanned);
  if (own !== qrTurn) return;
  show("check-qr", report, fieldPairs(report.fields));
  find("check-qr-verdict").focus();
  busy("check-qr", false);
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
  // Somebody was faster than this script.
  if (field.files.length) take([...field.files]).catch(trouble);
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
    judged = null;
    busy("check-form", false);
    progress.say(text("local.stopped"));
  });
  for (const id of ["check-jws", "check-fingerprint", "check-witnesses", "check-note"]) {
    find(id).addEventListener("change", () => judgeAgain().catch(trouble));
  }
  find("check-qr-form").addEventListener("submit", (event) => judgeQrText(event).catch(trouble));
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
  withdraw();
}

if (find("check-form")) begin();
