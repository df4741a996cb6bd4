"""Instants, periods, days: inside, time is an aware UTC datetime; a day belongs to a time zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import msgspec

Clock = Callable[[], datetime]
"""Gives the present instant, aware and in UTC. Read from the wall only in `app.py`."""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Whole days, both included, in the time zone of the taxpayer's regime."""

    first: date
    last: date


@cache
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local(at: datetime, timezone: str) -> datetime:
    return at.astimezone(zone(timezone))


def day(at: datetime, timezone: str) -> date:
    """The calendar day of an instant in a time zone."""
    return local(at, timezone).date()


def at_seconds(seconds: int) -> datetime:
    """The instant so many seconds after the beginning of 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def seconds_z(at: datetime) -> str:
    """`2026-05-04T08:15:01+00:00`: 25 characters, UTC, whole seconds."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def micros_z(at: datetime) -> str:
    """`2026-05-04T08:15:01.000000Z`: 27 characters, UTC; sorts like the instants it names."""
    # Not `strftime`: it writes the year 746 with three digits, which sorts after 2026.
    return _utc(at).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def instant(text: str) -> datetime:
    """The inverse of both; refuses a time without a zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone: {text}")
    return _utc(at)


def _utc(at: datetime) -> datetime:
    """Most are already, and asking is quicker than moving."""
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def years_later(on: date, years: int) -> date:
    """The same day of another year; for the last day of a leap February the one before."""
    if (on.month, on.day) == (2, 29):
        on = on.replace(day=28)
    return on.replace(year=on.year + years)
