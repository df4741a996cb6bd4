"""What a person says to have done about a month: stated in the journal, and taken back with a
reason. Having written a file is not having handed it in, so nothing here is done by the program."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from fiscus import regimes
from fiscus.model.faults import Code, Conflict, Fault, Missing, Refused, Trouble
from fiscus.model.kinds import StatementKind
from fiscus.model.places import ReportingMode
from fiscus.model.times import micros_z
from fiscus.registry import stating
from fiscus.registry.taxpayers import UNKNOWN_TAXPAYER
from fiscus.registry.views import LifecycleState
from fiscus.reporting import month_listing, months
from fiscus.reporting.months import DeclarationType, MonthState, MonthView
from fiscus.store.schema import DECLARATION, TAXPAYER

NO_MONTHS = Code("REPORT-MONTH-01", "the law of this taxpayer wants nothing of its months")
NOT_OVER = Code("REPORT-MONTH-02", "this month is not over yet")
NOT_WATCHED = Code(
    "REPORT-MONTH-03", "the taxpayer was not here in this month, so nothing of it is known here"
)
HAS_INVOICES = Code(
    "REPORT-MONTH-04",
    "this month has invoices: it cannot be declared to have none; report them",
)
IS_REALTIME = Code(
    "REPORT-MONTH-05",
    "documents of this month are reported one by one, and no file of it is handed in: a month has "
    "one way alone",
)
IS_DECLARED = Code(
    "REPORT-MONTH-06", "this month is declared already: take that back first, if it was wrong"
)
NOT_DECLARED = Code("REPORT-MONTH-07", "nobody has declared this month: there is nothing to undo")
BAD_REASON = Code("REPORT-MONTH-08", "taking back needs a reason of 10 to 500 characters")
BAD_REFERENCE = Code("REPORT-MONTH-09", "a reference has at most 200 characters, in one line")

REASON_MIN, REASON_MAX, REFERENCE_MAX = 10, 500, 200
ANEW = "something had come since, and it was declared anew"


def declare(
    tx: Connection,
    ids: Callable[[], str],
    taxpayer: str,
    month: date,
    type_: DeclarationType,
    *,
    reference: str = "",
    by: str,
    at: datetime,
    organization: str = "",
) -> MonthView:
    """A person has handed in the file of a month, or declared that it had no invoicing; gives how
    the month stands then. A month that something came to since is declared anew.

    Raises `Missing` for a taxpayer that is not there (for that organization, if one is named),
    `Refused` with all that speaks against it, `Conflict` if it is only that it is declared.
    """
    row = _locked(tx, taxpayer, organization)
    view = month_listing.one(tx, row, month, at)
    faults = tuple(_faults(view, type_, reference))
    if faults:
        raise _trouble(faults)
    if told := view.facts.declaration:
        _end(tx, row, told.id, ANEW, by, at)
    id_ = ids()
    fresh = {
        "id": id_,
        "organization": row.organization,
        "taxpayer": row.id,
        "month": months.name(month),
        "type": type_.value,
        "reference": reference,
        "latecomers": view.facts.latecomers,
        "declared_at": micros_z(at),
        "declared_by": by,
    }
    tx.execute(DECLARATION.insert(), fresh)
    state(tx, row.organization, id_, by)
    return month_listing.one(tx, row, month, at)


def undo(
    tx: Connection,
    taxpayer: str,
    month: date,
    reason: str,
    *,
    by: str,
    at: datetime,
    organization: str = "",
) -> MonthView:
    """Take back what was declared of a month. Raises `Missing`, `Conflict` if nothing was,
    `Refused` for a reason that is too short or too long."""
    row = _locked(tx, taxpayer, organization)
    reason = " ".join(reason.split())
    if not REASON_MIN <= len(reason) <= REASON_MAX:
        raise Refused(BAD_REASON, "reason")
    told = month_listing.one(tx, row, month, at).facts.declaration
    if told is None:
        raise Conflict(NOT_DECLARED, "month")
    _end(tx, row, told.id, reason, by, at)
    return month_listing.one(tx, row, month, at)


def state(tx: Connection, organization: str, id_: str, by: str) -> None:
    """A declaration as it stands now, in the chain of its organization."""
    stating.state(tx, StatementKind.DECLARATION, DECLARATION, id_, organization=organization, by=by)


def _faults(view: MonthView, type_: DeclarationType, reference: str) -> Iterator[Fault]:
    owner = view.owner
    if view.month > owner.over:
        yield _fault(NOT_OVER, "month")
    elif not owner.first <= view.month <= owner.last:
        yield _fault(NOT_WATCHED, "month")
    if type_ is DeclarationType.NO_INVOICING and view.facts.has_invoices:
        yield _fault(HAS_INVOICES, "type")
    if type_ is DeclarationType.FILE and view.mode is ReportingMode.REALTIME:
        yield _fault(IS_REALTIME, "type")
    if view.state is MonthState.DONE:
        yield _fault(IS_DECLARED, "month")
    if len(reference) > REFERENCE_MAX or not reference.isprintable():
        yield _fault(BAD_REFERENCE, "reference")


def _fault(code: Code, path: str) -> Fault:
    return Fault(code=code.id, text=code.text, paths=(path,))


def _trouble(faults: tuple[Fault, ...]) -> Trouble:
    first = Code(faults[0].code, faults[0].text)
    kind = Conflict if [one.code for one in faults] == [IS_DECLARED.id] else Refused
    return kind(first, *faults[0].paths, faults=faults)


def _locked(tx: Connection, taxpayer: str, organization: str) -> Any:
    """The row of the taxpayer: one declares at a time. Sales go on, they only refer to it."""
    found = tx.execute(
        select(TAXPAYER).where(TAXPAYER.c.id == taxpayer).with_for_update(key_share=True)
    ).one_or_none()
    if (
        found is None
        or found.state == LifecycleState.ACQUIRED
        or (organization and found.organization != organization)
    ):
        raise Missing(UNKNOWN_TAXPAYER, "taxpayer")
    if regimes.find(found.regime).reporting_months is None:
        raise Refused(NO_MONTHS, "taxpayer")
    return found


def _end(tx: Connection, row: Any, id_: str, reason: str, by: str, at: datetime) -> None:
    values = {"ended_at": micros_z(at), "ended_by": by, "reason": reason}
    tx.execute(DECLARATION.update().where(DECLARATION.c.id == id_).values(values))
    state(tx, row.organization, id_, by)
