/*
 * What a file is, by its first bytes and the names in it: never by its own name.
 *
 * Exported:
 *   recognise(blob) -> Promise<{kind, text?}>
 *       kind: "package" (journal package), "zip", "dsfinvk", "tse", "tar", "saft", "datev", "pdf",
 *             "qr" (text: the text of a QR code), "empty", "unknown"
 */

import { VerifyError } from "./bytes.js";
import { isPackage } from "./package.js";
import { kindOfQr } from "./qr.js";
import { openZip } from "./zip.js";

const HEAD_BYTES = 8192;
const BLOCK = 512;
const TAR_NAMES_MAX = 64;
const QR_BYTES_MAX = 8192;

export async function recognise(blob) {
  if (!blob.size) return { kind: "empty" };
  const head = new Uint8Array(await blob.slice(0, HEAD_BYTES).arrayBuffer());
  const words = wordsOf(head);
  if (words.startsWith("PK\x03\x04") || words.startsWith("PK\x05\x06")) return { kind: await ofZip(blob) };
  if (words.slice(257, 262) === "ustar") return { kind: await ofTar(blob) };
  if (words.startsWith("%PDF-")) return { kind: "pdf" };
  const start = words.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (start.startsWith("<")) return { kind: /<(\w+:)?AuditFile[\s>]/.test(words) ? "saft" : "unknown" };
  if (/^"?(EXTF|DTVF)"?;/.test(start)) return { kind: "datev" };
  if (kindOfQr(start) && blob.size <= QR_BYTES_MAX) return { kind: "qr", text: await blob.text() };
  return { kind: "unknown" };
}

/** The bytes as characters; of a text in UTF-16, which no format here allows, its characters. */
function wordsOf(head) {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(head);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(head);
  return plain(head);
}

const plain = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

async function ofZip(blob) {
  if (await isPackage(blob)) return "package";
  try {
    const { names } = await openZip(blob);
    return names.some((name) => /(^|\/)index\.xml$/i.test(name)) ? "dsfinvk" : "zip";
  } catch (error) {
    if (error instanceof VerifyError) return "zip";
    throw error;
  }
}

/** The names of the first members say whose export it is. */
async function ofTar(blob) {
  let at = 0;
  for (let count = 0; count < TAR_NAMES_MAX && at + BLOCK <= blob.size; count += 1) {
    const header = plain(new Uint8Array(await blob.slice(at, at + BLOCK).arrayBuffer()));
    const name = header.slice(0, 100).split("\0")[0];
    const size = parseInt(header.slice(124, 136).replace(/[^0-7]/g, ""), 8) || 0;
    if (/(^|\/)index\.xml$/i.test(name)) return "dsfinvk";
    if (/(^|\/)info\.csv$/i.test(name) || /_(Sig|Log)[-_].*\.log$/i.test(name)) return "tse";
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return "tar";
}
