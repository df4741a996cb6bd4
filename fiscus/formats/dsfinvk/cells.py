"""Values as the files spell them: amounts, times, flags, and one record of a CSV file."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import msgspec

from fiscus.model.times import local

LINE_END = "\r\n"
SEPARATOR = ";"
QUOTE = '"'

_WIDE = Context(prec=40, rounding=ROUND_HALF_UP)


def number_speller(places: int) -> Callable[[Any], str]:
    """Spells `-1234,50`: exactly so many decimals, no thousands mark, no minus before zero.

    Numbers without decimals are integers; all may be missing.
    """
    return _amount_speller(places) if places else _whole


def _amount_speller(places: int) -> Callable[[Decimal | None], str]:
    point, step = -places - 1, Decimal(1).scaleb(-places)
    zero = str(step - step).replace(".", ",")

    def spelled(amount: Decimal | None) -> str:
        if amount is None:
            return ""
        text = str(amount)
        if text[point:-places] != ".":
            text = str(amount.quantize(step, context=_WIDE))
        if text[0] == "-" and not text.strip("-0."):
            return zero
        return text.replace(".", ",")

    return spelled


def _whole(number: int | None) -> str:
    return "" if number is None else str(number)


def moment_text(at: datetime | None, timezone: str) -> str:
    """RFC 3339 to the second: `2026-03-01T10:15:00+01:00`, or `2026-03-01T09:15:00Z` in UTC."""
    if at is None:
        return ""
    text = _iso(local(at, timezone))
    return text[:_SECONDS] + ("Z" if text[-1] == "Z" else text[-len("+01:00") :])


def log_time_text(at: datetime | None) -> str:
    """`2026-03-01T09:05:00.000Z`: the time of a TSE, always in UTC with milliseconds."""
    if at is None:
        return ""
    text = _iso(at.astimezone(UTC))
    if text[_SECONDS] == ".":
        return text[: _SECONDS + len(".000")] + "Z"
    return text[:_SECONDS] + ".000Z"


_SECONDS = len("2026-03-01T09:05:00")


def _iso(at: datetime) -> str:
    """As `isoformat` spells it, several times as fast; four of them stand in every receipt."""
    text: str = msgspec.to_builtins(at)
    return text


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
    return SEPARATOR.join([quoted(value) if value and _ODD(value) else value for value in values])


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
