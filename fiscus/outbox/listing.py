"""Tasks as an operator sees them: which wait, which were given up and why; and what may be done
with those that were."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, func, select

from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.times import instant, micros_z
from fiscus.outbox import kinds, queue
from fiscus.outbox.kinds import Lane
from fiscus.outbox.queue import TaskState
from fiscus.store.schema import TASK

UNKNOWN_TASK = Code(
    "TASK-FIND-01", "no task with this id is there: it may be done; `fiscus tasks list` shows all"
)
NOT_DEAD = Code("TASK-STATE-01", "this task was not given up: it waits, or is being done")
FINAL = Code(
    "TASK-STATE-02",
    "what this task was for has ended with it, and its owner was told: ask for that anew",
)


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task. `due_at`: when it may be taken next; while a worker holds it, when its lease ends.
    `error` and `failed_at`: of the last attempt that failed, empty and None if none did. Instants
    are UTC."""

    id: str
    kind: str
    lane: str
    organization: str
    payload: str
    state: TaskState
    attempts: int
    attempts_max: int
    created_at: datetime
    due_at: datetime
    failed_at: datetime | None
    error: str


def listed(
    tx: Connection,
    *,
    state: TaskState | None = None,
    kind: str = "",
    organization: str | None = None,
    after: str = "",
    limit: int = 100,
) -> list[TaskView]:
    """Tasks in the order of their ids, behind `after`."""
    query = select(TASK).where(TASK.c.id > after)
    if state is not None:
        query = query.where(TASK.c.state == state)
    if kind:
        query = query.where(TASK.c.kind == kind)
    if organization is not None:
        query = query.where(TASK.c.organization == organization)
    return [_view(row) for row in tx.execute(query.order_by(TASK.c.id).limit(limit))]


def read(tx: Connection, id_: str) -> TaskView:
    """Raises `Missing` if there is no such task."""
    row = tx.execute(select(TASK).where(TASK.c.id == id_)).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_TASK, id_)
    return _view(row)


def revive(tx: Connection, id_: str, at: datetime) -> TaskView:
    """Let a dead task be tried again, at once and as often as a new one; gives it as it was.

    Raises `Missing`; `Conflict` if it is not dead, or if trying again could do nothing any more.
    """
    found = _dead(tx, id_)
    if kinds.of(found.kind).is_final:
        raise Conflict(FINAL, id_)
    dead = (TASK.c.id == id_) & (TASK.c.state == TaskState.DEAD)
    values = {"state": TaskState.WAITING, "attempts": 0, "due_at": micros_z(at)}
    if tx.execute(TASK.update().where(dead).values(values)).rowcount != 1:
        raise Conflict(NOT_DEAD, id_)
    return found


def forget(tx: Connection, id_: str) -> TaskView:
    """Take a dead task from the list; gives it as it was. Raises `Missing`, `Conflict`."""
    found = _dead(tx, id_)
    if not queue.forget(tx, id_):
        raise Conflict(NOT_DEAD, id_)
    return found


def _dead(tx: Connection, id_: str) -> TaskView:
    found = read(tx, id_)
    if found.state is not TaskState.DEAD:
        raise Conflict(NOT_DEAD, id_)
    return found


def counts(tx: Connection) -> Mapping[tuple[TaskState, str], int]:
    """How many tasks there are, by state and lane; every lane of this version is there."""
    rows = tx.execute(
        select(TASK.c.state, TASK.c.lane, func.count()).group_by(TASK.c.state, TASK.c.lane)
    )
    found = {(state, lane.value): 0 for state in TaskState for lane in Lane}
    return found | {(TaskState(state), lane): count for state, lane, count in rows}


def _view(row: Row[tuple[object]]) -> TaskView:
    return TaskView(
        id=row.id,
        kind=row.kind,
        lane=row.lane,
        organization=row.organization,
        payload=row.payload,
        state=TaskState(row.state),
        attempts=row.attempts,
        attempts_max=kinds.of(row.kind).attempts_max,
        created_at=instant(row.created_at),
        due_at=instant(row.due_at),
        failed_at=instant(row.failed_at) if row.failed_at else None,
        error=row.error or "",
    )
