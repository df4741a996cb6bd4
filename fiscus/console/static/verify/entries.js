/*
 * One entry of a package by itself: is its body sound, of a known kind, linked and signed?
 * Source: docs/journal-format.md sections 2 to 5.
 *
 * Exported:
 *   examine(line, keyring) -> Promise<Entry>
 *       line = {body: bytes, key, link, signature, number}; number: that of the line in the file
 *       Entry = {chain, epoch, sequence, id, kind, previous (hex | null), link (hex), micros (BigInt | null),
 *                isProven, broken: [{code, detail}], body: members | null, number}
 *       chain is "" where the body cannot be read
 *   placeOf(entry) -> {chain, epoch, sequence, id, kind, number?}   number: that of the document
 */

import { VerifyError, sha256, toHex } from "./bytes.js";
import { verifyEntry } from "./jws.js";
import { isObject, part, readObject } from "./json.js";
import { EVERY, KINDS, countOf, isHash, microsOf, textOf, unfitMembers } from "./kinds.js";
import { ZEROS, linkOf } from "./links.js";

export const placeOf = ({ chain, epoch, sequence, id, kind, body }) => {
  const number = numberOf(body);
  return { chain, epoch, sequence, id, kind, ...(number ? { number } : {}) };
};

/** The number of a document as it is printed, as far as the body says it; "" for all else. */
function numberOf(body) {
  const numbered = part(body || {}, "numbered");
  if (!numbered.name || !numbered.number) return "";
  const type = textOf(part(body, "seal").document_type);
  return [type, `${numbered.name}/${numbered.number}`].filter(Boolean).join(" ");
}

export async function examine(line, keyring) {
  const broken = [];
  const blame = (code, detail = "") => broken.push({ code, detail });
  const body = soundBody(line.body, blame);
  if (!body) return { ...NOWHERE, link: isHash(line.link) ? line.link : ZEROS, broken, number: line.number };
  judgeKind(body, keyring, blame);
  const link = toHex(await linkOf(body, await sha256(line.body)));
  if (line.link !== link) blame("VERIFY-LINK-01");
  const isProven = await judgeSignature(line, body, keyring, blame);
  judgeOwn(body, blame);
  return {
    chain: body.chain,
    epoch: body.epoch,
    sequence: body.sequence,
    id: body.id,
    kind: body.kind,
    previous: body.previous,
    link: isProven || !isHash(line.link) ? link : line.link,
    micros: microsOf(body.at),
    isProven,
    broken,
    body,
    number: line.number,
  };
}

const NOWHERE = {
  chain: "",
  epoch: 0,
  sequence: 0,
  id: "",
  kind: "",
  previous: null,
  micros: null,
  isProven: false,
  body: null,
};

function soundBody(stored, blame) {
  let body;
  try {
    body = readObject(stored);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    blame("VERIFY-BODY-01", error);
    return null;
  }
  const missing = EVERY.filter((name) => !(name in body));
  const unfit = [...new Set([...unfitMembers(body), ...missing])].sort();
  if (!unfit.length) return body;
  blame("VERIFY-BODY-02", unfit.join(", "));
  return null;
}

function judgeKind(body, keyring, blame) {
  const { kind, owner } = keyring.homeOf(body.chain);
  const rule = KINDS[body.kind];
  if (!rule) {
    blame("VERIFY-KIND-01", body.kind);
    return;
  }
  const names = Object.keys(body);
  const missing = rule.required.filter((name) => !(name in body)).sort();
  const surplus = names.filter((name) => !rule.allowed.includes(name)).sort();
  if (missing.length) blame("VERIFY-BODY-02", missing.join(", "));
  if (surplus.length) blame("VERIFY-BODY-03", surplus.join(", "));
  if ("numbered" in body !== "seal" in body) blame("VERIFY-BODY-02", "numbered, seal");
  if (kind && !rule.chains.includes(kind)) blame("VERIFY-KIND-02", `${body.kind}, ${kind}`);
  else if (kind === "register" && part(body, "place").organization !== owner) {
    blame("VERIFY-KIND-02", "place.organization");
  }
}

async function judgeSignature(line, body, keyring, blame) {
  const key = keyring.find(body.chain, body.epoch, body.sequence);
  if (!key) {
    blame("VERIFY-KEY-01");
    return false;
  }
  if (line.key !== key.id) blame("VERIFY-SIGNATURE-02");
  const signed = { body: line.body, key: key.id, signature: line.signature };
  if ((await verifyEntry(signed, key)).state === "good") return true;
  blame("VERIFY-SIGNATURE-01");
  return false;
}

/** What an entry says twice, and should say alike. */
function judgeOwn(body, blame) {
  if (body.kind === "closing@1") {
    const differing = closingDiffers(body);
    if (differing) blame("VERIFY-CLOSING-04", differing);
  }
  if (body.kind === "key@1") {
    const differing = keyDiffers(body);
    if (differing) blame("VERIFY-KEY-05", differing);
  }
}

const rowsOf = (body) => (Array.isArray(body.rows) ? body.rows.filter(isObject) : []);

function closingDiffers(body) {
  const closing = part(body, "closing");
  const rows = rowsOf(body).filter((one) => one.table === "closing").map((one) => part(one, "row"));
  if (rows.length !== 1) return "rows";
  const expected = {
    type: closing.type,
    is_sealed: closing.is_sealed === true ? 1 : 0,
    day: closing.day,
    session: closing.session || null,
    since: rowInstant(closing.since),
    until: rowInstant(closing.until),
  };
  for (const name of ["number", "last_z", "first_sequence", "last_sequence"]) {
    expected[name] = countOf(closing[name]);
  }
  return Object.keys(expected)
    .filter((name) => (rows[0][name] ?? null) !== (expected[name] ?? null))
    .join(", ");
}

const ANY_INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/;

/** The same instant in UTC with six decimals of a second, as rows have it. */
function rowInstant(at) {
  const match = typeof at === "string" ? ANY_INSTANT.exec(at) : null;
  const seconds = match ? Date.parse(match[1] + match[3]) : NaN;
  if (Number.isNaN(seconds)) return null;
  const fraction = (match[2] || ".").slice(1).padEnd(6, "0");
  return `${new Date(seconds).toISOString().slice(0, 19)}.${fraction}Z`;
}

function keyDiffers(body) {
  const said = part(body, "key");
  for (const row of rowsOf(body).map((one) => part(one, "row"))) {
    if (!Object.keys(row).length) continue;
    const pem = typeof row.public_pem === "string" ? row.public_pem.trim().split(/\r?\n/) : [];
    if (pem.slice(1, -1).join("") !== said.public_key) return "public_pem";
    if ("serial" in row && row.serial !== String(said.sha256).slice(0, 32)) return "serial";
  }
  return "";
}
