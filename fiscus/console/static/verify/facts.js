/*
 * What no single chain shows: ids, intentions, numbers, closings, outages, and what entries rely on.
 * Source: docs/journal-format.md sections 5 and 7, as far as a package can show it.
 *
 * Exported:
 *   EntryFacts(report)
 *       add(entry)                     for each entry whose body could be read, in any order
 *       judge({mayGap(chain), ownerOf(chain)})   after the last one
 *       heads -> [{entry, chain, epoch, sequence, link}]   that exports name
 *       adoptions -> [{series, name, number}], told -> [{id, words}]   neither good nor wrong
 */

import { placeOf } from "./entries.js";
import { isObject, part } from "./json.js";
import { RELIED, countOf, isHash, textOf } from "./kinds.js";

const ENDED = ["finishing", "finished", "cancelled"];
const COUNTED = ["document@1", "void@1", "abort@1"];
const MASTERS = ["taxpayer", "location", "register"];
const CONCLUDED_BEFORE = 0;

const order = (one, other) =>
  (one.chain < other.chain ? -1 : one.chain > other.chain ? 1 : 0) ||
  one.epoch - other.epoch ||
  one.sequence - other.sequence;

function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}

export class EntryFacts {
  constructor(report) {
    this.report = report;
    this.entries = [];
    this.numbered = [];
    this.relied = [];
    this.closings = [];
    this.outages = [];
    this.ends = new Map();
    this.heads = [];
    this.adoptions = [];
    this.told = [];
    this.adopted = new Set();
  }

  blame(code, fact, detail = "") {
    this.report(code, fact.place, detail);
  }

  add(entry) {
    const { body } = entry;
    const isDealing = isObject(body.place);
    const fact = {
      chain: entry.chain,
      epoch: entry.epoch,
      sequence: entry.sequence,
      id: entry.id,
      kind: entry.kind,
      link: entry.link,
      place: placeOf(entry),
      intent: isDealing ? textOf(body.intent) : "",
      ...thingOf(body, isDealing),
    };
    this.entries.push(fact);
    if (isDealing) {
      if (body.numbered) this.addNumbered(fact, body);
      this.addRelied(fact, body);
    } else {
      this.addSeries(body);
    }
    this.addOfKind(fact, body);
  }

  addNumbered(fact, body) {
    const seal = part(body, "seal");
    const { series, number, previous = "", name = "" } = body.numbered;
    const issuer = /^A:([^*]+)\*/.exec(textOf(seal.qr));
    const type = textOf(seal.document_type);
    const legal = issuer ? `${issuer[1]} ${type} ${folded(name)}/${number}` : "";
    this.numbered.push({ ...fact, series, number, previous, legal, code: textOf(seal.code) });
  }

  addRelied(fact, body) {
    const relies = isObject(body.relies) ? body.relies : {};
    const rely = (name, thing, version) =>
      this.relied.push({ ...fact, name, thing, version, named: relies[name] });
    for (const name of MASTERS) {
      const thing = name === "register" ? fact.chain : textOf(body.place[name]);
      rely(name, thing, countOf(body.place[`${name}_version`]));
    }
    if (body.numbered) rely("series", body.numbered.series, null);
    const isReferring = ["document@1", "void@1"].includes(fact.kind) && body.refers;
    if (isReferring) rely("refers", body.refers, null);
  }

  addSeries(body) {
    for (const said of Array.isArray(body.rows) ? body.rows : []) {
      const row = part(said, "row");
      if (said.table === "series" && ENDED.includes(row.state)) {
        this.ends.set(said.key, countOf(row.last_told));
      }
    }
  }

