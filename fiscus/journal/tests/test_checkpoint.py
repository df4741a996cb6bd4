"""Checkpoints: what they cover, that the list never forks, and what they do not sign."""

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import Engine, event, func, select

from conftest import Databases
from fiscus.journal import checkpoint
from fiscus.journal.checkpoint import (
    DAMAGED,
    GAP,
    LEAVES_MAX,
    Checkpoint,
    LeafRun,
)
from fiscus.journal.tests.rows import (
    INSTALLATION,
    LOG,
    SIGNER,
    a_chain,
    a_link,
    a_signer,
    an_entry,
    damaged,
    made,
    write,
    written,
)
from fiscus.journal.tests.test_tree import reference_root
from fiscus.model.faults import Corrupt
from fiscus.model.tests.clock import MORNING
from fiscus.model.times import micros_z
from fiscus.store.connect import reading, writing
from fiscus.store.log_schema import CHECKPOINT, LEAF_RUN, TILE
from fiscus.store.schema import CHAIN, ENTRY
from fiscus.transparency import checkpoints, notes

TABLES = (CHAIN, CHECKPOINT, LEAF_RUN, TILE)


@pytest.fixture
def chains(engine: Engine) -> tuple[str, str, str]:
    """The installation's chain and those of two registers, in the order of their ids."""
    with writing(engine) as tx:
        return a_chain(tx, 0, "installation"), a_chain(tx, 1), a_chain(tx, 2)


def runs(engine: Engine) -> list[tuple[object, ...]]:
    with reading(engine) as tx:
        return [tuple(row) for row in tx.execute(select(LEAF_RUN).order_by(LEAF_RUN.c.start))]


def links(*spans: tuple[str, int, int]) -> list[bytes]:
    return [
        bytes.fromhex(a_link(chain, sequence))
        for chain, first, last in spans
        for sequence in range(first, last + 1)
    ]


def test_nothing_new_gives_no_checkpoint(engine: Engine, chains: tuple[str, ...]) -> None:
    assert made(engine) is None
    assert made(engine, heartbeat=True) is None
    write(engine, chains[0], 2)
    assert made(engine) is not None
    assert made(engine) is None
    with reading(engine) as tx:
        assert tx.scalar(select(func.count()).select_from(CHECKPOINT)) == 1


def test_a_heartbeat_gives_the_newest_one_again_and_writes_nothing(
    engine: Engine, chains: tuple[str, ...]
) -> None:
    write(engine, chains[0], 2)
    first = made(engine)
    with reading(engine) as tx:
        before = [tx.execute(select(table)).all() for table in TABLES]

    again = made(engine, heartbeat=True)

    assert again == first
    with reading(engine) as tx:
        assert [tx.execute(select(table)).all() for table in TABLES] == before


def test_each_checkpoint_covers_what_came_since_the_last_one(
    engine: Engine, chains: tuple[str, ...]
) -> None:
    root, one, two = chains
    write(engine, two, 3)
    first = made(engine)
    write(engine, two, 1)
    write(engine, root, 1)
    write(engine, one, 2)
    second = made(engine)

    assert first is not None
    assert second is not None
    assert (first.size, second.size) == (3, 7)
    assert runs(engine) == [
        (1, 0, two, 1, 1, 3),
        (1, 3, root, 1, 1, 1),
        (1, 4, one, 1, 1, 2),
        (1, 6, two, 1, 4, 4),
    ]
    leaves = links((two, 1, 3), (root, 1, 1), (one, 1, 2), (two, 4, 4))
    assert checkpoints.parse(notes.parse(second.note.encode()).text) == checkpoints.TreeHead(
        origin=LOG.origin, size=7, root=reference_root(leaves)
    )
    with reading(engine) as tx:
        assert checkpoint.newest(tx) == second
        covered = {row.id: row.covered for row in tx.execute(select(CHAIN))}
    assert covered == {root: 1, one: 2, two: 4}


def test_the_note_is_signed_by_the_log_under_its_own_name(
    engine: Engine, chains: tuple[str, ...]
) -> None:
    write(engine, chains[0], 1)

    found = made(engine)

    assert found is not None
    assert found.at == micros_z(MORNING)
    lines = found.note.split("\n")
    assert lines[:4] == [f"fiscus/{INSTALLATION}/journal/1", "1", found.root, ""]
    assert lines[4].startswith(f"— fiscus/{INSTALLATION}/journal/1 ")
    assert lines[5:] == [""]
    note, key = notes.parse(found.note.encode()), checkpoint.log_key(LOG, SIGNER)
    assert len(notes.verified(note, [notes.parse_key(key.text())])) == 1
    assert notes.verified(note, [checkpoint.log_key(LOG, a_signer())]) == ()


