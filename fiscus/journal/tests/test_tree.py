"""The tree of the log: its roots and proofs are those of RFC 6962, at every size."""

import hashlib
import json
import time
from base64 import b64decode
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, func, select

from conftest import Databases
from fiscus.journal import tree
from fiscus.journal.tree import LeafRange
from fiscus.model.faults import Corrupt
from fiscus.store.connect import reading, writing
from fiscus.store.log_schema import TILE

# The tree over eight leaves that certificate logs test themselves with.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
SIZE_MAX = 1_400
MILLION = 1_000_000
PROOF_SECONDS_MAX = 0.005


def data(number: int) -> bytes:
    """The data of a leaf: any 32 bytes, as a link has."""
    return hashlib.sha256(number.to_bytes(8, "big")).digest()


def reference_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    both = reference_root(leaves[:half]) + reference_root(leaves[half:])
    return hashlib.sha256(b"\x01" + both).digest()


def reference_path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:half], leaves[half:]
    if index < half:
        return [*reference_path(index, left), reference_root(right)]
    return [*reference_path(index - half, right), reference_root(left)]


def reference_consistency(old: int, leaves: list[bytes], *, is_whole: bool = True) -> list[bytes]:
    if old == len(leaves):
        return [] if is_whole else [reference_root(leaves)]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:half], leaves[half:]
    if old <= half:
        return [*reference_consistency(old, left, is_whole=is_whole), reference_root(right)]
    return [*reference_consistency(old - half, right, is_whole=False), reference_root(left)]


def grown(engine: Engine, *sizes: int, epoch: int = 1) -> None:
    """Let the tree grow to each of the sizes, one transaction each."""
    for before, after in pairwise((0, *sizes)):
        with writing(engine) as tx:
            grown_size = tree.append(tx, epoch, before, map(data, range(before, after)))
            assert grown_size == after


def tiles(tx: Connection) -> list[tuple[int, int, int, bytes]]:
    rows = tx.execute(select(TILE).order_by(TILE.c.epoch, TILE.c.level, TILE.c["index"]))
    return [(epoch, level, index, bytes(hashes)) for epoch, level, index, hashes in rows]


def test_the_roots_are_those_of_the_known_tree(engine: Engine) -> None:
    with writing(engine) as tx:
        tree.append(tx, 1, 0, LEAVES)

    with reading(engine) as tx:
        roots = [tree.root(tx, 1, size).hex() for size in range(1, 9)]
        nothing = tree.root(tx, 1, 0)

    assert tuple(roots) == ROOTS
    assert nothing == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("vector", range(1, 5))
def test_the_paths_are_those_of_the_known_tree(
    engine: Engine, shared_data: Path, vector: int
) -> None:
    said = json.loads((shared_data / f"merkle/inclusion/{vector}/happy-path.json").read_bytes())
    with writing(engine) as tx:
        tree.append(tx, 1, 0, LEAVES)

        path = tree.inclusion(tx, 1, said["leafIdx"], said["treeSize"])
        root = tree.root(tx, 1, said["treeSize"])

    assert path == [b64decode(one) for one in said["proof"] or []]
    assert root == b64decode(said["root"])


@pytest.mark.parametrize("vector", range(1, 5))
def test_what_goes_on_is_shown_as_in_the_known_tree(
    engine: Engine, shared_data: Path, vector: int
) -> None:
    said = json.loads((shared_data / f"merkle/consistency/{vector}/happy-path.json").read_bytes())
    with writing(engine) as tx:
        tree.append(tx, 1, 0, LEAVES)

        path = tree.consistency(tx, 1, said["size1"], said["size2"])

    assert path == [b64decode(one) for one in said["proof"] or []]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(1, SIZE_MAX), min_size=1, max_size=6, unique=True).map(sorted),
    asked=st.data(),
)
def test_it_is_the_tree_of_the_standard(
    databases: Databases, sizes: list[int], asked: st.DataObject
) -> None:
    leaves = [data(number) for number in range(sizes[-1])]
    new = asked.draw(st.integers(1, sizes[-1]), "size")
    index = asked.draw(st.integers(0, new - 1), "leaf")
    old = asked.draw(st.integers(1, new), "older size")
    with databases.migrated() as engine:
        grown(engine, *sizes)
        with reading(engine) as tx:
            assert tree.root(tx, 1, new) == reference_root(leaves[:new])
            assert tree.inclusion(tx, 1, index, new) == reference_path(index, leaves[:new])
            assert tree.consistency(tx, 1, old, new) == reference_consistency(old, leaves[:new])


@given(size=st.integers(1, 200_000_000), asked=st.data())
def test_proofs_of_any_size_name_complete_subtrees_that_fit_without_gap(
    size: int, asked: st.DataObject
) -> None:
    index = asked.draw(st.integers(0, size - 1))

    ranges = sorted([*tree.inclusion_ranges(index, size), LeafRange(index, index + 1)])
    nodes = [node for one in ranges for node in tree.complete_subtrees(one)]

    at = 0
    for node in nodes:
        assert node.number << node.level == at
        at += 1 << node.level
    assert at == size


