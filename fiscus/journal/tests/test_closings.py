from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, Engine, event

from fiscus.journal import closings
from fiscus.journal.tests.bodies import CLOSING, SEAL, Pen, keep_closing
from fiscus.model.closings import Closing
from fiscus.model.documents import ClosingType, DocumentKind, Draft
from fiscus.model.extracts import extract
from fiscus.model.faults import Missing
from fiscus.model.kinds import EntryKind
from fiscus.model.records import EntryBody
from fiscus.registry.tests.builders import a_shop, another_register
from fiscus.store.connect import reading, writing

replace = msgspec.structs.replace
UNTIL = CLOSING.until


class Till:
    """A register that sells and closes; each closing is made an hour after the one before."""

    def __init__(self, tx: Connection, pen: Pen) -> None:
        self.tx, self.pen = tx, pen
        self.z = self.closed = 0

    def sells(self, kind: EntryKind = EntryKind.DOCUMENT, **more: Any) -> EntryBody:
        intent = self.pen.write(self.tx).id
        said = {"draft": Draft(kind=DocumentKind.RECEIPT), "seal": SEAL}
        return self.pen.write(self.tx, kind, intent=intent, **(said | more))

    def closes(self, **more: Any) -> EntryBody:
        """Seals everything since the last Z."""
        self.z += 1
        last = self.pen.head.sequence
        closing = replace(
            CLOSING,
            number=self.z,
            first_z=self.z,
            last_z=self.z,
            first_sequence=self.closed + 1,
            last_sequence=last,
            until=UNTIL + timedelta(hours=self.z),
            **({"session": ""} | more),
        )
        self.closed = last
        return self.writes(closing)

    def reports(self, number: int, first_z: int, type_: ClosingType) -> EntryBody:
        return self.writes(
            replace(
                CLOSING,
                type=type_,
                number=number,
                is_sealed=False,
                first_z=first_z,
                last_z=self.z,
                session="",
                until=UNTIL + timedelta(hours=self.z),
            )
        )

    def writes(self, closing: Closing) -> EntryBody:
        intent = self.pen.write(self.tx).id
        draft = Draft(kind=DocumentKind.CLOSING, closing=closing.type)
        made = self.pen.write(
            self.tx, EntryKind.CLOSING, intent=intent, draft=draft, closing=closing
        )
        keep_closing(self.tx, made)
        return made


def a_till(tx: Connection) -> Till:
    return Till(tx, Pen(tx, a_shop(tx)))


def ids(bodies: Any) -> list[str]:
    return [body.id for body in bodies]


def test_a_closing_is_found_by_its_id_within_its_organization(engine: Engine) -> None:
    with writing(engine) as tx:
        till, other = a_till(tx), a_till(tx)
        made = till.closes()
        unit = till.pen.shop.organization

        assert closings.one(tx, unit, made.id) == made
        for organization, id_ in ((other.pen.shop.organization, made.id), (unit, made.intent)):
            with pytest.raises(Missing):
                closings.one(tx, organization, id_)


def test_closings_are_listed_in_pages_and_by_what_one_asks_for(engine: Engine) -> None:
    with writing(engine) as tx:
        till = a_till(tx)
        shop = till.pen.shop
        beside = Till(tx, Pen(tx, shop, another_register(tx, shop)))
        first, second = till.closes(), till.closes(type=ClosingType.DAILY)
        third = beside.closes()
        report = till.reports(1, 1, ClosingType.MONTHLY)
        a_till(tx).closes()

        def listed(after: str = "", limit: int = 9, **where: Any) -> list[str]:
            return ids(closings.of(tx, shop.organization, after=after, limit=limit, **where))

        assert listed() == ids([first, second, third, report])
        assert listed(limit=2) == ids([first, second])
        assert listed(after=second.id) == ids([third, report])
        assert listed(register=shop.register) == ids([first, second, report])
        assert listed(type=ClosingType.DAILY) == [second.id]
        hour = timedelta(hours=1)
        assert listed(start=UNTIL + 2 * hour) == ids([second, report])
        assert listed(end=UNTIL + hour) == ids([first, third])


def test_the_newest_closing_of_a_kind_is_found(engine: Engine) -> None:
    with writing(engine) as tx:
        till = a_till(tx)
        register = till.pen.head.chain
        assert closings.last(tx, register, sealed=True) is None
        assert closings.reported_to(tx, register, ClosingType.SHIFT) == 0
        assert closings.last_report(tx, register, ClosingType.MONTHLY) == 0

        shifts = [till.closes() for _ in range(3)]
        day = till.closes(type=ClosingType.DAILY)
        month = till.reports(1, 1, ClosingType.MONTHLY)
        annual = till.reports(1, 1, ClosingType.ANNUAL)
        a_till(tx).closes()

        assert closings.last(tx, register, sealed=True) == day
        assert closings.last(tx, register, sealed=True, type=ClosingType.SHIFT) == shifts[-1]
        assert closings.last(tx, register, sealed=False) == annual
        assert closings.last(tx, register, sealed=False, type=ClosingType.MONTHLY) == month
        assert closings.last(tx, register, sealed=False, type=ClosingType.DAILY) is None
        assert closings.reported_to(tx, register, ClosingType.SHIFT) == 3
        assert closings.reported_to(tx, register, ClosingType.DAILY) == 4
        assert closings.reported_to(tx, register, ClosingType.MONTHLY) == 4
        assert closings.last_report(tx, register, ClosingType.MONTHLY) == 1
        assert closings.last_report(tx, register, ClosingType.DAILY) == 0


