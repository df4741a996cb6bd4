"""What authorities say of reports: kept with the report, stated in the journal, told to callers.

The journal has each answer, in the chain of the organization; what is not answered leaves no entry.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection

from fiscus.channels import Accepted, Answer, AuthorityWords, Later, Rejected, Remedy, ReportKind
from fiscus.journal.statement import StatedReport
from fiscus.model.kinds import StatementKind
from fiscus.model.times import micros_z
from fiscus.outbox import queue
from fiscus.outbox.queue import OutboxTask
from fiscus.registry import stating
from fiscus.reporting import lines, pauses
from fiscus.reporting.lines import DOCUMENT_RANK, KIND
from fiscus.reporting.pauses import Passage
from fiscus.reporting.states import MOVES, ReportState
from fiscus.store.schema import OBLIGATION
from fiscus.webhooks import events
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import ToldEvent

ANSWER_LENGTH_MAX = 500
ACCEPTED, REFUSED = "accepted", "refused"

_EVENTS = {
    ReportState.ACCEPTED: EventType.REPORT_ACCEPTED,
    ReportState.REFUSED: EventType.REPORT_REFUSED,
}

_log = structlog.get_logger("fiscus.reporting")


class AnsweredReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report's row as it was before it was sent, and what was said."""

    row: Any
    answer: Answer


def keep(
    tx: Connection,
    task: OutboxTask,
    marked: Sequence[Any],
    passage: Passage,
    told: Sequence[AnsweredReport],
    at: datetime,
    rest: timedelta,
) -> None:
    """Keep the answers to what was marked, let go of what was not sent, and see how the line goes
    on, after a `rest` if more of it waits. An answer to what somebody else has sent again meanwhile
    is not kept: theirs counts."""
    last = told[-1]
    is_let_in = _pause(tx, passage, last, at)
    kept = [one for one in told if _keep(tx, one, at)]
    _let_go(tx, marked[len(told) :])
    for one in kept:
        _state(tx, one)
    events.tell_all(tx, [event for one in kept for event in _events(one, at)])
    if is_let_in:
        pauses.wake(tx, last.row.taxpayer, last.row.channel, at)
    _leave(tx, task, last, at, rest)


def _pause(tx: Connection, passage: Passage, last: AnsweredReport, at: datetime) -> bool:
    """Whether the taxpayer was let in again."""
    answer, row = last.answer, last.row
    if isinstance(answer, Rejected) and answer.remedy is Remedy.ACCESS:
        said = words(answer)
        pauses.begin(tx, row, passage.generation, said.code, said.text, at)
        return False
    if not passage.is_probe:
        return False
    is_in = not isinstance(answer, Later) and not _is_for_later(answer)
    pauses.probed(tx, row, is_in=is_in)
    return is_in


def _is_for_later(answer: Answer) -> bool:
    return isinstance(answer, Rejected) and answer.remedy is Remedy.TIME


def meaning(row: Any, answer: Answer) -> dict[str, Any]:
    """What the row of a report becomes by its answer. What was refused has not taken effect, and
    what has not left this machine has not arrived: an earlier attempt may have."""
    said = words(answer)
    values: dict[str, Any] = {
        "code": said.code or None,
        "answer": said.text[:ANSWER_LENGTH_MAX],
        "remedy": None,
        "reference": None,
    }
    again = {"failures": row.failures + 1}
    before = {"was_sent": row.was_sent}
    match answer:
        case Accepted(reference=reference):
            values |= {"state": ReportState.ACCEPTED, "failures": 0, "reference": reference}
        case Rejected(remedy=Remedy.TIME):
            values |= {"state": row.state, "remedy": Remedy.TIME.value} | again | before
        case Rejected(remedy=remedy):
            values |= {"state": ReportState.REFUSED, "remedy": remedy.value, "failures": 0} | before
        case Later(is_unsent=True):
            values |= {"state": row.state} | again | before
        case Later():
            values |= {"state": ReportState.UNKNOWN} | again
    return values


