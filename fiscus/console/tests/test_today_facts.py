"""A business day as its sums tell it, at each location by its own clock."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, select

from fiscus.console import today_facts
from fiscus.console.documents_facts import DocumentSight
from fiscus.console.tests.shelf import indexed
from fiscus.console.today_facts import SoldDay, SoldGroup, SoldTax, TodayFacts
from fiscus.issuing.tests.counter import Counter, a_cancellation, a_receipt
from fiscus.model.places import Location
from fiscus.registry.versions import as_json
from fiscus.store.connect import reading, writing
from fiscus.store.schema import LOCATION

MONDAY = date(2026, 5, 4)


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


def seen(
    counter: Counter, on: date | None = None, sight: DocumentSight | None = None
) -> TodayFacts:
    mine = sight or DocumentSight(organization=counter.shop.organization)
    with reading(counter.engine) as tx:
        return today_facts.facts(tx, mine, counter.clock(), on)


def closes_at(counter: Counter, cut_off: str, timezone: str = "") -> None:
    """The shop's location gets that cut-off."""
    mine = LOCATION.c.id == counter.shop.location
    with writing(counter.engine) as tx:
        place = msgspec.json.decode(
            tx.execute(select(LOCATION.c.content).where(mine)).scalar_one(), type=Location
        )
        changed = msgspec.structs.replace(place, cut_off=cut_off, timezone=timezone)
        tx.execute(LOCATION.update().where(mine).values(content=as_json(changed)))


def test_sums_are_the_same_from_the_journal_and_from_the_table(counter: Counter) -> None:
    sold = counter.sells(a_receipt())
    counter.sells(a_receipt())
    counter.sells(a_cancellation(sold.id))

    fresh = seen(counter)
    indexed(counter.engine)

    assert seen(counter) == fresh
    [day] = fresh.total
    assert (day.sales.count, day.sales.gross) == (2, Decimal("4.92"))
    assert (day.returns.count, day.returns.gross, day.voids) == (1, Decimal("-2.46"), 1)
    assert day.total == Decimal("2.46")
    [tax] = day.taxes
    assert (tax.code, tax.category, tax.percentage) == ("NOR", "standard", Decimal(23))
    assert (tax.net, tax.vat, tax.gross) == (Decimal("2.00"), Decimal("0.46"), Decimal("2.46"))
    assert [(one.means, one.amount) for one in day.tenders] == [("cash", Decimal("2.46"))]
    assert (day.signed, day.unsigned, day.unasked) == (2, 0, 0)
    assert [hour for hour, value in enumerate(day.hours) if value] == [9]
    assert sum(day.hours) == day.total


def test_the_day_ends_at_the_locations_cut_off(counter: Counter) -> None:
    closes_at(counter, "04:00")
    counter.sells(a_receipt())
    counter.clock.move(hours=17)  # 02:15 of Tuesday in Lisbon
    counter.sells(a_receipt())

    night = seen(counter)
    counter.clock.move(hours=2)  # 04:15
    morning = seen(counter)

    assert (night.day, night.is_today, night.places[0].hour) == (MONDAY, True, 4)
    assert night.total[0].sales.count == 2
    assert (morning.day, morning.total) == (MONDAY + timedelta(days=1), ())
    assert seen(counter, MONDAY).total == night.total


def test_a_day_of_before_is_not_today(counter: Counter) -> None:
    counter.sells(a_receipt())
    counter.clock.move(days=1)
    indexed(counter.engine)

    then = seen(counter, MONDAY)

    assert (then.is_today, then.day, then.yesterday, then.tomorrow) == (
        False,
        MONDAY,
        MONDAY - timedelta(days=1),
        MONDAY + timedelta(days=1),
    )
    assert len(then.total) == 1
    assert seen(counter).total == ()


def test_an_auditors_days_bound_the_day(counter: Counter) -> None:
    counter.sells(a_receipt())
    first, last = MONDAY - timedelta(days=9), MONDAY - timedelta(days=3)
    sight = DocumentSight(organization=counter.shop.organization, first=first, last=last)

    assert (seen(counter, None, sight).day, seen(counter, None, sight).total) == (last, ())
    assert seen(counter, MONDAY, sight).day == last
    assert seen(counter, date(2020, 1, 1), sight).day == first
    assert seen(counter, first, sight).day == first


def test_only_what_a_visitor_may_see_is_added(counter: Counter) -> None:
    counter.sells(a_receipt())
    mine = counter.shop.organization
    for _ in range(2):
        register = counter.shop.register
        own = DocumentSight(organization=mine, registers=(register,))
        assert len(seen(counter, None, own).total) == 1
        assert seen(counter, None, DocumentSight(organization=mine, registers=("x",))).total == ()
        assert seen(counter, None, DocumentSight(organization="another")).total == ()
        indexed(counter.engine)


def test_of_many_locations_the_first_have_a_part_of_their_own(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.sells(a_receipt())
    monkeypatch.setattr(today_facts, "LOCATIONS_MAX", 0)

    found = seen(counter)

    assert (found.places, found.omitted) == ((), 1)
    assert found.total[0].sales.count == 1


def test_what_is_under_no_rate_is_what_the_rates_lack_of_the_total() -> None:
    rate = SoldTax(
        code="1",
        category="standard",
        percentage=Decimal(19),
        net=Decimal("25.20"),
        vat=Decimal("4.80"),
    )
    day = SoldDay(
        currency="EUR",
        sales=SoldGroup(count=7, gross=Decimal("95.00")),
        returns=SoldGroup(count=1, gross=Decimal("-3.50")),
        taxes=(rate,),
    )

    assert (day.vat, day.untaxed) == (Decimal("4.80"), Decimal("61.50"))
    assert day.untaxed + rate.gross == day.total


def test_a_day_that_begins_late_in_the_evening_says_the_minute(counter: Counter) -> None:
    closes_at(counter, "23:59")
    counter.sells(a_receipt())

    [place] = seen(counter).places

    assert (place.cut_off, place.hour) == ("23:59", 0)
