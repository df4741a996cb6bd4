/*
 * Bytes and texts, hashes, and the words in which every module here judges.
 *
 * Exported:
 *   VerifyError(key, reason, values)   what was given cannot be read; also .key .reason .values
 *   Unsupported                        a VerifyError: a browser cannot judge it; neither good nor bad
 *   good, bad, unsupported (key, reason, values) -> result
 *       result = {state: "good" | "bad" | "unsupported", key, reason, values}
 *       `reason` is the English sentence; `key` and `values` are for translation
 *   say(result, text) -> sentence; text(key, values) is that of texts.js, or left out
 *   fault(error) -> result of a thrown VerifyError; other errors are thrown again
 *   isReady() -> result                whether this page has WebCrypto at all
 *   utf8(text) -> bytes, text(bytes) -> text (throws where it is not UTF-8)
 *   toHex, fromHex, toBase64, fromBase64, toBase64url, fromBase64url
 *       the readers take the one spelling only and throw VerifyError
 *   base64urlBytes(bytes) -> the characters of toBase64url as bytes
 *   concat(...parts), equal(one, other), uint(number | bigint, size) -> big endian bytes
 *   hash(name, bytes) -> Promise<bytes>, sha256(bytes) -> Promise<bytes>
 *
 * All bytes are Uint8Array. Runs in pages, in workers and in Node 20.
 */

export class VerifyError extends Error {
  constructor(key, reason, values = {}) {
    super(reason);
    this.name = "VerifyError";
    this.key = key;
    this.reason = reason;
    this.values = values;
  }
}

export class Unsupported extends VerifyError {}

const result = (state) => (key, reason, values = {}) => ({ state, key, reason, values });
export const good = result("good");
export const bad = result("bad");
export const unsupported = result("unsupported");

/** The sentence of a result, translated where the page has its words. */
export function say(one, translate) {
  const words = translate ? translate(`verify.${one.key}`, one.values) : "";
  return words && words !== `verify.${one.key}` ? words : one.reason;
}

/** A result for what could not even be read. */
export function fault(error) {
  if (error instanceof Unsupported) return unsupported(error.key, error.reason, error.values);
  if (error instanceof VerifyError) return bad(error.key, error.reason, error.values);
  throw error;
}

export function isReady() {
  if (globalThis.crypto && globalThis.crypto.subtle) {
    return good("crypto-ready", "This browser can compute hashes and signatures.");
  }
  return unsupported(
    "crypto-missing",
    "This browser computes no hashes and signatures on this page, because the page came " +
      "without TLS and not from this machine (localhost). Nothing is recomputed here.",
  );
}

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text) => ENCODER.encode(text);

export function text(bytes) {
  try {
    return DECODER.decode(bytes);
  } catch {
    throw new VerifyError("not-utf8", "The bytes are not UTF-8.");
  }
}

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function toHex(bytes) {
  let digits = "";
  for (const byte of bytes) digits += DIGITS[byte];
  return digits;
}

export function fromHex(digits) {
  if (typeof digits !== "string" || digits.length % 2 || !/^[0-9a-f]*$/.test(digits)) {
    throw new VerifyError("not-hex", "This is not hex in lower case.");
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  }
  return bytes;
}

const SIGNS = utf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const URL_SIGNS = utf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

/** The characters of Base64 without padding, as bytes: quicker than by way of texts. */
function encoded(bytes, signs) {
  const out = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let to = 0;
  let at = 0;
  for (; at + 2 < bytes.length; at += 3) {
    const three = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    out[to] = signs[three >> 18];
    out[to + 1] = signs[(three >> 12) & 63];
    out[to + 2] = signs[(three >> 6) & 63];
    out[to + 3] = signs[three & 63];
    to += 4;
  }
  if (at < bytes.length) {
    const rest = (bytes[at] << 16) | ((bytes[at + 1] || 0) << 8);
    for (let shift = 18; to < out.length; shift -= 6, to += 1) out[to] = signs[(rest >> shift) & 63];
  }
  return out;
}

export const base64urlBytes = (bytes) => encoded(bytes, URL_SIGNS);

export function toBase64(bytes) {
  const padding = "=".repeat((3 - (bytes.length % 3)) % 3);
  return DECODER.decode(encoded(bytes, SIGNS)) + padding;
}

/** Base64 with padding, in the one spelling that these bytes have. */
export function fromBase64(encoded) {
  const wrong = () => new VerifyError("not-base64", "This is not Base64 in its one spelling.");
  if (typeof encoded !== "string" || encoded.length % 4) throw wrong();
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) throw wrong();
  const raw = atob(encoded);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
  // Only the last four characters can be spelled in more than one way.
  if (encoded && toBase64(bytes.slice(-((bytes.length - 1) % 3) - 1)) !== encoded.slice(-4)) {
    throw wrong();
  }
  return bytes;
}

export const toBase64url = (bytes) => DECODER.decode(base64urlBytes(bytes));

export function fromBase64url(encoded) {
  if (typeof encoded !== "string" || !/^[A-Za-z0-9_-]*$/.test(encoded)) {
    throw new VerifyError("not-base64", "This is not Base64 in its one spelling.");
  }
  const padding = "=".repeat((4 - (encoded.length % 4)) % 4);
  return fromBase64(encoded.replaceAll("-", "+").replaceAll("_", "/") + padding);
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equal(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** A number as so many bytes, the highest first. */
export function uint(number, size) {
  const bytes = new Uint8Array(size);
  let rest = BigInt(number);
  for (let at = size - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  if (rest) throw new VerifyError("number-too-large", "A number is too large for its place.");
  return bytes;
}

export async function hash(name, bytes) {
  const subtle = globalThis.crypto && globalThis.crypto.subtle;
  if (!subtle) {
    const missing = isReady();
    throw new Unsupported(missing.key, missing.reason);
  }
  return new Uint8Array(await subtle.digest(name, bytes));
}

export const sha256 = (bytes) => hash("SHA-256", bytes);
