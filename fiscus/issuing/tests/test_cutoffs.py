import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from fiscus.issuing import cutoffs, signing
from fiscus.issuing.cutoffs import business_day, cut_off_of, due, is_cut_off, last_cut_off
from fiscus.journal.tests.bodies import SEAL, Pen
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.kinds import EntryKind
from fiscus.model.places import Location
from fiscus.registry import sessions
from fiscus.registry.tests.builders import Shop, a_shop, an_id
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CHAIN, LOCATION, REGISTER, SIGNING

BERLIN, AZORES = "Europe/Berlin", "Atlantic/Azores"
ZONES = (BERLIN, "Europe/Lisbon", AZORES)
HOURS = [f"{hour:02}:{minute:02}" for hour in range(6) for minute in (0, 30)] + ["06:00"]
HOUR = timedelta(hours=1)


def changes(timezone: str) -> list[date]:
    """The nights of 2024 to 2030 in which the clock changes."""
    here = ZoneInfo(timezone)
    days = [date(2024, 1, 1) + timedelta(days=count) for count in range(7 * 366 - 5)]
    noons = [datetime(on.year, on.month, on.day, 12, tzinfo=here) for on in days]
    return [
        after.date()
        for before, after in itertools.pairwise(noons)
        if before.utcoffset() != after.utcoffset()
    ]


NIGHTS = {timezone: changes(timezone) for timezone in ZONES}


def test_every_zone_has_two_such_nights_a_year() -> None:
    assert {timezone: len(nights) for timezone, nights in NIGHTS.items()} == dict.fromkeys(
        ZONES, 14
    )


@pytest.mark.parametrize("timezone", ZONES)
@pytest.mark.parametrize("cut_off", HOURS)
def test_days_around_a_change_of_the_clock_follow_each_other_and_last_23_to_25_hours(
    timezone: str, cut_off: str
) -> None:
    for night in NIGHTS[timezone]:
        week = [night + timedelta(days=count) for count in range(-3, 4)]
        starts = [cut_off_of(on, timezone, cut_off) for on in week]
        lengths = [after - before for before, after in itertools.pairwise(starts)]

        assert set(lengths) <= {23 * HOUR, 24 * HOUR, 25 * HOUR}
        assert len([length for length in lengths if length != 24 * HOUR]) == 1
        assert sum(lengths, timedelta()) in (143 * HOUR, 145 * HOUR)


@given(
    timezone=st.sampled_from(ZONES),
    cut_off=st.sampled_from(HOURS),
    night=st.integers(0, 13),
    seconds=st.integers(-36 * 3600, 36 * 3600),
    micros=st.integers(0, 999_999),
)
def test_each_instant_belongs_to_exactly_one_business_day(
    timezone: str, cut_off: str, night: int, seconds: int, micros: int
) -> None:
    noon = datetime.combine(NIGHTS[timezone][night], datetime.min.time(), UTC)
    at = noon + timedelta(seconds=seconds, microseconds=micros)
    on = business_day(at, timezone, cut_off)

    begun, ended = (cut_off_of(on + timedelta(days=more), timezone, cut_off) for more in (0, 1))
    assert begun <= at < ended
    assert last_cut_off(at, timezone, cut_off) == begun
    others = [on + timedelta(days=more) for more in (-2, -1, 1, 2)]
    assert not any(
        cut_off_of(other, timezone, cut_off)
        <= at
        < cut_off_of(other + timedelta(days=1), timezone, cut_off)
        for other in others
    )


@given(at=st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)))
def test_a_business_day_never_goes_back(at: datetime) -> None:
    for timezone in ZONES:
        for step in (timedelta(microseconds=1), HOUR, 12 * HOUR):
            before, after = (business_day(one, timezone, "02:30") for one in (at, at + step))
            assert before <= after <= before + timedelta(days=1)


