"""What is to be done about a series outside any request: one kind of task, which looks at how the
series stands and does what comes next."""

from datetime import datetime, timedelta

from sqlalchemy import Connection as Tx
from sqlalchemy import select

from fiscus.outbox import kinds, queue
from fiscus.outbox.kinds import Lane, TaskKind
from fiscus.outbox.queue import TaskState
from fiscus.store.schema import TASK as TASKS

TASK = "series"
# Given up, it goes on with a task of its own: `upkeep.postpone`.
kinds.declare(TaskKind(name=TASK, lane=Lane.QUICK, is_listed=False))

AGAIN_FIRST = timedelta(minutes=1)
AGAIN_MAX = timedelta(hours=1)
AGAIN_REFUSED = timedelta(days=1)


def want(tx: Tx, id_: str, series: str, at: datetime, organization: str) -> str:
    """A task for that series, due from `at` on, unless one waits; gives the id of the one there
    is."""
    waiting = select(TASKS.c.id).where(
        TASKS.c.kind == TASK, TASKS.c.payload == series, TASKS.c.state == TaskState.WAITING
    )
    if found := tx.scalar(waiting.limit(1)):
        return str(found)
    queue.enqueue(tx, id_, TASK, series, at, organization)
    return id_


def hasten(tx: Tx, id_: str, series: str, at: datetime, organization: str) -> str:
    """The same, due now also if it waits for later: a person has said so."""
    task = want(tx, id_, series, at, organization)
    queue.bring_forward(tx, task, at)
    return task


def delay(attempts: int) -> timedelta:
    """How long to wait after so many attempts without an answer."""
    return min(AGAIN_FIRST * (1 << min(attempts - 1, 10)), AGAIN_MAX)
