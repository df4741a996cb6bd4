/*
 * The kinds of entries, in which chains each may stand, and the members of their bodies.
 * Source: docs/journal-format.md sections 2 and 5. A test compares KINDS with the product's own table.
 *
 * Exported:
 *   KINDS      {kind: {chains: [class], required: [name], allowed: [name]}}
 *   EVERY      the members of every body
 *   RELIED     {name in `relies`: [kinds that may be meant]}
 *   unfitMembers(body) -> [name]        members of a wrong form
 *   isCount, isHash, isUuid, isText, countOf(value), textOf(value), microsOf(text) -> BigInt | null
 */

import { isObject } from "./json.js";

export const EVERY = ["id", "kind", "chain", "epoch", "sequence", "previous", "at"];
const DEALING = ["session", "said", "by", "claim", "rows"];
const SEALED = ["numbered", "seal", ...DEALING];

function ofRegister(required, optional = []) {
  const must = [...EVERY, "place", "relies", ...required];
  return { chains: ["register"], required: must, allowed: [...must, ...optional] };
}

function ofRegistry(required, chains = ["organization"]) {
  const must = [...EVERY, "by", ...required];
  return { chains, required: must, allowed: must };
}

const BOTH = ["organization", "installation"];
const HOUSE = ["installation"];
const STATES = [
  "organization@1",
  "taxpayer@1",
  "location@1",
  "register@1",
  "subject@1",
  "device@1",
  "fitting@1",
  "series@1",
  "label@1",
  "bookkeeping@1",
  "subscription@1",
  "declared@1",
  "person@1",
  "signin@1",
];

export const KINDS = Object.assign(Object.create(null), {
  "intent@1": ofRegister([], ["draft", ...DEALING]),
  "document@1": ofRegister(["intent", "draft"], ["refers", ...SEALED]),
  "void@1": ofRegister(["intent", "refers", "draft"], SEALED),
  "abort@1": ofRegister(["intent", "draft"], SEALED),
  "refusal@1": ofRegister(["intent", "draft", "faults"], ["refers", ...DEALING]),
  "closing@1": ofRegister(["intent", "draft", "closing", "rows"], SEALED),
  "outage@1": ofRegister(["note"]),
  "restored@1": ofRegister(["refers"]),
  "exchanged@1": ofRegister(["note"]),
  "adoption@1": ofRegistry(["rows", "adoption"]),
  "request@1": ofRegistry(["request"]),
  "export@1": ofRegistry(["export"]),
  "retention@1": ofRegistry(["erased"]),
  "booked@1": ofRegistry(["booking"]),
  "job@1": ofRegistry(["job"]),
  "report@1": ofRegistry(["report"]),
  "task@1": ofRegistry(["task"], BOTH),
  "key@1": ofRegistry(["rows", "key"], BOTH),
  "secret@1": ofRegistry(["rows"], BOTH),
  "settings@1": ofRegistry(["settings"], HOUSE),
  "finding@1": ofRegistry(["finding"], HOUSE),
  "verification@1": ofRegistry(["verification"], HOUSE),
  ...Object.fromEntries(STATES.map((kind) => [kind, ofRegistry(["rows"])])),
});

export const RELIED = {
  taxpayer: ["taxpayer@1"],
  location: ["location@1"],
  register: ["register@1"],
  series: ["series@1", "adoption@1"],
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HASH = /^[0-9a-f]{64}$/;
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const INSTANT = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{6})?Z$/;
const EPOCH_MAX = 2 ** 32 - 1;

export const isText = (value) => typeof value === "string" && value !== "";
const isAnyText = (value) => typeof value === "string";
const isWhole = (value) => Number.isSafeInteger(value) || typeof value === "bigint";
export const isCount = (value) => Number.isSafeInteger(value) && value > 0;
const isEpoch = (value) => isCount(value) && value <= EPOCH_MAX;
export const isUuid = (value) => typeof value === "string" && UUID.test(value);
export const isHash = (value) => typeof value === "string" && HASH.test(value);
const isAnything = (value) => value !== null && value !== undefined;
const isRows = (value) => Array.isArray(value) && value.every(isObject);

export const countOf = (value) => (isCount(value) ? value : 0);
export const textOf = (value) => (typeof value === "string" ? value : "");

/** Microseconds since 1970 of an instant in UTC; null for everything else. */
export function microsOf(at) {
  const match = typeof at === "string" ? INSTANT.exec(at) : null;
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const isReal =
    year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day &&
    hour < 24 && minute < 60 && second < 60;
  if (!isReal) return null;
  return BigInt(date.getTime()) * 1000n + BigInt((match[7] || ".0").slice(1));
}

function isPlace(value) {
  return (
    isObject(value) &&
    ["organization", "taxpayer", "location"].every((name) => isText(value[name])) &&
    ["taxpayer_version", "location_version", "register_version"].every((name) =>
      isWhole(value[name]),
    )
  );
}

function isNumbered(value) {
  return (
    isObject(value) &&
    isText(value.series) &&
    isCount(value.number) &&
    isAnyText(value.name ?? "") &&
    isAnyText(value.previous ?? "")
  );
}

const isSeal = (value) =>
  isObject(value) && isAnyText(value.day) && DAY.test(value.day) && isAnyText(value.document_type);

const FORMS = {
  id: isUuid,
  kind: isText,
  chain: isUuid,
  epoch: isEpoch,
  sequence: isCount,
  previous: isHash,
  at: (value) => microsOf(value) !== null,
  place: isPlace,
  relies: (value) => isObject(value) && Object.values(value).every(isHash),
  intent: isAnyText,
  refers: isAnyText,
  draft: isObject,
  numbered: isNumbered,
  seal: isSeal,
  session: isAnyText,
  claim: isHash,
  rows: isRows,
  faults: Array.isArray,
  closing: isObject,
  note: isAnyText,
  by: isText,
  adoption: isObject,
  export: isObject,
  request: isObject,
  erased: isRows,
  key: isObject,
};

export function unfitMembers(body) {
  return Object.keys(body).filter((name) => {
    const isFit = Object.hasOwn(FORMS, name) ? FORMS[name] : isAnything;
    return !isFit(body[name]);
  });
}
