/*
 * Signed notes, checkpoints, cosignatures and proofs of one record, as transparency logs write them.
 * Source: C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof;
 * docs/journal-format.md section 8.
 *
 * Exported:
 *   ED25519, COSIGNATURE, MLDSA        types of keys (0x01, 0x04, 0x06)
 *   readNote(text) -> {signed (bytes), origin, size (number), root (bytes), lines}
 *       lines: [{name, keyId (8 hex digits), signature (bytes after the key id)}]
 *   noteKey(name, type, public) -> Promise<{name, keyId, type, public}>
 *   readVerifierKey("name+hex+Base64") -> Promise<the same>; throws if the id is not the key's
 *   logKeyOf(origin, spki) -> Promise<the same>   from a `key@1` of purpose `log`
 *   verifyLog(note, key) -> Promise<result>       a wrong line of its own spoils the note
 *   verifyCosignature(note, key, line) -> Promise<result>; values.time in seconds since 1970
 *   judgeCosignatures(note, keys, logName) -> Promise<[{name, keyId, result}]>
 *       one for each line that is not of the log; a witness without key: "witness-unknown"
 *   readProof(text) -> {index, path, note, noteText}
 *   verifyProof(text, {link (hex), logKey | null, witnesses: [key]}) -> Promise<
 *       {inclusion, log, cosignatures, index, size, root (Base64), origin}>
 *
 * Readers throw VerifyError. ML-DSA cosignatures are named, and not judged: "unsupported".
 */

import {
  Unsupported,
  VerifyError,
  bad,
  concat,
  fault,
  fromBase64,
  fromHex,
  good,
  sha256,
  toBase64,
  toHex,
  unsupported,
  utf8,
} from "./bytes.js";
import { readSpki } from "./der.js";
import { importKey, verify } from "./keys.js";
import { leafHash, verifyInclusion } from "./merkle.js";

export const ED25519 = 0x01;
export const COSIGNATURE = 0x04;
export const MLDSA = 0x06;
const KEY_BYTES = { [ED25519]: 32, [COSIGNATURE]: 32, [MLDSA]: 1312 };
const NOTE_CHARACTERS_MAX = 256 * 1024;
const LINES_MAX = 32;
const LINE = /^\u2014 ([^ +\p{White_Space}]+) ([A-Za-z0-9+/]+={0,2})$/u;
const KEY_ID_BYTES = 4;
const TIME_BYTES = 8;
const PROOF_HEAD = "c2sp.org/tlog-proof@v1";
const PATH_MAX = 64;

const wrongNote = (what) => new VerifyError("note-form", `The note ${what}.`, { what });

export function readNote(content) {
  if (content.length > NOTE_CHARACTERS_MAX) throw wrongNote("is too large");
  if (/[\u0000-\u0009\u000b-\u001f]/.test(content)) throw wrongNote("has control characters");
  const end = content.lastIndexOf("\n\n");
  if (end < 0 || !content.endsWith("\n")) throw wrongNote("has no signature lines");
  const lines = content.slice(end + 2, -1).split("\n");
  if (lines.length > LINES_MAX) throw wrongNote("has too many signature lines");
  const parts = content.slice(0, end).split("\n");
  if (parts.length !== 3 || !parts[0]) throw wrongNote("is no checkpoint of three lines");
  const [origin, size, root] = parts;
  const hash = fromBase64(root);
  if (hash.length !== 32) throw wrongNote("has a root that is not a hash");
  return {
    signed: utf8(`${content.slice(0, end)}\n`),
    origin,
    size: readSize(size),
    root: hash,
    lines: lines.map(readLine),
  };
}

function readSize(digits) {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(digits)) throw wrongNote("has a size that is no number");
  const size = Number(digits);
  if (!Number.isSafeInteger(size)) throw wrongNote("is of more entries than can be counted here");
  return size;
}

function readLine(line) {
  const match = LINE.exec(line);
  if (!match) throw wrongNote("has a signature line of another form");
  const raw = fromBase64(match[2]);
  if (raw.length <= KEY_ID_BYTES) throw wrongNote("has a signature line that is too short");
  return {
    name: match[1],
    keyId: toHex(raw.subarray(0, KEY_ID_BYTES)),
    signature: raw.slice(KEY_ID_BYTES),
  };
}

export async function noteKey(name, type, publicBytes) {
  const hash = await sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), publicBytes));
  return { name, keyId: toHex(hash.subarray(0, KEY_ID_BYTES)), type, public: publicBytes };
}

