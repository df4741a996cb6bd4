/*
 * A journal package (ZIP), judged without any server: entries, signatures, links, chains, keys,
 * manifest, proofs, checkpoint, cosignatures, and the signature beside the package.
 * Source: docs/journal-format.md section 10.
 *
 * Exported:
 *   isPackage(blob) -> Promise<boolean>     a ZIP with `manifest.json` and `entries.jsonl`
 *   isFingerprint(text) -> boolean          `sha256:` and 64 hex digits, or nothing
 *   judgePackage(blob, outside, hooks) -> Promise<report>   see report.js
 *       outside = {jws: text | "", fingerprint: "sha256:…" | "", policy: text | "", note: text | ""}
 *       hooks = {progress(done, total) in bytes, isStopped() -> boolean, secondsMax}
 *   Findings have the codes of docs/journal-findings.md; those of one entry name chain, epoch,
 *   sequence, id and kind, others {file, line}. facts: entries, chains, installation, organization,
 *   first, last, fingerprint, origin, size, root, note.
 *
 * Not judged here, and said: rows that entries state, and what only the database shows.
 */

import { VerifyError, base64urlBytes, concat, fromBase64, isReady, toBase64url, utf8 } from "./bytes.js";
import { EntryChain } from "./chains.js";
import { judgeProofs } from "./coverage.js";
import { examine } from "./entries.js";
import { EntryFacts } from "./facts.js";
import { PACKAGE_TYPE, protectedHeader, signatureBytes } from "./jws.js";
import { BODY_BYTES_MAX, isObject, readObject } from "./json.js";
import { openKeyring, readNamedKey } from "./keyring.js";
import { verify } from "./keys.js";
import { textOf } from "./kinds.js";
import { linesOf } from "./lines.js";
import { readPolicy } from "./policy.js";
import { Report } from "./report.js";
import { openZip } from "./zip.js";

export const MANIFEST = "manifest.json";
export const ENTRIES = "entries.jsonl";
const MANIFEST_BYTES_MAX = 4 * 1024 * 1024;
const JWS_BYTES_MAX = 256 * 1024 * 1024;
const ENTRIES_MAX = 300_000;
const LINES_MAX = 2 * ENTRIES_MAX; // also of lines that are no entries
const LINES_LOOK = 1024;
const BATCH = 64;
const BATCH_BYTES = 8 * 1024 * 1024; // of bodies that are held at once
const SECONDS_MAX = 600;
const LINE = ["body", "key", "link", "signature"];
const FINGERPRINT = /^\s*(?:sha256:)?([0-9a-f]{64})\s*$/;

/** Whether a fingerprint has its form; none at all has it, too. */
export const isFingerprint = (said) => !said.trim() || FINGERPRINT.test(said);

export async function isPackage(blob) {
  try {
    const zip = await openZip(blob);
    return zip.has(MANIFEST) && zip.has(ENTRIES);
  } catch (error) {
    if (error instanceof VerifyError) return false;
    throw error;
  }
}

export async function judgePackage(blob, outside = {}, hooks = {}) {
  const report = new Report("package");
  const ready = isReady();
  if (ready.state !== "good") return notJudged(report, ready);
  try {
    const given = await readOutside(outside);
    const zip = await openZip(blob);
    await new PackageJudgement(zip, blob, given, report, new Watch(hooks)).run();
    const isEmpty = !report.facts.entries && !report.findings.length;
    return report.done(isEmpty ? "empty" : "");
  } catch (error) {
    if (error instanceof VerifyError) return notJudged(report, error);
    throw error;
  }
}

function notJudged(report, { key, reason, values }) {
  report.miss(key, reason, values);
  return report.done("not judged");
}

async function readOutside({ jws = "", fingerprint = "", policy = "", note = "" }) {
  const named = fingerprint.trim() ? FINGERPRINT.exec(fingerprint) : null;
  if (fingerprint.trim() && !named) {
    throw new VerifyError("fingerprint-form", "The fingerprint is not `sha256:` and 64 hex digits.");
  }
  return {
    jws: jws.trim(),
    fingerprint: named ? named[1] : null,
    policy: policy.trim() ? await readPolicy(policy) : null,
    note: note.trim() ? note.replace(/^\s+/, "").replace(/\s*$/, "\n") : "",
  };
}

/** Time and the wish to stop, asked between batches. */
class Watch {
  constructor({ progress, isStopped, secondsMax = SECONDS_MAX }) {
    this.progress = progress || (() => {});
    this.isStopped = isStopped || (() => false);
    this.end = Date.now() + secondsMax * 1000;
  }

