/*
 * A customer's receipt, recomputed in the browser: the proof from the log, the signatures below it,
 * and the service's own signature on the receipt as a file. Nothing is sent anywhere.
 */

import { text as words } from "./texts.js";
import { fromBase64url, isReady, say, text as fromUtf8 } from "./verify/bytes.js";
import { verifyDetached } from "./verify/jws.js";
import { importKey } from "./verify/keys.js";
import { readVerifierKey, verifyProof } from "./verify/notes.js";

const TYPE = "fiscus-receipt+json";
const MARKS = { good: "✔", bad: "✖", unsupported: "▲" };
const KINDS = { good: "good", bad: "bad", unsupported: "warn" };

function shown(state, sentence) {
  const item = document.createElement("li");
  item.className = KINDS[state];
  const mark = document.createElement("span");
  mark.setAttribute("aria-hidden", "true");
  mark.textContent = `${MARKS[state]} `;
  item.append(mark, sentence);
  document.getElementById("checks").append(item);
  return state;
}

/** The sentence of a check: ours where it is good or bad, the reason where it was not judged. */
function judged(result, key, values = {}) {
  if (result.state === "unsupported") {
    return shown("unsupported", words("receipt.unsupported", { reason: say(result, words) }));
  }
  return shown(result.state, words(result.state === "good" ? key : `${key}-bad`, values));
}

function witness({ name, result }) {
  if (result.state === "unsupported" && result.key === "witness-unknown") {
    shown("unsupported", words("receipt.witness-unknown", { name }));
    return "unknown"; // it takes nothing away from what the others say
  }
  const seconds = Number(result.values.time ?? 0);
  const timeZone = document.body.dataset.zone;
  const time = new Date(seconds * 1000).toLocaleString(document.documentElement.lang, { timeZone });
  return judged(result, "receipt.witness", { name, time });
}

async function proved(page) {
  const keys = await Promise.all(page.witness_keys.map(readVerifierKey));
  const logKey = await readVerifierKey(page.log_key);
  const found = await verifyProof(page.proof, { link: page.link, logKey, witnesses: keys });
  return [
    judged(found.inclusion, "receipt.included", { index: found.index, size: found.size }),
    judged(found.log, "receipt.log"),
    ...found.cosignatures.map(witness),
  ];
}

/** The file that the customer may keep, and whether it says what the page says. */
async function signed(page) {
  const answer = await fetch(page.file, { cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  const file = await answer.json();
  const key = await importKey({ pem: file.header.public_key });
  const payload = fromBase64url(file.payload);
  const header = fromUtf8(fromBase64url(file.protected));
  const { typ, kid } = JSON.parse(header);
  const result = await verifyDetached(header, payload, file.signature, key);
  const said = JSON.parse(fromUtf8(payload));
  const isOurs = typ === TYPE && kid === key.id;
  const isSame =
    said.link === page.link &&
    said.receipt.number === page.number &&
    said.receipt.gross === page.gross;
  return [
    judged(isOurs ? result : { ...result, state: "bad" }, "receipt.signed", { id: key.id }),
    judged({ state: isSame ? "good" : "bad" }, "receipt.same"),
  ];
}

function concluded(states) {
  const verdict = document.getElementById("verdict");
  const worst = ["bad", "unsupported"].find((state) => states.includes(state)) ?? "good";
  const key = { bad: "not-good", unsupported: "not-all", good: "all-good" }[worst];
  verdict.className = `notice ${KINDS[worst]}`;
  verdict.textContent = `${MARKS[worst]} ${words(`receipt.${key}`)}`;
}

async function recompute(page) {
  const ready = isReady();
  if (ready.state !== "good") {
    concluded([judged(ready, "receipt.included")]);
    return;
  }
  document.getElementById("verdict").textContent = words("receipt.waiting");
  const states = [];
  for (const check of [proved, signed]) {
    try {
      states.push(...(await check(page)));
    } catch (error) {
      const reason = error.reason ? say(error, words) : error.message;
      states.push(shown("bad", words("receipt.failed", { reason })));
    }
  }
  concluded(states);
}

const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());

const element = document.getElementById("receipt");
if (element) await recompute(JSON.parse(element.textContent));
