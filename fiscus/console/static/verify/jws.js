/*
 * Signatures of entries and packages: a JWS in compact form with detached payload, ES256.
 * Source: docs/journal-format.md sections 4 and 10; RFC 7515, RFC 7518.
 *
 * Exported:
 *   ENTRY_TYPE, PACKAGE_TYPE
 *   protectedHeader(kid, type = ENTRY_TYPE) -> text, in exactly these bytes
 *   signingInput(header, payload) -> bytes that are signed
 *   signatureBytes(encoded) -> 64 bytes; throws VerifyError for every other spelling
 *   isLow(signature) -> whether s is not above half of the curve's order
 *   verifyDetached(header, payload, signature, publicKey, {isLow = true}) -> Promise<result>
 *       header: text; payload: bytes; signature: BASE64URL of r and s
 *   verifyEntry({body, key, signature}, publicKey) -> Promise<result>
 *       key: the id that the entry names; body: bytes
 */

import { VerifyError, bad, base64urlBytes, concat, fromBase64url, fromHex, utf8 } from "./bytes.js";
import { verify } from "./keys.js";

export const ENTRY_TYPE = "fiscus-entry+json";
export const PACKAGE_TYPE = "fiscus-package+zip";
const SIGNATURE_BYTES = 64;
const DOT = utf8(".");
const HALF_ORDER = fromHex("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8");

export function protectedHeader(kid, type = ENTRY_TYPE) {
  return `{"alg":"ES256","kid":"${kid}","typ":"${type}"}`;
}

export function signingInput(header, payload) {
  return concat(base64urlBytes(utf8(header)), DOT, base64urlBytes(payload));
}

export function signatureBytes(encoded) {
  const bytes = fromBase64url(encoded);
  if (bytes.length !== SIGNATURE_BYTES) {
    throw new VerifyError("signature-length", "The signature has not 64 bytes.");
  }
  return bytes;
}

export function isLow(signature) {
  for (let at = 0; at < HALF_ORDER.length; at += 1) {
    const difference = signature[SIGNATURE_BYTES / 2 + at] - HALF_ORDER[at];
    if (difference) return difference < 0;
  }
  return true;
}

export async function verifyDetached(header, payload, signature, publicKey, choices = {}) {
  let raw;
  try {
    raw = signatureBytes(signature);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    return bad("signature-form", "The signature is not 64 bytes in BASE64URL.");
  }
  if (choices.isLow !== false && !isLow(raw)) {
    return bad("signature-high", "The second half of the signature is above half of the order.");
  }
  if (publicKey.name !== "P-256") {
    return bad("key-not-p256", `The key is of ${publicKey.name}, not of P-256.`, {
      name: publicKey.name,
    });
  }
  return verify(publicKey, { data: signingInput(header, payload), signature: raw });
}

export async function verifyEntry({ body, key, signature }, publicKey) {
  if (key !== publicKey.id) {
    return bad("key-other", "The entry names another key than this one.", { id: publicKey.id });
  }
  return verifyDetached(protectedHeader(key), body, signature, publicKey);
}

