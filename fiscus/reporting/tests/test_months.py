"""How a month is judged, and the calendar of months."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from fiscus.model.places import ReportingMode, ReportingTerm, Taxpayer
from fiscus.regimes import ReportingMonths
from fiscus.registry.tests.builders import an_address
from fiscus.reporting import months
from fiscus.reporting.months import (
    Declaration,
    DeclarationType,
    MonthFacts,
    MonthView,
    WatchedTaxpayer,
)

LAW = ReportingMonths(
    due=lambda month: months.following(month).replace(day=5),
    invoices=frozenset({"FT"}),
    file="saft",
    hand_in="hand it in",
    declare="declare it",
    law="a law",
)
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
FILE, NONE = DeclarationType.FILE, DeclarationType.NO_INVOICING
INVOICED = MonthFacts(has_invoices=True)


def declared(type_: DeclarationType = FILE, latecomers: int = 0) -> Declaration:
    at = datetime(2026, 6, 3, tzinfo=UTC)
    return Declaration(id="1", type=type_, reference="", at=at, by="ana", latecomers=latecomers)


def judged(
    facts: MonthFacts, month: date = MAY, today: date = date(2026, 6, 5), **more: Any
) -> MonthView:
    """In real time from May on."""
    taxpayer = Taxpayer(
        id="1",
        version=1,
        organization="1",
        regime="x",
        legal_name="A",
        address=an_address(),
        reporting=(ReportingTerm(mode=ReportingMode.REALTIME, since=MAY),),
    )
    owner = WatchedTaxpayer(
        taxpayer=taxpayer, law=LAW, number="1", first=APRIL, last=MAY, over=MAY, **more
    )
    return months.judged(owner, month, facts, today)


@pytest.mark.parametrize(
    ("month", "facts", "state"),
    [
        (MAY, INVOICED, "reported"),
        (MAY, MonthFacts(has_invoices=True, waiting=1), "open"),
        (MAY, MonthFacts(has_invoices=True, refused=1), "open"),
        (MAY, MonthFacts(has_invoices=True, deleted=1), "open"),
        (MAY, MonthFacts(), "no-invoicing"),
        (APRIL, INVOICED, "file-due"),
        (APRIL, MonthFacts(), "no-invoicing"),
        (APRIL, MonthFacts(has_invoices=True, declaration=declared()), "done"),
        (APRIL, MonthFacts(declaration=declared(NONE)), "done"),
    ],
)
def test_how_a_month_stands_depends_on_its_documents_and_its_way(
    month: date, facts: MonthFacts, state: str
) -> None:
    assert judged(facts, month).state == state


def test_a_month_is_overdue_the_day_after_it_was_due() -> None:
    assert not judged(INVOICED, APRIL, date(2026, 5, 5)).is_overdue
    assert judged(INVOICED, APRIL, date(2026, 5, 6)).is_overdue
    assert not judged(INVOICED, MAY, date(2027, 1, 1)).is_overdue, "nothing is to be done"


@pytest.mark.parametrize(
    ("facts", "state", "is_reopened"),
    [
        (MonthFacts(has_invoices=True, latecomers=2, declaration=declared()), "file-due", True),
        (
            MonthFacts(has_invoices=True, latecomers=2, declaration=declared(latecomers=2)),
            "done",
            False,
        ),
        (MonthFacts(has_invoices=True, declaration=declared(NONE)), "file-due", True),
    ],
)
def test_what_comes_after_a_declaration_opens_the_month(
    facts: MonthFacts, state: str, is_reopened: bool
) -> None:
    view = judged(facts, APRIL)

    assert (view.state, view.is_reopened) == (state, is_reopened)


def test_a_month_without_invoicing_that_came_to_have_some_may_be_reported_by_itself() -> None:
    view = judged(MonthFacts(has_invoices=True, latecomers=1, declaration=declared(NONE)), MAY)

    assert (view.state, view.is_reopened) == ("reported", False)


@pytest.mark.parametrize(
    ("at", "month"),
    [
        ("2026-05-31T22:59:59", "2026-04"),
        ("2026-05-31T23:30:00", "2026-04"),  # June in Lisbon already
        ("2026-06-01T00:00:00", "2026-05"),
        ("2027-01-01T00:00:00", "2026-12"),
        ("2026-12-31T23:59:59", "2026-11"),
    ],
)
def test_a_month_is_over_when_it_has_ended_there_and_in_utc(at: str, month: str) -> None:
    found = months.last_over(datetime.fromisoformat(at).replace(tzinfo=UTC), "Europe/Lisbon")

    assert months.name(found) == month


def test_months_are_counted_over_the_end_of_the_year() -> None:
    found = [months.name(one) for one in months.between(date(2026, 11, 1), date(2027, 1, 1))]

    assert found == ["2026-11", "2026-12", "2027-01"]
    assert list(months.between(date(2027, 1, 1), date(2026, 12, 1))) == []


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-1", "2026", "2026-05-01", "", "0000-01", "9999-12"]
)
def test_what_is_no_month_is_not_taken(text: str) -> None:
    with pytest.raises(ValueError, match=r"month|format|year"):
        months.named(text)
