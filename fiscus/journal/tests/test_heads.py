"""What a process remembers of the ends of chains, and what it refuses to go on from."""

import threading
from functools import partial

import pytest
from sqlalchemy import Engine, select, update

from fiscus.journal import checkpoint
from fiscus.journal.heads import BEHIND, LOG_BEHIND, HeadMemory, KnownHead, SeenState
from fiscus.journal.tests.rows import (
    LOG,
    SIGNER,
    a_chain,
    a_link,
    damaged,
    made,
    write,
    written,
)
from fiscus.model.faults import Conflict
from fiscus.model.tests.clock import MORNING
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CHAIN, ENTRY


@pytest.fixture
def chain(engine: Engine) -> str:
    with writing(engine) as tx:
        a_chain(tx, 0, "installation")
        return a_chain(tx, 1)


def sell(engine: Engine, memory: HeadMemory, chain: str, count: int = 1, salt: str = "") -> int:
    """Write entries as the service does: the row is locked, the head judged, the rows written, and
    what is committed is remembered. Gives the last sequence."""
    with writing(engine) as tx:
        row = tx.execute(
            select(CHAIN.c.epoch, CHAIN.c.sequence, CHAIN.c.link)
            .where(CHAIN.c.id == chain)
            .with_for_update()
        ).one()
        memory.expect(tx, KnownHead(chain, *row))
        sequence, link = written(tx, chain, count, salt)
    memory.wrote([KnownHead(chain, row.epoch, sequence, link)])
    return sequence


def cut(engine: Engine, chain: str, to: int) -> None:
    """Take the newest entries away, and let the head say so."""
    damaged(engine, f"DELETE FROM entry WHERE chain = '{chain}' AND sequence > {to}")
    put_head(engine, chain, to, a_link(chain, to) if to else "0" * 64)


def put_head(engine: Engine, chain: str, sequence: int, link: str, epoch: int = 1) -> None:
    with writing(engine) as tx:
        head = {"sequence": sequence, "link": link, "epoch": epoch}
        tx.execute(update(CHAIN).where(CHAIN.c.id == chain).values(head))


def refused(engine: Engine, memory: HeadMemory, chain: str) -> Conflict:
    """The refusal of the next sale, which left nothing behind."""
    with reading(engine) as tx:
        before = tx.scalars(select(ENTRY.c.link).where(ENTRY.c.chain == chain)).all()
    with pytest.raises(Conflict) as trouble:
        sell(engine, memory, chain)
    with reading(engine) as tx:
        assert tx.scalars(select(ENTRY.c.link).where(ENTRY.c.chain == chain)).all() == before
    return trouble.value


def test_a_chain_goes_on_from_what_was_written(engine: Engine, chain: str) -> None:
    memory = HeadMemory()

    assert [sell(engine, memory, chain, count) for count in (1, 3, 2)] == [1, 4, 6]
    assert memory.stopped == ()


def test_four_entries_cut_under_the_running_service_stop_the_next_sale(
    engine: Engine, chain: str
) -> None:
    memory = HeadMemory()
    sell(engine, memory, chain, 3)
    sell(engine, memory, chain, 5)
    cut(engine, chain, 4)

    trouble = refused(engine, memory, chain)

    assert trouble.code == BEHIND
    assert trouble.paths == (chain, "epoch 1", "sequence 8")
    assert memory.stopped == (chain,)


