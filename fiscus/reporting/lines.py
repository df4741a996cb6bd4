"""The lines in which reports wait: what is due in one, and the task that works it off."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, select

from fiscus.outbox import kinds, queue
from fiscus.outbox.kinds import Lane, TaskKind
from fiscus.outbox.queue import OutboxTask
from fiscus.reporting.states import OPEN, ReportState
from fiscus.store.schema import OBLIGATION, TASK

LEASE = timedelta(minutes=5)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15))
"""How long a line waits after each answer that was not to be had, the last also after all further
ones: an authority that comes back after a day hears of everything within a quarter of an hour."""

KIND = kinds.declare(
    TaskKind(
        name="report",
        lane=Lane.REPORTS,
        attempts_max=2_000_000_000,  # nothing is given up
        waits=WAITS,
        jitter_percent=20,
        lease=LEASE,
    )
)
TASK_REPORT = KIND.name

DOCUMENT_RANK, STATUS_RANK, DELETION_RANK = 0, 1, 2
"""In which order the reports of one record are sent."""

MORE = "more of the line is to be sent"
LINES_TOGETHER = 500


def _is_open() -> ColumnElement[bool]:
    return OBLIGATION.c.state.in_(OPEN)


def _may_be_sent() -> ColumnElement[bool]:
    """What changes or deletes what was told waits until the document itself is accepted."""
    document = OBLIGATION.alias()
    told = select(document.c.id).where(
        document.c.record == OBLIGATION.c.record,
        document.c.rank == DOCUMENT_RANK,
        document.c.state == ReportState.ACCEPTED,
    )
    return (OBLIGATION.c.rank == DOCUMENT_RANK) | exists(told)


def due(tx: Connection, line: str, limit: int) -> Sequence[Any]:
    """The next reports of a line in their order, no more than so many."""
    query = (
        select(OBLIGATION)
        .where(OBLIGATION.c.line == line, _is_open(), _may_be_sent())
        .order_by(OBLIGATION.c.number, OBLIGATION.c.rank, OBLIGATION.c.id)
    )
    return tx.execute(query.limit(limit)).all()


def task_id(line: str) -> str:
    return f"{TASK_REPORT}:{line}"


def want(tx: Connection, line: str, organization: str, at: datetime) -> None:
    """See to it that the line is worked off, in the transaction that adds to it."""
    queue.ensure(tx, task_id(line), TASK_REPORT, line, at, organization)


def hasten(tx: Connection, lines: Collection[str], organization: str, at: datetime) -> None:
    """The same, at once: lines that wait for another try do not wait any longer."""
    for line in sorted(lines):
        want(tx, line, organization, at)
    queue.hasten(tx, [task_id(line) for line in lines], at)


def go_on(tx: Connection, task: OutboxTask, at: datetime) -> None:
    """The task goes on while anything of its line is due, and ends when nothing is.

    Whoever adds to the line meanwhile is waited for, and seen.
    """
    if not queue.held(tx, task):
        return
    if due(tx, task.payload, 1):
        queue.put_off(tx, task, at, MORE)
    else:
        queue.done(tx, task)


def sweep(tx: Connection, at: datetime) -> int:
    """See to it that every line with something due has its task, whatever became of it; gives how
    many had none. Once in a while: lines have theirs already."""
    task = select(TASK.c.id).where(TASK.c.id == TASK_REPORT + ":" + OBLIGATION.c.line)
    query = (
        select(OBLIGATION.c.line, OBLIGATION.c.organization)
        .where(_is_open(), _may_be_sent(), ~exists(task))
        .group_by(OBLIGATION.c.line, OBLIGATION.c.organization)
        .limit(LINES_TOGETHER)
    )
    rows = tx.execute(query).all()
    for row in sorted(rows):
        want(tx, row.line, row.organization, at)
    return len(rows)
