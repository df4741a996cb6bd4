"""What is noted with a record, and for whom."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.issuing.answers import QueuedOrder
from fiscus.issuing.issue import carry_out
from fiscus.issuing.tests.counter import a_cancellation, a_correction, a_receipt, done
from fiscus.model.obligations import ReportKind
from fiscus.model.places import ReportingMode
from fiscus.reporting.states import ReportState
from fiscus.reporting.tests.authority import ReportingShop
from fiscus.store.connect import writing


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> ReportingShop:
    return ReportingShop(engine, tmp_path)


def test_a_document_is_noted_with_its_place_in_its_line_and_nothing_is_asked(
    shop: ReportingShop,
) -> None:
    first, second = shop.sells(), shop.sells()

    [told] = shop.reports(second)

    assert (told.kind, told.state, told.channel) == ("document", "pending", "at_portugal")
    assert (told.document_type, told.series, told.number) == ("FR", "LOJA", 2)
    assert told.day == date(2026, 5, 4)
    assert shop.states(first) == ["pending"]
    assert shop.authority.heard == []
    assert shop.tasks() == 1


def test_each_series_has_a_line_of_its_own(shop: ReportingShop) -> None:
    for series in ("A", "B", "A"):
        shop.sells(series)

    assert shop.tasks() == 2


def test_a_correction_is_a_document_of_its_own_series(shop: ReportingShop) -> None:
    sold = shop.sells()

    back = shop.counter.sells(a_correction(sold.id))

    assert [one.kind for one in shop.reports(back)] == [ReportKind.DOCUMENT]


def test_a_cancellation_is_told_of_its_document(shop: ReportingShop) -> None:
    sold = shop.sells()

    shop.cancels(sold)

    assert [one.kind for one in shop.reports(sold)] == ["document", "status"]
    assert [one.number for one in shop.reports(sold)] == [1, 1]


def test_one_cancelled_in_the_group_that_issued_it_is_told_both_ways(shop: ReportingShop) -> None:
    sold = shop.sells()
    counter = shop.counter
    intents = counter.intends(2)
    answers = counter.together(
        counter.issue(a_receipt(), intents[0]), counter.issue(a_cancellation(sold.id), intents[1])
    )

    assert [done(one).body.kind for one in answers] == ["document@1", "void@1"]
    assert shop.states() == ["pending", "pending", "pending"]


def test_practice_is_never_told(shop: ReportingShop) -> None:
    shop.sells(is_training=True)

    assert shop.reports() == []


def test_who_hands_in_a_file_tells_nothing(shop: ReportingShop) -> None:
    shop.chooses(ReportingMode.SAFT)

    sold = shop.sells()
    shop.cancels(sold)

    assert shop.reports() == []
    assert shop.tasks() == 0


def test_a_change_counts_from_the_next_month_on_once_something_was_issued(
    shop: ReportingShop,
) -> None:
    told = shop.sells()
    shop.chooses(ReportingMode.SAFT)
    still = shop.sells()
    shop.clock.move(days=28)

    after = shop.sells()
    shop.cancels(told)

    assert shop.states(still) == ["pending"]
    assert shop.reports(after) == []
    kinds = [one.kind for one in shop.reports(told)]
    assert kinds == ["document", "status"], "what was told is told on the same way"


def test_what_was_rolled_back_is_not_noted(shop: ReportingShop) -> None:
    shop.sells()
    before = shop.reports()

    order = QueuedOrder(order=shop.counter.issue(a_receipt()))

    with writing(shop.engine) as tx:
        carry_out(tx, shop.counter.services, [order])
        tx.rollback()

    assert shop.reports() == before
    assert all(one.state is ReportState.PENDING for one in before)
