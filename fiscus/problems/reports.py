"""What authorities have not been told, or have refused, and months that a person must see to."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import msgspec
from sqlalchemy import select

from fiscus import regimes
from fiscus.model.places import ReportingMode, Taxpayer
from fiscus.model.times import day, local
from fiscus.problems.rows import (
    AHEAD,
    ROWS_MAX,
    ProblemKind,
    ProblemRow,
    ProblemScope,
    ProblemWeight,
)
from fiscus.registry.views import LifecycleState
from fiscus.reporting import listing, month_listing, months
from fiscus.reporting.month_listing import MonthFilter
from fiscus.reporting.months import SETTLED, MonthState, MonthView
from fiscus.store.schema import TAXPAYER

REPORT_AGE_MAX = timedelta(hours=1)
"""A report that waits for longer is told: the authority, or the way to it, is out."""

TAXPAYERS_MAX = 50
"""The months of so many taxpayers of an organization are looked at."""

UNSETTLED = tuple(state for state in MonthState if state not in SETTLED)

_STOPS, _WARNS = ProblemWeight.STOPS, ProblemWeight.WARNS


def reports(scope: ProblemScope) -> Iterator[ProblemRow]:
    """What authorities have not been told in time, what they refused, and whom they do not let in:
    sales go on, and somebody must see to it."""
    counts = listing.counts(scope.tx, scope.organizations)
    owner = "" if scope.organizations is None else _only(scope)
    for one in counts.pauses:
        yield ProblemRow(
            kind=ProblemKind.REPORTS_PAUSED,
            weight=_STOPS,
            subject=one.name,
            id=f"{one.taxpayer} {one.channel}",
            organization=one.organization,
            since=one.since,
            words=one.words,
        )
    if counts.refused:
        yield ProblemRow(kind=ProblemKind.REPORTS_REFUSED, organization=owner, count=counts.refused)
    if counts.oldest is not None and scope.at - counts.oldest > REPORT_AGE_MAX:
        yield ProblemRow(
            kind=ProblemKind.REPORTS_WAIT,
            organization=owner,
            count=counts.waiting,
            since=counts.oldest,
        )


def _only(scope: ProblemScope) -> str:
    """Whose a count is: the organization that is looked at, or several of them."""
    found = [*scope.organizations] if scope.organizations is not None else []
    return found[0] if len(found) == 1 else ""


def months_counted(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Months of the whole installation: a row for those that are due, and one for those that are
    overdue. They are counted once a minute."""
    counts = scope.services.months.counts(scope.tx, scope.at)
    if counts.due:
        yield ProblemRow(
            kind=ProblemKind.MONTHS_DUE,
            weight=_WARNS,
            count=counts.due,
            due=_midnight(counts.first_due),
        )
    if counts.overdue:
        yield ProblemRow(
            kind=ProblemKind.MONTHS_OVERDUE,
            weight=_STOPS,
            count=counts.overdue,
            since=_midnight(counts.oldest),
        )


def _midnight(on: date | None) -> datetime | None:
    """A day as it is counted, where a moment is wanted: its date in UTC is that day."""
    return None if on is None else datetime.combine(on, time(), UTC)


def months_by_name(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Each month that a taxpayer of these organizations must do something about, and the present
    one of those that hand in a file."""
    query = (
        select(TAXPAYER.c.id, TAXPAYER.c.organization, TAXPAYER.c.regime)
        .where(
            scope.has(TAXPAYER.c.organization),
            TAXPAYER.c.state != LifecycleState.ACQUIRED,
            TAXPAYER.c.regime.in_(
                [law.code for law in regimes.installed().values() if law.reporting_months]
            ),
        )
        .order_by(TAXPAYER.c.id)
        .limit(TAXPAYERS_MAX)
    )
    for row in scope.tx.execute(query).all():
        which = MonthFilter(taxpayer=row.id, states=UNSETTLED)
        for view in month_listing.listed(scope.tx, which, scope.at, limit=ROWS_MAX):
            yield _month(view, row.organization, row.regime)
        yield from _present(scope, row.id)


def _month(view: MonthView, organization: str, regime: str) -> ProblemRow:
    end = end_of(view.due, regimes.find(regime).timezone)
    return ProblemRow(
        kind=ProblemKind.MONTHS_OVERDUE if view.is_overdue else ProblemKind.MONTHS_DUE,
        weight=_STOPS if view.is_overdue else _WARNS,
        subject=f"{months.name(view.month)}, {view.owner.taxpayer.legal_name}",
        id=months.name(view.month),
        organization=organization,
        since=end if view.is_overdue else None,
        due=None if view.is_overdue else end,
        words=view.state.value,
    )


def end_of(on: date, timezone: str) -> datetime:
    """The instant at which a day of that time zone is over."""
    following = on + timedelta(days=1)
    offset = local(datetime.combine(following, time(), UTC), timezone).utcoffset()
    return datetime.combine(following, time(), UTC) - (offset or timedelta(0))


def _present(scope: ProblemScope, taxpayer: str) -> Iterator[ProblemRow]:
    """The month that is going on: its file is due soon after its end."""
    row = scope.tx.execute(select(TAXPAYER).where(TAXPAYER.c.id == taxpayer)).one()
    law = regimes.find(row.regime)
    today = day(scope.at, law.timezone)
    month = today.replace(day=1)
    owner = msgspec.json.decode(row.content, type=Taxpayer)
    if law.reporting_months is None or row.state != LifecycleState.COMMISSIONED:
        return
    if owner.reports(month) is ReportingMode.REALTIME:
        return
    due = end_of(law.reporting_months.due(month), law.timezone)
    if due - scope.at <= AHEAD:
        yield ProblemRow(
            kind=ProblemKind.MONTH_COMING,
            weight=_WARNS,
            subject=f"{months.name(month)}, {owner.legal_name}",
            id=months.name(month),
            organization=row.organization,
            due=due,
        )