export async function readVerifierKey(text) {
  const wrong = (what) => new VerifyError("verifier-key-form", `The verifier key ${what}.`, { what });
  const match = /^([^ +]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
  if (!match) throw wrong("has another form");
  const raw = fromBase64(match[3]);
  if (!KEY_BYTES[raw[0]]) throw wrong("is of an unknown type");
  if (raw.length !== 1 + KEY_BYTES[raw[0]]) throw wrong("has another length");
  const key = await noteKey(match[1], raw[0], raw.slice(1));
  if (key.keyId !== match[2]) throw wrong("has a key id that is not its own");
  return key;
}

export async function logKeyOf(origin, spki) {
  const read = readSpki(spki);
  if (read.algorithm !== "1.3.101.112" || read.key.length !== 32) {
    throw new VerifyError("log-key-form", "The key of the log is not an Ed25519 key.");
  }
  return noteKey(origin, ED25519, read.key);
}

async function isEd25519(publicBytes, data, signature) {
  try {
    return (await verify(await importKey({ ed25519: publicBytes }), { data, signature })).state;
  } catch (error) {
    if (error instanceof Unsupported) throw error;
    if (error instanceof VerifyError) return "bad";
    throw error;
  }
}

const isOf = (line, key) => line.name === key.name && line.keyId === key.keyId;

export async function verifyLog(note, key) {
  const values = { origin: note.origin, size: String(note.size) };
  const lines = note.lines.filter((line) => isOf(line, key));
  if (note.origin !== key.name) {
    return bad("note-other-log", "The note is of another log than this key.", values);
  }
  if (!lines.length) return bad("note-unsigned", "The log has not signed this note.", values);
  try {
    for (const line of lines) {
      if ((await isEd25519(key.public, note.signed, line.signature)) !== "good") {
        return bad("note-bad", "The signature of the log is not that of this note.", values);
      }
    }
  } catch (error) {
    return fault(error);
  }
  return good("note-good", `The log has signed its root over ${note.size} entries.`, values);
}

export async function verifyCosignature(note, key, line) {
  const values = { name: key.name };
  if (key.type === MLDSA) {
    return unsupported(
      "cosignature-mldsa",
      `The cosignature of ${key.name} is of ML-DSA-44, which this browser does not compute.`,
      values,
    );
  }
  const wrong = bad("cosignature-bad", `The line of ${key.name} is not its cosignature.`, values);
  if (key.type !== COSIGNATURE || line.signature.length !== TIME_BYTES + 64) return wrong;
  const time = BigInt(`0x${toHex(line.signature.subarray(0, TIME_BYTES))}`);
  if (time <= 0n || time > BigInt(Number.MAX_SAFE_INTEGER)) return wrong;
  const data = concat(utf8(`cosignature/v1\ntime ${time}\n`), note.signed);
  try {
    const state = await isEd25519(key.public, data, line.signature.subarray(TIME_BYTES));
    if (state !== "good") return wrong;
  } catch (error) {
    return fault(error);
  }
  const seen = { ...values, time: Number(time) };
  return good("cosignature-good", `The witness ${key.name} has seen this history.`, seen);
}

export async function judgeCosignatures(note, keys, logName) {
  const judged = [];
  for (const line of note.lines.filter((one) => one.name !== logName)) {
    const key = keys.find((one) => isOf(line, one));
    const result = key
      ? await verifyCosignature(note, key, line)
      : unsupported(
          "witness-unknown",
          `No key of the witness ${line.name} was given, so its cosignature is not judged.`,
          { name: line.name },
        );
    judged.push({ name: line.name, keyId: line.keyId, result });
  }
  return judged;
}

export function readProof(content) {
  const wrong = (what) => new VerifyError("proof-form", `The proof ${what}.`, { what });
  const end = content.indexOf("\n\n");
  if (end < 0 || content.length > 2 * NOTE_CHARACTERS_MAX) throw wrong("has another form");
  const lines = content.slice(0, end).split("\n");
  if (lines[0] !== PROOF_HEAD) throw wrong("is of an unknown kind");
  const rest = lines[1] && lines[1].startsWith("extra ") ? lines.slice(2) : lines.slice(1);
  const index = /^index (0|[1-9][0-9]{0,15})$/.exec(rest[0] || "");
  if (!index) throw wrong("has no index");
  if (rest.length - 1 > PATH_MAX) throw wrong("is too long");
  const path = rest.slice(1).map(fromBase64);
  if (path.some((node) => node.length !== 32)) throw wrong("has a line that is not a hash");
  const noteText = content.slice(end + 2);
  return { index: Number(index[1]), path, note: readNote(noteText), noteText };
}

export async function verifyProof(content, { link, logKey = null, witnesses = [] }) {
  const { index, path, note } = readProof(content);
  const leaf = await leafHash(fromHex(link));
  const inclusion = await verifyInclusion({ index, size: note.size, leaf, path, root: note.root });
  const log = logKey
    ? await verifyLog(note, logKey)
    : unsupported("log-key-unknown", "No key of the log was given, so its note is not judged.");
  const cosignatures = await judgeCosignatures(note, witnesses, note.origin);
  const { size, origin } = note;
  return { inclusion, log, cosignatures, index, size, root: toBase64(note.root), origin };
}

