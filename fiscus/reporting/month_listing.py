"""The months' watch: every month that is over since a taxpayer is here, how it stands, and what a
person does about it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from fiscus import regimes
from fiscus.model.places import Taxpayer
from fiscus.model.times import day, instant
from fiscus.registry.views import LifecycleState
from fiscus.reporting import month_facts, months
from fiscus.reporting.months import SETTLED, MonthFacts, MonthState, MonthView, WatchedTaxpayer
from fiscus.store.schema import TAXPAYER

TOGETHER = 100
_NOTHING = MonthFacts()


class MonthFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which months; what is empty does not narrow."""

    taxpayer: str = ""
    states: tuple[MonthState, ...] = ()
    year: int = 0
    is_overdue: bool = False

    def has(self, view: MonthView) -> bool:
        return (not self.states or view.state in self.states) and (
            view.is_overdue or not self.is_overdue
        )

    def wants(self, month: date) -> bool:
        return not self.year or month.year == self.year


class MonthCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many months there is something to be done about in time, by when the first; and how many
    are overdue, since when the oldest."""

    due: int = 0
    first_due: date | None = None
    overdue: int = 0
    oldest: date | None = None


def listed(
    tx: Connection, which: MonthFilter, at: datetime, *, after: str = "", limit: int
) -> list[MonthView]:
    """Months by taxpayer, the oldest first, behind the one with that cursor."""
    found: list[MonthView] = []
    for view in _watched(tx, which, at, after):
        if which.has(view):
            found.append(view)
            if len(found) == limit:
                break
    return found


def cursor(view: MonthView) -> str:
    return f"{view.owner.taxpayer.id}/{months.name(view.month)}"


def counts(tx: Connection, at: datetime) -> MonthCounts:
    """Of the whole installation, for its operator."""
    due: list[date] = []
    overdue: list[date] = []
    for view in _watched(tx, MonthFilter(), at, ""):
        if view.state not in SETTLED:
            (overdue if view.is_overdue else due).append(view.due)
    return MonthCounts(
        due=len(due),
        first_due=min(due, default=None),
        overdue=len(overdue),
        oldest=min(overdue, default=None),
    )


def watched(row: Any, first_document: date | None, at: datetime) -> WatchedTaxpayer:
    """A taxpayer by its row. One that is gone for good owes nothing of later months."""
    law = regimes.find(row.regime)
    assert law.reporting_months is not None
    taxpayer = msgspec.json.decode(row.content, type=Taxpayer)
    registered = day(instant(row.created_at), law.timezone)
    last = over = months.last_over(at, law.timezone)
    if row.state == LifecycleState.DECOMMISSIONED:
        last = min(last, day(instant(row.updated_at), law.timezone).replace(day=1))
    return WatchedTaxpayer(
        taxpayer=taxpayer,
        law=law.reporting_months,
        number=taxpayer.facts.get(law.tax_number, ""),
        first=min(registered, first_document or registered).replace(day=1),
        last=last,
        over=over,
    )


def one(tx: Connection, row: Any, month: date, at: datetime) -> MonthView:
    """How that month of the taxpayer of a row stands, whether it is over or not."""
    first = month_facts.first_days(tx, [row.id]).get(row.id)
    owner = watched(row, first, at)
    found = month_facts.of(tx, [row.id], [month], owner.law.invoices)
    return months.judged(owner, month, found.get((row.id, month), _NOTHING), _today(row, at))


def _watched(tx: Connection, which: MonthFilter, at: datetime, after: str) -> Iterator[MonthView]:
    """Page by page, and law by law within a page."""
    laws = [law.code for law in regimes.installed().values() if law.reporting_months]
    behind, _, last = after.partition("/")
    query = (
        select(TAXPAYER)
        .where(TAXPAYER.c.regime.in_(laws), TAXPAYER.c.state != LifecycleState.ACQUIRED)
        .order_by(TAXPAYER.c.id)
        .limit(TOGETHER)
    )
    if which.taxpayer:
        query = query.where(TAXPAYER.c.id == which.taxpayer)
    rows = tx.execute(query.where(TAXPAYER.c.id >= behind)).all()
    while rows:
        for view in _of_rows(tx, which, rows, at):
            if (view.owner.taxpayer.id, months.name(view.month)) > (behind, last):
                yield view
        rows = tx.execute(query.where(TAXPAYER.c.id > rows[-1].id)).all()


def _of_rows(
    tx: Connection, which: MonthFilter, rows: Sequence[Any], at: datetime
) -> Iterator[MonthView]:
    first = month_facts.first_days(tx, [row.id for row in rows])
    owners = [(row, watched(row, first.get(row.id), at)) for row in rows]
    facts: dict[month_facts.MonthKey, MonthFacts] = {}
    for code in sorted({row.regime for row in rows}):
        some = [owner for row, owner in owners if row.regime == code]
        wanted = {
            month
            for owner in some
            for month in months.between(owner.first, owner.last)
            if which.wants(month)
        }
        ids = [owner.taxpayer.id for owner in some]
        facts |= month_facts.of(tx, ids, sorted(wanted), some[0].law.invoices)
    for row, owner in owners:
        for month in filter(which.wants, months.between(owner.first, owner.last)):
            known = facts.get((row.id, month), _NOTHING)
            yield months.judged(owner, month, known, _today(row, at))


def _today(row: Any, at: datetime) -> date:
    return day(at, regimes.find(row.regime).timezone)
