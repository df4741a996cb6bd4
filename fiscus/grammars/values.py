"""Simple values as XML Schema 1.0 part 2 judges them: their form, then their bounds."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

_BLANKS = " \t\r\n"
_BOOLEANS = frozenset({"true", "false", "1", "0"})
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_DAY = r"(-?(?:[1-9][0-9]{4,}|[0-9]{4}))-([0-9]{2})-([0-9]{2})"
_DATE = re.compile(_DAY + _ZONE)
_TIME = re.compile(
    _DAY + r"T(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)" + _ZONE
)
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

DIGITS_MAX = 4000
"""Longer numbers are refused unread: Python converts no integer of more digits."""


class ValueVerdict(StrEnum):
    """What a simple value is: right, not of its type at all, or of its type and out of bounds."""

    RIGHT = "right"
    MALFORMED = "malformed"
    OUT_OF_BOUNDS = "out of bounds"


Judge = Callable[[str], ValueVerdict]

# Looked up once: a class of an enumeration answers slowly, and every value of a file asks it.
RIGHT = ValueVerdict.RIGHT
MALFORMED = ValueVerdict.MALFORMED
OUT_OF_BOUNDS = ValueVerdict.OUT_OF_BOUNDS


@dataclass(frozen=True, kw_only=True)
class SimpleType:
    """A simple value: its base type (`string`, `integer`, `decimal`, `date`, `dateTime`,
    `boolean`), the bounds of its length (text) or value, its pattern, the most digits it may have.
    `default` stands for an empty element."""

    base: str
    low: str = ""
    high: str = ""
    pattern: str = ""
    digits: int = 0
    default: str = ""


def one_of(words: str) -> SimpleType:
    """One word of a list, separated by blanks."""
    return SimpleType(base="string", pattern="|".join(re.escape(word) for word in words.split()))


def judge(rule: SimpleType) -> Judge:
    """What judges values of a type."""
    match rule.base:
        case "string":
            found = _string(rule)
        case "integer":
            found = _integer(rule)
        case "decimal":
            found = _decimal(rule)
        case "boolean":
            found = _form(lambda text: text.strip(_BLANKS) in _BOOLEANS)
        case "date":
            found = _date(rule)
        case _:
            found = _form(lambda text: _is_day(_TIME, text) is not None)
    if not rule.default:
        return found
    return lambda text: found(text or rule.default)


def _form(test: Callable[[str], bool]) -> Judge:
    return lambda text: RIGHT if test(text) else MALFORMED


def _bounded(is_inside: bool) -> ValueVerdict:
    return RIGHT if is_inside else OUT_OF_BOUNDS


def _string(rule: SimpleType) -> Judge:
    least = int(rule.low or 0)
    most = int(rule.high or 10**9)
    pattern = re.compile(rule.pattern, re.DOTALL) if rule.pattern else None

    def verdict(text: str) -> ValueVerdict:
        if not least <= len(text) <= most or (pattern and not pattern.fullmatch(text)):
            return OUT_OF_BOUNDS
        return RIGHT

    return verdict


def _integer(rule: SimpleType) -> Judge:
    least = int(rule.low) if rule.low else None
    most = int(rule.high) if rule.high else None

    def verdict(text: str) -> ValueVerdict:
        digits = text.strip(_BLANKS)
        if not _INTEGER.fullmatch(digits) or len(digits) > DIGITS_MAX:
            return MALFORMED
        number = int(digits)
        return _bounded(
            (least is None or least <= number)
            and (most is None or number <= most)
            and (not rule.digits or len(str(abs(number))) <= rule.digits)
        )

    return verdict


def _decimal(rule: SimpleType) -> Judge:
    least = Decimal(rule.low) if rule.low else None
    most = Decimal(rule.high) if rule.high else None

    def verdict(text: str) -> ValueVerdict:
        digits = text.strip(_BLANKS)
        if not DECIMAL.fullmatch(digits) or len(digits) > DIGITS_MAX:
            return MALFORMED
        if most is None and not least and digits[0] != "-":
            return RIGHT
        number = Decimal(digits)
        return _bounded((least is None or least <= number) and (most is None or number <= most))

    return verdict


def _date(rule: SimpleType) -> Judge:
    low, high = _bound(rule.low), _bound(rule.high)

    def verdict(text: str) -> ValueVerdict:
        day = _is_day(_DATE, text)
        if day is None:
            return MALFORMED
        if low is high is None:
            return RIGHT
        return _bounded((low is None or low <= day) and (high is None or day <= high))

    return verdict


def _bound(text: str) -> tuple[int, int, int] | None:
    return _is_day(_DATE, text) if text else None


@lru_cache(maxsize=4096)
def _is_day(form: re.Pattern[str], text: str) -> tuple[int, int, int] | None:
    """Year, month and day of a text of that form; None if it names no day of the calendar."""
    if len(text) > DIGITS_MAX:
        return None
    found = form.fullmatch(text.strip(_BLANKS))
    if not found:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if year == 0 or not 1 <= month <= 12:
        return None
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (year, month, day) if 1 <= day <= _MONTHS[month - 1] + leap else None
