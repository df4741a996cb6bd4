"""The date of a document is its day in Lisbon, wherever the till stands."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from fiscus.model.documents import DeliveryPlace, Payment, PaymentMeans
from fiscus.regimes.pt.tests.builders import (
    a_case,
    a_draft,
    a_place,
    a_slot,
    an_address,
    an_invoice,
    broken,
    sealed,
)

AZORES, BERLIN, TOKYO = (timezone(timedelta(hours=hours)) for hours in (-1, 1, 9))


def found(issued_at: datetime, at: datetime, opened_on: date | None = None) -> set[str]:
    draft = a_draft(issued_at=issued_at)
    slot = a_slot(draft, opened_on=opened_on) if opened_on else a_slot(draft)
    return set(broken(a_case(draft, at=at, slot=slot, place=a_place("9500-150"))))


NOW = datetime(2026, 5, 4, 22, 59, 59, tzinfo=UTC)  # 23:59:59 in Lisbon, 22:59:59 on the Azores


@pytest.mark.parametrize(
    ("issued_at", "codes"),
    [
        (NOW, set()),
        (NOW.astimezone(AZORES), set()),
        (NOW.astimezone(TOKYO), set()),  # tomorrow there, today in Lisbon
        (NOW - timedelta(hours=23), set()),
        (NOW + timedelta(seconds=1), {"PT-DATE-02"}),  # midnight in Lisbon
        ((NOW + timedelta(seconds=1)).astimezone(AZORES), {"PT-DATE-02"}),  # still today there
        (NOW + timedelta(days=1), {"PT-DATE-02"}),
    ],
)
def test_no_document_is_dated_after_today_in_lisbon(issued_at: datetime, codes: set[str]) -> None:
    assert found(issued_at, NOW) & {"PT-DATE-02"} == codes


def test_in_the_evening_of_the_azores_a_document_bears_the_day_that_lisbon_has_already() -> None:
    at = datetime(2026, 5, 4, 23, 30, tzinfo=AZORES)
    case = a_case(a_draft(issued_at=at), at=at.astimezone(UTC), place=a_place("9500-150"))

    assert "PT-DATE-02" not in broken(case)
    assert sealed(a_case(a_draft(issued_at=at), at=at.astimezone(UTC))).day.isoformat() == (
        "2026-05-05"
    )


@pytest.mark.parametrize("hour", [0, 1])
def test_the_hour_that_autumn_repeats_is_of_one_day(hour: int) -> None:
    at = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)  # 01:30 in Lisbon, twice

    assert "PT-DATE-02" not in found(at, at)
    assert found(at - timedelta(hours=1), at) & {"PT-DATE-01", "PT-DATE-02"} == set()


@pytest.mark.parametrize(
    ("issued_at", "is_refused"),
    [
        (datetime(2026, 5, 3, 23, 0, tzinfo=UTC), False),  # midnight in Lisbon
        (datetime(2026, 5, 3, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 5, 4, 0, 30, tzinfo=BERLIN), False),
        (datetime(2026, 5, 4, 0, 59, 59, tzinfo=BERLIN), False),
        (datetime(2026, 5, 3, 23, 30, tzinfo=AZORES), False),
    ],
)
def test_a_series_begins_with_its_first_day_in_lisbon(
    issued_at: datetime, is_refused: bool
) -> None:
    opened_on = date(2026, 5, 4)

    assert ("PT-DATE-03" in found(issued_at, NOW, opened_on)) == is_refused


@pytest.mark.parametrize(
    ("on", "is_right"),
    [
        (date(2099, 5, 4), False),
        (date(2026, 6, 5), False),
        (date(2026, 6, 4), True),  # 31 days ahead
        (date(2026, 5, 4), True),
        (date(2025, 5, 4), True),
        (date(2025, 5, 3), False),
    ],
)
def test_the_day_of_supply_is_near_the_document(on: date, is_right: bool) -> None:
    """An operation date in 2099 was taken, and chose the rate."""
    found = broken(a_case(a_draft(supplied_on=on)))

    assert found.get("PT-SUPPLY-01", ()) == (() if is_right else ("supplied_on",))


@pytest.mark.parametrize(
    ("on", "is_right"),
    [(date(2027, 2, 27), False), (date(2027, 2, 28), True), (date(2028, 3, 31), True)],
)
def test_a_year_before_the_last_of_february_is_the_twenty_eighth(on: date, is_right: bool) -> None:
    at = datetime(2028, 2, 29, 9, 0, tzinfo=UTC)
    found = broken(a_case(a_draft(supplied_on=on, issued_at=at), at=at))

    assert ("PT-SUPPLY-01" not in found) is is_right


@pytest.mark.parametrize(
    ("on", "is_right"),
    [
        (date(2025, 5, 3), False),
        (date(2025, 5, 4), True),
        (date(2027, 5, 4), True),
        (date(2027, 5, 5), False),
    ],
)
def test_the_day_of_delivery_is_within_a_year(on: date, is_right: bool) -> None:
    delivery = DeliveryPlace(address=an_address(), on=on)
    found = broken(a_case(an_invoice(delivery=delivery)))

    assert found.get("PT-SUPPLY-02", ()) == (() if is_right else ("delivery.on",))


@pytest.mark.parametrize(
    ("on", "is_right"),
    [
        (date(2026, 5, 3), False),
        (date(2026, 5, 4), True),
        (date(2036, 5, 4), True),
        (date(2036, 5, 5), False),
    ],
)
def test_nothing_falls_due_before_its_document(on: date, is_right: bool) -> None:
    owed = Payment(means=PaymentMeans.OUTSTANDING, amount=Decimal("3.52"), on=on)
    found = broken(a_case(an_invoice(payments=(owed,))))

    assert found.get("PT-SUPPLY-02", ()) == (() if is_right else ("payments[0].on",))
