"""Merkle proofs of RFC 6962: that a leaf is in a tree, and that a tree only grew."""

import hashlib
from collections.abc import Sequence

from fiscus.transparency.base64s import HASH_BYTES


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def path_length(index: int, size: int) -> int:
    """How many hashes prove that the leaf at `index` is among `size` (2.1.1)."""
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `leaf`, a leaf's hash, is at `index` of the tree of `size` leaves with this root
    (RFC 6962, 2.1.1; the hashes stand lowest first)."""
    if not 0 <= index < size or len(proof) != path_length(index, size) or len(leaf) != HASH_BYTES:
        return False
    inner = (index ^ (size - 1)).bit_length()
    found = _climbed(leaf, index, proof[:inner])
    for left in proof[inner:]:
        found = node_hash(left, found)
    return found == root


def _climbed(start: bytes, index: int, proof: Sequence[bytes]) -> bytes:
    """From a node up through levels in which it has a sibling on either side."""
    found = start
    for level, sibling in enumerate(proof):
        is_right = index >> level & 1
        found = node_hash(sibling, found) if is_right else node_hash(found, sibling)
    return found


def is_grown(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree of `size` leaves begins with the one of `old_size` (RFC 6962, 2.1.2).

    The same size has the same root and no proof. From 0 leaves on there is nothing to prove and no
    proof: whoever has seen nothing yet has nothing to compare with.
    """
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    # The proof starts at the largest full subtree that ends where the old tree ends.
    level = (old_size & -old_size).bit_length() - 1
    index = (old_size - 1) >> level
    is_whole = old_size == 1 << level  # Then the old root is that subtree, and is left out.
    start, path = (old_root, proof) if is_whole else (proof[0] if proof else b"", proof[1:])
    last = (size - 1) >> level
    if not start or len(path) != path_length(index, last + 1):
        return False
    inner = (index ^ last).bit_length()
    of_old = start
    for at, sibling in enumerate(path[:inner]):
        if index >> at & 1:
            of_old = node_hash(sibling, of_old)
    of_new = _climbed(start, index, path[:inner])
    for left in path[inner:]:
        of_old, of_new = node_hash(left, of_old), node_hash(left, of_new)
    return of_old == old_root and of_new == root