  look(done = 0, total = 0) {
    if (total) this.progress(done, total);
    if (this.isStopped()) throw new VerifyError("stopped", "It was stopped before the end.");
    if (Date.now() > this.end) {
      throw new VerifyError("too-long", "It takes too long; the command `fiscus verify` has no limit.");
    }
  }
}

class PackageJudgement {
  constructor(zip, blob, outside, report, watch) {
    Object.assign(this, { zip, blob, outside, report, watch });
    this.chains = new Map();
    this.find = (code, place, detail) => report.find(code, place, detail);
    this.facts = new EntryFacts(this.find);
    this.count = 0;
    this.unread = 0; // of these: entries whose bodies say nothing
    this.isReporting = false;
  }

  async run() {
    for (const name of this.zip.twice) this.find("VERIFY-PACKAGE-01", { file: name }, "2 ×");
    this.manifest = await this.readManifest();
    this.keyring = await openKeyring(await this.namedKeys(), this.outside.fingerprint);
    await this.judgeEntries();
    for (const { code, place, detail } of await this.keyring.findings()) {
      this.find(code, place, detail);
    }
    this.settle();
    await this.judgeSignature();
    this.judgeManifest();
    this.judgeTenant();
    this.judgeRoot();
    await judgeProofs(this);
    this.judgeHeads();
    this.tell();
  }

  async readManifest() {
    try {
      return readObject(await this.zip.bytes(MANIFEST, MANIFEST_BYTES_MAX), MANIFEST_BYTES_MAX);
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      const isJson = error.key === "json-form" || error.key === "not-utf8";
      this.find(isJson ? "VERIFY-PACKAGE-02" : "VERIFY-PACKAGE-01", { file: MANIFEST }, error);
      return null;
    }
  }

  /** Lines with entries; damage ends them. */
  async *lines() {
    let number = 0;
    try {
      for await (const { bytes, read } of linesOf(this.zip, ENTRIES, 2 * BODY_BYTES_MAX)) {
        number += 1;
        if (number % LINES_LOOK === 0) this.watch.look();
        if (number > LINES_MAX) throw tooMany();
        const line = this.readLine(bytes, number);
        if (line) yield { ...line, read };
      }
    } catch (error) {
      if (!(error instanceof VerifyError) || STOPS.includes(error.key)) throw error;
      if (this.isReporting) {
        // Damage that shows only at the end of the file belongs to none of its lines.
        const isInside = !this.manifest || this.manifest.entries > number;
        const place = isInside ? { file: ENTRIES, line: number + 1 } : { file: ENTRIES };
        this.find("VERIFY-PACKAGE-01", place, error);
      }
    }
  }

  readLine(bytes, number) {
    const blame = () =>
      this.isReporting && this.find("VERIFY-PACKAGE-05", { file: ENTRIES, line: number });
    let members;
    try {
      members = readObject(bytes, 2 * BODY_BYTES_MAX);
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      blame();
      return null;
    }
    if (!LINE.every((name) => name in members)) {
      blame();
      return null;
    }
    return { ...members, number, body: bodyBytes(members.body, blame) };
  }

  /** What the `key@1` entries at the beginning say; registers' entries come after them. */
  async namedKeys() {
    const keys = [];
    for await (const line of this.lines()) {
      let body;
      try {
        body = readObject(line.body);
      } catch (error) {
        if (error instanceof VerifyError) continue;
        throw error;
      }
      if ("place" in body) break;
      const key = body.kind === "key@1" ? readNamedKey(body) : null;
      if (key) keys.push(key);
    }
    return keys;
  }

  async judgeEntries() {
    const total = this.zip.has(ENTRIES) ? this.zip.size(ENTRIES) : 0;
    this.isReporting = true;
    let batch = [];
    let bytes = 0;
    for await (const line of this.lines()) {
      batch.push(line);
      bytes += line.body.length;
      if (batch.length < BATCH && bytes < BATCH_BYTES) continue;
      await this.takeBatch(batch);
      this.watch.look(line.read, total);
      batch = [];
      bytes = 0;
    }
    await this.takeBatch(batch);
    this.watch.look(total, total);
  }

  async takeBatch(batch) {
    for (const entry of await Promise.all(batch.map((line) => examine(line, this.keyring)))) {
      this.take(entry);
    }
    if (this.count > ENTRIES_MAX) throw tooMany();
  }

  take(entry) {
    this.count += 1;
    if (!entry.chain) {
      this.unread += 1;
      const place = { file: ENTRIES, line: entry.number };
      for (const { code, detail } of entry.broken) this.find(code, place, detail);
      return;
    }
    this.chainOf(entry.chain, entry.epoch).follow(entry);
    this.facts.add(entry);
  }

