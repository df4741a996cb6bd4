"""The Merkle tree of the log, kept as tiles: any root or proof costs a few rows, however large.

The tree is that of RFC 6962, section 2.1. TreeNode n of level L is the root of the complete subtree
over the leaves from n·2^L up to (n+1)·2^L. A tile keeps up to 256 nodes beside each other, of every
eighth level (docs/journal-format.md, section 8); the levels between are hashed when they are asked
for. A node never changes once it is there, so older sizes are answered from the same tiles.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, or_, select

from fiscus.model.faults import Code, Corrupt
from fiscus.store.insert import replace_many
from fiscus.store.log_schema import TILE
from fiscus.transparency.base64s import HASH_BYTES
from fiscus.transparency.checkpoints import EMPTY_ROOT
from fiscus.transparency.merkle import leaf_hash, node_hash

TILE_LEVELS = 8
TILE_NODES = 1 << TILE_LEVELS

NO_NODE = Code(
    "LOG-TILE-01",
    "a node of the log's tree is missing: run `fiscus verify`; nothing new is covered until the "
    "database is whole again",
)


class TreeNode(NamedTuple):
    """A complete subtree: its height, and its number among those of this height."""

    level: int
    number: int


class TilePlace(NamedTuple):
    """Where a tile lies: `level` counts in steps of eight levels of the tree, `number` is the
    column `index`."""

    level: int
    number: int


class LeafRange(NamedTuple):
    """The leaves from `first` up to, but without, `end`: a subtree that a proof names."""

    first: int
    end: int


def append(tx: Connection, epoch: int, size: int, leaves: Iterable[bytes]) -> int:
    """Add leaves, given by their data, to a tree of that size; gives the new size.

    Each touched tile is written once. The caller holds the lock of the log.
    """
    edge = _edge(tx, epoch, size)
    full: list[tuple[object, ...]] = []
    touched: set[int] = set()
    for data in leaves:
        size += 1
        node, level = leaf_hash(data), 0
        while True:
            if level == len(edge):
                edge.append([])
            edge[level].append(node)
            touched.add(level)
            if len(edge[level]) < TILE_NODES:
                break
            index = (size >> (TILE_LEVELS * (level + 1))) - 1
            full.append((epoch, level, index, b"".join(edge[level])))
            node = _subtree(edge[level])
            edge[level] = []
            level += 1
    partial: list[tuple[object, ...]] = [
        (epoch, level, size >> (TILE_LEVELS * (level + 1)), b"".join(nodes))
        for level, nodes in enumerate(edge)
        if nodes and level in touched
    ]
    replace_many(tx, TILE, full + partial)
    return size


def root(tx: Connection, epoch: int, size: int) -> bytes:
    """The root over the first `size` leaves. Raises `Corrupt` if a node is missing."""
    if size == 0:
        return EMPTY_ROOT
    (found,) = _hashes(tx, epoch, [LeafRange(0, size)])
    return found


def inclusion(tx: Connection, epoch: int, index: int, size: int) -> list[bytes]:
    """The path from a leaf to the root of that size, lowest first (RFC 6962, 2.1.1)."""
    assert 0 <= index < size
    return _hashes(tx, epoch, inclusion_ranges(index, size))


def consistency(tx: Connection, epoch: int, old: int, new: int) -> list[bytes]:
    """What shows that the root of `new` leaves goes on from that of `old` (RFC 6962, 2.1.2).

    Empty for equal sizes, and for 0, with which every tree begins.
    """
    assert 0 <= old <= new
    return _hashes(tx, epoch, consistency_ranges(old, new))


def inclusion_ranges(index: int, size: int) -> list[LeafRange]:
    """The subtrees beside the way from a leaf to the root, lowest first."""
    found: list[LeafRange] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _half(end - first)
        if index < middle:
            found.append(LeafRange(middle, end))
            end = middle
        else:
            found.append(LeafRange(first, middle))
            first = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[LeafRange]:
    """The subtrees of a consistency proof, lowest first."""
    if old in (0, new):
        return []
    found: list[LeafRange] = []
    first, end = 0, new
    while old < end:
        middle = first + _half(end - first)
        if old <= middle:
            found.append(LeafRange(middle, end))
            end = middle
        else:
            found.append(LeafRange(first, middle))
            first = middle
    # The old tree as a whole is known to whoever asks; a part of it is not.
    if first > 0:
        found.append(LeafRange(first, end))
    return found[::-1]


def complete_subtrees(leaves: LeafRange) -> list[TreeNode]:
    """The complete subtrees that make up a range of leaves, from left to right.

    The range begins where a subtree of at least its own size can begin, as in all proofs.
    """
    found = []
    first, left = leaves.first, leaves.end - leaves.first
    while left:
        level = left.bit_length() - 1
        found.append(TreeNode(level, first >> level))
        first += 1 << level
        left -= 1 << level
    return found


def _half(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)


def _subtree(nodes: Sequence[bytes]) -> bytes:
    """The root over as many nodes as a power of two."""
    while len(nodes) > 1:
        nodes = [node_hash(nodes[at], nodes[at + 1]) for at in range(0, len(nodes), 2)]
    return nodes[0]


def _hashes(tx: Connection, epoch: int, ranges: Sequence[LeafRange]) -> list[bytes]:
    """The hash of each range; all tiles that are needed are read at once."""
    parts = [complete_subtrees(one) for one in ranges]
    tiles = _tiles(tx, epoch, {_place(node) for nodes in parts for node in nodes})
    return [_folded([_node(tiles, node) for node in nodes]) for nodes in parts]


def _folded(peaks: list[bytes]) -> bytes:
    *larger, found = peaks
    for peak in reversed(larger):
        found = node_hash(peak, found)
    return found


def _place(node: TreeNode) -> TilePlace:
    """The tile that keeps a node, or all the nodes that it is hashed from."""
    level, rest = divmod(node.level, TILE_LEVELS)
    return TilePlace(level, (node.number << rest) // TILE_NODES)


def _node(tiles: dict[TilePlace, bytes], node: TreeNode) -> bytes:
    place, rest = _place(node), node.level % TILE_LEVELS
    begin = (node.number << rest) % TILE_NODES * HASH_BYTES
    end = begin + (HASH_BYTES << rest)
    kept = tiles.get(place, b"")[begin:end]
    if len(kept) < end - begin:
        raise Corrupt(NO_NODE, f"level {place.level}", f"index {place.number}")
    return _subtree(_split(kept))


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def _edge(tx: Connection, epoch: int, size: int) -> list[list[bytes]]:
    """The nodes of the unfinished tile of each level, lowest level first."""
    counts = []
    while size:
        counts.append(size)
        size >>= TILE_LEVELS
    places = [TilePlace(level, count // TILE_NODES) for level, count in enumerate(counts)]
    kept = [count % TILE_NODES for count in counts]
    tiles = _tiles(tx, epoch, {place for place, nodes in zip(places, kept, strict=True) if nodes})
    edge = []
    for place, nodes in zip(places, kept, strict=True):
        hashes = tiles.get(place, b"")[: nodes * HASH_BYTES]
        if len(hashes) < nodes * HASH_BYTES:
            raise Corrupt(NO_NODE, f"level {place.level}", f"index {place.number}")
        edge.append(_split(hashes))
    return edge


def _tiles(tx: Connection, epoch: int, places: set[TilePlace]) -> dict[TilePlace, bytes]:
    if not places:
        return {}
    of_level: dict[int, list[int]] = defaultdict(list)
    for place in sorted(places):
        of_level[place.level].append(place.number)
    rows = tx.execute(
        select(TILE.c.level, TILE.c["index"], TILE.c.hashes).where(
            TILE.c.epoch == epoch,
            or_(
                *(
                    and_(TILE.c.level == level, TILE.c["index"].in_(indexes))
                    for level, indexes in of_level.items()
                )
            ),
        )
    )
    return {TilePlace(level, index): bytes(hashes) for level, index, hashes in rows}
