/*
 * The text of a receipt's QR code: whose it is, and what can be judged of it without any server.
 *
 * Exported:
 *   kindOfQr(text) -> "qr-pt" | "qr-de" | ""
 *   judgeQr(text) -> Promise<report>   see report.js; kind "qr-pt", "qr-de" or "qr"
 *       report.fields: [{name, key, label, value, meaning}] in the order of the text
 *           `key` is that of the label's translation; meaning is a result-like {key, reason, values} or null
 */

import { judgeGerman } from "./qr_de.js";
import { judgePortuguese } from "./qr_pt.js";
import { Report } from "./report.js";

const CHARACTERS_MAX = 8_192;

export function kindOfQr(text) {
  if (/^V0;/.test(text)) return "qr-de";
  return /^A:[^*]*\*/.test(text) ? "qr-pt" : "";
}

export async function judgeQr(scanned) {
  const text = scanned.replace(/^\s+|[\r\n]+$/g, "");
  const kind = text.length > CHARACTERS_MAX ? "" : kindOfQr(text);
  const report = new Report(kind || "qr");
  if (kind === "qr-de") await judgeGerman(text, report);
  else if (kind === "qr-pt") judgePortuguese(text, report);
  else {
    report.miss(
      "qr-unknown",
      "This is neither the text of a Portuguese nor of a German receipt's QR code.",
    );
    return report.done("not judged");
  }
  return report.done();
}
