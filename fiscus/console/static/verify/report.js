/*
 * What a judgement ends with: findings, what was checked, what was not, what would be needed.
 *
 * Exported:
 *   Report(kind)
 *       find(code, place, detail, severity = "error")   place: of an entry, {file, line} or {field}
 *           detail: a text out of the data, or a VerifyError
 *       check(key, reason, values), miss(key, reason, values, need), tell(key, reason, values)
 *           need = {key, reason, values} or left out
 *       done(verdict?) -> {kind, verdict, findings, omitted, more, checked, unchecked, needed, notes, facts, fields}
 *           omitted: findings that are not kept; more: how many of them by code
 *           sentences are {key, reason, values}: `say` of bytes.js makes words of them
 *   groupsOf(report) -> [{severity, code, law, count, mayFollow, found: [finding]}]
 *       one for each code, the cause first; mayFollow: it may be a consequence of what stands before
 *   verdict: "good" (nothing is wrong), "not good", "empty", "not judged"
 */

const FINDINGS_MAX = 10_000;
const OF_ONE_CODE_MAX = 1_000; // places that are kept, so that no code crowds out the cause
const DETAIL_MAX = 500;
const DAMAGED = "VERIFY-PACKAGE-01";
const UNREAD = /^VERIFY-(BODY-01|PACKAGE-05)$/;
const GAPS = /^VERIFY-(SEQUENCE-01|CHAIN-01|KEY-01)$/;
const LATER = /^VERIFY-(ID|INTENT|SERIES|DOUBLE|RELIES|OUTAGE|CLOSING)-/;
const AROUND = /^VERIFY-(PACKAGE-0[2367]|CHECKPOINT-07)$/;
const SEVERITIES = ["error", "warning", "note"];

/** How near to the cause it stands: what is damaged, lines that cannot be read, broken entries, what
 * is missing, what may be only a consequence, what belongs to no entry. As the verifier's report.py. */
function rank({ code, place }) {
  if (code === DAMAGED) return 0;
  if (UNREAD.test(code) || (code === "VERIFY-BODY-02" && !place.chain)) return 1;
  if (!place.chain) return 5;
  if (LATER.test(code)) return 4;
  return GAPS.test(code) ? 3 : 2;
}

function order(one, other) {
  return (
    rank(one) - rank(other) ||
    String(one.place.chain || "").localeCompare(String(other.place.chain || "")) ||
    (one.place.epoch || 0) - (other.place.epoch || 0) ||
    (one.place.sequence || 0) - (other.place.sequence || 0)
  );
}

const mayFollow = (code) => [UNREAD, GAPS, AROUND, LATER].some((one) => one.test(code));

export function groupsOf({ findings, more = {} }) {
  const groups = new Map();
  for (const found of findings) {
    const { severity, code, law = "" } = found;
    const name = `${severity} ${code}`;
    if (!groups.has(name)) groups.set(name, { severity, code, law, rank: rank(found), found: [] });
    groups.get(name).found.push(found);
  }
  const all = [...groups.values()];
  const nearest = Math.min(...all.map((one) => one.rank));
  for (const one of all) {
    one.count = one.found.length + (more[one.code] || 0);
    one.mayFollow = one.rank > nearest && mayFollow(one.code);
  }
  const weight = (one) => Number(one.mayFollow) * SEVERITIES.length + SEVERITIES.indexOf(one.severity);
  return all.sort((one, other) => weight(one) - weight(other));
}

const shown = (text) =>
  Array.from(String(text).slice(0, DETAIL_MAX), (sign) =>
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(sign)
      ? `\\u{${sign.codePointAt(0).toString(16)}}`
      : sign,
  ).join("");

/** A text out of the data, or what a reader said of it (a VerifyError). */
function detailOf(detail) {
  if (typeof detail === "string") return shown(detail);
  return { key: detail.key, reason: detail.reason, values: detail.values };
}

export class Report {
  constructor(kind) {
    this.kind = kind;
    this.findings = [];
    this.counts = {};
    this.more = {};
    this.omitted = 0;
    this.checked = [];
    this.unchecked = [];
    this.needed = [];
    this.notes = [];
    this.facts = {};
    this.fields = [];
  }

  find(code, place, detail = "", severity = "error") {
    this.counts[code] = (this.counts[code] || 0) + 1;
    if (this.counts[code] > OF_ONE_CODE_MAX || this.findings.length >= FINDINGS_MAX) {
      this.omitted += 1;
      this.more[code] = (this.more[code] || 0) + 1;
      return;
    }
    this.findings.push({ severity, code, place, detail: detailOf(detail) });
  }

  check(key, reason, values = {}) {
    this.checked.push({ key, reason, values });
  }

  miss(key, reason, values = {}, need = null) {
    this.unchecked.push({ key, reason, values });
    if (need && !this.needed.some((one) => one.key === need.key)) {
      this.needed.push({ values: {}, ...need });
    }
  }

  tell(key, reason, values = {}) {
    if (this.notes.length < FINDINGS_MAX) this.notes.push({ key, reason, values });
  }

  done(verdict = "") {
    const { kind, omitted, more, checked, unchecked, needed, notes, facts, fields } = this;
    const isBad = this.findings.some((one) => one.severity === "error");
    const findings = this.findings.sort(order);
    const said = verdict || (isBad ? "not good" : "good");
    return { kind, verdict: said, findings, omitted, more, checked, unchecked, needed, notes, facts, fields };
  }
}
