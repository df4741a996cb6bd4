"""Working days and holidays."""

from datetime import date

import pytest

from fiscus.regimes.pt.workdays import days_later, holidays

EASTER = {
    1961: date(1961, 4, 2),
    2000: date(2000, 4, 23),
    2024: date(2024, 3, 31),
    2025: date(2025, 4, 20),
    2026: date(2026, 4, 5),
    2027: date(2027, 3, 28),
    2028: date(2028, 4, 16),
    2038: date(2038, 4, 25),
    2285: date(2285, 3, 22),
}


@pytest.mark.parametrize("year", EASTER)
def test_easter_and_what_moves_with_it(year: int) -> None:
    sunday = EASTER[year]
    moving = {date.fromordinal(sunday.toordinal() + days) for days in (-2, 0, 60)}

    assert moving <= holidays(year)
    assert len(holidays(year)) in (12, 13)  # two may fall on one day


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 11, 16), date(2026, 11, 23)),  # Monday to Monday
        (date(2026, 11, 20), date(2026, 11, 27)),
        (date(2026, 11, 21), date(2026, 11, 27)),  # from a Saturday
        (date(2026, 11, 30), date(2026, 12, 9)),  # over the 1st and the 8th of December
        (date(2026, 12, 23), date(2026, 12, 31)),
        (date(2026, 12, 24), date(2027, 1, 4)),
        (date(2026, 4, 2), date(2026, 4, 10)),  # over Good Friday
        (date(2026, 4, 24), date(2026, 5, 4)),  # over Labour Day
    ],
)
def test_the_fifth_working_day_after(day: date, last: date) -> None:
    assert days_later(day, 5) == last


def test_the_first_and_the_last_days_of_the_calendar_do_no_harm() -> None:
    assert days_later(date(2, 1, 1), 5) > date(2, 1, 1)
    assert days_later(date(9998, 12, 31), 5) > date(9998, 12, 31)


def test_the_holidays_of_a_year_are_those_of_the_labour_code_and_no_others() -> None:
    days = "01-01 04-03 04-05 04-25 05-01 06-04 06-10 08-15 10-05 11-01 12-01 12-08 12-25"

    assert holidays(2026) == {date.fromisoformat(f"2026-{day}") for day in days.split()}
