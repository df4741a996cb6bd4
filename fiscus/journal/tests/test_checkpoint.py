import hashlib
import json
import threading
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from fiscus.journal import checkpoint
from fiscus.journal.audit import verify_database
from fiscus.journal.checkpoint import Checkpoint, Frontier
from fiscus.journal.tests.bodies import Pen, later
from fiscus.journal.tests.small_journal import tree_root
from fiscus.model.records import GENESIS
from fiscus.model.tests.clock import MORNING
from fiscus.registry import signers
from fiscus.registry.tests.builders import a_shop, a_vault, another_register
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CHAIN

SIZES_MAX = 130

# The tree of RFC 6962 over eight leaves that certificate logs test themselves with.
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
          "606162636465666768696a6b6c6d6e6f")  # fmt: skip
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


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root() == hashlib.sha256(b"").digest()


def test_the_roots_are_those_of_the_known_tree() -> None:
    frontier = Frontier()
    roots = []
    for leaf in LEAVES:
        frontier.add(bytes.fromhex(leaf))
        roots.append(frontier.root().hex())

    assert tuple(roots) == ROOTS


def test_the_frontier_is_the_recursive_tree_for_every_size() -> None:
    frontier = Frontier()
    leaves: list[bytes] = []
    for number in range(SIZES_MAX + 1):
        assert frontier.root() == tree_root(leaves)
        assert frontier.size == number
        leaves.append(hashlib.sha256(number.to_bytes(2, "big")).digest())
        frontier.add(leaves[-1])


@given(st.lists(st.binary(max_size=40), max_size=70), st.integers(0, 70))
def test_a_frontier_that_was_put_away_goes_on_where_it_was(leaves: list[bytes], pause: int) -> None:
    first = Frontier()
    for leaf in leaves[:pause]:
        first.add(leaf)
    second = Frontier(first.size, list(first.peaks))
    for leaf in leaves[pause:]:
        second.add(leaf)

    assert second.root() == tree_root(leaves)


@pytest.fixture
def pens(engine: Engine) -> list[Pen]:
    """Two registers of one shop, and the checkpoint key."""
    with writing(engine) as tx:
        signers.ensure(tx, a_vault(), signers.CHECKPOINT, "ecdsa-p256", MORNING)
        shop = a_shop(tx)
        found = [Pen(tx, shop), Pen(tx, shop, another_register(tx, shop))]
    return sorted(found, key=lambda pen: pen.head.register)


def made(engine: Engine, at: datetime = MORNING) -> Checkpoint | None:
    with writing(engine) as tx:
        return checkpoint.make(tx, signers.opened(tx, a_vault(), signers.CHECKPOINT), at)


def write(engine: Engine, pen: Pen, count: int) -> None:
    with writing(engine) as tx:
        for _ in range(count):
            pen.write(tx)


def test_nothing_new_gives_no_checkpoint(engine: Engine, pens: list[Pen]) -> None:
    assert made(engine) is None
    write(engine, pens[0], 2)
    assert made(engine) is not None
    assert made(engine) is None
    with reading(engine) as tx:
        assert len(checkpoint.every(tx)) == 1


def test_each_checkpoint_covers_what_came_since_the_last_one(
    engine: Engine, pens: list[Pen]
) -> None:
    one, two = pens
    write(engine, one, 3)
    first = made(engine)
    write(engine, two, 2)
    write(engine, one, 1)
    second = made(engine, later(60))

    assert first is not None
    assert second is not None
    assert json.loads(first.ranges) == [[one.head.register, 1, 3]]
    assert json.loads(second.ranges) == [[one.head.register, 4, 4], [two.head.register, 1, 2]]
    assert (first.number, first.size, second.number, second.size) == (1, 3, 2, 6)
    assert first.previous == GENESIS
    assert second.previous == hashlib.sha256(first.note.encode()).hexdigest()
    with reading(engine) as tx:
        assert checkpoint.newest(tx) == second
        covered = {row.register: row.covered for row in tx.execute(select(CHAIN))}
    assert covered == {one.head.register: 4, two.head.register: 2}


def test_the_independent_verifier_agrees_with_every_checkpoint(
    engine: Engine, pens: list[Pen]
) -> None:
    for turn in range(5):
        write(engine, pens[turn % 2], turn + 1)
        made(engine, later(turn))

    report = verify_database(engine)

    assert report.findings == ()
    assert (report.entries, report.checkpoints) == (15, 5)


def test_processes_that_sign_at_once_never_fork_the_list(engine: Engine, pens: list[Pen]) -> None:
    write(engine, pens[0], 4)
    outcomes: list[Checkpoint | None] = []
    threads = [threading.Thread(target=lambda: outcomes.append(made(engine))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([one for one in outcomes if one]) == 1
    assert verify_database(engine).findings == ()


def test_a_checkpoint_rolled_back_is_made_again(engine: Engine, pens: list[Pen]) -> None:
    write(engine, pens[0], 2)

    def make_and_fail() -> None:
        with writing(engine) as tx:
            checkpoint.make(tx, signers.opened(tx, a_vault(), signers.CHECKPOINT), MORNING)
            1 / 0

    with pytest.raises(ZeroDivisionError):
        make_and_fail()

    again = made(engine)

    assert again is not None
    assert (again.number, again.size) == (1, 2)


def test_a_witness_kept_elsewhere_finds_a_tail_that_was_cut(
    engine: Engine, pens: list[Pen], tmp_path: Path
) -> None:
    write(engine, pens[0], 2)
    first = made(engine)
    assert first is not None
    witness = {name: getattr(first, name) for name in first.__struct_fields__}

    assert verify_database(engine, witness).is_good
    witness["root"] = "00" * 32
    assert not verify_database(engine, witness).is_good
