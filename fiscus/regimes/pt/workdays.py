"""Working days in Portugal: none on weekends and on the holidays of the whole country."""

from datetime import date, timedelta
from functools import cache

_FIXED = (
    (1, 1),
    (4, 25),
    (5, 1),
    (6, 10),
    (8, 15),
    (10, 5),
    (11, 1),
    (12, 1),
    (12, 8),
    (12, 25),
)
_GOOD_FRIDAY, _CORPUS_CHRISTI = timedelta(days=-2), timedelta(days=60)
_DAY = timedelta(days=1)
_FRIDAY = 4


def days_later(day: date, working_days: int) -> date:
    """The last of so many working days after a day."""
    while working_days:
        day += _DAY
        working_days -= _is_working_day(day)
    return day


def _is_working_day(day: date) -> bool:
    return day.weekday() <= _FRIDAY and day not in holidays(day.year)


@cache
def holidays(year: int) -> frozenset[date]:
    """Código do Trabalho, art. 234. Those of a town or of an island count nowhere else and are left
    out here, and so is Carnival, which the law leaves to agreements."""
    easter = _easter(year)
    moving = {easter, easter + _GOOD_FRIDAY, easter + _CORPUS_CHRISTI}
    return frozenset({date(year, month, day) for month, day in _FIXED} | moving)


def _easter(year: int) -> date:
    """The Sunday after the first full moon of spring, by the tables of the Gregorian calendar."""
    golden, century = year % 19, year // 100
    shift = century - century // 4 - (8 * century + 13) // 25
    moon = (shift + 19 * golden + 15) % 30
    moon -= (moon // 28) * (1 - (29 // (moon + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    offset = moon - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))
