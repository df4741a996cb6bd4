"""Which records a period has: by the day they were sealed with, else by when they were entered."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus import regimes
from fiscus.accounting import period_records
from fiscus.accounting.tests.office import Books
from fiscus.issuing.tests.counter import Counter, a_cancellation, a_receipt
from fiscus.model.times import Period, zone
from fiscus.store.connect import reading

LISBON = "Europe/Lisbon"
DAY = date(2026, 5, 6)
MIDNIGHT = datetime(2026, 5, 6, tzinfo=zone(LISBON)).astimezone(UTC)


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


def found(counter: Counter, first: date, last: date) -> dict[str, str | None]:
    """The records of the period, each with what its covering entry was made of."""
    period = Period(first=first, last=last)
    with reading(counter.engine) as tx:
        rows = list(period_records.of(tx, counter.shop.taxpayer, period, regimes.find("pt")))
    assert len({row.id for row in rows}) == len(rows)
    return {row.id: row.origin for row in rows}


def test_each_record_is_in_the_period_of_its_day_with_what_covers_it(counter: Counter) -> None:
    sold = [counter.sells(a_receipt()) for _ in range(4)]
    tick = timedelta(microseconds=1)
    voids = []
    for one, at in zip(
        sold, (MIDNIGHT - tick, MIDNIGHT, MIDNIGHT + timedelta(days=1) - tick, None), strict=True
    ):
        counter.clock.now = at or MIDNIGHT + timedelta(days=1)
        voids.append(counter.sells(a_cancellation(one.id)).id)
    Books(counter).derives()

    assert list(found(counter, DAY, DAY)) == voids[1:3]
    assert found(counter, DAY, DAY) == {void: void for void in voids[1:3]}
    assert list(found(counter, DAY + timedelta(days=1), date.max)) == voids[3:]
    assert set(found(counter, date.min, DAY - timedelta(days=1))) == {
        *(one.id for one in sold),
        voids[0],
    }


def test_what_nothing_covers_is_found_as_well(counter: Counter) -> None:
    sold = counter.sells(a_receipt())
    void = counter.sells(a_cancellation(sold.id))
    counter.sells(a_receipt(is_training=True))

    assert found(counter, date.min, date.max) == {sold.id: None, void.id: None}


def test_records_of_others_are_left_out(engine: Engine, tmp_path: Path) -> None:
    counter, other = (Counter(engine, "pt", tmp_path / name) for name in ("one", "other"))
    sold = other.sells(a_receipt())
    other.sells(a_cancellation(sold.id))

    assert found(counter, date.min, date.max) == {}
