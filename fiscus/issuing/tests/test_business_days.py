"""B-19: every document in exactly one business day, in nights that are shorter or longer than
others and at the turn of the year: by the clock alone, and with automatic closings."""

import itertools
from collections import Counter as Counted
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from fiscus.issuing import automatic
from fiscus.issuing.cutoffs import business_day, cut_off_of
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.issuing.tests.test_cutoffs import NIGHTS
from fiscus.journal import closings
from fiscus.model.closings import Closing
from fiscus.model.records import EntryBody
from fiscus.registry import locations
from fiscus.registry.locations import LocationChange
from fiscus.registry.views import OperatingMode
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CHAIN

BERLIN, AZORES = "Europe/Berlin", "Atlantic/Azores"
ZONES = (BERLIN, AZORES)
CUT_OFFS = [f"{hour:02}:{minute:02}" for hour in range(6) for minute in (0, 30)]
CUT_OFFS += ["06:00", "23:59"]
HOUR, DAY, TICK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
NEW_YEARS = [date(year, 1, 1) for year in range(2024, 2032)]


def begins(on: date, timezone: str, cut_off: str) -> datetime:
    """When the business day of that date begins: a late cut-off is that of the evening before."""
    return cut_off_of(on - DAY if cut_off == "23:59" else on, timezone, cut_off)


@pytest.mark.parametrize("timezone", ZONES)
@pytest.mark.parametrize("cut_off", CUT_OFFS)
def test_around_each_such_night_days_are_whole_and_follow_each_other(
    timezone: str, cut_off: str
) -> None:
    """The day of every half hour, without asking where days begin."""
    minute = int(cut_off[-2:]) % 30
    for night in [*NIGHTS[timezone], *NEW_YEARS]:
        start = datetime.combine(night - 3 * DAY, time(0, minute), UTC)
        instants = [start + count * HOUR / 2 for count in range(6 * 48)]
        found = [(business_day(at, timezone, cut_off), at) for at in instants]
        days = [list(group) for _, group in itertools.groupby(found, key=lambda one: one[0])]
        dates = [group[0][0] for group in days]
        lengths = [len(group) / 2 for group in days[1:-1]]

        assert dates == [dates[0] + count * DAY for count in range(len(days))]
        assert sorted(set(lengths)) in ([24.0], [23.0, 24.0], [24.0, 25.0])
        assert (set(lengths) != {24.0}) == (night not in NEW_YEARS)
        for group in days[1:]:
            wall = group[0][1].astimezone(ZoneInfo(timezone))
            is_skipped = night in NIGHTS[timezone] and wall.date() == night
            assert f"{wall:%H:%M}" == cut_off or is_skipped


@given(
    timezone=st.sampled_from(ZONES),
    cut_off=st.sampled_from(CUT_OFFS),
    night=st.integers(0, 21),
    seconds=st.lists(st.floats(-60 * 3600, 60 * 3600, allow_nan=False), min_size=1, max_size=30),
)
def test_each_document_is_in_exactly_one_business_day(
    timezone: str, cut_off: str, night: int, seconds: list[float]
) -> None:
    on = [*NIGHTS[timezone], *NEW_YEARS][night]
    midnight = datetime.combine(on, time(), UTC)
    documents = sorted(midnight + timedelta(seconds=one) for one in seconds)
    bounds = [begins(on + count * DAY, timezone, cut_off) for count in range(-5, 6)]
    within = [
        [
            count
            for count, (begun, end) in enumerate(itertools.pairwise(bounds))
            if begun <= at < end
        ]
        for at in documents
    ]
    told = [business_day(at, timezone, cut_off) for at in documents]

    assert [len(one) for one in within] == [1] * len(documents)
    assert told == [on + (one[0] - 5) * DAY for one in within]
    assert told == sorted(told)


class Night(msgspec.Struct, frozen=True, kw_only=True):
    timezone: str
    cut_off: str
    on: date


HARD = [
    Night(timezone=timezone, cut_off=cut_off, on=date.fromisoformat(on))
    for timezone in ZONES
    for cut_off in ("00:00", "02:30", "23:59")
    for on in ("2027-03-28", "2027-10-31", "2028-01-01")
]


def _those(nights: list[Night]) -> list[Any]:
    """Every second one in each run, so that each zone, cut-off and date is there; the others in
    the long one."""
    return [
        pytest.param(night, marks=[pytest.mark.long] if place % 2 else [])
        for place, night in enumerate(nights)
    ]


@pytest.mark.parametrize("night", _those(HARD), ids=lambda night: f"{night.on} {night.cut_off}")
def test_the_house_closes_each_of_these_days_once_with_all_its_documents(
    engine: Engine, night: Night
) -> None:
    """Documents at each end of each day, and at any moment between; the service looks now and
    then, and a minute after each cut-off."""
    counter, chance = Counter(engine), Random(f"{night}")
    move_in(counter, night)
    cuts = [begins(night.on + count * DAY, night.timezone, night.cut_off) for count in range(-2, 4)]
    sold_at = [at for cut in cuts[1:-1] for at in (cut - TICK, cut)]
    sold_at += [cut + HOUR + chance.random() * 20 * HOUR for cut in cuts[:-1] for _ in range(2)]
    looked_at = [cut + after * HOUR + HOUR / 60 for cut in cuts for after in (0, 7, 14)]
    sold: list[EntryBody] = []
    for at in sorted([*sold_at, *looked_at]):
        counter.clock.now = at
        if at in sold_at:
            sold.append(counter.sells(a_receipt()))
        else:
            automatic.close_due(counter.services, counter.channel)
    made = closed(counter)

    assert [one.day for one in made] == [night.on + count * DAY for count in range(-2, 3)]
    assert [one.number for one in made] == [1, 2, 3, 4, 5]
    times = Counted(
        (body.sequence, one.day)
        for one in made
        for body in sold
        if one.first_sequence <= body.sequence <= one.last_sequence
    )
    assert set(times.values()) == {1}
    assert len(times) == len(sold)
    # What is sold at the cut-off itself comes a minute before the service has looked.
    of_next = [body for body in sold if body.at in cuts]
    assert dict(times.keys()) == {
        body.sequence: business_day(body.at, night.timezone, night.cut_off)
        - (DAY if body in of_next else DAY * 0)
        for body in sold
    }
    counter.assert_proved()


def move_in(counter: Counter, night: Night) -> None:
    """The shop's location is in that zone, and closed at that time of day."""
    shop = counter.shop
    with writing(counter.engine) as tx:
        now = locations.read(tx, shop.organization, shop.location)
        there = msgspec.structs.replace(
            now.location, cut_off=night.cut_off, timezone=night.timezone
        )
        for change in (
            LocationChange(mode=OperatingMode.SUSPENDED),
            LocationChange(content=there, mode=OperatingMode.OPERATIVE),
        ):
            now = locations.update(
                tx, shop.organization, now, change, subject="subject-1", at=counter.clock()
            )


def closed(counter: Counter) -> list[Closing]:
    """The sealed closings, in their order."""
    with reading(counter.engine) as tx:
        z = tx.scalar(select(CHAIN.c.z).where(CHAIN.c.id == counter.shop.register)) or 0
        found = closings.sealed_between(tx, counter.shop.register, 0, z)
        return [body.closing for body in found if body.closing is not None]
