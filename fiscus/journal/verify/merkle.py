"""Merkle trees as in RFC 6962: roots, and the proofs a stranger checks against them."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class CompleteSubtrees:
    """A growing tree that keeps only the roots of its complete subtrees.

    There is one complete subtree for each bit that is set in the size, the largest first.
    """

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash; each trailing one bit of the size is a subtree to join with."""
        node, size = leaf, self.size
        while size & 1:
            node = node_hash(self.peaks.pop(), node)
            size >>= 1
        self.peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        return joined(self.peaks)


TILE_HASHES = 256


class TiledTree:
    """A growing tree that hands out its tiles: rows of 256 nodes, at each eighth level.

    In memory are one row of leaf hashes, and 32 bytes for each 256 leaves.
    """

    def __init__(self) -> None:
        self.size = 0
        self.row = bytearray()
        self.small = CompleteSubtrees()
        self.large = CompleteSubtrees()
        self.nodes = bytearray()

    def append(self, leaf: bytes) -> bytes | None:
        """Add one leaf hash; the full row of leaf hashes if this one fills it."""
        self.size += 1
        self.row += leaf
        self.small.append(leaf)
        if self.small.size < TILE_HASHES:
            return None
        [node] = self.small.peaks
        self.large.append(node)
        self.nodes += node
        row, self.row, self.small = bytes(self.row), bytearray(), CompleteSubtrees()
        return row

    def root(self) -> bytes:
        return joined([*self.large.peaks, *self.small.peaks])

    def upper_tiles(self) -> Iterator[tuple[int, int, bytes]]:
        """Level, index and content of the tiles above the leaves."""
        level, nodes = 1, bytes(self.nodes)
        while nodes:
            above = bytearray()
            for index, start in enumerate(range(0, len(nodes), TILE_HASHES * HASH_BYTES)):
                row = nodes[start : start + TILE_HASHES * HASH_BYTES]
                yield level, index, row
                if len(row) == TILE_HASHES * HASH_BYTES:
                    above += root(hashes_in(row))
            level, nodes = level + 1, bytes(above)


def hashes_in(row: bytes) -> Iterator[bytes]:
    return (row[start : start + HASH_BYTES] for start in range(0, len(row), HASH_BYTES))


def joined(peaks: Sequence[bytes]) -> bytes:
    """The root over complete subtrees, the largest first."""
    if not peaks:
        return EMPTY_ROOT
    node = peaks[-1]
    for peak in reversed(peaks[:-1]):
        node = node_hash(peak, node)
    return node


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes."""
    tree = CompleteSubtrees()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def verify_inclusion(
    leaf_index: int, tree_size: int, leaf: bytes, proof: Sequence[bytes], tree_root: bytes
) -> bool:
    """Whether the proof shows that the leaf hash is at this index of the tree with this root."""
    if not 0 <= leaf_index < tree_size or not all_hashes((leaf, *proof)):
        return False
    node, index, last = leaf, leaf_index, tree_size - 1
    for sibling in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            node = node_hash(sibling, node)
            index, last = past_lone_ancestors(index, last)
        else:
            node = node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and hmac.compare_digest(node, tree_root)


def verify_consistency(
    size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the first tree is a beginning of the second.

    An empty first tree proves nothing and is refused.
    """
    if not 0 < size1 <= size2:
        return False
    if size1 == size2:
        return not proof and hmac.compare_digest(root1, root2)
    if not proof or not all_hashes(proof):
        return False
    return grows_from(size1, size2, root1, root2, proof)


def grows_from(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> bool:
    """Walk from the last complete subtree of the first tree up to both roots at once."""
    index, last = size1 - 1, size2 - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    path = list(proof) if index else [root1, *proof]
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            index, last = past_lone_ancestors(index, last)
        else:
            new = node_hash(new, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and hmac.compare_digest(old, root1) and hmac.compare_digest(new, root2)


def past_lone_ancestors(index: int, last: int) -> tuple[int, int]:
    """Skip the levels where the node stands alone at the right edge and has no sibling."""
    while index and not index & 1:
        index, last = index >> 1, last >> 1
    return index, last


def all_hashes(nodes: Iterable[bytes]) -> bool:
    return all(len(node) == HASH_BYTES for node in nodes)