def test_sealed_closings_come_by_number(engine: Engine) -> None:
    with writing(engine) as tx:
        till = a_till(tx)
        made = [till.closes() for _ in range(12)]
        till.reports(1, 1, ClosingType.MONTHLY)
        register = till.pen.head.chain

        assert ids(closings.sealed_between(tx, register, 3, 11)) == ids(made[3:11])
        assert ids(closings.sealed_between(tx, register, 0, 99)) == ids(made)
        window = (made[4].closing.until, made[9].closing.until)  # type: ignore[union-attr]
        assert ids(closings.in_window(tx, register, *window)) == ids(made[4:10])
        moment = timedelta(microseconds=1)
        narrow = (window[0] + moment, window[1] - moment)
        assert ids(closings.in_window(tx, register, *narrow)) == ids(made[5:9])


def test_a_session_finds_the_closing_that_sealed_it(engine: Engine) -> None:
    with writing(engine) as tx:
        till = a_till(tx)
        register = till.pen.head.chain
        till.closes(session="s-1")
        second = till.closes(session="s-2")
        till.closes()

        assert closings.of_session(tx, register, "s-2") == second
        assert closings.of_session(tx, register, "s-3") is None


def test_a_closing_gives_back_what_it_covers_and_each_document_its_closing(engine: Engine) -> None:
    with writing(engine) as tx:
        till = a_till(tx)
        beside = Till(tx, Pen(tx, till.pen.shop, another_register(tx, till.pen.shop)))
        beside.sells()
        days = []
        for _ in range(3):
            refused = till.sells(EntryKind.REFUSAL, seal=None)
            sold = [
                till.sells(),
                till.sells(draft=Draft(kind=DocumentKind.RECEIPT, is_training=True)),
                till.sells(EntryKind.ABORT),
            ]
            sold.append(till.sells(EntryKind.VOID, refers=sold[0].id))
            till.pen.write(tx, EntryKind.OUTAGE, note="out")
            days.append((sold, till.closes(), refused))
        left, open_ = till.sells(), till.pen.write(tx)

        for sold, made, refused in days:
            found = list(closings.covered(tx, made))
            assert found == [extract(body) for body in sold]
            for body in sold:
                assert closings.covering(tx, body.id) == made
                assert closings.covering(tx, body.intent) == made
            assert closings.covering(tx, refused.id) is None
            assert closings.covering(tx, made.id) is None
        for id_ in (left.id, left.intent, open_.id, "nobody"):
            assert closings.covering(tx, id_) is None


def test_what_other_registers_have_not_closed_is_named(engine: Engine) -> None:
    """Each once, by id; what the register itself will close with this is not among it."""
    with writing(engine) as tx:
        till = a_till(tx)
        beside = Till(tx, Pen(tx, till.pen.shop, another_register(tx, till.pen.shop)))
        own, closed = till.sells(), beside.sells()
        beside.closes()
        open_ = [beside.sells(), beside.sells()]
        wanted = [own.id, open_[1].id, closed.id, open_[0].id, open_[1].id, "nobody"]
        register = till.pen.head.chain

        assert closings.uncovered(tx, register, wanted) == tuple(ids(open_))
        beside.closes()
        assert closings.uncovered(tx, register, wanted) == ()
        assert closings.uncovered(tx, register, []) == ()


def test_a_cancellation_is_read_with_what_it_cancels(engine: Engine) -> None:
    with writing(engine) as tx:
        till = a_till(tx)
        sale = till.sells()
        note = till.sells(refers=sale.id, draft=Draft(kind=DocumentKind.CORRECTION))
        void = till.sells(EntryKind.VOID, refers=sale.id)
        found = list(closings.counted(tx, sale.register, 1, till.pen.head.sequence))

    assert found == [
        (EntryKind.DOCUMENT, sale, None),
        (EntryKind.DOCUMENT, note, None),
        (EntryKind.VOID, void, sale),
    ]


def test_a_closing_without_a_session_keeps_what_it_says(engine: Engine) -> None:
    with writing(engine) as tx:
        made = a_till(tx).closes(difference=Decimal("-0.02"))
    with reading(engine) as tx:
        found = closings.one(tx, made.place.organization, made.id)

    assert found.closing == made.closing


def test_no_look_up_scans_the_journal_or_sorts_it(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("the plan of a small PostgreSQL table is always a scan")
    with writing(engine) as tx:
        till = a_till(tx)
        sold, made = till.sells(), till.closes(session="s-1")
        register, asked = till.pen.head.chain, Asked(tx)
        closings.covering(tx, sold.intent)
        closings.of_session(tx, register, "s-1")
        closings.last(tx, register, sealed=True)
        closings.reported_to(tx, register, ClosingType.SHIFT)
        list(closings.covered(tx, made))
        closings.uncovered(tx, "another", [sold.id])
        list(closings.sealed_between(tx, register, 0, 9))
        steps = asked.plan()

    assert len(steps) >= 8
    assert not [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step], steps


class Asked:
    """The statements of a transaction from now on, and how the database goes about them."""

    def __init__(self, tx: Connection) -> None:
        self.tx = tx
        self.said: list[tuple[str, Any]] = []
        event.listen(tx, "before_cursor_execute", self._note)

    def _note(self, _tx: Any, _cursor: Any, said: str, parameters: Any, *_: Any) -> None:
        self.said.append((said, parameters))

    def plan(self) -> list[str]:
        event.remove(self.tx, "before_cursor_execute", self._note)
        return [
            row.detail
            for said, parameters in self.said
            for row in self.tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", parameters)
        ]
