"""The queue of tasks: a table, so that a task exists exactly when its transaction does."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, func, select

from fiscus.model.times import micros_z
from fiscus.store.schema import TASK

LEASE = timedelta(minutes=2)
"""How long a worker may be silent before its task goes to another. It renews while it works."""

ATTEMPTS_MAX = 8


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """`attempts` counts this one."""

    id: str
    kind: str
    payload: str
    attempts: int

    @property
    def is_last(self) -> bool:
        return self.attempts >= ATTEMPTS_MAX


def enqueue(tx: Connection, id_: str, kind: str, payload: str, at: datetime) -> None:
    """Note work inside the business transaction that makes it necessary."""
    tx.execute(
        TASK.insert().values(
            id=id_, kind=kind, payload=payload, due_at=micros_z(at), attempts=0, error=None
        )
    )


def lease(tx: Connection, at: datetime) -> Task | None:
    """Take the task that has been due longest; it is ours until the lease ends.

    Two workers never take the same: PostgreSQL skips locked rows, SQLite locks the database.
    """
    row = tx.execute(
        select(TASK)
        .where(TASK.c.due_at <= micros_z(at))
        .order_by(TASK.c.due_at, TASK.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    tx.execute(
        TASK.update()
        .where(TASK.c.id == row.id)
        .values(due_at=micros_z(at + LEASE), attempts=row.attempts + 1)
    )
    return Task(id=row.id, kind=row.kind, payload=row.payload, attempts=row.attempts + 1)


def is_due(tx: Connection, at: datetime) -> bool:
    """Whether any task waits, without taking a lock."""
    return tx.scalar(select(TASK.c.id).where(TASK.c.due_at <= micros_z(at)).limit(1)) is not None


def renew(tx: Connection, task: Task, at: datetime) -> bool:
    """Go on holding the task; False if another worker has taken it meanwhile."""
    mine = (TASK.c.id == task.id) & (TASK.c.attempts == task.attempts)
    return tx.execute(TASK.update().where(mine).values(due_at=micros_z(at + LEASE))).rowcount == 1


def done(tx: Connection, task: Task) -> bool:
    """The work is finished, in the transaction that keeps its result; False if it was not ours."""
    mine = (TASK.c.id == task.id) & (TASK.c.attempts == task.attempts)
    return tx.execute(TASK.delete().where(mine)).rowcount == 1


def failed(tx: Connection, task: Task, error: str, at: datetime) -> None:
    """Try again later, each time twice as late."""
    tx.execute(
        TASK.update()
        .where(TASK.c.id == task.id, TASK.c.attempts == task.attempts)
        .values(due_at=micros_z(at + timedelta(seconds=2**task.attempts)), error=error[:500])
    )


def backlog(tx: Connection) -> tuple[int, str]:
    """How many tasks wait, and since when the oldest is due (empty if none)."""
    count, oldest = tx.execute(select(func.count(), func.min(TASK.c.due_at))).one()
    return count, oldest or ""
