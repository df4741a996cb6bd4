/*
 * One chain as it is walked: links, gaps, times. A broken entry must not make its neighbours look
 * broken: where an entry's own link is in doubt, the signed word of the entry after it decides.
 * Source: docs/journal-format.md section 3.
 *
 * Exported:
 *   EntryChain(chain, epoch, report, {isPartial, isScattered})
 *       isPartial: it may begin anywhere; isScattered: only single entries of it are there
 *       follow(entry) for each in the order of the file, then settle()
 *       first, last (sequences), linkAt(sequence) -> hex | null, places() -> [[sequence, link]]
 */

import { placeOf } from "./entries.js";
import { ZEROS } from "./links.js";

export class EntryChain {
  constructor(chain, epoch, report, { isPartial, isScattered }) {
    this.chain = chain;
    this.epoch = epoch;
    this.report = report;
    this.isPartial = isPartial;
    this.isScattered = isScattered;
    this.runs = []; // {first, id, previous, links: [hex]}
    this.derived = new Map();
    this.newest = null;
    this.isTailSound = true;
    this.isKeyless = false;
  }

  blame(code, { sequence, id = "", kind = "" }, detail = "") {
    this.report(code, { chain: this.chain, epoch: this.epoch, sequence, id, kind }, detail);
  }

  follow(entry) {
    this.tell(entry);
    const run = this.runs.at(-1);
    const last = run ? lastOf(run) : null;
    const previous = entry.isProven ? entry.previous : null;
    if (run && entry.sequence <= last) {
      this.blame("VERIFY-SEQUENCE-02", entry);
      return;
    }
    if (run && entry.sequence === last + 1) {
      this.join(run, entry);
      run.links.push(entry.link);
    } else {
      this.runs.push({ first: entry.sequence, id: entry.id, previous, links: [entry.link] });
    }
    const isLinked = !entry.broken.some(({ code }) => code === "VERIFY-LINK-01");
    this.isTailSound = isLinked && entry.isProven;
    if (entry.isProven && entry.micros !== null) this.checkTime(entry);
  }

  /** What the entry has by itself; a chain without a key is said once. */
  tell(entry) {
    for (const { code, detail } of entry.broken) {
      if (code === "VERIFY-KEY-01") {
        if (this.isKeyless) continue;
        this.isKeyless = true;
      }
      this.report(code, placeOf(entry), detail);
    }
  }

  join(run, entry) {
    if (entry.previous === null || entry.previous === run.links.at(-1)) return;
    if (entry.isProven && !this.isTailSound) run.links[run.links.length - 1] = entry.previous;
    else this.blame("VERIFY-CHAIN-01", entry);
  }

  checkTime(entry) {
    if (this.newest !== null && entry.micros < this.newest) this.blame("VERIFY-TIME-01", entry);
    else this.newest = entry.micros;
  }

  /** After the last entry: name every gap and every false joint. */
  settle() {
    this.runs.sort((one, other) => one.first - other.first);
    let before = null;
    for (const run of this.runs) {
      this.settleJoint(before, run);
      before = run;
    }
  }

  settleJoint(before, run) {
    if (!before && this.isPartial && run.first > 1) return;
    const last = before ? lastOf(before) : 0;
    const link = before ? before.links.at(-1) : ZEROS;
    if (run.first === last + 1) {
      const isOther = run.previous !== null && run.previous !== link;
      if (isOther) this.blame("VERIFY-CHAIN-01", { sequence: run.first, id: run.id });
      return;
    }
    if (run.previous !== null) this.derived.set(run.first - 1, run.previous);
    if (!this.isScattered) {
      const detail = `${last + 1}–${run.first - 1}`;
      this.blame("VERIFY-SEQUENCE-01", { sequence: last + 1 }, detail);
    }
  }

  get first() {
    return this.runs.length ? this.runs[0].first : 0;
  }

  get last() {
    return this.runs.length ? lastOf(this.runs.at(-1)) : 0;
  }

  linkAt(sequence) {
    const run = this.runs.find((one) => one.first <= sequence && sequence <= lastOf(one));
    return run ? run.links[sequence - run.first] : this.derived.get(sequence) || null;
  }

  *places() {
    for (const run of this.runs) {
      for (let at = 0; at < run.links.length; at += 1) yield [run.first + at, run.links[at]];
    }
  }
}

const lastOf = (run) => run.first + run.links.length - 1;
