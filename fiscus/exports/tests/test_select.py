"""Which closings a period has: from its first midnight on, up to the next one and without it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.exports import select
from fiscus.exports.select import ClosingRange
from fiscus.exports.tests.office import Office, a_kiosk
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.records import EntryBody
from fiscus.model.times import Period, zone
from fiscus.store.connect import reading

BERLIN = "Europe/Berlin"
SECOND = timedelta(seconds=1)
DAY = date(2026, 11, 21)
MIDNIGHT = datetime(2026, 11, 21, tzinfo=zone(BERLIN))


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return a_kiosk(engine, tmp_path)


@pytest.fixture
def office(engine: Engine, tmp_path: Path, kiosk: Kiosk) -> Office:
    return Office(engine, tmp_path, counter=kiosk)


def closed_at(kiosk: Kiosk, at: datetime) -> str:
    kiosk.clock.now = at.astimezone(UTC) - SECOND / 2
    kiosk.sells()
    kiosk.clock.move(milliseconds=500)
    made = kiosk.closes()
    assert made.closing is not None
    assert made.closing.until == at
    return made.id


def selected(
    office: Office, first: date, last: date, part: ClosingRange | None = None
) -> list[str]:
    with reading(office.engine) as tx:
        chosen = select.selection(
            tx,
            office.counter.shop.taxpayer,
            Period(first=first, last=last),
            settings=office.services.settings,
            at=office.clock(),
            progress=lambda: None,
            part=part,
        )
        bodies: list[EntryBody] = [closing for closing, _ in chosen.closings()]
    return [body.id for body in bodies]


def test_a_closing_at_midnight_belongs_to_the_day_that_begins(office: Office, kiosk: Kiosk) -> None:
    """Each closing is in the file of one day: of two days neither has it twice nor nobody."""
    closed_at(kiosk, MIDNIGHT - SECOND)
    first = closed_at(kiosk, MIDNIGHT)
    last = closed_at(kiosk, MIDNIGHT + timedelta(days=1) - SECOND)
    closed_at(kiosk, MIDNIGHT + timedelta(days=1))

    assert selected(office, DAY, DAY) == [first, last]


def test_a_window_holds_the_closings_of_both_its_ends(office: Office, kiosk: Kiosk) -> None:
    closed_at(kiosk, MIDNIGHT - SECOND)
    inside = [closed_at(kiosk, MIDNIGHT + count * SECOND) for count in range(3)]
    closed_at(kiosk, MIDNIGHT + 3 * SECOND)
    part = ClosingRange(register=kiosk.shop.register, since=MIDNIGHT, until=MIDNIGHT + 2 * SECOND)

    assert selected(office, DAY, DAY, part) == inside


def test_a_day_has_the_hours_that_its_time_zone_gives_it() -> None:
    """The night of 25 October 2026 repeats an hour in Berlin."""
    changed = date(2026, 10, 25)
    begin, end = select.bounds(Period(first=changed, last=changed), BERLIN)

    assert begin.isoformat() == "2026-10-25T00:00:00+02:00"
    assert end.isoformat() == "2026-10-26T00:00:00+01:00"


def test_other_taxpayers_closings_are_in_no_selection(
    office: Office, engine: Engine, tmp_path: Path, kiosk: Kiosk
) -> None:
    mine = closed_at(kiosk, MIDNIGHT)
    (folder := tmp_path / "other").mkdir()
    closed_at(Kiosk(engine, folder), MIDNIGHT)

    assert selected(office, DAY, DAY) == [mine]