@pytest.mark.parametrize("size", [255, 256, 257, 65_535, 65_536, 65_537])
def test_at_the_edges_of_tiles_nothing_changes(engine: Engine, size: int) -> None:
    leaves = [data(number) for number in range(size)]
    grown(engine, max(1, size - 300), size - 1, size)

    with reading(engine) as tx:
        assert tree.root(tx, 1, size) == reference_root(leaves)
        assert tree.inclusion(tx, 1, size - 1, size) == reference_path(size - 1, leaves)
        assert tree.consistency(tx, 1, 255, size) == reference_consistency(255, leaves)


def test_growing_in_steps_leaves_the_tiles_that_growing_at_once_leaves(
    engine: Engine, databases: Databases
) -> None:
    grown(engine, 1, 2, 255, 256, 257, 511, 512, 700, 1_300)
    with databases.migrated() as other:
        grown(other, 1_300)
        with reading(engine) as tx, reading(other) as at_once:
            assert tiles(tx) == tiles(at_once)


def test_a_tile_holds_complete_subtrees_of_one_level_and_nothing_else(engine: Engine) -> None:
    grown(engine, 600)

    with reading(engine) as tx:
        kept = {(level, index): hashes for _, level, index, hashes in tiles(tx)}

    assert {place: len(hashes) // 32 for place, hashes in kept.items()} == {
        (0, 0): 256,
        (0, 1): 256,
        (0, 2): 88,
        (1, 0): 2,
    }
    assert kept[0, 2][:32] == hashlib.sha256(b"\x00" + data(512)).digest()
    assert kept[1, 0][32:] == reference_root([data(number) for number in range(256, 512)])


def test_each_epoch_has_a_tree_of_its_own(engine: Engine) -> None:
    grown(engine, 10)
    grown(engine, 3, epoch=2)

    with reading(engine) as tx:
        assert tree.root(tx, 1, 10) == reference_root([data(number) for number in range(10)])
        assert tree.root(tx, 2, 3) == reference_root([data(number) for number in range(3)])


def test_nothing_is_proved_from_nothing_and_from_the_same(engine: Engine) -> None:
    grown(engine, 5)

    with reading(engine) as tx:
        assert tree.consistency(tx, 1, 0, 5) == []
        assert tree.consistency(tx, 1, 5, 5) == []
        assert tree.consistency(tx, 1, 0, 0) == []
        assert tree.inclusion(tx, 1, 0, 1) == []


def test_a_tree_without_new_leaves_writes_nothing(engine: Engine) -> None:
    with writing(engine) as tx:
        assert tree.append(tx, 1, 0, []) == 0
        assert tx.scalar(select(func.count()).select_from(TILE)) == 0


def test_a_missing_node_is_told_and_never_guessed(engine: Engine) -> None:
    grown(engine, 300)
    with writing(engine) as tx:
        tx.execute(delete(TILE).where(TILE.c.level == 0, TILE.c["index"] == 1))

    with reading(engine) as tx:
        for asking in (
            lambda: tree.root(tx, 1, 300),
            lambda: tree.inclusion(tx, 1, 299, 300),
            lambda: tree.append(tx, 1, 300, [data(300)]),
        ):
            with pytest.raises(Corrupt) as trouble:
                asking()
            assert trouble.value.code == tree.NO_NODE
        assert tree.root(tx, 1, 256) == reference_root([data(number) for number in range(256)])


@pytest.mark.alone
@pytest.mark.long  # A tree of a million leaves takes seconds to build.
def test_a_proof_out_of_a_million_takes_five_milliseconds_at_most(
    engine: Engine, record_property: Callable[[str, object], None]
) -> None:
    begun = time.perf_counter()
    grown(engine, *range(20_000, MILLION + 1, 20_000))
    built = time.perf_counter() - begun
    indexes = (0, 1, 255, 256, 65_535, 65_536, 524_287, 700_001, 983_039, 999_999)
    olds = (1, 255, 65_537, 524_289, 777_777, 999_999)
    with reading(engine) as tx:
        assert all(len(tree.inclusion(tx, 1, index, MILLION)) <= 20 for index in indexes)
        took = [best_of(partial(tree.inclusion, tx, 1, index, MILLION)) for index in indexes]
        took += [best_of(partial(tree.consistency, tx, 1, old, MILLION)) for old in olds]

    record_property(
        "figures",
        f"proofs out of {MILLION:,}: at most {max(took) * 1000:.2f} ms, "
        f"median {sorted(took)[len(took) // 2] * 1000:.2f} ms; "
        f"{MILLION / built:,.0f} leaves a second",
    )
    assert max(took) <= PROOF_SECONDS_MAX


def best_of(act: Callable[[], object]) -> float:
    """Seconds of the quickest of some attempts: during the others the machine did something else
    too."""
    found = []
    for _ in range(7):
        begun = time.perf_counter()
        act()
        found.append(time.perf_counter() - begun)
    return min(found)
