// A report of `verify/report.js` on the page: the verdict, findings in groups with the cause first,
// and what was checked and what was not.
//
// Exported:
//   words(sentence) -> text in the visitor's language
//   show(prefix, report, pairs)     into the section with that id; pairs: [name, value, isCode]
//   factPairs(facts), fieldPairs(fields) -> pairs

import { say } from "./verify/bytes.js";
import { groupsOf } from "./verify/report.js";
import { text } from "./texts.js";

const MARKS = { good: "✔", bad: "✖", warn: "▲" };
const MOODS = { good: "good", "not good": "bad", empty: "warn", "not judged": "warn" };
const SEVERITIES = { error: ["✖", "bad"], warning: ["▲", "warn"], note: ["●", "neutral"] };
const PLACES_OPEN = 5; // places that stand there at once
const PLACES_MAX = 200; // places that are listed; all are counted
const SENTENCES_MAX = 200;

const find = (id) => document.getElementById(id);
const has = (key) => text(key) !== key;

export const words = (one) => say(one, text);

function element(name, content = "") {
  const made = document.createElement(name);
  if (content) made.append(...withCode(content));
  return made;
}

/** What stands between backticks becomes code. */
function withCode(content) {
  return content.split(/`([^`]+)`/).map((piece, at) => {
    if (at % 2 === 0) return piece;
    const code = document.createElement("code");
    code.textContent = piece;
    return code;
  });
}

// ---- Findings -------------------------------------------------------------------------------

function placeWords(place) {
  if (place.field) return text("verify.place-field", place);
  if (place.field === "") return "";
  if (place.file) {
    const key = place.line ? "verify.place-line" : "verify.place-file";
    return text(key, place);
  }
  const { chain = "", epoch = 1, sequence = 0, id = "", kind = "", number = "" } = place;
  const key = sequence ? "verify.place-entry" : "verify.place-chain";
  const named = [kind, id].filter(Boolean).join(" ");
  const entry = text(key, { chain, epoch, sequence }) + (named ? `, ${named}` : "");
  return number ? `${text("verify.place-document", { number })}: ${entry}` : entry;
}

const detailWords = ({ detail }) => (typeof detail === "string" ? detail : words(detail));

/** What all of them say stands in the sentence, once; what differs stands at its place. */
function placesOf(found) {
  const details = found.map(detailWords);
  const shared = new Set(details).size === 1 ? details[0] : "";
  const places = found.map((one, at) => {
    const own = details[at] === shared ? "" : details[at];
    return [placeWords(one.place), own].filter(Boolean).join(": ");
  });
  return { shared, places: places.filter(Boolean) };
}

const placeItems = (places) =>
  places.map((place) => {
    const item = element("li");
    item.append(element("code", place));
    return item;
  });

/** Whether the advice of a code is for who has the database: a package's holder needs another. */
const isForOwner = (code) => /^VERIFY-(?!PACKAGE|ROOT)/.test(code);

function groupElement({ severity, code, law, count, found }) {
  const item = find("check-finding").content.firstElementChild.cloneNode(true);
  const slot = (name) => item.querySelector(`[data-slot="${name}"]`);
  const fill = (name, content) => {
    slot(name).replaceChildren(...withCode(content));
    if (slot(name).tagName === "DD") slot(name).parentElement.hidden = !content;
  };
  const [symbol, mood] = SEVERITIES[severity];
  const { shared, places } = placesOf(found);
  const seen = text(`finding.${code}`);
  item.classList.add(`finding-${severity}`);
  slot("severity").classList.add(mood);
  fill("severity", `${symbol} ${text(`severity.${severity}`)}`);
  fill("code", code);
  fill("sentence", shared ? `${seen}: ${shared}` : seen);
  fill("law", law);
  for (const [name, key] of [["means", `finding.${code}.means`], ["do", `finding.${code}.do`]]) {
    fill(name, has(key) ? text(name === "do" && isForOwner(code) ? "verify.package-do" : key) : "");
  }
  fill("count", String(count));
  slot("where").hidden = !places.length;
  slot("places").replaceChildren(...placeItems(places.slice(0, PLACES_OPEN)));
  const others = places.slice(PLACES_OPEN, PLACES_MAX);
  slot("others").hidden = !others.length;
  slot("others-count").textContent = text("verify.places-others", { count: others.length });
  slot("others-places").replaceChildren(...placeItems(others));
  const more = places.length ? count - Math.min(places.length, PLACES_MAX) : 0;
  fill("more", more > 0 ? text("verify.places-more", { more }) : "");
  slot("more").hidden = more <= 0;
  return item;
}

function fillList(list, elements) {
  list.replaceChildren(...elements);
  list.hidden = !elements.length;
  if (list.previousElementSibling) list.previousElementSibling.hidden = list.hidden;
}

function showGroups(prefix, groups) {
  const causes = groups.filter((one) => !one.mayFollow);
  const others = groups.filter((one) => one.mayFollow);
  fillList(find(`${prefix}-findings`), causes.map(groupElement));
  fillList(find(`${prefix}-following`), others.map(groupElement));
}

// ---- What else is said ----------------------------------------------------------------------

function showSentences(id, sentences) {
  const items = sentences.slice(0, SENTENCES_MAX).map((one) => element("li", words(one)));
  const more = sentences.length - items.length;
  if (more > 0) items.push(element("li", text("verify.sentences-more", { more })));
  fillList(find(id), items);
}

function showPairs(list, pairs) {
  list.replaceChildren(
    ...pairs.map(([name, value, isCode]) => {
      const pair = element("div");
      const said = element("dd");
      said.append(element(isCode ? "code" : "span", value));
      if (isCode) said.firstElementChild.className = "hash";
      pair.append(element("dt", name), "\n", said);
      return pair;
    }),
  );
}

export function fieldPairs(fields) {
  return fields.map(({ name, key, label, value, meaning }) => {
    const said = words({ key, reason: label, values: {} });
    return [`${name} · ${said}`, meaning ? `${value} (${words(meaning)})` : value, value.length > 24];
  });
}

const FACTS = ["first", "last", "entries", "chains", "installation", "organization", "fingerprint", "origin", "size", "root"];

export function factPairs(facts) {
  const shown = FACTS.filter((name) => facts[name] !== undefined && facts[name] !== "");
  return shown.map((name) => [text(`verify.fact-${name}`), String(facts[name]), String(facts[name]).length > 24]);
}

function verdictWords({ kind, verdict }, groups) {
  const state = verdict.replace(" ", "-");
  const own = `verify.verdict-${kind}-${state}`;
  const said = text(has(own) ? own : `verify.verdict-${state}`);
  const counts = Object.keys(SEVERITIES)
    .map((severity) => [severity, groups.filter((one) => one.severity === severity).length])
    .filter(([, count]) => count)
    .map(([severity, count]) => `${count} × ${text(`severity.${severity}`)}`);
  return counts.length ? `${said} (${counts.join(", ")})` : said;
}

export function show(prefix, report, pairs) {
  const groups = groupsOf(report);
  const mood = MOODS[report.verdict];
  const verdict = find(`${prefix}-verdict`);
  verdict.className = `notice ${mood}`;
  verdict.textContent = `${MARKS[mood]} ${verdictWords(report, groups)}`;
  verdict.tabIndex = -1;
  showPairs(find(`${prefix}-facts`), pairs);
  showGroups(prefix, groups);
  showSentences(`${prefix}-checked`, report.checked);
  showSentences(`${prefix}-unchecked`, [...report.unchecked, ...report.notes]);
  showSentences(`${prefix}-needed`, report.needed);
  find(prefix).hidden = false;
}
