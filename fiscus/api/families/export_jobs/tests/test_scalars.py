"""Ids, moments, days and money, in and out."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from fiscus.api.families.export_jobs.translate import scalars as out
from fiscus.api.families.export_jobs.wire import scalars as wire

ID, MOMENT, DAY = (TypeAdapter(one) for one in (wire.Id, wire.Moment, wire.Day))
IN_QUERY = TypeAdapter(wire.QueryMoment)


def test_an_id_is_taken_in_any_case() -> None:
    assert ID.validate_python("0196A1F0-5d0c-7A0E-9C55-9a4a5f3d2b10") == (
        "0196a1f0-5d0c-7a0e-9c55-9a4a5f3d2b10"
    )


@pytest.mark.parametrize("text", ["", "7", "0196a1f05d0c7a0e9c559a4a5f3d2b10", "g" * 36])
def test_what_is_no_uuid_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ID.validate_python(text)


@pytest.mark.parametrize(
    "text", ["2026-03-31T08:00:00Z", "2026-03-31T10:00:00+02:00", "2026-03-31T08:00:00.999999999Z"]
)
def test_a_moment_is_one_instant(text: str) -> None:
    instant = wire.at(MOMENT.validate_python(text))

    assert out.moment(instant) == "2026-03-31T08:00:00Z"
    assert wire.at(None) is None
    assert out.moment(None) is None


def test_a_plus_in_a_query_may_arrive_as_a_blank() -> None:
    assert IN_QUERY.validate_python("2026-03-31T10:00:00 02:00") == "2026-03-31T10:00:00+02:00"


@pytest.mark.parametrize(
    "text", ["2026-02-30T08:00:00Z", "2026-03-31T08:00:00", "2026-03-31", "0001-01-01T00:00:00Z"]
)
def test_what_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(text)


def test_a_day_is_one_of_the_calendar() -> None:
    assert DAY.validate_python("2028-02-29") == "2028-02-29"
    with pytest.raises(ValidationError):
        DAY.validate_python("2026-02-29")
    assert out.midnight(date(2026, 3, 5)) == "2026-03-05T00:00:00Z"


def test_moments_are_shown_in_utc_without_parts_of_a_second() -> None:
    at = datetime(2026, 3, 31, 10, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert out.moment(at) == out.moment(at.astimezone(UTC)) == "2026-03-31T08:00:00Z"


@pytest.mark.parametrize(("amount", "cents"), [("18.99", 1899), ("-0.01", -1), ("7", 700)])
def test_money_is_whole_cents_exactly(amount: str, cents: int) -> None:
    assert out.minors(Decimal(amount)) == cents


def test_a_part_of_a_cent_is_no_amount_of_the_books() -> None:
    with pytest.raises(ValueError, match="whole cents"):
        out.minors(Decimal("0.001"))


@pytest.mark.parametrize(
    ("percentage", "rate"), [("19", "0.19"), ("7.00", "0.07"), ("0", "0"), ("100", "1")]
)
def test_a_rate_is_a_fraction(percentage: str, rate: str) -> None:
    assert format(out.fraction(Decimal(percentage)), "f") == rate
