/*
 * Proofs of a Merkle tree: that a leaf is in a tree, that a tree is the beginning of another.
 * Source: RFC 6962 section 2.1, RFC 9162 sections 2.1.3.2 and 2.1.4.2; docs/journal-format.md 8.
 *
 * Exported:
 *   leafHash(data) -> Promise<bytes>; the data of a leaf is an entry's link (32 bytes)
 *   nodeHash(left, right) -> Promise<bytes>
 *   rootOfInclusion({index, size, leaf, path}) -> Promise<bytes | null>
 *       leaf: the leaf HASH; path: array of 32 bytes each, the lowest first; null: wrong length
 *   verifyInclusion({index, size, leaf, path, root}) -> Promise<result>
 *   verifyConsistency({size1, size2, root1, root2, proof}) -> Promise<result>
 *   rootOf(leaves) -> Promise<bytes>   the root over these leaf hashes
 *
 * Sizes and indexes are numbers or BigInt.
 */

import { bad, concat, equal, good, sha256 } from "./bytes.js";

const HASH_BYTES = 32;
const PATH_MAX = 64;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (data) => sha256(concat(LEAF, data));
export const nodeHash = (left, right) => sha256(concat(NODE, left, right));

const areHashes = (nodes) =>
  nodes.length <= PATH_MAX && nodes.every((node) => node.length === HASH_BYTES);

/** Above a node that stands alone at the right edge nothing is joined: skip these levels. */
function pastLoneAncestors(index, last) {
  while (index && !(index & 1n)) {
    index >>= 1n;
    last >>= 1n;
  }
  return [index, last];
}

export async function rootOfInclusion({ index, size, leaf, path }) {
  let at = BigInt(index);
  let last = BigInt(size) - 1n;
  if (at < 0n || at > last || !areHashes([leaf]) || !areHashes(path)) return null;
  let node = leaf;
  for (const sibling of path) {
    if (last === 0n) return null;
    if (at & 1n || at === last) {
      node = await nodeHash(sibling, node);
      [at, last] = pastLoneAncestors(at, last);
    } else {
      node = await nodeHash(node, sibling);
    }
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? node : null;
}

export async function verifyInclusion({ index, size, leaf, path, root }) {
  const computed = await rootOfInclusion({ index, size, leaf, path });
  const values = { index: String(index), size: String(size) };
  return computed !== null && equal(computed, root)
    ? good("inclusion-good", `The entry is leaf ${index} of the tree of ${size} entries.`, values)
    : bad("inclusion-bad", "The proof does not lead from the entry to the root.", values);
}

export async function verifyConsistency({ size1, size2, root1, root2, proof }) {
  const values = { size1: String(size1), size2: String(size2) };
  return (await isBeginning(BigInt(size1), BigInt(size2), root1, root2, proof))
    ? good("consistency-good", `The ${size1} entries are the beginning of the ${size2}.`, values)
    : bad("consistency-bad", "The proof does not show that one tree begins the other.", values);
}

async function isBeginning(size1, size2, root1, root2, proof) {
  if (size1 <= 0n || size1 > size2) return false;
  if (size1 === size2) return proof.length === 0 && equal(root1, root2);
  if (!proof.length || proof.length > PATH_MAX || !areHashes(proof)) return false;
  let index = size1 - 1n;
  let last = size2 - 1n;
  while (index & 1n) {
    index >>= 1n;
    last >>= 1n;
  }
  const path = index ? [...proof] : [root1, ...proof];
  let older = path[0];
  let newer = path[0];
  for (const sibling of path.slice(1)) {
    if (last === 0n) return false;
    if (index & 1n || index === last) {
      older = await nodeHash(sibling, older);
      newer = await nodeHash(sibling, newer);
      [index, last] = pastLoneAncestors(index, last);
    } else {
      newer = await nodeHash(newer, sibling);
    }
    index >>= 1n;
    last >>= 1n;
  }
  return last === 0n && equal(older, root1) && equal(newer, root2);
}

export async function rootOf(leaves) {
  let level = [...leaves];
  if (!level.length) return sha256(new Uint8Array());
  while (level.length > 1) {
    const above = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = level.slice(at, at + 2);
      above.push(right ? await nodeHash(left, right) : left);
    }
    level = above;
  }
  return level[0];
}