@pytest.mark.parametrize(
    ("timezone", "cut_off", "at", "expected"),
    [
        (BERLIN, "04:00", "2026-01-01T02:59:59+00:00", "2025-12-31T03:00:00+00:00"),
        (BERLIN, "04:00", "2026-01-01T03:00:00+00:00", "2026-01-01T03:00:00+00:00"),
        (BERLIN, "00:00", "2025-12-31T23:00:00+00:00", "2025-12-31T23:00:00+00:00"),
        # In the skipped hour: as late after the change as it would have been before.
        (BERLIN, "02:30", "2026-03-29T01:29:59+00:00", "2026-03-28T01:30:00+00:00"),
        (BERLIN, "02:30", "2026-03-29T01:30:00+00:00", "2026-03-29T01:30:00+00:00"),
        # In the repeated hour: the first of the two.
        (BERLIN, "02:30", "2026-10-25T00:30:00+00:00", "2026-10-25T00:30:00+00:00"),
        (BERLIN, "02:30", "2026-10-25T01:30:00+00:00", "2026-10-25T00:30:00+00:00"),
        # On the Azores midnight itself is skipped, and comes twice.
        (AZORES, "00:00", "2026-03-29T00:59:59+00:00", "2026-03-28T01:00:00+00:00"),
        (AZORES, "00:00", "2026-03-29T01:00:00+00:00", "2026-03-29T01:00:00+00:00"),
        (AZORES, "00:00", "2026-10-25T00:00:00+00:00", "2026-10-25T00:00:00+00:00"),
        (AZORES, "00:00", "2026-10-25T01:10:00+00:00", "2026-10-25T00:00:00+00:00"),
    ],
)
def test_the_last_cut_off_in_the_nights_that_matter(
    timezone: str, cut_off: str, at: str, expected: str
) -> None:
    found = last_cut_off(datetime.fromisoformat(at), timezone, cut_off)

    assert found == datetime.fromisoformat(expected)


def test_one_instant_has_two_business_days_on_the_mainland_and_on_the_azores() -> None:
    at = datetime(2026, 7, 1, 3, 30, tzinfo=UTC)

    assert business_day(at, "Europe/Lisbon", "04:00") == date(2026, 7, 1)
    assert business_day(at, AZORES, "04:00") == date(2026, 6, 30)


def test_without_a_cut_off_the_day_is_the_local_date() -> None:
    assert business_day(datetime(2025, 12, 31, 23, 30, tzinfo=UTC), BERLIN, "") == date(2026, 1, 1)


@pytest.mark.parametrize("text", ["00:00", "04:30", "23:59"])
def test_a_cut_off_is_a_time_of_day(text: str) -> None:
    assert is_cut_off(text)


@pytest.mark.parametrize("text", ["", "24:00", "4:00", "04:60", "04:00:00", "04:00Z", " 04:00"])
def test_anything_else_is_none(text: str) -> None:
    assert not is_cut_off(text)


# Who is due.

NOW = datetime(2026, 5, 5, 5, 0, tzinfo=UTC)
"""Seven o'clock in Berlin."""
CUT = datetime(2026, 5, 5, 2, 0, tzinfo=UTC)


def a_closing_shop(
    tx: Connection, cut_off: str = "04:00", timezone: str = BERLIN, regime: str = "plain"
) -> Shop:
    """A shop whose location is closed by itself."""
    shop = a_shop(tx, regime)
    content = tx.execute(LOCATION.select().where(LOCATION.c.id == shop.location)).one().content
    place = msgspec.structs.replace(
        msgspec.json.decode(content, type=Location), cut_off=cut_off, timezone=timezone
    )
    tx.execute(
        LOCATION.update()
        .where(LOCATION.c.id == shop.location)
        .values(content=msgspec.json.encode(place).decode())
    )
    return shop


def sells(tx: Connection, pen: Pen, at: datetime, **more: Any) -> None:
    pen.head.at = at
    intent = pen.write(tx).id
    draft = Draft(kind=DocumentKind.RECEIPT)
    pen.write(tx, EntryKind.DOCUMENT, intent=intent, draft=draft, seal=SEAL, **more)


def begins(
    tx: Connection, pen: Pen, at: datetime, state: str = signing.DeviceRequestState.OPEN
) -> str:
    """An operation that the device has begun."""
    pen.head.at = at
    intent = pen.write(tx).id
    row = {"intent": intent, "register": pen.head.chain, "state": state}
    tx.execute(SIGNING.insert().values(row))
    return intent


def a_session(tx: Connection, shop: Shop, at: datetime) -> str:
    return sessions.open_(
        tx,
        id_=an_id(),
        register=shop.register,
        organization=shop.organization,
        currency="EUR",
        opening=SEAL.net,
        intent="i",
        at=at,
    ).id


