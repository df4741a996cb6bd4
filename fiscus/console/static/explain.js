/*
 * Recomputes a record in the visitor's browser, step by step, and again whenever its bytes are
 * changed in the page. Nothing is sent anywhere.
 */

import { verdict } from "./formulas.js";
import { text as words } from "./texts.js";
import {
  bad,
  fault,
  fromBase64,
  fromHex,
  good,
  isReady,
  say,
  toHex,
  unsupported,
  utf8,
} from "./verify/bytes.js";
import { verifyEntry } from "./verify/jws.js";
import { importKey, tseHash, verify } from "./verify/keys.js";
import { linkOfBody } from "./verify/links.js";
import { readVerifierKey, verifyProof } from "./verify/notes.js";

const MARKS = { good: "✔", bad: "✖", warn: "▲", plain: "●" };
const KINDS = { good: "good", bad: "bad", unsupported: "warn" };
const WAIT_MS = 150;
const RSA = "rsa-pkcs1-sha1";

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const explain = read("explain");
const witnesses = read("witnesses");
const fields = [...document.querySelectorAll("[data-bytes]")];
const originals = new Map(fields.map((field) => [field, field.value]));
const ready = isReady();

/** The bytes of a field as they stand now; throws VerifyError for what are none. */
function bytesOf(name) {
  const field = fields.find((one) => one.dataset.bytes === name);
  if (field.value === originals.get(field)) return kept(name);
  if (field.dataset.as === "text") return utf8(field.value);
  return fromHex(field.value.replace(/\s+/g, "").toLowerCase());
}

function kept(name) {
  if (name === "body") return fromBase64(explain.record.body);
  return fromBase64(explain.law.find((one) => one.step === name).message);
}

/** A result, also of what throws because it cannot be read or cannot be done here. */
async function settled(work) {
  try {
    return await work();
  } catch (error) {
    return fault(error);
  }
}

const imported = (spki) => importKey({ spki: fromBase64(spki) });

async function law({ step, algorithm, signature, key }) {
  if (!key) return unsupported("no-key", words("explain.no-key"));
  const data = bytesOf(step);
  const hash = algorithm === RSA ? "SHA-1" : tseHash(algorithm);
  return verify(await imported(key), { data, signature: fromBase64(signature), hash });
}

async function keyStep({ spki, sha256, id, body, key, signature, signer }) {
  const named = await imported(spki);
  if (named.sha256 !== sha256 || named.id !== id) {
    return bad("key-other", "The entry names another key than this one.", { id: named.id });
  }
  return verifyEntry({ body: fromBase64(body), key, signature }, await imported(signer));
}

function total(one) {
  const { isRight, result } = verdict(one);
  const values = { value: result };
  return isRight ? good("total", "", values) : bad("total", "", values);
}

/** What depends on the record's own bytes: link, what follows it, signature, place in the log. */
async function record(results) {
  const { link, key, signature, spki } = explain.record;
  let found = null;
  const same = (one) => (one === found.link ? good("same", "") : bad("other", ""));
  const linked = async () => {
    found = await linkOfBody(bytesOf("body"));
    showMembers(found);
    return same(link);
  };
  results.set("link", await settled(linked));
  const after = (work) => (found ? settled(work) : results.get("link"));
  if (explain.next) results.set("follows", await after(() => same(explain.next)));
  if (spki) {
    const signed = async () =>
      verifyEntry({ body: bytesOf("body"), key, signature }, await imported(spki));
    results.set("signature", await settled(signed));
  }
  if (explain.log) await logged(results, found);
}

async function logged(results, found) {
  const steps = ["inclusion", "log"];
  try {
    const logKey = await readVerifierKey(explain.log.key);
    const keys = await Promise.all(witnesses.map(readVerifierKey));
    // A record that cannot be read any more has no link, and so no place in the log.
    const link = found ? found.link : "0".repeat(64);
    const proof = await verifyProof(explain.log.proof, { link, logKey, witnesses: keys });
    results.set("inclusion", proof.inclusion);
    results.set("log", proof.log);
    proof.cosignatures.forEach(({ result }, place) => results.set(`witness-${place}`, result));
  } catch (error) {
    for (const step of steps) results.set(step, fault(error));
  }
}

