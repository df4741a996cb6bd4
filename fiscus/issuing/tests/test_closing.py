"""Closings on a real journal: what is decided, what is counted, and that nothing is lost."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, Engine

from fiscus.devices.pool import DevicePeriod
from fiscus.issuing import closing as closing_of
from fiscus.issuing import signing, unfinished
from fiscus.issuing.closing import ClosingPlan, ahead
from fiscus.issuing.counting import PeriodCount
from fiscus.issuing.tests.sealed import D, a_line, a_seal, cash
from fiscus.journal import closings
from fiscus.journal.tests.bodies import CLOSING, Pen, keep_closing
from fiscus.model.closings import Closing, ClosingGroup
from fiscus.model.documents import ClosingType, DocumentKind, Draft
from fiscus.model.faults import Conflict
from fiscus.model.kinds import EntryKind
from fiscus.model.records import EntryBody
from fiscus.registry import sessions
from fiscus.registry.tests.builders import a_shop, an_id
from fiscus.store.connect import reading, writing
from fiscus.store.schema import SIGNING

replace = msgspec.structs.replace
MIDDAY = datetime(2026, 5, 4, 10, 0, 0, 500_000, tzinfo=UTC)
SHIFT, DAILY, MONTHLY = ClosingType.SHIFT, ClosingType.DAILY, ClosingType.MONTHLY
[DEVICE] = CLOSING.devices
SERVED = DevicePeriod(device=DEVICE, since=CLOSING.since, until=None)


class Till:
    """A register under its lock; keeps what its chain would. A minute passes with each entry."""

    def __init__(self, tx: Connection, cut_off: str = "", at: datetime = MIDDAY) -> None:
        self.tx, self.at = tx, at
        self.shop = a_shop(tx)
        self.pen = Pen(tx, self.shop)
        self.register = self.shop.register
        self.z = self.closed = 0
        location = replace(CLOSING.place.location, cut_off=cut_off)
        self.place = replace(CLOSING.place, location=location)
        self.session: sessions.Session | None = None

    def writes(self, kind: EntryKind = EntryKind.INTENT, **members: Any) -> EntryBody:
        self.at += timedelta(minutes=1)
        self.pen.head.at = self.at
        return self.pen.write(self.tx, kind, **members)

    def sells(
        self, gross: str = "11.90", kind: EntryKind = EntryKind.DOCUMENT, **more: Any
    ) -> EntryBody:
        said = {
            "intent": self.writes().id,
            "draft": Draft(kind=DocumentKind.RECEIPT),
            "seal": a_seal(a_line(gross), paid=[cash(gross)]),
        }
        return self.writes(kind, **(said | more))

    def voids(self, original: EntryBody) -> EntryBody:
        draft = Draft(kind=DocumentKind.CANCELLATION)
        return self.sells(kind=EntryKind.VOID, draft=draft, seal=None, refers=original.id)

    def opens(self) -> sessions.Session:
        self.session = sessions.open_(
            self.tx,
            id_=an_id(),
            register=self.register,
            organization=self.shop.organization,
            currency="EUR",
            opening=D(50),
            intent="i",
            at=self.at,
        )
        return self.session

    def plans(self, type_: ClosingType = SHIFT, has_device: bool = True) -> ClosingPlan:
        still_open = unfinished.operations(
            self.tx,
            self.register,
            has_device=has_device,
            session=self.session.id if self.session else "",
        )
        return closing_of.plan(
            self.tx,
            register=self.register,
            type=type_,
            z=self.z,
            closed=self.closed,
            sequence=self.pen.head.sequence,
            session=self.session,
            still_open=still_open,
        )

    def counts(self, plan: ClosingPlan, memory: PeriodCount | None = None) -> Closing:
        return closing_of.closing(
            self.tx,
            plan,
            place=self.place,
            at=self.at,
            timezone="Europe/Berlin",
            currency="EUR",
            last_sequence=self.pen.head.sequence,
            devices=(SERVED,),
            memory=memory,
        )

    def closes(self, type_: ClosingType = SHIFT, memory: PeriodCount | None = None) -> Closing:
        """From the decision to the journal, as issuing does it."""
        plan = self.plans(type_)
        intent = self.writes().id
        made = self.counts(plan, memory)
        draft = Draft(kind=DocumentKind.CLOSING, closing=type_)
        body = self.writes(EntryKind.CLOSING, intent=intent, draft=draft, closing=made)
        keep_closing(self.tx, body)
        if made.is_sealed:
            self.z, self.closed = made.number, made.last_sequence
        if plan.session:
            sessions.close(self.tx, plan.session, intent, self.at)
            self.session = None
        return made


@pytest.fixture
def till(engine: Engine) -> Any:
    with writing(engine) as tx:
        yield Till(tx)


def test_a_session_in_progress_is_sealed(till: Till) -> None:
    session = till.opens()
    till.sells()
    plan = till.plans()
    made = till.closes()

    assert plan == ClosingPlan(
        register=till.register,
        type=SHIFT,
        is_sealed=True,
        number=1,
        first_z=1,
        last_z=1,
        first_sequence=1,
        session=session.id,
        session_opened_at=session.opened_at,
    )
    assert (made.number, made.is_sealed, made.session) == (1, True, session.id)
    assert (made.first_sequence, made.last_sequence, made.documents) == (1, 3, 1)
    assert made.sales == ClosingGroup(count=1, gross=D("11.90"), vat=D("1.90"))
    assert made.since == datetime(2026, 5, 4, 10, 2, tzinfo=UTC)
    assert made.until == datetime(2026, 5, 4, 10, 3, tzinfo=UTC)
    assert (made.place, made.devices) == (till.place, (DEVICE,))


def test_a_counted_session_is_sealed_too_and_an_empty_one(till: Till) -> None:
    session = till.opens()
    sessions.count(till.tx, session.id, Decimal(0), "i", till.at)
    till.session = sessions.current(till.tx, till.register)

    assert till.closes().documents == 0
    till.opens()
    made = till.closes()
    assert (made.number, made.documents, made.difference) == (2, 0, None)
    assert made.since == datetime(2026, 5, 4, 10, 2, tzinfo=UTC)


def test_without_sessions_a_closing_seals_what_none_covers(till: Till) -> None:
    till.sells()
    first = till.closes(DAILY)
    till.sells()
    till.sells("5.95")
    second = till.closes(DAILY)

    assert (first.number, first.first_sequence, first.last_sequence) == (1, 1, 3)
    assert (second.number, second.first_sequence, second.last_sequence) == (2, 4, 9)
    assert (second.first_z, second.last_z, second.session) == (2, 2, "")
    assert second.sales.gross == D("17.85")


def test_a_day_of_shifts_is_a_report_over_them(till: Till) -> None:
    for gross in ("11.90", "5.95", "1.19"):
        till.opens()
        till.sells(gross)
        till.closes(SHIFT)
    day = till.closes(DAILY)

    assert (day.is_sealed, day.number, day.first_z, day.last_z) == (False, 1, 1, 3)
    assert day.sales == ClosingGroup(count=3, gross=D("19.04"), vat=D("3.04"))
    assert (day.documents, day.session, day.devices) == (3, "", (DEVICE,))
    assert (day.first_sequence, day.since.minute, day.until.minute) == (1, 2, 11)
    till.opens()
    till.sells()
    till.closes(SHIFT)
    again = till.closes(DAILY)
    assert (again.number, again.first_z, again.last_z) == (2, 4, 4)


def test_monthly_closings_only_report_and_have_numbers_of_their_own(till: Till) -> None:
    till.sells()
    till.closes(DAILY)
    till.opens()
    till.sells()
    month = till.closes(MONTHLY)
    assert (month.is_sealed, month.number, month.first_z, month.last_z) == (False, 1, 1, 1)
    assert month.sales.count == 1
    till.closes(SHIFT)
    assert till.closes(ClosingType.ANNUAL).last_z == 2
    month = till.closes(MONTHLY)
    assert (month.number, month.first_z, month.last_z) == (2, 2, 2)


@pytest.mark.parametrize("type_", ClosingType)
def test_where_there_is_nothing_new_there_is_no_closing(till: Till, type_: ClosingType) -> None:
    def refusal() -> str:
        with pytest.raises(Conflict) as refused:
            till.closes(type_)
        return refused.value.code.id

    till.writes()
    assert refusal() == closing_of.NOTHING_NEW.id
    till.sells()
    till.closes(DAILY)
    if type_ is not DAILY:
        till.closes(type_)
    till.writes()
    assert refusal() == closing_of.NOTHING_NEW.id


def test_open_operations_hold_up_what_seals_and_are_named(till: Till) -> None:
    till.sells()
    till.closes(DAILY)
    till.sells()
    intents = []
    for state in (
        signing.DeviceRequestState.OPEN,
        signing.DeviceRequestState.FINISHING,
        signing.DeviceRequestState.OPEN,
    ):
        intents.append(till.writes().id)
        row = {"intent": intents[-1], "register": till.register, "state": state}
        till.tx.execute(SIGNING.insert().values(row))

    for type_ in (SHIFT, DAILY):
        with pytest.raises(Conflict) as refused:
            till.plans(type_)
        assert refused.value.code == closing_of.STILL_OPEN
        assert refused.value.paths == (intents[0], intents[2])
    assert not till.plans(MONTHLY).is_sealed
    assert till.plans(DAILY, has_device=False).is_sealed


def test_operations_of_another_register_hold_nothing_up(till: Till) -> None:
    other = Till(till.tx)
    intent = other.writes().id
    row = {"intent": intent, "register": other.register, "state": signing.DeviceRequestState.OPEN}
    till.tx.execute(SIGNING.insert().values(row))
    till.sells()

    assert till.plans().is_sealed


def test_a_cancellation_in_the_next_period_counts_there_with_its_opposite(till: Till) -> None:
    sale, wrong = till.sells(), till.sells("5.95")
    till.voids(wrong)
    first = till.closes()
    till.voids(sale)
    second = till.closes()

    assert (first.sales.gross, first.returns, first.voids) == (D("11.90"), ClosingGroup(), 1)
    assert second.sales == ClosingGroup()
    assert second.returns == ClosingGroup(count=1, gross=D("-11.90"), vat=D("-1.90"))
    assert (second.documents, second.voids, second.expected) == (1, 1, D("-11.90"))


def test_master_data_and_totals_come_back_as_they_were_made(till: Till) -> None:
    till.sells()
    made = till.closes()
    found = closings.last(till.tx, till.register, sealed=True)

    assert found is not None
    assert found.closing == made


# Counting ahead.


def test_what_was_counted_ahead_is_only_continued(engine: Engine) -> None:
    with writing(engine) as tx:
        till = Till(tx)
        sale = till.sells()
        till.voids(sale)
        till.sells()
    with reading(engine) as tx:
        memory = ahead(tx, till.register, 1)
    before = memory.totals()
    with writing(engine) as tx:
        till.tx = tx
        last = till.sells("5.95")
        till.voids(last)
        plan = till.plans()
        alone, continued = till.counts(plan), till.counts(plan, memory)

    assert memory.counted_to == before.last_sequence == 6
    assert alone == continued
    assert (alone.sales.count, alone.documents) == (1, 5)
    assert memory.totals() == before


def test_a_transaction_that_is_done_again_counts_nothing_twice(engine: Engine) -> None:
    with writing(engine) as tx:
        till = Till(tx)
        till.sells()
    with reading(engine) as tx:
        memory = ahead(tx, till.register, 1)
    saved = (till.pen.head.sequence, till.pen.head.link, till.at)
    found = []
    for gross in ("1.19", "5.95"):
        till.pen.head.sequence, till.pen.head.link, till.at = saved
        with engine.connect() as tx:
            till.tx = tx
            till.sells(gross)
            found.append(till.counts(till.plans(), memory).sales.gross)
            tx.rollback()

    assert found == [D("13.09"), D("17.85")]


def test_what_was_counted_of_another_period_is_left_aside(till: Till) -> None:
    till.sells()
    early = ahead(till.tx, till.register, 1)
    till.closes()
    till.sells("5.95")
    other = PeriodCount(
        register="elsewhere", first_sequence=till.closed + 1, counted_to=till.closed
    )

    for memory in (early, other):
        assert till.counts(till.plans(), memory).sales.gross == D("5.95")


def test_a_closing_over_what_is_not_written_yet_is_a_mistake_of_ours(till: Till) -> None:
    till.sells()
    plan = till.plans()
    till.pen.head.sequence += 1

    with pytest.raises(AssertionError):
        till.counts(plan)


# Days.


@pytest.mark.parametrize(
    ("cut_off", "sold_at", "closed_at", "day"),
    [
        ("", "2026-05-04T21:30:00", "2026-05-04T22:30:00", "2026-05-05"),
        ("04:00", "2026-05-04T21:30:00", "2026-05-04T22:30:00", "2026-05-04"),
        # The automatic closing comes after the cut-off, and closes the day before it.
        ("04:00", "2026-05-04T21:30:00", "2026-05-05T02:00:10", "2026-05-04"),
        ("04:00", "2026-05-04T21:30:00", "2026-05-06T09:00:00", "2026-05-04"),
        ("04:00", "2026-05-05T01:59:59", "2026-05-05T02:10:00", "2026-05-04"),
        ("04:00", "2026-05-05T02:00:00", "2026-05-05T02:10:00", "2026-05-05"),
        ("04:00", "2025-12-31T23:30:00", "2026-01-01T01:00:00", "2025-12-31"),
        ("00:00", "2025-12-31T23:30:00", "2026-01-01T01:00:00", "2026-01-01"),
    ],
)
def test_a_closing_belongs_to_the_business_day_it_ends(
    engine: Engine, cut_off: str, sold_at: str, closed_at: str, day: str
) -> None:
    with writing(engine) as tx:
        start = datetime.fromisoformat(f"{sold_at}+00:00") - timedelta(minutes=2)
        till = Till(tx, cut_off, start)
        till.sells()
        till.at = datetime.fromisoformat(f"{closed_at}+00:00")
        made = till.counts(till.plans())

    assert made.day.isoformat() == day


def test_what_is_sold_between_the_cut_off_and_its_closing_leaves_the_day_its_closing(
    engine: Engine,
) -> None:
    """Else one day would have no closing, and the next one two."""
    with writing(engine) as tx:
        till = Till(tx, "04:00", datetime(2026, 5, 5, 1, 50, tzinfo=UTC))
        till.sells()
        till.at = datetime(2026, 5, 5, 1, 58, 5, tzinfo=UTC)
        till.sells()
        till.at += timedelta(seconds=10)
        first = till.closes(DAILY)
        till.sells()
        till.at = datetime(2026, 5, 6, 2, 0, 10, tzinfo=UTC)
        second = till.closes(DAILY)

    assert [made.day.isoformat() for made in (first, second)] == ["2026-05-04", "2026-05-05"]


def test_with_a_cut_off_an_empty_period_ends_when_it_is_closed(engine: Engine) -> None:
    with writing(engine) as tx:
        till = Till(tx, "04:00", datetime(2026, 5, 5, 1, 0, tzinfo=UTC))
        till.opens()
        till.writes()

        assert till.counts(till.plans()).day.isoformat() == "2026-05-04"


# Every document in exactly one closing.


def test_closings_at_any_moment_cover_every_document_once(till: Till) -> None:
    chance = random.Random(7)
    sold: list[EntryBody] = []
    for _ in range(400):
        match chance.randrange(10):
            case 0 | 1 if till.pen.head.sequence > till.closed:
                if chance.random() < 0.3 and till.session is None:
                    till.opens()
                if till.session or (sold and sold[-1].sequence > till.closed):
                    till.closes(chance.choice((SHIFT, DAILY)))
            case 2:
                till.writes()
            case 3:
                sold.append(till.sells("-1.19", draft=Draft(kind=DocumentKind.CORRECTION)))
            case 4:
                sold.append(till.sells(kind=EntryKind.ABORT, draft=Draft(kind=DocumentKind.ABORT)))
            case 5 if sold and sold[-1].draft and sold[-1].draft.kind is DocumentKind.RECEIPT:
                sold.append(till.voids(sold[-1]))
            case _:
                sold.append(till.sells())
    if till.session or sold[-1].sequence > till.closed:
        till.closes()
    made = list(closings.sealed_between(till.tx, till.register, 0, 10**6))
    kept = [body.closing for body in made if body.closing is not None]
    found = [each.id for body in made for each in closings.covered(till.tx, body)]

    assert [one.number for one in kept] == list(range(1, till.z + 1))
    assert len(kept) > 20
    assert found == [body.id for body in sold]
    assert sum(one.documents for one in kept) == len(sold)
    worth = {body.id: body.seal.gross for body in sold if body.seal and body.draft}
    aborted = {body.id for body in sold if body.draft and body.draft.kind is DocumentKind.ABORT}
    voided = {body.refers for body in sold if body.refers}
    real = sum((gross for id_, gross in worth.items() if id_ not in aborted | voided), D(0))
    assert sum((one.sales.gross + one.returns.gross for one in kept), D(0)) == real
    total = till.closes(MONTHLY)
    assert (total.first_z, total.last_z, total.documents) == (1, till.z, len(sold))
    assert total.sales.gross + total.returns.gross == real
