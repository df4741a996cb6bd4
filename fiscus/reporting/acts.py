"""What a person does about reports: send again what was refused, or have it forgotten.

Each act is stated in the journal, with who ordered it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from fiscus.channels import ReportKind
from fiscus.model.faults import Code, Conflict, Missing, Refused
from fiscus.model.times import micros_z
from fiscus.reporting import answers, lines, pauses
from fiscus.reporting.lines import DELETION_RANK
from fiscus.reporting.listing import UNKNOWN_REPORT
from fiscus.reporting.states import OPEN, ReportState
from fiscus.store.schema import OBLIGATION

IS_TOLD = Code(
    "REPORT-STATE-01",
    "this report was accepted: there is nothing to send again; have it deleted first if it must be "
    "told anew",
)
NOT_TOLD = Code(
    "REPORT-STATE-02", "only a document that the authority has accepted can be deleted there"
)
BEING_DELETED = Code("REPORT-STATE-03", "the deletion of this document is ordered already")
BAD_REASON = Code(
    "REPORT-REASON-01", "a deletion needs a reason of 10 to 500 characters, which is sent along"
)

REASON_MIN, REASON_MAX = 10, 500
RETRIED, ORDERED = "retried", "ordered"


def retry(tx: Connection, id_: str, *, by: str, at: datetime, organization: str = "") -> None:
    """Send a report again that was refused or deleted; one that waits is sent at once. If its
    taxpayer is not let in, one report tries, and all go on if it is.

    What was refused goes as one that was sent before: that the authority has it by now, with these
    values, then settles it.

    Raises `Missing`; `Conflict` if it was accepted.
    """
    found = _visible(tx, id_, organization)
    pauses.lift(tx, found.taxpayer, found.channel)
    row = _locked(tx, id_)
    if row.state == ReportState.ACCEPTED:
        raise Conflict(IS_TOLD, id_)
    values: dict[str, Any] = {"failures": 0}
    if row.state == ReportState.REFUSED:
        # The refusal may have been of a second copy of it: somebody has looked, and answers for it.
        values |= {"state": ReportState.PENDING, "was_sent": 1}
    if row.state == ReportState.DELETED:
        values |= {"state": ReportState.PENDING, "was_sent": 0}  # the authority has forgotten it
    tx.execute(OBLIGATION.update().where(OBLIGATION.c.id == id_).values(values))
    answers.state(tx, row, by=by, outcome=RETRIED)
    pauses.wake(tx, row.taxpayer, row.channel, at)


def delete(
    tx: Connection,
    ids: Callable[[], str],
    id_: str,
    reason: str,
    *,
    by: str,
    at: datetime,
    organization: str = "",
) -> str:
    """Order that the authority forgets a document that it was told; gives the id of that report.

    Raises `Missing`; `Conflict` if the document was not accepted, or its deletion is ordered
    already; `Refused` for a reason that is too short or too long.
    """
    reason = " ".join(reason.split())
    if not REASON_MIN <= len(reason) <= REASON_MAX:
        raise Refused(BAD_REASON, "reason")
    _visible(tx, id_, organization)
    row = _locked(tx, id_)
    if row.kind != ReportKind.DOCUMENT or row.state != ReportState.ACCEPTED:
        raise Conflict(NOT_TOLD, id_)
    if _is_being_deleted(tx, row.record):
        raise Conflict(BEING_DELETED, id_)
    fresh = {
        **row._asdict(),
        "id": ids(),
        "kind": ReportKind.DELETION.value,
        "content": "",
        "reason": reason,
        "rank": DELETION_RANK,
        "state": ReportState.PENDING,
        "attempts": 0,
        "failures": 0,
        "was_sent": 0,
        "remedy": None,
        "code": None,
        "answer": None,
        "reference": None,
        "created_at": micros_z(at),
        "answered_at": None,
    }
    tx.execute(OBLIGATION.insert(), fresh)
    made = _locked(tx, fresh["id"])
    answers.state(tx, made, by=by, outcome=ORDERED, reason=reason)
    lines.hasten(tx, [row.line], row.organization, at)
    return str(made.id)


def _is_being_deleted(tx: Connection, record: str) -> bool:
    ordered = select(OBLIGATION.c.id).where(
        OBLIGATION.c.record == record,
        OBLIGATION.c.kind == ReportKind.DELETION,
        OBLIGATION.c.state.in_((*OPEN, ReportState.REFUSED)),
    )
    return tx.scalar(ordered.limit(1)) is not None


def _visible(tx: Connection, id_: str, organization: str) -> Any:
    row = tx.execute(select(OBLIGATION).where(OBLIGATION.c.id == id_)).one_or_none()
    if row is None or (organization and row.organization != organization):
        raise Missing(UNKNOWN_REPORT, id_)
    return row


def _locked(tx: Connection, id_: str) -> Any:
    return tx.execute(select(OBLIGATION).where(OBLIGATION.c.id == id_).with_for_update()).one()