def words(answer: Answer) -> AuthorityWords:
    """The other side's own code and words; where it has none of its own, what there is to say."""
    match answer:
        case Accepted(said=said) | Rejected(said=said) if said is not None:
            return said
        case Accepted():
            return AuthorityWords(code="", text="")
        case Rejected(faults=faults):
            text = "; ".join(fault.sentence() for fault in faults)
            return AuthorityWords(code=faults[0].code if faults else "", text=text)
        case Later(reason=reason):
            return AuthorityWords(code="", text=reason)


def _keep(tx: Connection, one: AnsweredReport, at: datetime) -> bool:
    row = one.row
    values = meaning(row, one.answer)
    state = ReportState(values["state"])
    assert state == row.state or state in MOVES[ReportState(row.state)]
    is_mine = (OBLIGATION.c.id == row.id) & (OBLIGATION.c.attempts == row.attempts + 1)
    changed = OBLIGATION.update().where(is_mine, OBLIGATION.c.state == row.state)
    if tx.execute(changed.values(answered_at=micros_z(at), **values)).rowcount != 1:
        return False
    if row.kind == ReportKind.DELETION and state is ReportState.ACCEPTED:
        _forgotten(tx, row.record)
    log = _log.info if state is ReportState.ACCEPTED else _log.warning
    log("reported", report=row.id, record=row.record, state=state.value, answer=values["answer"])
    return True


def _forgotten(tx: Connection, record: str) -> None:
    told = (OBLIGATION.c.record == record) & (OBLIGATION.c.rank == DOCUMENT_RANK)
    told &= OBLIGATION.c.state == ReportState.ACCEPTED
    tx.execute(OBLIGATION.update().where(told).values(state=ReportState.DELETED))


def _let_go(tx: Connection, unsent: Sequence[Any]) -> None:
    for row in unsent:
        is_mine = (OBLIGATION.c.id == row.id) & (OBLIGATION.c.attempts == row.attempts + 1)
        before = {"attempts": row.attempts, "was_sent": row.was_sent}
        tx.execute(OBLIGATION.update().where(is_mine).values(before))


def _state(tx: Connection, one: AnsweredReport) -> None:
    """The same refusal for the time being is stated once, however often it comes."""
    row, answer = one.row, one.answer
    if isinstance(answer, Later):
        return
    said = words(answer)
    if _is_for_later(answer) and row.remedy == Remedy.TIME and row.code == (said.code or None):
        return
    state(
        tx,
        row,
        by=stating.SERVICE,
        outcome=ACCEPTED if isinstance(answer, Accepted) else REFUSED,
        attempt=row.attempts + 1,
        code=said.code,
        text=said.text[:ANSWER_LENGTH_MAX],
        reference=answer.reference if isinstance(answer, Accepted) else "",
        remedy=answer.remedy.value if isinstance(answer, Rejected) else "",
    )


def state(tx: Connection, row: Any, *, by: str, outcome: str, **members: Any) -> None:
    """What became of a report, in the chain of its organization."""
    stating.stating(tx).state(
        tx,
        StatementKind.REPORT,
        organization=row.organization,
        by=by,
        report=StatedReport(
            report=row.id,
            record=row.record,
            kind=row.kind,
            channel=row.channel,
            outcome=outcome,
            **{"attempt": row.attempts, **members},
        ),
    )


def _events(one: AnsweredReport, at: datetime) -> list[ToldEvent]:
    row = one.row
    type_ = _EVENTS.get(meaning(row, one.answer)["state"])
    if type_ is None:
        return []
    organization, company = row.organization, row.taxpayer
    return [
        ToldEvent(organization=organization, type=type_, subject=row.id, at=at, company=company)
    ]


def _leave(
    tx: Connection, task: OutboxTask, last: AnsweredReport, at: datetime, rest: timedelta
) -> None:
    """A line whose report is not answered waits, ever longer; all others go on after their rest."""
    answer, row = last.answer, last.row
    if isinstance(answer, Rejected) and answer.remedy is Remedy.ACCESS:
        queue.put_off(tx, task, at + pauses.LOOK_AGAIN, words(answer).text)
    elif isinstance(answer, Later) or _is_for_later(answer):
        wait: timedelta = KIND.wait(row.id, row.failures + 1)
        queue.put_off(tx, task, at + wait, words(answer).text or "no answer")
    else:
        lines.go_on(tx, task, at + rest)
