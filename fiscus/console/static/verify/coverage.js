/*
 * What the checkpoint of a package proves: its signature by the log, the proofs of inclusion,
 * cosignatures of witnesses, and an older note that somebody kept.
 * Source: docs/journal-format.md sections 8 and 10.
 *
 * Exported:
 *   judgeProofs(judgement) -> Promise<void>
 *       judgement of package.js: {zip, keyring, chains, outside, report, find, watch}
 */

import { VerifyError, equal, fromBase64, fromHex, text, toBase64 } from "./bytes.js";
import { isHash } from "./kinds.js";
import { linesOf } from "./lines.js";
import { leafHash, verifyInclusion } from "./merkle.js";
import { judgeCosignatures, logKeyOf, readNote, verifyLog } from "./notes.js";
import { readObject } from "./json.js";

const CHECKPOINT = "checkpoint.txt";
const PROOFS = "proofs.jsonl";
const NOTE_BYTES_MAX = 256 * 1024;
const LINE_BYTES_MAX = 64 * 1024;
const PROOFS_MAX = 1_000_000;
const LOOK_EACH = 256;
const HERE = { file: CHECKPOINT };

export async function judgeProofs(judgement) {
  const { zip, find, report } = judgement;
  if (!zip.has(CHECKPOINT)) {
    find("VERIFY-PACKAGE-01", HERE);
    return;
  }
  const note = await signedNote(judgement);
  if (!note) return;
  const proved = await provedLinks(judgement, note);
  judgeCoverage(judgement, proved);
  await judgeWitnesses(judgement, note);
  await judgeOlder(judgement, note);
  const { origin, size } = note;
  Object.assign(report.facts, { origin, size, root: toBase64(note.root), note: note.content });
}

/** The note of the package, if the log's key has signed it. */
async function signedNote(judgement) {
  const { zip, find, keyring } = judgement;
  let note;
  try {
    const content = text(await zip.bytes(CHECKPOINT, NOTE_BYTES_MAX));
    note = { ...readNote(content), content };
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    find("VERIFY-CHECKPOINT-03", HERE, error);
    return null;
  }
  const start = `fiscus/${keyring.installation}/journal/`;
  const epoch = note.origin.slice(start.length);
  if (!note.origin.startsWith(start) || !/^[1-9][0-9]{0,8}$/.test(epoch)) {
    find("VERIFY-CHECKPOINT-03", HERE, note.origin);
    return null;
  }
  const named = keyring.of("log", keyring.installation).find((key) => key.epoch === Number(epoch));
  if (!named) {
    find("VERIFY-CHECKPOINT-07", HERE, note.origin);
    return null;
  }
  judgement.logKey = await logKeyOf(note.origin, named.spki);
  const said = await verifyLog(note, judgement.logKey);
  if (said.state === "unsupported") judgement.report.miss(said.key, said.reason, said.values);
  if (said.state === "bad") find("VERIFY-CHECKPOINT-06", HERE, note.origin);
  if (said.state !== "good") return null;
  judgement.report.check("note-checked", "The checkpoint's signature by the key of the log.");
  return note;
}

/** The links that a line of the proofs shows to be in the tree of the note. */
async function provedLinks(judgement, note) {
  const { zip, find, watch } = judgement;
  const proved = new Set();
  let number = 0;
  try {
    for await (const { bytes } of linesOf(zip, PROOFS, LINE_BYTES_MAX)) {
      number += 1;
      const link = number <= PROOFS_MAX ? await provedLink(bytes, note) : null;
      if (link) proved.add(link);
      else find("VERIFY-PACKAGE-07", { file: PROOFS, line: number });
      if (number > PROOFS_MAX) break;
      if (number % LOOK_EACH === 0) watch.look();
    }
  } catch (error) {
    if (!(error instanceof VerifyError) || error.key === "stopped" || error.key === "too-long") {
      throw error;
    }
    find("VERIFY-PACKAGE-01", { file: PROOFS, line: number + 1 }, error);
  }
  return proved;
}