  chainOf(chain, epoch) {
    const name = `${chain} ${epoch}`;
    if (!this.chains.has(name)) {
      const { kind } = this.keyring.homeOf(chain);
      const isPartial = kind !== "installation" && kind !== "organization";
      const choices = { isPartial, isScattered: kind === "installation" };
      this.chains.set(name, new EntryChain(chain, epoch, this.find, choices));
    }
    return this.chains.get(name);
  }

  settle() {
    for (const chain of this.chains.values()) chain.settle();
    const present = new Set([...this.chains.values()].map((one) => one.chain));
    for (const key of this.keyring.fit.filter((one) => one.purpose === "organization")) {
      if (!present.has(key.of)) {
        this.find("VERIFY-SEQUENCE-01", { chain: key.of, epoch: 1, sequence: 1 });
      }
    }
    this.facts.judge({
      mayGap: (chain) => {
        const known = this.chains.get(`${chain} 1`);
        return Boolean(known && known.isPartial && known.first > 1);
      },
      ownerOf: (chain) => this.keyring.homeOf(chain).owner,
    });
  }

  async judgeSignature() {
    const { jws } = this.outside;
    if (!jws) {
      this.report.find("VERIFY-PACKAGE-04", { file: "….zip.jws" }, "", "warning");
      return;
    }
    if (this.blob.size > JWS_BYTES_MAX) {
      this.report.miss("package-large", "The signature of the package: the file is too large here.");
      return;
    }
    if (await this.isSigned(jws)) {
      this.report.check("package-signed", "The package's own signature, over all of its bytes.");
    } else {
      this.find("VERIFY-PACKAGE-03", { file: "….zip.jws" });
    }
  }

  async isSigned(jws) {
    const [header, payload, signature, ...others] = jws.split(".");
    if (payload !== "" || others.length) return false;
    const start = (key) => toBase64url(utf8(protectedHeader(key.sha256.slice(0, 32), PACKAGE_TYPE)));
    const named = this.keyring.of("package", this.keyring.installation);
    const key = named.find((one) => start(one) === header);
    if (!key) return false;
    let raw;
    try {
      raw = signatureBytes(signature);
    } catch (error) {
      if (error instanceof VerifyError) return false;
      throw error;
    }
    const data = concat(utf8(`${header}.`), await base64urlOf(this.blob));
    return (await verify(this.keyring.ready.get(key), { data, signature: raw })).state === "good";
  }

  judgeManifest() {
    const { manifest } = this;
    if (!manifest) return;
    const runs = [...this.chains.values()].filter((one) => !one.isScattered).map(runOf);
    const promised = (Array.isArray(manifest.chains) ? manifest.chains : [])
      .filter((one) => this.keyring.homeOf(one && one.id).kind !== "installation")
      .map((one) => (isObject(one) ? [one.id, one.epoch, one.first, one.last].join(" ") : ""));
    const wanted = {
      format: [manifest.format, "fiscus-journal"],
      version: [manifest.version, 2],
      installation: [manifest.installation, this.keyring.installation],
      entries: [manifest.entries, this.count],
      chains: [promised.sort().join(), runs.sort().join()],
    };
    for (const [name, [promise, content]] of Object.entries(wanted)) {
      if (promise !== content) this.find("VERIFY-PACKAGE-02", { file: MANIFEST }, name);
    }
  }

  /** All entries are of one organization, whose chain is there from the beginning. Without a
   * manifest nobody says which one. */
  judgeTenant() {
    if (!this.manifest) return;
    const organization = textOf(this.manifest.organization);
    for (const { chain, epoch } of this.chains.values()) {
      const { kind, owner } = this.keyring.homeOf(chain);
      if (kind !== "installation" && owner !== organization) {
        this.find("VERIFY-PACKAGE-06", { chain, epoch });
      }
    }
    for (const key of this.keyring.all) {
      if (key.purpose === "organization" && key.of !== organization) {
        this.find("VERIFY-PACKAGE-06", key.place, key.of);
      }
    }
    if (!this.chains.has(`${organization} 1`)) {
      this.find("VERIFY-PACKAGE-06", { file: MANIFEST }, organization);
    }
  }