  addOfKind(fact, body) {
    if (fact.kind === "closing@1" && part(body, "closing").is_sealed === true) {
      const { number, first_sequence, last_sequence, documents } = body.closing;
      const [z, first, last, count] = [number, first_sequence, last_sequence, documents].map(countOf);
      this.closings.push({ ...fact, number: z, first, last, documents: count });
    } else if (fact.kind === "outage@1" || fact.kind === "restored@1") {
      this.outages.push({ ...fact, refers: textOf(body.refers) });
    } else if (fact.kind === "export@1") {
      const heads = part(body, "export").heads;
      for (const head of Array.isArray(heads) ? heads : []) this.addHead(fact, head);
    } else if (fact.kind === "adoption@1") {
      const { series, last_number, document_type, name } = part(body, "adoption");
      const number = Number.isSafeInteger(last_number) ? last_number : null;
      if (number !== null) this.adopted.add(`${series} ${number + 1}`);
      const words = [textOf(document_type), textOf(name)].filter(Boolean).join(" ");
      this.adoptions.push({ series: textOf(series), name: words, number });
    } else if (fact.kind === "finding@1") {
      this.told.push({ id: fact.id, words: JSON.stringify(body.finding, plain).slice(0, 500) });
    }
  }

  addHead(fact, head) {
    if (!isObject(head)) return;
    const { chain, epoch, sequence, link } = head;
    this.heads.push({ fact, chain, epoch: countOf(epoch), sequence: countOf(sequence), link });
  }

  judge({ mayGap, ownerOf }) {
    this.entries.sort(order);
    this.byId = new Map(this.entries.map((fact) => [fact.id, fact]).reverse());
    this.judgeTwice("VERIFY-ID-01", (fact) => fact.id);
    this.judgeTwice("VERIFY-INTENT-01", (fact) => fact.intent);
    this.judgeIntents(mayGap);
    this.judgeSeries();
    this.judgeDoubles("VERIFY-DOUBLE-01", (fact) => fact.legal);
    this.judgeDoubles("VERIFY-DOUBLE-02", (fact) => fact.code);
    this.judgeClosings(mayGap);
    this.judgeOutages(mayGap);
    this.judgeReliances(ownerOf);
  }

  judgeTwice(code, valueOf) {
    const seen = new Set();
    for (const fact of this.entries) {
      const value = valueOf(fact);
      if (value && seen.has(value)) this.blame(code, fact, code === "VERIFY-ID-01" ? "" : value);
      seen.add(value);
    }
  }

  judgeIntents(mayGap) {
    for (const fact of this.entries.filter((one) => one.intent)) {
      const intent = this.byId.get(fact.intent);
      if (!intent && mayGap(fact.chain)) continue;
      const isRight =
        intent && intent.kind === "intent@1" && intent.chain === fact.chain && isBefore(intent, fact);
      if (!isRight) this.blame("VERIFY-INTENT-02", fact, fact.intent);
    }
  }

  judgeSeries() {
    for (const [series, facts] of grouped(this.numbered, (fact) => fact.series)) {
      facts.sort((one, other) => one.number - other.number || order(one, other));
      let before = { number: 0, id: "" };
      for (const fact of facts) {
        this.judgeNumber(series, fact, before);
        before = fact;
      }
      const last = this.ends.get(series);
      for (const fact of last === undefined ? [] : facts.filter((one) => one.number > last)) {
        this.blame("VERIFY-SERIES-05", fact, `${fact.number} > ${last}`);
      }
    }
  }

  /** Numbers may be missing in a package: they may be in others. */
  judgeNumber(series, fact, before) {
    const { number, previous } = fact;
    const isNext = number === before.number + 1;
    if (isNext && previous === before.id) return;
    const isTwice = number === before.number;
    if (!previous && !isTwice && this.adopted.has(`${series} ${number}`)) return;
    if (isTwice) this.blame("VERIFY-SERIES-02", fact, String(number));
    else if (isNext) this.blame("VERIFY-SERIES-03", fact, String(number));
  }

  judgeDoubles(code, valueOf) {
    for (const [value, facts] of grouped(this.numbered, valueOf)) {
      if (!value) continue;
      facts.sort(order);
      for (const fact of facts.slice(1)) this.blame(code, fact, `${value}, ${facts[0].id}`);
    }
  }

