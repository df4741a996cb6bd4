/*
 * Which logs and witnesses count, and how many of them: a policy (C2SP tlog-policy), or only the
 * verifier keys of witnesses, one a line.
 *
 * Exported:
 *   readPolicy(text) -> Promise<Policy>; throws VerifyError naming the line
 *       Policy = {logs: [key], witnesses: Map(name -> key), quorum: name | null, isMet(seen: Set of names)}
 *       quorum null: only keys were given, nothing says how many must have signed
 */

import { VerifyError } from "./bytes.js";
import { ED25519, readVerifierKey } from "./notes.js";

const CHARACTERS_MAX = 1024 * 1024;
const GROUPS_MAX = 256;
const NONE = "none";

const wrong = (line, what) =>
  new VerifyError("policy-form", `Line ${line} of the policy is not understood: ${what}`, {
    line,
    what,
  });

class Policy {
  constructor() {
    this.logs = [];
    this.witnesses = new Map();
    this.groups = new Map();
    this.members = new Set();
    this.quorum = null;
  }

  knows(name) {
    return this.witnesses.has(name) || this.groups.has(name);
  }

  isMet(seen, name = this.quorum) {
    if (name === null || name === NONE) return true;
    const group = this.groups.get(name);
    if (!group) return seen.has(name);
    return group.names.filter((one) => this.isMet(seen, one)).length >= group.least;
  }

  async take(words) {
    const [first, name, third, ...rest] = words;
    if (words.length === 1) {
      const key = await witnessKey(first);
      this.witnesses.set(key.name, key);
    } else if (first === "log" && words.length < 4) {
      const key = await readVerifierKey(name);
      if (key.type !== ED25519) throw new VerifyError("policy", "not the key of a log");
      this.logs.push(key);
    } else if (first === "witness" && third && rest.length < 2) {
      this.expectNew(name);
      this.witnesses.set(name, await witnessKey(third));
    } else if (first === "group" && rest.length) {
      this.expectNew(name);
      this.groups.set(name, this.group(third, rest));
    } else if (first === "quorum" && words.length === 2 && this.quorum === null) {
      if (name !== NONE && !this.knows(name)) throw new VerifyError("policy", "unknown name");
      this.quorum = name;
    } else {
      throw new VerifyError("policy", "unknown words");
    }
  }

  expectNew(name) {
    if (name === NONE || this.knows(name) || this.groups.size >= GROUPS_MAX) {
      throw new VerifyError("policy", "the name is defined already");
    }
  }

  group(said, names) {
    const counts = { any: "1", all: String(names.length) };
    const digits = Object.hasOwn(counts, said) ? counts[said] : said;
    const least = /^[1-9][0-9]{0,4}$/.test(digits) ? Number(digits) : 0;
    if (!least || least > names.length) throw new VerifyError("policy", "no number of members");
    for (const name of names) {
      if (!this.knows(name) || this.members.has(name)) {
        throw new VerifyError("policy", "a member is unknown or there twice");
      }
      this.members.add(name);
    }
    return { least, names };
  }
}

async function witnessKey(text) {
  const key = await readVerifierKey(text);
  if (key.type === ED25519) throw new VerifyError("policy", "not the key of a witness");
  return key;
}

export async function readPolicy(text) {
  if (text.length > CHARACTERS_MAX) throw wrong(1, "it is too large");
  const policy = new Policy();
  let number = 0;
  for (const line of text.split("\n")) {
    number += 1;
    const words = line.split(/[ \t\r]+/).filter(Boolean);
    if (!words.length || words[0].startsWith("#")) continue;
    try {
      await policy.take(words);
    } catch (error) {
      if (error instanceof VerifyError) throw wrong(number, error.reason);
      throw error;
    }
  }
  return policy;
}
