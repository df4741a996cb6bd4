"""What derivation asks of a company's books: how documents were covered, and from which day on."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.accounting import books
from fiscus.accounting.books import CompanyBooks, StatedCoverage
from fiscus.accounting.mapping import Coverage
from fiscus.accounting.tests.office import Books
from fiscus.issuing.tests.counter import Counter
from fiscus.store.connect import reading

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PER_CLOSING, PER_DOCUMENT = Coverage.PER_CLOSING, Coverage.PER_DOCUMENT
CHANGED_TWICE = CompanyBooks(
    company="c",
    organization="o",
    regime="de",
    first=date(2026, 5, 4),
    coverages=(
        StatedCoverage(since=AT, coverage=PER_CLOSING),
        StatedCoverage(since=AT + SECOND, coverage=PER_DOCUMENT),
        StatedCoverage(since=AT + 2 * SECOND, coverage=PER_CLOSING),
    ),
)


@pytest.mark.parametrize(
    ("since", "coverage"),
    [
        (None, PER_CLOSING),
        (AT - SECOND, PER_CLOSING),
        (AT, PER_CLOSING),
        (AT + SECOND, PER_DOCUMENT),
        (AT + 2 * SECOND - SECOND / 10, PER_DOCUMENT),
        (AT + 2 * SECOND, PER_CLOSING),
    ],
)
def test_a_period_is_covered_as_was_said_when_it_began(
    since: datetime | None, coverage: Coverage
) -> None:
    assert CHANGED_TWICE.coverage(since) is coverage


def test_books_have_the_days_from_their_first_on() -> None:
    assert not CHANGED_TWICE.has(date(2026, 5, 3))
    assert CHANGED_TWICE.has(date(2026, 5, 4))


def test_what_the_journal_states_is_what_was_said(engine: Engine, tmp_path: Path) -> None:
    counter = Counter(engine, "pt", tmp_path)
    office = Books(counter, since=date(2026, 5, 4))
    begun = counter.clock()
    counter.clock.move(minutes=1)
    office.changes(coverage=PER_CLOSING)

    with reading(engine) as tx:
        found = books.find(tx, office.company)

    assert found is not None
    assert found.coverages == (
        StatedCoverage(since=begun, coverage=PER_DOCUMENT),
        StatedCoverage(since=counter.clock(), coverage=PER_CLOSING),
    )
    assert (found.first, found.regime) == (date(2026, 5, 4), "pt")
    assert found.reader == books.reader_of(office.company)


def test_who_keeps_no_books_has_none(engine: Engine, tmp_path: Path) -> None:
    counter = Counter(engine, "pt", tmp_path)
    with reading(engine) as tx:
        assert books.find(tx, counter.shop.taxpayer) is None
