/*
 * What a judgement ends with: findings, what was checked, what was not, what would be needed.
 *
 * Exported:
 *   Report(kind)
 *       find(code, place, detail, severity = "error")   place: of an entry, {file, line} or {field}
 *           detail: a text out of the data, or a VerifyError
 *       check(key, reason, values), miss(key, reason, values, need), tell(key, reason, values)
 *           need = {key, reason, values} or left out
 *       done(verdict?) -> {kind, verdict, findings, omitted, checked, unchecked, needed, notes, facts, fields}
 *           sentences are {key, reason, values}: `say` of bytes.js makes words of them
 *   verdict: "good" (nothing is wrong), "not good", "empty", "not judged"
 */

const FINDINGS_MAX = 10_000;
const DETAIL_MAX = 500;
const LATER = /^VERIFY-(ID|INTENT|SERIES|DOUBLE|RELIES|OUTAGE|CLOSING)-/;

/** Broken entries first; then what may be only a consequence; then what belongs to no entry. */
function rank({ code, place }) {
  if (!place.chain) return 2;
  return LATER.test(code) ? 1 : 0;
}

function order(one, other) {
  return (
    rank(one) - rank(other) ||
    String(one.place.chain || "").localeCompare(String(other.place.chain || "")) ||
    (one.place.epoch || 0) - (other.place.epoch || 0) ||
    (one.place.sequence || 0) - (other.place.sequence || 0)
  );
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
    this.omitted = 0;
    this.checked = [];
    this.unchecked = [];
    this.needed = [];
    this.notes = [];
    this.facts = {};
    this.fields = [];
  }

  find(code, place, detail = "", severity = "error") {
    if (this.findings.length >= FINDINGS_MAX) this.omitted += 1;
    else this.findings.push({ severity, code, place, detail: detailOf(detail) });
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
    const { kind, omitted, checked, unchecked, needed, notes, facts, fields } = this;
    const isBad = this.findings.some((one) => one.severity === "error");
    const findings = this.findings.sort(order);
    const said = verdict || (isBad ? "not good" : "good");
    return { kind, verdict: said, findings, omitted, checked, unchecked, needed, notes, facts, fields };
  }
}
