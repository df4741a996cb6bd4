"""The months' watch over a journal, on both databases."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from fiscus.issuing.tests.counter import Counter
from fiscus.model.kinds import EntryKind
from fiscus.model.places import ReportingMode
from fiscus.reporting import acts, month_listing, months
from fiscus.reporting.month_listing import MonthCounts, MonthFilter
from fiscus.reporting.months import MonthState, MonthView
from fiscus.reporting.tests.authority import ReportingShop, refused
from fiscus.store.connect import reading, writing
from fiscus.store.schema import TAXPAYER

REASON = "issued to the wrong customer"


class MonthlyShop(ReportingShop):
    """The same shop, which may hand in files instead, and looks at its months."""

    def __init__(self, engine: Engine, folder: Path, *, is_realtime: bool = False) -> None:
        super().__init__(engine, folder)
        if not is_realtime:
            self.chooses(ReportingMode.SAFT)

    @property
    def taxpayer(self) -> str:
        return self.counter.shop.taxpayer

    def is_at(self, year: int, month: int, day: int, hour: int = 12) -> None:
        self.clock.now = datetime(year, month, day, hour, tzinfo=UTC)

    def sells_on(self, year: int, month: int, day: int) -> Any:
        """A document that is dated back to that day."""
        sold = self.sells(issued_at=datetime(year, month, day, 12, tzinfo=UTC))
        assert sold.kind == EntryKind.DOCUMENT, sold.faults
        return sold

    def views(self, after: str = "", limit: int = 100, **which: Any) -> list[MonthView]:
        with reading(self.engine) as tx:
            return month_listing.listed(
                tx, MonthFilter(**which), self.clock(), after=after, limit=limit
            )

    def months(self, **which: Any) -> list[tuple[str, str, bool]]:
        return [
            (months.name(one.month), one.state.value, one.is_overdue) for one in self.views(**which)
        ]

    def counts(self) -> MonthCounts:
        with reading(self.engine) as tx:
            return month_listing.counts(tx, self.clock())


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> MonthlyShop:
    """Registered in May 2026; it hands in files."""
    return MonthlyShop(engine, tmp_path)


def test_the_month_of_registration_is_the_first_and_this_one_is_not_over(
    shop: MonthlyShop,
) -> None:
    assert shop.months() == []

    shop.is_at(2026, 6, 1)

    assert shop.months() == [("2026-05", "no-invoicing", False)]
    shop.is_at(2026, 6, 6)
    assert shop.months() == [("2026-05", "no-invoicing", True)]


def test_a_document_from_before_the_registration_begins_the_months(shop: MonthlyShop) -> None:
    """In a series that was taken over, which began elsewhere."""
    with reading(shop.engine) as tx:
        row = tx.execute(select(TAXPAYER)).one()

    owner = month_listing.watched(row, date(2026, 4, 30), shop.clock())

    assert (months.name(owner.first), months.name(owner.last)) == ("2026-04", "2026-04")


def test_months_go_on_over_the_end_of_the_year(shop: MonthlyShop) -> None:
    shop.is_at(2026, 12, 31)
    shop.sells()
    shop.is_at(2027, 1, 1)

    assert shop.months(year=2026)[-2:] == [
        ("2026-11", "no-invoicing", True),
        ("2026-12", "file-due", False),
    ]
    assert shop.views()[-1].due.isoformat() == "2027-01-05"
    shop.is_at(2027, 2, 2)
    assert shop.months(year=2027) == [("2027-01", "no-invoicing", False)]


def test_practice_does_not_count(shop: MonthlyShop) -> None:
    shop.sells(is_training=True)
    shop.is_at(2026, 6, 2)

    assert shop.months() == [("2026-05", "no-invoicing", False)]


def test_in_real_time_a_month_is_reported_once_all_is_accepted(
    engine: Engine, tmp_path: Path
) -> None:
    shop = MonthlyShop(engine, tmp_path, is_realtime=True)
    first, second = shop.sells(), shop.sells()
    shop.is_at(2026, 6, 2)
    assert shop.months() == [("2026-05", "open", False)]
    assert shop.views()[0].facts.waiting == 2

    shop.authority.says = lambda report: refused()
    shop.works()
    facts = shop.views()[0].facts
    assert (facts.waiting, facts.refused) == (0, 2)

    shop.authority.says = shop.authority.takes
    for report in shop.reports():
        with writing(shop.engine) as tx:
            acts.retry(tx, report.id, by="ana", at=shop.clock())
    shop.works()
    assert shop.months() == [("2026-05", "reported", False)]

    shop.cancels(second)
    assert shop.months() == [("2026-05", "open", False)]
    shop.works()
    assert shop.months() == [("2026-05", "reported", False)]

    with writing(shop.engine) as tx:
        acts.delete(tx, shop.ids, shop.reports(first)[0].id, REASON, by="ana", at=shop.clock())
    assert shop.months() == [("2026-05", "reported", False)], "the authority knows it still"
    shop.works()
    assert shop.views()[0].facts.deleted == 1
    assert shop.months() == [("2026-05", "open", False)]


def test_a_month_goes_the_way_that_was_chosen_for_it(shop: MonthlyShop) -> None:
    shop.sells()
    shop.chooses(ReportingMode.REALTIME)
    shop.is_at(2026, 6, 2)
    shop.sells()
    shop.works()
    shop.is_at(2026, 7, 2)

    assert shop.months() == [("2026-05", "file-due", True), ("2026-06", "reported", False)]


def test_who_is_gone_for_good_owes_nothing_of_later_months(shop: MonthlyShop) -> None:
    shop.counter.closes_down()
    shop.is_at(2026, 9, 1)

    assert [month for month, _, _ in shop.months()] == ["2026-05"]


def test_months_are_counted_and_found_by_state(shop: MonthlyShop) -> None:
    shop.sells()
    shop.is_at(2026, 7, 3)

    assert shop.months(states=(MonthState.FILE_DUE,)) == [("2026-05", "file-due", True)]
    assert shop.months(is_overdue=True) == [("2026-05", "file-due", True)]
    counts = shop.counts()
    assert (counts.due, counts.overdue) == (1, 1)
    assert (str(counts.first_due), str(counts.oldest)) == ("2026-07-05", "2026-06-05")
    assert shop.months(taxpayer="nobody") == []


def test_months_come_in_pages(shop: MonthlyShop) -> None:
    shop.is_at(2026, 9, 3)
    found, after = [], ""
    while page := shop.views(after=after, limit=3):
        found += [months.name(one.month) for one in page]
        after = month_listing.cursor(page[-1])

    assert found == ["2026-05", "2026-06", "2026-07", "2026-08"]


def test_a_law_that_wants_no_months_has_none(engine: Engine, tmp_path: Path) -> None:
    counter = Counter(engine, "it", tmp_path)
    counter.clock.move(days=100)

    with reading(engine) as tx:
        assert month_listing.listed(tx, MonthFilter(), counter.clock(), limit=10) == []
        assert month_listing.counts(tx, counter.clock()) == MonthCounts()