  /** Whether the given fingerprint leads to the keys that sign today. */
  judgeRoot() {
    const given = this.outside.fingerprint;
    const { roots } = this.keyring;
    const need = { key: "need-fingerprint", reason: "The fingerprint of the installation, as a Z report prints it." };
    if (!given) {
      const reason = "Who wrote it: anybody with keys of their own could have made it so.";
      this.report.miss("author-unknown", reason, {}, need);
      return;
    }
    const start = roots.findIndex((key) => key.sha256 === given);
    if (start < 0) {
      const fingerprint = roots[0] ? `sha256:${roots[0].sha256}` : "";
      const reason = `The root key in this file has the fingerprint ${fingerprint}.`;
      const other = fingerprint ? { key: "root-in-file", reason, values: { fingerprint } } : "";
      this.find("VERIFY-ROOT-01", { file: ENTRIES }, other);
      return;
    }
    this.report.check("author-known", "Authorship, by the fingerprint of the root key that was given.");
    if (start) {
      const sequence = roots[start].first;
      this.report.miss("root-before", `What the installation signed before sequence ${sequence}.`, { sequence });
    }
    const broken = roots.slice(start + 1).find((key) => key.reason !== "rotated");
    if (broken) {
      const values = { sequence: broken.first, fingerprint: `sha256:${broken.sha256}` };
      const reason = `Authorship from sequence ${broken.first} of the installation on: its key is a new one.`;
      this.report.miss("root-after", reason, values, need);
    }
  }

  /** Ends of chains that exports name must be those of the entries here. */
  judgeHeads() {
    for (const { fact, chain, epoch, sequence, link } of this.facts.heads) {
      const known = this.chains.get(`${chain} ${epoch}`);
      const found = known ? known.linkAt(sequence) : null;
      if (sequence && found !== null && found !== link) {
        this.find("VERIFY-EXPORT-01", fact.place, `${chain}, ${sequence}`);
      }
    }
  }

  tell() {
    const { report, manifest, keyring } = this;
    const entries = this.count - this.unread;
    const chains = new Set([...this.chains.values()].map((one) => one.chain)).size;
    report.checked.unshift({
      key: "entries-checked",
      reason: `${entries} entries of ${chains} chains: body, kind, place, link, signature and key.`,
      values: { entries, chains },
    });
    if (this.unread) {
      const reason = `${this.unread} entries whose bodies could not be read: their chains lack them, too.`;
      report.miss("entries-unread", reason, { unread: this.unread });
    }
    const database = { key: "need-database", reason: "The database, with the command `fiscus verify`." };
    report.miss("rows-unchecked", "The rows of tables that entries state.", {}, database);
    const next = { key: "need-next", reason: "The database, or the organization's next package." };
    report.miss("others-unchecked", "Whether there were other entries before, after or beside these.", {}, next);
    this.tellOthers();
    const root = keyring.roots.at(-1);
    Object.assign(report.facts, {
      entries: this.count,
      chains,
      installation: keyring.installation,
      organization: textOf(manifest && manifest.organization),
      first: textOf(manifest && manifest.first),
      last: textOf(manifest && manifest.last),
      fingerprint: root ? `sha256:${root.sha256}` : "",
    });
  }

  tellOthers() {
    const { report } = this;
    const others = this.zip.names.filter((name) => !OWN.test(name)).length;
    if (others) {
      const reason = `Other files in the package, which are made from the entries: ${others}.`;
      report.miss("files-unchecked", reason, { others });
    }
    for (const { purpose, of, epoch, first, reason } of this.keyring.told()) {
      const words = `The ${purpose} key of ${of} from epoch ${epoch}, sequence ${first} on is a new one: no older key vouches for it.`;
      report.tell("key-told", words, { purpose, of, epoch, first, why: reason });
    }
    for (const { series, name, number } of this.facts.adoptions) {
      const words = `Series ${name} (${series}) was taken over after number ${number}: what was issued before cannot be checked.`;
      report.tell("series-told", words, { series, name, number: number ?? "" });
    }
    for (const { id, words } of this.facts.told) {
      report.tell("finding-told", `The service itself found this (${id}): ${words}`, { id, words });
    }
  }
}

const OWN = /^(manifest\.json|entries\.jsonl|checkpoint\.txt|proofs\.jsonl|certificates\/.*)$/;
const STOPS = ["stopped", "too-long", "too-many"];

const tooMany = () =>
  new VerifyError(
    "too-many",
    `The package holds more than ${ENTRIES_MAX} entries; use the command \`fiscus verify\`.`,
    { most: ENTRIES_MAX },
  );

const runOf = ({ chain, epoch, first, last }) => [chain, epoch, first, last].join(" ");

/** The bytes of a body, also where its Base64 is not in its one spelling, which is blamed. */
function bodyBytes(encoded, blame) {
  try {
    return fromBase64(encoded);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
  }
  blame();
  try {
    return Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

const PIECE = 3 * 1024 * 1024; // a multiple of three, so that the pieces join without padding

async function base64urlOf(blob) {
  const parts = [];
  for (let at = 0; at < blob.size; at += PIECE) {
    const piece = new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
    parts.push(base64urlBytes(piece));
  }
  return concat(...parts);
}

