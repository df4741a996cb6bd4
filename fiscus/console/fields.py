"""Fields of forms: what is wrong with one, as a person reads it, and days as they are typed."""

import re
from collections.abc import Sequence
from datetime import date

import msgspec

from fiscus.console.visit import N_

BACKWARDS = N_("The last day is before the first one.")
EARLIER_FIRST = N_("Write the earlier day first.")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class FieldFault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one field of a form, and what to do about it, as texts to translate;
    `code` where the product has one for it."""

    field: str
    reason: str
    remedy: str
    code: str = ""


def day(text: str) -> date | None:
    """A day as year, month and day; None if it is none."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def days(
    first: str, last: str, code: str = ""
) -> tuple[tuple[date, date] | None, list[FieldFault]]:
    """The first and the last day of a range, or all that is wrong with what was typed. `code` is
    the product's for a range that runs backwards."""
    begin, end = day(first), day(last)
    if begin is None or end is None:
        wrong = [name for name, found in (("first", begin), ("last", end)) if found is None]
        return None, _no_days(wrong)
    if end < begin:
        return None, [FieldFault(field="last", reason=BACKWARDS, remedy=EARLIER_FIRST, code=code)]
    return (begin, end), []


def _no_days(names: Sequence[str]) -> list[FieldFault]:
    return [
        FieldFault(
            field=name,
            reason=N_("There is no such day."),
            remedy=N_("Write a day as year, month and day, such as 2026-11-30."),
        )
        for name in names
    ]