def test_the_log_has_the_name_of_the_installations_chain(
    engine: Engine, chains: tuple[str, ...]
) -> None:
    with reading(engine) as tx:
        assert checkpoint.log_name(tx) == LOG


def test_before_the_installation_has_its_chain_there_is_no_log(engine: Engine) -> None:
    assert checkpoint.make_all(partial(writing, engine), SIGNER, MORNING) == 0


def test_processes_that_sign_at_once_never_fork_the_list(
    engine: Engine, chains: tuple[str, ...]
) -> None:
    write(engine, chains[1], 4)
    outcomes: list[Checkpoint | None] = []
    threads = [threading.Thread(target=lambda: outcomes.append(made(engine))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 5
    assert len([one for one in outcomes if one]) == 1
    assert runs(engine) == [(1, 0, chains[1], 1, 1, 4)]


def test_rows_are_locked_in_the_order_in_which_a_sale_locks_them(
    engine: Engine, databases: Databases
) -> None:
    """A sale has its register's row and waits for its organization's, whose id is smaller."""
    if not databases.is_postgres:
        pytest.skip("SQLite has one writer at a time")
    with writing(engine) as tx:
        a_chain(tx, 0, "installation")
        organization, register = a_chain(tx, 1, "organization"), a_chain(tx, 2)
        for chain in (organization, register):
            written(tx, chain, 1)
    outcomes: list[Checkpoint | None] = []
    other = threading.Thread(target=lambda: outcomes.append(made(engine)))
    with writing(engine) as tx:
        lock = select(CHAIN.c.id).with_for_update()
        tx.execute(lock.where(CHAIN.c.id == register))
        other.start()
        other.join(0.5)
        assert other.is_alive()
        tx.execute(lock.where(CHAIN.c.id == organization))
    other.join()

    assert [one.size for one in outcomes if one] == [2]


def test_a_checkpoint_rolled_back_is_made_again(engine: Engine, chains: tuple[str, ...]) -> None:
    write(engine, chains[1], 2)

    def make_and_fail() -> None:
        with writing(engine) as tx:
            checkpoint.make(tx, SIGNER, LOG, MORNING)
            1 / 0

    with pytest.raises(ZeroDivisionError):
        make_and_fail()

    again = made(engine)

    assert again is not None
    assert again.size == 2


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ([("a", 1, LEAVES_MAX)], [("a", 1, LEAVES_MAX)]),
        ([("a", 1, LEAVES_MAX + 1)], [("a", 1, LEAVES_MAX)]),
        ([("a", 1, LEAVES_MAX), ("b", 1, 1)], [("a", 1, LEAVES_MAX)]),
        ([("a", 1, LEAVES_MAX - 1), ("b", 3, 9)], [("a", 1, LEAVES_MAX - 1), ("b", 3, 3)]),
        ([], []),
    ],
)
def test_one_checkpoint_covers_a_bounded_number_of_entries(
    given: list[tuple[str, int, int]], kept: list[tuple[str, int, int]]
) -> None:
    found = checkpoint.bounded([LeafRun(chain, 1, first, last) for chain, first, last in given])

    assert [(run.chain, run.first, run.last) for run in found] == kept


def test_a_long_backlog_takes_several_checkpoints(
    engine: Engine, chains: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "LEAVES_MAX", 2)
    write(engine, chains[1], 5)

    assert checkpoint.make_all(partial(writing, engine), SIGNER, MORNING) == 3
    assert checkpoint.make_all(partial(writing, engine), SIGNER, MORNING) == 0
    with reading(engine) as tx:
        newest = checkpoint.newest(tx)
        sizes = tx.scalars(select(CHECKPOINT.c.size).order_by(CHECKPOINT.c.size)).all()
    assert newest is not None
    assert (newest.size, sizes) == (5, [2, 4, 5])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM checkpoint WHERE size = 3",
        "DELETE FROM checkpoint",
        "DELETE FROM leaf_run WHERE start = 2",
        "UPDATE checkpoint SET root = 'AAAA' WHERE size = 3",
        "DELETE FROM tile",
        "UPDATE checkpoint SET note = replace(note, '/journal/', '/Journal/')",
        "UPDATE checkpoint SET note = 'no note'",
        "UPDATE chain SET covered = covered - 1 WHERE covered = 3",
        "UPDATE chain SET covered = covered + 1 WHERE covered = 3",
    ],
)
def test_a_log_that_was_meddled_with_does_not_go_on(
    engine: Engine, chains: tuple[str, ...], statement: str
) -> None:
    write(engine, chains[1], 2)
    made(engine)
    write(engine, chains[1], 1)
    made(engine)
    write(engine, chains[1], 2)
    damaged(engine, statement)
    with reading(engine) as tx:
        before = [tx.execute(select(table)).all() for table in TABLES]

    with pytest.raises(Corrupt):
        made(engine)

    with reading(engine) as tx:
        assert [tx.execute(select(table)).all() for table in TABLES] == before