async function provedLink(bytes, note) {
  try {
    const { link, index, path } = readObject(bytes, LINE_BYTES_MAX);
    if (!isHash(link) || !Number.isSafeInteger(index) || !Array.isArray(path)) return null;
    const leaf = await leafHash(fromHex(link));
    const hashes = path.map(fromBase64);
    const { size, root } = note;
    const said = await verifyInclusion({ index, size, leaf, path: hashes, root });
    return said.state === "good" ? link : null;
  } catch (error) {
    if (error instanceof VerifyError) return null;
    throw error;
  }
}

/** Each single entry must be proved, and of each run the last that the note covers. */
function judgeCoverage({ chains, report, find }, proved) {
  let uncovered = 0;
  for (const known of chains.values()) {
    let last = 0;
    for (const [sequence, link] of known.places()) {
      const isProved = proved.has(link);
      if (isProved) last = sequence;
      else if (known.isScattered) {
        find("VERIFY-PACKAGE-07", { chain: known.chain, epoch: known.epoch, sequence });
      }
    }
    if (!known.isScattered) uncovered += known.last - Math.max(last, known.first - 1);
  }
  const proofs = proved.size;
  report.check("proofs-checked", `${proofs} proofs of inclusion in the checkpoint.`, { proofs });
  if (uncovered) {
    report.miss(
      "entries-uncovered",
      `${uncovered} entries are proved by no checkpoint: they are at the ends of their chains.`,
      { uncovered },
      { key: "need-newer", reason: "A newer package, whose checkpoint covers them." },
    );
  }
}

async function judgeWitnesses({ outside, report, find, logKey }, note) {
  const { policy } = outside;
  const keys = policy ? [...policy.witnesses.values()] : [];
  const judged = await judgeCosignatures(note, keys, note.origin);
  const seen = new Set();
  for (const { name, keyId, result } of judged) {
    if (result.state === "bad") find("VERIFY-WITNESS-04", HERE, name);
    else if (result.state === "unsupported") report.miss(result.key, result.reason, result.values);
    else {
      for (const [given, key] of policy.witnesses) if (key.keyId === keyId && key.name === name) seen.add(given);
      const at = new Date(result.values.time * 1000).toISOString().slice(0, 19);
      report.check("witness-seen", `The witness ${name} has seen this history at ${at}Z.`, { name, at: `${at}Z` });
    }
  }
  if (policy) judgePolicy(policy, seen, { report, find, logKey, note });
  if (!policy || policy.quorum === null) {
    report.miss(
      "split-view",
      "Whether somebody else was shown another history (a split view).",
      {},
      { key: "need-policy", reason: "A policy that says which witnesses count, and how many." },
    );
  }
}

function judgePolicy(policy, seen, { report, find, logKey, note }) {
  const isListed = policy.logs.some(
    (key) => key.keyId === logKey.keyId && equal(key.public, logKey.public),
  );
  if (policy.logs.length && !isListed) find("VERIFY-WITNESS-01", HERE, note.origin);
  if (policy.quorum === null) return;
  if (!policy.isMet(seen)) find("VERIFY-WITNESS-02", HERE, note.origin);
  else {
    const { size } = note;
    report.check("policy-met", `The policy: ${size} entries have its cosignatures.`, { size });
  }
}

/** A note of the same size can be compared; for another size it takes the database. */
async function judgeOlder({ outside, report, find, logKey }, note) {
  if (!outside.note) return;
  const place = { file: "…" };
  let older;
  try {
    older = readNote(outside.note);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    find("VERIFY-AGAINST-01", place, error);
    return;
  }
  const said = await verifyLog(older, logKey);
  if (said.state !== "good") {
    find("VERIFY-AGAINST-01", place, older.origin);
  } else if (older.size !== note.size) {
    const values = { older: older.size, size: note.size };
    const reason = `Whether the notes of ${older.size} and of ${note.size} entries are of one history.`;
    const need = { key: "need-consistency", reason: "The database, or a consistency proof." };
    report.miss("older-other-size", reason, values, need);
  } else if (!equal(older.root, note.root)) {
    find("VERIFY-AGAINST-02", place);
  } else {
    report.check("older-same", "The older note that was given has the same root.");
  }
}