def test_a_register_with_documents_from_before_the_cut_off_is_due(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_closing_shop(tx)
        sells(tx, Pen(tx, shop), CUT - HOUR)

    with reading(engine) as tx:
        assert due(tx, NOW) == [
            cutoffs.DueClosing(
                register=shop.register,
                organization=shop.organization,
                cut_off=CUT,
                has_session=False,
            )
        ]
        assert due(tx, CUT - timedelta(seconds=1)) == []
        assert [one.register for one in due(tx, CUT)] == [shop.register]


def test_what_is_covered_or_came_after_the_cut_off_is_not_due(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_closing_shop(tx)
        pen = Pen(tx, shop)
        sells(tx, pen, CUT - HOUR)
        tx.execute(CHAIN.update().values(closed=pen.head.sequence))
        sells(tx, pen, CUT)
        assert due(tx, NOW) == []
        assert len(due(tx, NOW + 24 * HOUR)) == 1


def test_intentions_alone_are_not_due(engine: Engine) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_closing_shop(tx))
        begins(tx, pen, CUT - HOUR)

        assert due(tx, NOW) == []


def test_a_session_from_before_the_cut_off_is_due_even_if_nothing_was_sold(engine: Engine) -> None:
    with writing(engine) as tx:
        late, early = a_closing_shop(tx), a_closing_shop(tx)
        a_session(tx, late, CUT)
        session = a_session(tx, early, CUT - HOUR)
        [found] = due(tx, NOW)
        assert (found.register, found.has_session) == (early.register, True)
        sessions.count(tx, session, SEAL.net, "i", CUT)
        assert len(due(tx, NOW)) == 1
        sessions.close(tx, session, "i", NOW)
        assert due(tx, NOW) == []


def test_operations_begun_before_the_cut_off_are_named_but_no_customer_at_the_till(
    engine: Engine,
) -> None:
    with writing(engine) as tx:
        pen = Pen(tx, a_closing_shop(tx, regime="de"))
        sells(tx, pen, CUT - 3 * HOUR)
        first = begins(tx, pen, CUT - 2 * HOUR)
        begins(tx, pen, CUT - HOUR, signing.DeviceRequestState.FINISHING)
        second = begins(tx, pen, CUT - HOUR)
        begins(tx, pen, CUT)

        [found] = due(tx, NOW)

    assert found.open_intents == (first, second)


def test_only_locations_with_a_time_of_day_are_closed_by_themselves(engine: Engine) -> None:
    with writing(engine) as tx:
        for cut_off in ("", "25:00", "at night"):
            sells(tx, Pen(tx, a_closing_shop(tx, cut_off)), CUT - HOUR)

        assert due(tx, NOW) == []


def test_only_registers_in_service_are_due(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_closing_shop(tx)
        sells(tx, Pen(tx, shop), CUT - HOUR)
        suspended = REGISTER.update().where(REGISTER.c.id == shop.register)
        tx.execute(suspended.values(mode="SUSPENDED"))

        assert due(tx, NOW) == []


def test_without_a_time_zone_of_its_own_a_location_follows_its_law(engine: Engine) -> None:
    with writing(engine) as tx:
        sells(tx, Pen(tx, a_closing_shop(tx, timezone="")), CUT - HOUR)

        [found] = due(tx, NOW)

    assert found.cut_off == datetime(2026, 5, 5, 4, 0, tzinfo=UTC)


def test_a_fraction_of_a_second_before_the_cut_off_is_before_it(engine: Engine) -> None:
    with writing(engine) as tx:
        sells(tx, Pen(tx, a_closing_shop(tx)), CUT - timedelta(microseconds=1))
        sells(tx, Pen(tx, a_closing_shop(tx)), CUT)

        assert len(due(tx, NOW)) == 1


def test_a_cut_off_late_in_the_evening_ends_its_own_day() -> None:
    afternoon = datetime(2026, 11, 21, 14, 21, tzinfo=UTC)
    after_midnight = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)

    assert business_day(afternoon, "Europe/Berlin", "23:59") == date(2026, 11, 21)
    assert business_day(afternoon, "Europe/Berlin", "04:00") == date(2026, 11, 21)
    assert business_day(after_midnight, "Europe/Berlin", "23:59") == date(2026, 11, 22)
    assert business_day(after_midnight, "Europe/Berlin", "04:00") == date(2026, 11, 21)


def test_a_day_that_ends_at_noon_has_the_date_of_its_end() -> None:
    """Both dates have twelve hours of it. Noon itself begins the next."""
    noon = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)

    assert business_day(noon - timedelta(microseconds=1), BERLIN, "12:00") == date(2026, 11, 21)
    assert business_day(noon, BERLIN, "12:00") == date(2026, 11, 22)
    assert business_day(noon, BERLIN, "11:59") == date(2026, 11, 21)
