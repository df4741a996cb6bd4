/*
 * What `key@1` entries say: which key signs which place of which chain, and whether it may.
 * Source: docs/journal-format.md section 4.
 *
 * Exported:
 *   readNamedKey(body, line) -> NamedKey | null    of a `key@1` body
 *       {purpose, of, epoch, first, sha256, spki, reason, replaces, signature, place}
 *       place = {chain, epoch, sequence, id, kind} of the entry that says so
 *   openKeyring(named keys, fingerprint | null) -> Promise<Keyring>
 *       Keyring.find(chain, epoch, sequence) -> PublicKey | null
 *       Keyring.homeOf(chain) -> {kind: "register" | "organization" | "installation" | "", owner}
 *       Keyring.of(purpose, of) -> [NamedKey] by the places that they sign
 *       Keyring.installation, .roots, .all
 *       Keyring.findings() -> Promise<[{code, place, detail}]>; .told() -> [NamedKey] that nobody vouches for
 */

import { VerifyError, fromBase64, sha256, toHex, utf8 } from "./bytes.js";
import { signatureBytes } from "./jws.js";
import { importKey, verify } from "./keys.js";
import { part } from "./json.js";
import { countOf, textOf } from "./kinds.js";

const PURPOSES = ["root", "organization", "register", "log", "package"];
const CLASSES = { root: "installation", organization: "organization", register: "register" };
const REASONS = ["first", "rotated", "lost", "recovered"];
const TEXTS = ["purpose", "of", "sha256", "public_key", "reason"];
const KEY_BYTES_MAX = 1024;

export function readNamedKey(body) {
  const said = part(body, "key");
  const epoch = countOf(said.epoch);
  const first = countOf(said.first);
  const texts = [...TEXTS.map((name) => said[name]), said.replaces ?? "", said.signature ?? ""];
  if (!epoch || !first || !texts.every((one) => typeof one === "string")) return null;
  if (!PURPOSES.includes(said.purpose) || !REASONS.includes(said.reason)) return null;
  const spki = keyBytes(said.public_key);
  if (!spki) return null;
  return {
    purpose: said.purpose,
    of: said.of,
    epoch,
    first,
    sha256: said.sha256,
    spki,
    reason: said.reason,
    replaces: said.replaces ?? "",
    signature: said.signature ?? "",
    place: {
      chain: textOf(body.chain),
      epoch: countOf(body.epoch),
      sequence: countOf(body.sequence),
      id: textOf(body.id),
      kind: "key@1",
    },
  };
}

function keyBytes(encoded) {
  try {
    const bytes = fromBase64(encoded);
    return bytes.length && bytes.length <= KEY_BYTES_MAX ? bytes : null;
  } catch {
    return null;
  }
}

const byPlace = (one, other) => one.epoch - other.epoch || one.first - other.first;
const isAt = (key, epoch, first) => key.epoch === epoch && key.first === first;

/** The usable public key, or null where the entry names another hash or another sort of key. */
async function fitKey(named) {
  if (toHex(await sha256(named.spki)) !== named.sha256) return null;
  try {
    const key = await importKey({ spki: named.spki });
    const wanted = named.purpose === "log" ? "Ed25519" : "P-256";
    return key.name === wanted ? key : null;
  } catch (error) {
    if (error instanceof VerifyError) return null;
    throw error;
  }
}

export async function openKeyring(named, fingerprint = null) {
  const ready = new Map();
  for (const one of named) ready.set(one, await fitKey(one));
  return new Keyring(named, ready, fingerprint);
}

class Keyring {
  constructor(named, ready, fingerprint) {
    this.all = named;
    this.ready = ready;
    this.fit = named.filter((key) => ready.get(key));
    this.rootKeys = this.fit.filter(
      (key) => key.purpose === "root" && key.place.chain === key.of && isAt(key, 1, 1),
    );
    const given = this.rootKeys.find((key) => key.sha256 === fingerprint);
    this.installation = (given || this.rootKeys[0] || { of: "" }).of;
    this.ranges = new Map();
    for (const key of this.fit.filter((one) => one.purpose in CLASSES)) {
      if (!this.ranges.has(key.of)) this.ranges.set(key.of, []);
      this.ranges.get(key.of).push(key);
    }
    for (const keys of this.ranges.values()) keys.sort(byPlace);
  }