  judgeClosings(mayGap) {
    for (const closings of grouped(this.closings, (one) => `${one.chain} ${one.epoch}`).values()) {
      closings.sort((one, other) => one.number - other.number || one.sequence - other.sequence);
      const [{ chain, epoch }] = closings;
      const counted = this.entries.filter(
        (one) => one.chain === chain && one.epoch === epoch && COUNTED.includes(one.kind),
      );
      let before = null;
      for (const closing of closings) {
        this.judgeClosing(closing, before, counted, mayGap(chain));
        before = closing;
      }
    }
  }

  judgeClosing(closing, before, counted, mayGap) {
    const { number, first, last, documents, sequence, epoch } = closing;
    const count = counted.filter((one) => first <= one.sequence && one.sequence <= last).length;
    if (documents !== count && !mayGap) {
      this.blame("VERIFY-CLOSING-04", closing, `documents ${documents}, ${count}`);
    }
    const isFree = !before && (epoch > 1 || mayGap);
    const lastNumber = isFree ? number - 1 : before ? before.number : CONCLUDED_BEFORE;
    let covered = isFree ? first - 1 : before ? before.last : CONCLUDED_BEFORE;
    if (number === lastNumber) {
      this.blame("VERIFY-DOUBLE-03", closing, `Z ${number}`);
    } else if (number !== lastNumber + 1) {
      if (!mayGap) this.blame("VERIFY-CLOSING-01", closing, `Z ${number}, ${lastNumber}`);
      covered = first - 1;
    }
    if (first !== covered + 1 || last < first - 1 || last >= sequence) {
      this.blame("VERIFY-CLOSING-02", closing, `${first}–${last}, ${covered}`);
    }
  }

  judgeOutages(mayGap) {
    for (const fact of this.outages.filter((one) => one.kind === "restored@1")) {
      const outage = this.byId.get(fact.refers);
      const isRight =
        outage && outage.kind === "outage@1" && outage.chain === fact.chain && isBefore(outage, fact);
      if (!isRight && !mayGap(fact.chain)) this.blame("VERIFY-OUTAGE-01", fact, fact.refers);
    }
  }

  judgeReliances(ownerOf) {
    const byLink = grouped(this.entries, (fact) => fact.link);
    const seen = new Set();
    for (const one of this.relied) {
      const key = [one.chain, one.name, one.thing, one.version, one.named].join(" ");
      if (seen.has(key)) continue;
      seen.add(key);
      this.judgeReliance(one, (byLink.get(one.named) || [])[0], ownerOf(one.chain));
    }
  }

  judgeReliance(one, met, owner) {
    if (!isHash(one.named)) {
      this.blame("VERIFY-RELIES-01", one, one.name);
    } else if (!met) {
      if (one.name !== "refers") this.blame("VERIFY-RELIES-02", one, one.name);
    } else if (one.name === "refers") {
      if (met.id !== one.thing) this.blame("VERIFY-RELIES-03", one, `refers: ${met.id}`);
    } else {
      const isMeant =
        RELIED[one.name].includes(met.kind) && met.thing === one.thing && met.chain === owner;
      const isVersion = one.version === null || met.version === one.version;
      if (!isMeant || !isVersion) {
        this.blame("VERIFY-RELIES-03", one, `${one.name}: ${met.kind} ${met.thing}`);
      }
    }
  }
}

const isBefore = (one, other) =>
  one.epoch < other.epoch || (one.epoch === other.epoch && one.sequence < other.sequence);

/** Letter case does not make two series out of one. */
const folded = (name) => name.toUpperCase().toLowerCase();

function thingOf(body, isDealing) {
  const first = !isDealing && Array.isArray(body.rows) ? body.rows[0] : null;
  if (!isObject(first)) return { thing: "", version: 0 };
  return { thing: textOf(first.key), version: countOf(part(first, "row").version) };
}

const plain = (name, value) => (typeof value === "bigint" ? String(value) : value);
