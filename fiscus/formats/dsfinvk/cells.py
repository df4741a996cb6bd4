"""Values as the files spell them: amounts, times, flags, and one record of a CSV file."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal

from fiscus.model.times import local

LINE_END = "\r\n"
SEPARATOR = ";"
QUOTE = '"'

_WIDE = Context(prec=40, rounding=ROUND_HALF_UP)


def number_speller(places: int) -> Callable[[Decimal | int | None], str]:
    """Spells `-1234,50`: exactly so many decimals, no thousands mark, no minus before zero."""
    point, step, zero = (
        -places - 1,
        Decimal(1).scaleb(-places),
        "0,00000"[: places + bool(places) + 1],
    )

    def spelled(amount: Decimal | int | None) -> str:
        if amount is None:
            return ""
        text = str(amount)
        if type(amount) is int and not places:
            return text
        if text[point:-places] != ".":
            text = str(Decimal(amount).quantize(step, context=_WIDE))
        if text[0] == "-" and not text.strip("-0."):
            return zero
        return text.replace(".", ",")

    return spelled


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
    return SEPARATOR.join([quoted(value) if _ODD(value) else value for value in values])


def quoted(value: str) -> str:
    return f'"{value.replace(QUOTE, QUOTE * 2)}"'


_ODD = re.compile(r'[;"\r\n]|\A | \Z').search
"""A separator, quote, line break or outer space would be misread without quotes."""


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
