"""A reader of the journal gets each entry once, in order, whoever else reads."""

from typing import Any

from sqlalchemy import Engine

from fiscus.journal import follow
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CHAIN, ENTRY

KINDS = ("intent@1", "document@1")


def filled(engine: Engine, chain: str, sequences: range, organization: str = "o") -> None:
    with writing(engine) as tx:
        if sequences.start == 1:
            tx.execute(CHAIN.insert().values(**a_chain(chain, organization)))
        for sequence in sequences:
            tx.execute(ENTRY.insert().values(**an_entry(chain, sequence, organization)))
        last = sequences.stop - 1
        tx.execute(CHAIN.update().where(CHAIN.c.id == chain).values(sequence=last))


def a_chain(chain: str, organization: str) -> dict[str, Any]:
    return {
        "id": chain,
        "class": "register",
        "organization": organization,
        "epoch": 1,
        "sequence": 0,
        "link": "",
        "entry": "",
        "covered": 0,
    }


def an_entry(chain: str, sequence: int, organization: str) -> dict[str, Any]:
    return {
        "id": f"{chain}-{sequence}",
        "chain": chain,
        "epoch": 1,
        "sequence": sequence,
        "kind": KINDS[sequence % 2],
        "body": b"{}",
        "encoding": 0,
        "link": "",
        "key": "",
        "signature": "",
        "at": "2026-11-16T10:00:00.000000Z",
        "organization": organization,
        "taxpayer": "t",
        "location": "l",
        "is_training": 0,
    }


def read_on(engine: Engine, reader: str, organizations: tuple[str, ...] = ()) -> list[str]:
    with writing(engine) as tx:
        found = []
        for position in follow.behind(tx, reader, "register", organizations):
            assert follow.taken(tx, reader, position)
            found += [row.id for row in follow.entries(tx, position, ("document@1",))]
            follow.advance(tx, reader, position, position.head)
        return found


def test_what_is_new_comes_once_in_order_for_each_reader(engine: Engine) -> None:
    filled(engine, "a", range(1, 6))
    assert read_on(engine, "books") == ["a-1", "a-3", "a-5"]
    assert read_on(engine, "books") == []
    filled(engine, "a", range(6, 8))
    filled(engine, "b", range(1, 3))
    assert read_on(engine, "books") == ["a-7", "b-1"]
    assert read_on(engine, "events") == ["a-1", "a-3", "a-5", "a-7", "b-1"]


def test_chains_of_other_organizations_wait(engine: Engine) -> None:
    filled(engine, "a", range(1, 4), "one")
    filled(engine, "b", range(1, 4), "two")
    assert read_on(engine, "books", ("two",)) == ["b-1", "b-3"]
    assert read_on(engine, "books", ()) == ["a-1", "a-3"]


def test_a_position_that_another_process_has_passed_is_not_taken(engine: Engine) -> None:
    filled(engine, "a", range(1, 4))
    with reading(engine) as tx:
        [stale] = follow.behind(tx, "books", "register")
    read_on(engine, "books")
    with writing(engine) as tx:
        assert not follow.taken(tx, "books", stale)


def test_a_new_epoch_is_read_from_its_beginning(engine: Engine) -> None:
    filled(engine, "a", range(1, 4))
    read_on(engine, "books")
    with writing(engine) as tx:
        tx.execute(CHAIN.update().values(epoch=2, sequence=1))
        tx.execute(ENTRY.insert().values(**an_entry("a", 4, "o") | {"epoch": 2, "sequence": 1}))
        tx.execute(CHAIN.update().values(sequence=1))
    with reading(engine) as tx:
        [position] = follow.behind(tx, "books", "register")
    assert (position.epoch, position.sequence, position.head) == (2, 0, 1)
