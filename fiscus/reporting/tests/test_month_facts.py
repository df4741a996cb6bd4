"""What is known of months, counted from the journal and the reports."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.model.places import ReportingMode
from fiscus.reporting import declaring, month_facts
from fiscus.reporting.months import DeclarationType, MonthFacts
from fiscus.reporting.tests.authority import refused
from fiscus.reporting.tests.test_month_listing import MonthlyShop
from fiscus.store.connect import reading, writing

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
INVOICES = ("FR", "FT")


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> MonthlyShop:
    return MonthlyShop(engine, tmp_path, is_realtime=True)


def facts(shop: MonthlyShop, month: date = MAY, invoices: tuple[str, ...] = INVOICES) -> MonthFacts:
    with reading(shop.engine) as tx:
        found = month_facts.of(tx, [shop.taxpayer, "another"], [MAY, JUNE], invoices)
    assert {taxpayer for taxpayer, _ in found} <= {shop.taxpayer}
    return found.get((shop.taxpayer, month), MonthFacts())


def test_nothing_is_known_of_a_month_without_documents(shop: MonthlyShop) -> None:
    shop.sells(is_training=True)

    assert facts(shop) == MonthFacts()


def test_which_documents_are_invoices_the_law_says(shop: MonthlyShop) -> None:
    shop.sells()

    assert facts(shop).has_invoices
    assert not facts(shop, invoices=("FT",)).has_invoices
    assert not facts(shop, JUNE).has_invoices


def test_reports_are_counted_by_how_they_stand(shop: MonthlyShop) -> None:
    for _ in range(2):
        shop.sells()
    shop.authority.says = lambda report: refused()
    shop.works()
    shop.sells()

    assert (facts(shop).waiting, facts(shop).refused, facts(shop).untold) == (1, 2, 3)


def test_what_comes_after_the_month_is_counted_in_the_month_it_is_about(shop: MonthlyShop) -> None:
    first = shop.sells()
    in_time = shop.sells()
    shop.cancels(in_time)
    shop.is_at(2026, 6, 2)
    assert facts(shop).latecomers == 0

    shop.cancels(first)
    shop.cancels(shop.sells_on(2026, 5, 29))
    shop.sells()

    assert (facts(shop).latecomers, facts(shop, JUNE).latecomers) == (3, 0)


def test_the_first_document_is_found_whatever_was_practised_before(shop: MonthlyShop) -> None:
    shop.sells(is_training=True)
    shop.clock.move(days=1)
    sold = shop.sells()
    assert sold.seal is not None

    with reading(shop.engine) as tx:
        found = month_facts.first_days(tx, [shop.taxpayer, "another"])

    assert found == {shop.taxpayer: sold.seal.day}


def test_a_month_is_handed_in_while_somebody_says_so(shop: MonthlyShop) -> None:
    """Not by the declaration that it had no invoicing, nor after it was taken back."""
    shop.chooses(ReportingMode.SAFT)
    shop.is_at(2026, 7, 2)

    def is_handed_in(day: date) -> bool:
        with reading(shop.engine) as tx:
            return month_facts.is_handed_in(tx, shop.taxpayer, day)

    def declare(month: date, type_: DeclarationType) -> None:
        with writing(shop.engine) as tx:
            declaring.declare(tx, shop.ids, shop.taxpayer, month, type_, by="ana", at=shop.clock())

    assert not is_handed_in(MAY)
    declare(MAY, DeclarationType.FILE)
    declare(JUNE, DeclarationType.NO_INVOICING)

    assert [is_handed_in(date(2026, month, 31)) for month in (5, 7)] == [True, False]
    assert not is_handed_in(JUNE)
    with writing(shop.engine) as tx:
        declaring.undo(tx, shop.taxpayer, MAY, "another month was meant", by="ana", at=shop.clock())
    assert not is_handed_in(MAY)
