"""Calendar months as a law wants them reported: how each stands, judged from what is known. Pure.

A month is named by its first day. It is over when it has ended both where the law counts and in
UTC, so that whatever is sealed afterwards says so by its time.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

from fiscus.model.places import ReportingMode, Taxpayer
from fiscus.model.times import day
from fiscus.regimes import ReportingMonths

_LONGEST, _DAY = timedelta(days=31), timedelta(days=1)


class MonthState(StrEnum):
    """`reported`: the authority has accepted every document. `open`: reports wait or were refused.
    `file-due`: its file is to be handed in. `no-invoicing`: nothing was invoiced, which is to be
    declared. `done`: a person says that it is done."""

    REPORTED = "reported"
    OPEN = "open"
    FILE_DUE = "file-due"
    NO_INVOICING = "no-invoicing"
    DONE = "done"


SETTLED = frozenset({MonthState.REPORTED, MonthState.DONE})


class DeclarationType(StrEnum):
    """What a person did: handed in the file, or declared that nothing was invoiced."""

    FILE = "file"
    NO_INVOICING = "no-invoicing"


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says to have done about a month. `latecomers`: how many documents and
    cancellations had come to it after its end by then."""

    id: str
    type: DeclarationType
    reference: str
    at: datetime
    by: str
    latecomers: int


class MonthFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a month. `waiting`, `refused` and `deleted` count reports that are not
    accepted, `latecomers` as in `Declaration`; nothing of it is for practice."""

    has_invoices: bool = False
    waiting: int = 0
    refused: int = 0
    deleted: int = 0
    latecomers: int = 0
    declaration: Declaration | None = None

    @property
    def untold(self) -> int:
        """How many reports are not accepted."""
        return self.waiting + self.refused + self.deleted


class WatchedTaxpayer(msgspec.Struct, frozen=True, kw_only=True):
    """A taxpayer whose law wants months. `number` is its tax number; `first` and `last` are the
    months that it is here for, `over` the last one that is over at all. `last` is before `first` if
    there is none, and before `over` if it is gone for good."""

    taxpayer: Taxpayer
    law: ReportingMonths
    number: str
    first: date
    last: date
    over: date


class MonthView(msgspec.Struct, frozen=True, kw_only=True):
    """A month of a taxpayer, and how it stands. `is_reopened`: what a person declared does not hold
    any more, because of what has come since."""

    owner: WatchedTaxpayer
    month: date
    mode: ReportingMode
    due: date
    state: MonthState
    is_overdue: bool
    is_reopened: bool
    facts: MonthFacts

    @property
    def last_day(self) -> date:
        return following(self.month) - _DAY

    @property
    def since(self) -> int:
        """How much has come since it was declared."""
        told = self.facts.declaration
        return self.facts.latecomers - told.latecomers if told else 0


def following(month: date) -> date:
    return (month.replace(day=1) + _LONGEST).replace(day=1)


def preceding(month: date) -> date:
    return (month.replace(day=1) - _DAY).replace(day=1)


def last_over(at: datetime, timezone: str) -> date:
    """The last month that is over."""
    return preceding(min(day(at, timezone), day(at, "UTC")))


def between(first: date, last: date) -> Iterator[date]:
    """Both included."""
    while first <= last:
        yield first
        first = following(first)


def name(month: date) -> str:
    """`2026-05`."""
    return month.isoformat()[:7]


def named(text: str) -> date:
    """The month of that name. Raises `ValueError` if there is none."""
    month = date.fromisoformat(f"{text}-01")
    if name(month) != text or month.year == date.max.year:
        raise ValueError(f"no month: {text}")
    return month


def judged(owner: WatchedTaxpayer, month: date, facts: MonthFacts, today: date) -> MonthView:
    """How a month that is over stands. What came after a declaration opens the month again: the
    file that was handed in does not have it."""
    told, mode = facts.declaration, owner.taxpayer.reports(month)
    is_reopened = told is not None and (
        facts.latecomers > told.latecomers
        or (told.type is DeclarationType.NO_INVOICING and facts.has_invoices)
    )
    if told is not None and not is_reopened:
        state = MonthState.DONE
    elif facts.untold:
        state = MonthState.OPEN
    elif not facts.has_invoices:
        state = MonthState.NO_INVOICING
    elif mode is ReportingMode.REALTIME:
        state = MonthState.REPORTED
    else:
        state = MonthState.FILE_DUE
    due = owner.law.due(month)
    return MonthView(
        owner=owner,
        month=month,
        mode=mode,
        due=due,
        state=state,
        is_overdue=state not in SETTLED and today > due,
        is_reopened=is_reopened and state is not MonthState.REPORTED,
        facts=facts,
    )
