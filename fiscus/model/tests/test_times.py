from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.times import at_seconds, day, instant, local, micros_z, seconds_z, years_later

INSTANTS = st.datetimes(
    min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC)
)


def test_seconds_are_25_characters_in_utc() -> None:
    at = datetime(2026, 5, 4, 9, 15, 1, 999_999, tzinfo=timezone(timedelta(hours=1)))

    assert seconds_z(at) == "2026-05-04T08:15:01+00:00"


def test_seconds_since_1970_are_an_instant_in_utc() -> None:
    assert at_seconds(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert seconds_z(at_seconds(1_777_882_501)) == "2026-05-04T08:15:01+00:00"


@given(INSTANTS)
def test_both_forms_have_a_fixed_length(at: datetime) -> None:
    assert (len(seconds_z(at)), len(micros_z(at))) == (25, 27)


@given(INSTANTS)
def test_micros_come_back_as_they_were(at: datetime) -> None:
    assert instant(micros_z(at)) == at


@given(INSTANTS, INSTANTS)
def test_micros_sort_like_the_instants_they_name(one: datetime, two: datetime) -> None:
    assert (micros_z(one) < micros_z(two)) == (one < two)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        instant("2026-05-04T08:15:01")


def test_any_zone_comes_back_in_utc() -> None:
    assert instant("2026-05-04T10:15:01+02:00") == datetime(2026, 5, 4, 8, 15, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "timezone", "expected"),
    [
        (datetime(2026, 5, 4, 23, 30, tzinfo=UTC), "Europe/Lisbon", date(2026, 5, 5)),
        (datetime(2026, 1, 4, 23, 30, tzinfo=UTC), "Europe/Lisbon", date(2026, 1, 4)),
        (datetime(2026, 5, 4, 23, 30, tzinfo=UTC), "Atlantic/Azores", date(2026, 5, 4)),
        (datetime(2026, 1, 4, 23, 30, tzinfo=UTC), "Europe/Berlin", date(2026, 1, 5)),
    ],
)
def test_a_day_belongs_to_a_time_zone(at: datetime, timezone: str, expected: date) -> None:
    assert day(at, timezone) == expected


def test_the_clocks_of_lisbon_go_back_in_autumn() -> None:
    summer = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    assert local(summer, "Europe/Lisbon").strftime("%H:%M") == "01:30"
    assert local(summer + timedelta(hours=1), "Europe/Lisbon").strftime("%H:%M") == "01:30"


@pytest.mark.parametrize(
    ("on", "years", "expected"),
    [
        (date(2026, 5, 4), -1, date(2025, 5, 4)),
        (date(2026, 5, 4), 10, date(2036, 5, 4)),
        (date(2028, 2, 29), -1, date(2027, 2, 28)),
        (date(2028, 2, 28), 4, date(2032, 2, 28)),
    ],
)
def test_the_same_day_of_another_year(on: date, years: int, expected: date) -> None:
    assert years_later(on, years) == expected
