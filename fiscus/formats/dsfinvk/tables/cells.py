"""Values as the files spell them: amounts, times, flags, and one record of a CSV file."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

import msgspec

from fiscus.model.times import local

LINE_END = "\r\n"
SEPARATOR = ";"
QUOTE = '"'

_WIDE = Context(prec=40, rounding=ROUND_HALF_UP)


class AmountSpelling(dict[str, str]):
    """Spells amounts as `-1234,50`: exactly so many decimals, no thousands mark, no minus before
    zero. It is asked for the text of a Decimal, or of None.

    Many amounts come again, so each is remembered by its text (the hash of a Decimal takes
    longer than to spell it). When there are too many, all are forgotten.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._step = Decimal(1).scaleb(-places)
        self._zero = self._step - self._step

    def __missing__(self, amount: str) -> str:
        if len(self) >= _AMOUNTS_MAX:
            self.clear()
        self[amount] = spelled = "" if amount == str(None) else self._spelled(amount)
        return spelled

    def _spelled(self, amount: str) -> str:
        """Most amounts lack a few decimals at most; only the others are worth an arithmetic."""
        whole, _, decimals = amount.partition(".")
        if amount[0] != "-" and (whole + decimals).isdigit() and len(decimals) <= self._places:
            return f"{whole},{decimals:0<{self._places}}"
        return self._rounded(Decimal(amount))

    def _rounded(self, amount: Decimal) -> str:
        """Adding zero gives missing decimals and takes the minus from a zero."""
        rounded = amount.quantize(self._step, context=_WIDE)
        return str(_WIDE.add(rounded, self._zero)).replace(".", ",")


_AMOUNTS_MAX = 1 << 15


def moment_text(at: datetime | None, timezone: str) -> str:
    """RFC 3339 to the second: `2026-03-01T10:15:00+01:00`, or `2026-03-01T09:15:00Z` in UTC."""
    if at is None:
        return ""
    text = _iso(at)
    hour = _hour(text[:_HOUR], timezone) if text[-1] == "Z" else None
    if hour is None:
        return _shifted(at, timezone)
    return f"{hour[0]}{text[_HOUR:_SECONDS]}{hour[1]}"


@lru_cache(1 << 10)
def _hour(text: str, timezone: str) -> tuple[str, str] | None:
    """What an hour of UTC is called in a zone, and the offset: two times of each receipt are
    spelled, and most share theirs with many others. None where more than the hour is another."""
    begin = datetime.fromisoformat(f"{text}:00:00+00:00")
    spelled = _shifted(begin, timezone)
    last = _shifted(begin + timedelta(minutes=59, seconds=59), timezone)
    if last != f"{spelled[:_HOUR]}:59:59{spelled[_SECONDS:]}":
        return None
    return spelled[:_HOUR], spelled[_SECONDS:]


def _shifted(at: datetime, timezone: str) -> str:
    text = _iso(local(at, timezone))
    return text[:_SECONDS] + ("Z" if text[-1] == "Z" else text[-len("+01:00") :])


def log_time_text(at: datetime | None) -> str:
    """`2026-03-01T09:05:00.000Z`: the time of a TSE, always in UTC with milliseconds."""
    if at is None:
        return ""
    text = _iso(at)
    if text[-1] != "Z":
        text = _iso(at.astimezone(UTC))
    if text[_SECONDS] == ".":
        return text[: _SECONDS + len(".000")] + "Z"
    return text[:_SECONDS] + ".000Z"


_HOUR = len("2026-03-01T09")
_SECONDS = len("2026-03-01T09:05:00")


def _iso(at: datetime) -> str:
    """As `isoformat` spells it, several times as fast; four of them stand in every receipt."""
    text: str = msgspec.to_builtins(at)
    return text


def day_text(day: date | None) -> str:
    return day.isoformat() if day else ""


def fitting(value: str, length_max: int) -> str:
    """The value if it fits, else nothing: half of a signed text would only raise doubts."""
    return value if len(value) <= length_max else ""


def record(values: Sequence[str]) -> str:
    """One record without its line end. Values are quoted only where they must be."""
    line = SEPARATOR.join(values)
    return line if is_plain(line, len(values)) else quoted_record(values)


def quoted_record(values: Sequence[str]) -> str:
    """The same, for values of which one is known to need quotes."""
    return SEPARATOR.join(
        [value if not value or is_plain(value, 1) else quoted(value) for value in values]
    )


def quoted(value: str) -> str:
    return f'"{value.replace(QUOTE, QUOTE * 2)}"'


def is_plain(line: str, count: int) -> bool:
    """Nothing in so many joined values asks for quotes: one look instead of one for each value.

    A separator, quote, line break or outer space would be misread without them.
    """
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