  find(chain, epoch, sequence) {
    const keys = this.ranges.get(chain) || [];
    let last = null;
    for (const key of keys) {
      if (key.epoch > epoch || (key.epoch === epoch && key.first > sequence)) break;
      last = key;
    }
    return last ? this.ready.get(last) : null;
  }

  homeOf(chain) {
    const keys = this.ranges.get(chain);
    if (!keys) return { kind: "", owner: "" };
    const kind = CLASSES[keys[0].purpose];
    if (kind === "organization") return { kind, owner: chain };
    return { kind, owner: kind === "installation" ? "" : keys[0].place.chain };
  }

  of(purpose, of) {
    return this.fit.filter((key) => key.purpose === purpose && key.of === of).sort(byPlace);
  }

  get roots() {
    return this.of("root", this.installation);
  }

  told() {
    return this.fit.filter((key) => key.reason === "lost" || key.reason === "recovered");
  }

  async findings() {
    const found = [];
    const blame = (code, key, detail = "") => found.push({ code, place: key.place, detail });
    for (const key of this.all) {
      if (!this.ready.get(key)) blame("VERIFY-KEY-05", key, "public_key, sha256");
    }
    for (const key of this.rootKeys) {
      if (key.of !== this.installation) blame("VERIFY-KEY-06", key);
    }
    for (const key of this.fit) {
      if (this.isMisplaced(key)) blame("VERIFY-KEY-03", key, key.purpose);
    }
    this.blameTwoPurposes(blame);
    const groups = new Map();
    for (const key of this.fit) {
      const name = `${key.purpose} ${key.of}`;
      groups.set(name, [...(groups.get(name) || []), key]);
    }
    for (const keys of groups.values()) await this.blameRange(keys.sort(byPlace), blame);
    return found;
  }

  /** Whether an entry at this place cannot give this key. */
  isMisplaced(key) {
    const { chain, epoch, sequence } = key.place;
    if (key.purpose === "register") {
      return !this.fit.some(
        (one) => one.purpose === "organization" && one.of === chain && one.place.chain !== chain,
      );
    }
    if (chain !== this.installation) return true;
    if (key.purpose !== "organization" && key.of !== this.installation) return true;
    if (key.purpose === "root") return !isAt(key, epoch, sequence);
    if (key.purpose === "package") return key.first !== 1 && key.first !== sequence;
    return key.purpose === "log" && key.first !== 1;
  }

  blameTwoPurposes(blame) {
    const purposes = new Map();
    for (const key of this.fit.filter((one) => one.purpose in CLASSES)) {
      if (!purposes.has(key.of)) purposes.set(key.of, key.purpose);
      if (purposes.get(key.of) !== key.purpose) blame("VERIFY-KEY-02", key, key.purpose);
    }
  }

  /** Each key begins where one ends that vouches for it, and no two begin at one place. */
  async blameRange(keys, blame) {
    const [head] = keys;
    const isNew = head.reason === "first" && !head.replaces && !head.signature;
    if (!isNew) blame("VERIFY-KEY-05", head, "reason, replaces");
    for (let at = 1; at < keys.length; at += 1) {
      const [before, key] = [keys[at - 1], keys[at]];
      const isOdd = (key.reason === "recovered") !== key.epoch > before.epoch;
      const isOther = key.replaces !== before.sha256;
      if (isAt(key, before.epoch, before.first) || key.reason === "first") {
        blame("VERIFY-KEY-02", key, `sequence ${before.place.sequence}`);
      } else if (key.purpose in CLASSES && isOdd) {
        blame("VERIFY-KEY-05", key, "reason, epoch");
      } else if (isOther && (key.replaces || key.reason !== "recovered")) {
        blame("VERIFY-KEY-05", key, "replaces");
      } else if (!(await this.isVouched(key, before))) {
        blame("VERIFY-KEY-04", key);
      }
    }
  }

  async isVouched(key, before) {
    if (key.reason === "lost") return !key.signature;
    if (key.reason === "recovered" && !key.signature) return true;
    const signer = this.ready.get(before);
    if (signer.name !== "P-256") return false;
    const { purpose, of, epoch, first } = key;
    const words = ["fiscus/key/2", purpose, of, epoch, first, key.sha256];
    try {
      const data = utf8(words.map((word) => `${word}\n`).join(""));
      const signature = signatureBytes(key.signature);
      return (await verify(signer, { data, signature })).state === "good";
    } catch (error) {
      if (error instanceof VerifyError) return false;
      throw error;
    }
  }
}