def test_a_node_that_was_changed_is_not_signed(engine: Engine, chains: tuple[str, ...]) -> None:
    write(engine, chains[1], 2)
    made(engine)
    write(engine, chains[1], 1)
    with writing(engine) as tx:
        tx.execute(TILE.update().values(hashes=bytes(64)))

    with pytest.raises(Corrupt) as trouble:
        made(engine)

    assert trouble.value.code == DAMAGED


def test_another_key_does_not_go_on_with_the_log(engine: Engine, chains: tuple[str, ...]) -> None:
    write(engine, chains[1], 1)
    made(engine)
    write(engine, chains[1], 1)

    with pytest.raises(Corrupt) as trouble:
        made(engine, a_signer())

    assert trouble.value.code == DAMAGED


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_a_gap_in_a_chain_is_never_covered_up(
    engine: Engine, chains: tuple[str, ...], gone: int
) -> None:
    write(engine, chains[1], 3)
    damaged(engine, f"DELETE FROM entry WHERE sequence = {gone}")

    with pytest.raises(Corrupt) as trouble:
        made(engine)

    assert trouble.value.code == GAP
    assert f"sequence {gone}" in trouble.value.paths


def test_what_a_checkpoint_costs_does_not_grow_with_the_journal(
    engine: Engine, chains: tuple[str, ...]
) -> None:
    """Statements and rows that it asks for: after ten entries and after twenty thousand."""
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    counts = []
    for count in (10, 20_000):
        write(engine, chains[1], count)
        made(engine)
        write(engine, chains[1], 10)
        asked.clear()
        made(engine)
        counts.append(len(asked))

    assert counts[1] == counts[0]
    with reading(engine) as tx:
        assert tx.scalar(select(func.count()).select_from(ENTRY)) == 20_030


def test_many_short_runs_and_long_ones_become_the_leaves_in_their_order(engine: Engine) -> None:
    counts = {number: (250 if number % 40 == 7 else number % 3) for number in range(1, 161)}
    with writing(engine) as tx:
        a_chain(tx, 0, "installation")
        chains = {number: a_chain(tx, number) for number in counts}
        for number, count in counts.items():
            written(tx, chains[number], count)

    found = made(engine)

    leaves = links(*((chains[number], 1, count) for number, count in counts.items()))
    assert found is not None
    assert checkpoints.parse(notes.parse(found.note.encode()).text).root == reference_root(leaves)
    assert found.size == len(leaves)


@pytest.mark.alone
@pytest.mark.long  # A journal of two hundred thousand entries takes seconds to write.
def test_how_long_checkpoints_and_proofs_take(
    engine: Engine, chains: tuple[str, ...], record_property: Callable[[str, object], None]
) -> None:
    took: dict[str, list[float]] = {"full": [], "ten": [], "proof": []}

    def proof() -> str | None:
        with reading(engine) as tx:
            return checkpoint.proof_of(tx, an_entry(chains[1], 777))

    def timed(name: str, act: Callable[[], object]) -> None:
        begun = time.perf_counter()
        assert act() is not None
        took[name].append(time.perf_counter() - begun)

    for _ in range(10):
        write(engine, chains[1], LEAVES_MAX)
        timed("full", lambda: made(engine))
        write(engine, chains[2], 10)
        timed("ten", lambda: made(engine))
        timed("proof", proof)

    for name, seconds in took.items():
        shown = ", ".join(f"{one * 1000:.1f}" for one in seconds)
        record_property("figures", f"checkpoint, {name}: {shown} ms")
    assert sorted(took["proof"])[5] <= 0.05
    assert sorted(took["ten"][5:])[2] <= 0.1