def test_all_entries_cut_stop_it_too(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    sell(engine, memory, chain, 2)
    cut(engine, chain, 0)

    assert refused(engine, memory, chain).code == BEHIND


def test_another_entry_in_the_last_place_stops_it(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    sell(engine, memory, chain, 3)
    cut(engine, chain, 2)
    with writing(engine) as tx:
        written(tx, chain, 1, "other")

    assert refused(engine, memory, chain).code == BEHIND


def test_what_another_process_wrote_behind_ours_is_gone_on_from(engine: Engine, chain: str) -> None:
    ours, theirs = HeadMemory(), HeadMemory()
    for memory, count in ((ours, 2), (theirs, 3), (ours, 1), (theirs, 1)):
        sell(engine, memory, chain, count)

    assert ours.stopped == theirs.stopped == ()


def test_another_history_that_is_longer_than_ours_stops_it(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    sell(engine, memory, chain, 4)
    cut(engine, chain, 2)
    with writing(engine) as tx:
        written(tx, chain, 7, "other")

    assert refused(engine, memory, chain).code == BEHIND


def test_a_longer_history_without_our_entry_stops_it(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    sell(engine, memory, chain, 4)
    with writing(engine) as tx:
        written(tx, chain, 1)
    damaged(engine, f"DELETE FROM entry WHERE chain = '{chain}' AND sequence = 4")

    assert refused(engine, memory, chain).code == BEHIND


def test_once_refused_a_chain_stays_refused(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    sell(engine, memory, chain, 2)
    put_head(engine, chain, 1, a_link(chain, 1))
    refused(engine, memory, chain)
    put_head(engine, chain, 2, a_link(chain, 2))

    assert refused(engine, memory, chain).code == BEHIND
    assert sell(engine, HeadMemory(), chain) == 3


def test_other_chains_sell_on(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    with writing(engine) as tx:
        other = a_chain(tx, 2)
    sell(engine, memory, chain, 2)
    sell(engine, memory, other, 2)
    cut(engine, chain, 1)
    refused(engine, memory, chain)

    assert sell(engine, memory, other) == 3


def test_what_was_not_committed_is_not_missed(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    sell(engine, memory, chain)

    def fail() -> None:
        with writing(engine) as tx:
            memory.expect(tx, KnownHead(chain, 1, 1, a_link(chain, 1)))
            written(tx, chain, 1)
            1 / 0

    with pytest.raises(ZeroDivisionError):
        fail()

    assert sell(engine, memory, chain) == 2


def test_heads_that_are_told_late_move_nothing_back(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    sell(engine, memory, chain, 2)
    sell(engine, memory, chain, 2)

    memory.wrote([KnownHead(chain, 1, 2, a_link(chain, 2))])

    _, state = memory.state()
    assert state.heads == (KnownHead(chain, 1, 4, a_link(chain, 4)),)


def test_a_chain_without_entries_is_nothing_to_remember(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    with writing(engine) as tx:
        memory.expect(tx, KnownHead(chain, 1, 0, "0" * 64))

    assert memory.state() == (0, SeenState())


def test_the_next_epoch_is_gone_on_from_only_if_it_has_its_first_entry(
    engine: Engine, chain: str
) -> None:
    memory, other = HeadMemory(), HeadMemory()
    sell(engine, memory, chain, 3)
    other.fill(memory.state()[1])
    put_head(engine, chain, 0, "0" * 64, epoch=2)

    assert refused(engine, memory, chain).code == BEHIND

    with writing(engine) as tx:
        first = {**tx.execute(select(ENTRY).where(ENTRY.c.sequence == 1)).one()._mapping}
        tx.execute(ENTRY.insert().values({**first, "id": "r", "epoch": 2, "link": "ab" * 32}))
    put_head(engine, chain, 1, "ab" * 32, epoch=2)
    with writing(engine) as tx:
        other.expect(tx, KnownHead(chain, 2, 1, "ab" * 32))
    assert other.stopped == ()


def test_of_too_many_chains_those_that_were_written_last_are_remembered() -> None:
    memory = HeadMemory(heads_max=2)

    memory.wrote(
        KnownHead(name, 1, sequence, "ab" * 32)
        for name, sequence in (("a", 1), ("b", 1), ("a", 2), ("c", 1))
    )

    assert [head.chain for head in memory.state()[1].heads] == ["a", "c"]


def test_at_the_start_all_that_is_known_is_compared(engine: Engine, chain: str) -> None:
    before = HeadMemory()
    with writing(engine) as tx:
        others = [a_chain(tx, number) for number in range(2, 5)]
    for one in (chain, *others):
        sell(engine, before, one, 3)
    cut(engine, chain, 1)
    sell(engine, HeadMemory(), others[0], 1)
    after = HeadMemory()
    gone = KnownHead("gone", 1, 1, "ab" * 32)
    after.fill(SeenState(heads=(*before.state()[1].heads, gone)))

    with reading(engine) as tx:
        assert after.compare(tx) == tuple(sorted((chain, "gone")))

    assert refused(engine, after, chain).code == BEHIND
    assert sell(engine, after, others[0]) == 5
    assert sell(engine, after, others[1]) == 4


def test_the_count_of_changes_rises_with_what_is_new_alone(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    head = KnownHead(chain, 1, 1, a_link(chain, 1))
    counts = [memory.changes]
    for heads in ([head], [head], [head._replace(sequence=2)], [head]):
        memory.wrote(heads)
        counts.append(memory.changes)

    assert counts == [0, 1, 1, 2, 2]


def seen_log(engine: Engine, memory: HeadMemory) -> None:
    """Make a checkpoint as the service does, and remember its note."""
    with writing(engine) as tx:
        memory.expect_log(tx)
        found = checkpoint.make(tx, SIGNER, LOG, MORNING)
    assert found is not None
    memory.saw_note(found.note)


def test_the_log_goes_on_from_the_newest_note(engine: Engine, chain: str) -> None:
    memory, theirs = HeadMemory(), HeadMemory()
    for who in (memory, memory, theirs, memory):
        write(engine, chain, 2)
        seen_log(engine, who)

    assert not memory.is_log_stopped


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM checkpoint WHERE size = 5",
        "DELETE FROM checkpoint",
        "DELETE FROM tile",
    ],
)
def test_a_log_that_does_not_have_the_newest_note_stands_still(
    engine: Engine, chain: str, statement: str
) -> None:
    memory = HeadMemory()
    write(engine, chain, 3)
    seen_log(engine, memory)
    write(engine, chain, 2)
    seen_log(engine, memory)
    damaged(engine, statement)

    for _ in range(2):
        with pytest.raises(Conflict) as trouble, reading(engine) as tx:
            memory.expect_log(tx)
        assert trouble.value.code == LOG_BEHIND
        assert trouble.value.paths == ("size 5",)
    assert memory.is_log_stopped
    assert [problem.partition(":")[0] for problem in memory.problems] == [LOG_BEHIND.id]


def test_an_older_log_is_noticed_at_the_start(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    write(engine, chain, 3)
    seen_log(engine, memory)
    after = HeadMemory()
    after.fill(memory.state()[1])
    damaged(engine, "DELETE FROM checkpoint")

    with reading(engine) as tx:
        assert memory.compare(tx) == ()
        assert after.compare(tx) == ()

    assert after.is_log_stopped


def test_the_operator_is_told_how_many_chains_stand_still_and_some_of_them(
    engine: Engine,
) -> None:
    memory = HeadMemory()
    assert HeadMemory().problems == ()
    memory.wrote(KnownHead(f"c{number}", 1, 1, "ab" * 32) for number in range(3))
    with reading(engine) as tx:
        memory.compare(tx)
    assert memory.problems[0].endswith("(3: c0, c1, c2)")
    memory.wrote([KnownHead("c3", 1, 1, "ab" * 32)])
    with reading(engine) as tx:
        memory.compare(tx)

    (problem,) = memory.problems
    assert problem.startswith(f"{BEHIND.id}: ")
    assert problem.endswith("(4: c0, c1, c2 …)")


def test_another_log_of_the_same_size_or_larger_stands_still(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    write(engine, chain, 3)
    seen_log(engine, memory)
    damaged(
        engine, *(f"DELETE FROM {name}" for name in ("checkpoint", "leaf_run", "tile", "entry"))
    )
    put_head(engine, chain, 0, "0" * 64)
    with writing(engine) as tx:
        tx.execute(update(CHAIN).values(covered=0))
        written(tx, chain, 4, "other")
    made(engine)

    with pytest.raises(Conflict) as trouble, reading(engine) as tx:
        memory.expect_log(tx)
    assert trouble.value.code == LOG_BEHIND


def test_an_older_note_is_not_remembered_instead_of_a_newer_one(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    write(engine, chain, 1)
    first = made(engine)
    write(engine, chain, 1)
    second = made(engine)
    assert first is not None
    assert second is not None

    for note in (second.note, first.note):
        memory.saw_note(note)

    assert memory.state() == (1, SeenState(note=second.note))


def test_many_threads_sell_in_many_chains(engine: Engine, chain: str) -> None:
    memory = HeadMemory()
    with writing(engine) as tx:
        chains = [chain, *(a_chain(tx, number) for number in (2, 3))]
    threads = [
        threading.Thread(target=partial(sell, engine, memory, one)) for one in chains for _ in "abc"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert memory.stopped == ()
    assert [sell(engine, memory, one) for one in chains] == [4, 4, 4]