async function judged() {
  const results = new Map(explain.totals.map((one) => [one.step, total(one)]));
  if (ready.state !== "good") {
    for (const place of document.querySelectorAll("[data-step]")) {
      if (!results.has(place.dataset.step)) results.set(place.dataset.step, ready);
    }
    return results;
  }
  await record(results);
  for (const one of explain.keys) results.set(one.step, await settled(() => keyStep(one)));
  for (const one of explain.law) results.set(one.step, await settled(() => law(one)));
  return results;
}

const NAMES = { label: "purpose" };

function showMembers({ link, parts }) {
  for (const { name, bytes } of parts) {
    const place = document.querySelector(`[data-member="${NAMES[name] ?? name}"]`);
    place.textContent = toHex(bytes).replace(/(..)(?=.)/g, "$1 ");
  }
  document.getElementById("computed-link").textContent = words("explain.computed", { value: link });
}

function pill(kind, sentence) {
  const element = document.createElement("span");
  element.className = `pill ${kind}`;
  const mark = document.createElement("span");
  mark.setAttribute("aria-hidden", "true");
  mark.textContent = `${MARKS[kind]} `;
  element.append(mark, sentence);
  return element;
}

function notice(kind, sentence) {
  const element = document.createElement("p");
  element.className = `notice ${kind}`;
  const mark = document.createElement("span");
  mark.setAttribute("aria-hidden", "true");
  mark.textContent = `${MARKS[kind]} `;
  element.append(mark, sentence);
  return element;
}

function sentence(result) {
  if (result.state === "unsupported") {
    return words("explain.unsupported", { reason: say(result, words) });
  }
  return words(`explain.${result.state}`);
}

function shown(results) {
  for (const place of document.querySelectorAll("[data-step]")) {
    const result = results.get(place.dataset.step);
    if (!result) continue;
    place.dataset.state = result.state;
    place.replaceChildren(pill(KINDS[result.state], sentence(result)));
  }
  const count = (state) => [...results.values()].filter((one) => one.state === state).length;
  document.getElementById("summary").replaceChildren(summary(count("good"), count("bad")));
}

function summary(right, wrong) {
  const isAltered = fields.some((field) => field.value !== originals.get(field));
  if (isAltered && wrong) return notice("bad", words("explain.altered", { count: wrong }));
  if (isAltered) return notice("warn", words("explain.unnoticed"));
  if (wrong) return notice("bad", words("explain.failing", { count: wrong }));
  return notice("good", words("explain.unaltered", { count: right }));
}

let turn = 0;

async function again() {
  const mine = ++turn;
  const results = await judged();
  if (mine === turn) shown(results);
}

/** Another digit in the middle of the field, where there is one. */
function flipped(value) {
  const middle = Math.floor(value.length / 2);
  const digits = [...value.matchAll(/[0-9]/g)].map((one) => one.index);
  const distance = (place) => Math.abs(place - middle);
  const place = digits.reduce((best, one) => (distance(one) < distance(best) ? one : best), digits[0]);
  const changed = String((Number(value[place]) + 1) % 10);
  return { place, value: value.slice(0, place) + changed + value.slice(place + 1) };
}

function editable(field) {
  const name = field.dataset.bytes;
  let waiting = 0;
  field.readOnly = false;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(again, WAIT_MS);
  });
  document.querySelector(`[data-tools="${name}"]`).hidden = false;
  document.querySelector(`[data-flip="${name}"]`).addEventListener("click", () => {
    const { place, value } = flipped(field.value);
    field.value = value;
    field.focus();
    field.setSelectionRange(place, place + 1);
    again();
  });
  document.querySelector(`[data-reset="${name}"]`).addEventListener("click", () => {
    field.value = originals.get(field);
    again();
  });
}

const isGood = ready.state === "good";
document
  .getElementById("ready")
  .replaceChildren(notice(isGood ? "good" : "warn", isGood ? words("explain.ready") : say(ready, words)));
// A browser may bring back what was typed before the page was loaded again.
for (const field of fields) field.value = originals.get(field);
if (isGood) fields.forEach(editable);
await again();
