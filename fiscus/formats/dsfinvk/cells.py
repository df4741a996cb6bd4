"""Values as the files spell them: amounts, times, flags, and one record of a CSV file."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal

from fiscus.model.times import local

LINE_END = "\r\n"
SEPARATOR = ";"
QUOTE = '"'

_WIDE = Context(prec=40, rounding=ROUND_HALF_UP)
_STEPS = tuple(Decimal(1).scaleb(-places) for places in range(6))
_ZEROS = tuple(str(step - step).replace(".", ",") for step in _STEPS)


def number_text(amount: Decimal | int | None, places: int) -> str:
    """`-1234,50`: exactly so many decimals, no thousands mark, no minus before zero."""
    if amount is None:
        return ""
    if type(amount) is int and places == 0:
        return str(amount)
    rounded = Decimal(amount).quantize(_STEPS[places], context=_WIDE)
    return str(rounded).replace(".", ",") if rounded else _ZEROS[places]


def moment_text(at: datetime | None, timezone: str) -> str:
    """RFC 3339 to the second: `2026-03-01T10:15:00+01:00`, or `2026-03-01T09:15:00Z` in UTC."""
    if at is None:
        return ""
    if timezone == "UTC":
        return at.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"
    return local(at, timezone).isoformat(timespec="seconds")


def log_time_text(at: datetime | None) -> str:
    """`2026-03-01T09:05:00.000Z`: the time of a TSE, always in UTC with milliseconds."""
    if at is None:
        return ""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def day_text(day: date | None) -> str:
    return day.isoformat() if day else ""


def flag_text(is_set: bool | None) -> str:
    return "" if is_set is None else "01"[is_set]


def fitting(value: str, length_max: int) -> str:
    """The value if it fits, else nothing: half of a signed text would only raise doubts."""
    return value if len(value) <= length_max else ""


def record(values: Sequence[str]) -> str:
    """One record without its line end. Values are quoted only where they must be."""
    line = SEPARATOR.join(values)
    if _is_plain(line, len(values)):
        return line
    return SEPARATOR.join(quoted(value) for value in values)


def quoted(value: str) -> str:
    """In quotes if a separator, quote, line break or outer space would be misread."""
    must = any(mark in value for mark in ';"\r\n') or value != value.strip(" ")
    return f'"{value.replace(QUOTE, QUOTE * 2)}"' if must else value


def _is_plain(line: str, count: int) -> bool:
    """Nothing in the joined line asks for quotes: one look instead of one for each value."""
    return (
        QUOTE not in line
        and line.count(SEPARATOR) == count - 1
        and "\r" not in line
        and "\n" not in line
        and (
            " " not in line
            or (" ;" not in line and "; " not in line and line[0] != " " and line[-1] != " ")
        )
    )
