"""What is appended is what the independent verifier finds good, on either engine."""

from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError

from fiscus.journal.append import ChainHead, append, extend
from fiscus.journal.audit import verify_database
from fiscus.journal.tests.bodies import Pen, a_body, contents, later
from fiscus.model.kinds import EntryKind
from fiscus.model.records import GENESIS
from fiscus.model.tests.clock import MORNING
from fiscus.model.times import micros_z
from fiscus.registry.tests.builders import a_shop, another_register
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CHAIN, ENTRY

CONTENTS = st.lists(st.tuples(contents(), st.booleans(), st.integers(0, 3)), max_size=12)

MADE_UP = {"BODY", "INTENT", "OUTAGE", "RELIES", "CLOSING", "ROWS", "HEAD", "DOUBLE"}
"""What a verifier says of contents that no sale has led to: not how they are chained and signed."""


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CONTENTS)
def test_whatever_is_appended_is_proved_by_the_verifier(
    databases: Any, drawn: list[tuple[tuple[EntryKind, dict[str, object]], bool, int]]
) -> None:
    with databases.migrated() as engine:
        with writing(engine) as tx:
            shop = a_shop(tx)
            pens = [Pen(tx, shop), Pen(tx, shop, another_register(tx, shop))]
            at = MORNING
            for (kind, members), is_second, seconds in drawn:
                at = max(at, later(seconds))
                pens[is_second].write(tx, kind, at=at, **members)

        report = verify_database(engine)

        told = {finding.code.split("-")[1] for finding in report.findings}
        assert told <= MADE_UP, report.findings
        with reading(engine) as tx:
            registers = ENTRY.c.chain.in_([pen.head.chain for pen in pens])
            issued = tx.scalar(select(func.count()).select_from(ENTRY).where(registers))
        assert issued == len(drawn)


def test_an_appended_group_moves_the_heads(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_shop(tx))
        records = [pen.next_record(at=later(second)) for second in range(5)]
        append(tx, records, [pen.head])

    with reading(engine) as tx:
        here = pen.head.chain
        chain = tx.execute(select(CHAIN).where(CHAIN.c.id == here)).one()
        mine = select(ENTRY.c.link).where(ENTRY.c.chain == here)
        links = tx.scalars(mine.order_by(ENTRY.c.sequence)).all()
    assert links == [record.link for record in records]
    assert (chain.sequence, chain.link, chain.entry) == (5, links[-1], records[-1].body.id)
    assert chain.at == micros_z(later(4))
    assert [record.body.previous for record in records] == [GENESIS, *links[:-1]]


def test_nothing_to_append_writes_nothing(engine: Engine) -> None:
    with writing(engine) as tx:
        append(tx, [], [])

    with reading(engine) as tx:
        assert tx.scalars(select(ENTRY.c.id)).all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"sequence": 2},
        {"previous": "11" * 32},
        {"chain": "0196a1f2-9999-4c3d-9e4f-0123456789ab"},
        {"epoch": 2},
        {"at": MORNING.astimezone(timezone(timedelta(hours=1)))},
    ],
    ids=str,
)
def test_a_body_that_does_not_continue_its_chain_is_our_own_mistake(
    engine: Engine, wrong: dict[str, Any]
) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_shop(tx))
        body = a_body(**({"chain": pen.head.chain} | wrong))
        with pytest.raises(AssertionError):
            extend(pen.head, pen.key, body)
        assert pen.head.sequence == 0


def test_a_chain_cannot_fork(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_shop(tx))
        pen.write(tx)
    pen.head = ChainHead(chain=pen.head.chain, epoch=1, sequence=0, link=GENESIS, entry="", at=None)

    with pytest.raises(IntegrityError), writing(engine) as tx:
        pen.write(tx)


def test_an_intention_is_concluded_once(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_shop(tx))
        intent = pen.write(tx).id
        pen.write(tx, EntryKind.ABORT, intent=intent)

    with pytest.raises(IntegrityError), writing(engine) as tx:
        pen.write(tx, EntryKind.ABORT, intent=intent)


@pytest.mark.parametrize("what", ["body", "link", "signature", "at"])
def test_the_audit_finds_a_changed_byte_on_either_engine(engine: Engine, what: str) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_shop(tx))
        for _ in range(3):
            pen.write(tx)
    assert verify_database(engine).is_good
    forge(engine, pen.head.chain, what)

    report = verify_database(engine)

    assert not report.is_good
    place = report.findings[0].entry
    assert place is not None
    assert (place.chain, place.sequence) == (pen.head.chain, 2)


def forge(engine: Engine, chain: str, what: str) -> None:
    """What somebody with the database's own key can do: take the trigger away, and write."""
    value = "body || 'x'" if engine.dialect.name == "sqlite" else "body || '\\x78'"
    forged = value if what == "body" else "'2026-05-04T08:15:02Z'" if what == "at" else "'00'"
    with writing(engine) as tx:
        if engine.dialect.name == "sqlite":
            tx.execute(text("DROP TRIGGER entry_no_update"))
        else:
            tx.execute(text("ALTER TABLE entry DISABLE TRIGGER ALL"))
        second = "WHERE chain = :chain AND sequence = 2"
        tx.execute(text(f"UPDATE entry SET {what} = {forged} {second}"), {"chain": chain})
