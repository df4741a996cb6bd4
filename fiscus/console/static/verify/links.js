/*
 * The link of an entry: what binds it to its place and to the entry before.
 * Source: docs/journal-format.md section 3.
 *
 * Exported:
 *   ZEROS                              the `previous` of the first entry of a chain
 *   linkParts(place, digest) -> [{name, bytes}]   what is hashed, in this order
 *       place = {previous (hex), chain (UUID), epoch, sequence}; digest = SHA-256 of the body
 *       names: "label", "previous", "chain", "epoch", "sequence", "digest"
 *   linkOf(place, digest) -> Promise<bytes>
 *   linkOfBody(body) -> Promise<{link (hex), digest (hex), parts, place, members}>
 *   verifyLink(body, link (hex)) -> Promise<result>
 */

import { VerifyError, bad, concat, fromHex, good, sha256, text, toHex, uint, utf8 } from "./bytes.js";

export const ZEROS = "0".repeat(64);
const LABEL = utf8("fiscus/link/2\n");
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HASH = /^[0-9a-f]{64}$/;

export function linkParts({ previous, chain, epoch, sequence }, digest) {
  if (!HASH.test(previous) || !UUID.test(chain)) {
    throw new VerifyError("place-form", "The entry does not say its place in the known form.");
  }
  return [
    { name: "label", bytes: LABEL },
    { name: "previous", bytes: fromHex(previous) },
    { name: "chain", bytes: fromHex(chain.replaceAll("-", "")) },
    { name: "epoch", bytes: uint(epoch, 4) },
    { name: "sequence", bytes: uint(sequence, 8) },
    { name: "digest", bytes: digest },
  ];
}

export async function linkOf(place, digest) {
  return sha256(concat(...linkParts(place, digest).map((part) => part.bytes)));
}

export async function linkOfBody(body) {
  const members = membersOf(body);
  const { previous, chain, epoch, sequence } = members;
  if (!isCount(epoch) || !isCount(sequence)) {
    throw new VerifyError("place-form", "The entry does not say its place in the known form.");
  }
  const digest = await sha256(body);
  const place = { previous, chain, epoch, sequence };
  const parts = linkParts(place, digest);
  const link = toHex(await sha256(concat(...parts.map((part) => part.bytes))));
  return { link, digest: toHex(digest), parts, place, members };
}

function membersOf(body) {
  try {
    const members = JSON.parse(text(body));
    if (members && typeof members === "object" && !Array.isArray(members)) return members;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof VerifyError)) throw error;
  }
  throw new VerifyError("body-form", "The body is not a JSON object in UTF-8.");
}

const isCount = (value) => Number.isSafeInteger(value) && value > 0;

export async function verifyLink(body, link) {
  const computed = await linkOfBody(body);
  return computed.link === link
    ? good("link-good", "The link is the hash of this entry in its place.")
    : bad("link-bad", "The link is not the hash of this entry in its place.", {
        link: computed.link,
      });
}
