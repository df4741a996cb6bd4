"""The queue of tasks: a table, so that a task exists exactly when its transaction does.

A task waits in the lane of its kind. In a lane the organizations take turns, so that one with a
thousand tasks delays another by one. An attempt counts when it is leased: also a task that ends the
process that does it is given up in the end.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, null, select, text

from fiscus.model.faults import Code, Unavailable
from fiscus.model.times import micros_z
from fiscus.outbox import kinds
from fiscus.outbox.kinds import Lane, TaskKind
from fiscus.store.connect import is_postgres
from fiscus.store.insert import insert_once
from fiscus.store.schema import TASK, TASK_TURN

TOO_MANY = Code(
    "TASK-LIMIT-01",
    "as many files of this organization as may wait are waiting already: ask again when one of "
    "them is done",
)

ERROR_MAX = 500
FEW = 200
"""So many tasks that are due are looked at in less time than it takes to look for one."""


class TaskState(StrEnum):
    """`waiting`: for its turn, for its next attempt, or for the end of the attempt that a worker
    has leased. `dead`: given up, listed until an operator revives or forgets it."""

    WAITING = "waiting"
    DEAD = "dead"


MOVES: dict[TaskState, frozenset[TaskState]] = {
    TaskState.WAITING: frozenset({TaskState.DEAD}),
    TaskState.DEAD: frozenset({TaskState.WAITING}),
}


class OutboxTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that a worker holds. `attempts` counts this one.

    `is_spent`: there is none left. The last attempt ended without a word when its lease ran out:
    the task is held to be given up, and for nothing else.
    """

    id: str
    kind: str
    payload: str
    attempts: int
    organization: str = ""
    is_spent: bool = False

    @property
    def is_last(self) -> bool:
        return self.attempts >= kinds.of(self.kind).attempts_max


def enqueue(
    tx: Connection,
    id_: str,
    kind: str,
    payload: str,
    at: datetime,
    organization: str = "",
    due: datetime | None = None,
) -> None:
    """Note work inside the business transaction that makes it necessary, due from `at` on, or from
    `due` on if that is said.

    `organization`: whose turn it takes; empty for the installation's own. Raises `Unavailable` if
    as many tasks of the kind wait for the organization as may.
    """
    known = kinds.declared(kind)
    if known.waiting_max and organization:
        _expect_room(tx, known, organization)
    tx.execute(
        TASK.insert().values(
            id=id_,
            kind=kind,
            lane=known.lane,
            organization=organization,
            payload=payload,
            state=TaskState.WAITING,
            created_at=micros_z(at),
            due_at=micros_z(due or at),
            attempts=0,
        )
    )


def ensure(
    tx: Connection, id_: str, kind: str, payload: str, at: datetime, organization: str = ""
) -> None:
    """Note work that may be noted already: there is one task with this id, however often it is
    asked for. Nobody can end it before this transaction ends, so that whoever does it sees what
    was written beside (`held`)."""
    there = select(TASK.c.id).where(TASK.c.id == id_).with_for_update(read=True, key_share=True)
    row = {
        "id": id_,
        "kind": kind,
        "lane": kinds.declared(kind).lane,
        "organization": organization,
        "payload": payload,
        "state": TaskState.WAITING,
        "created_at": micros_z(at),
        "due_at": micros_z(at),
        "attempts": 0,
    }
    while tx.scalar(there) is None:
        tx.execute(insert_once(tx, TASK), row)


def _expect_room(tx: Connection, kind: TaskKind, organization: str) -> None:
    if is_postgres(tx):  # SQLite has one writer at a time anyway
        tx.execute(
            text("SELECT pg_advisory_xact_lock(:number)"),
            {"number": _number(f"{kind.name} {organization}")},
        )
    mine = _waiting(kind.lane) & (TASK.c.organization == organization) & (TASK.c.kind == kind.name)
    found = select(TASK.c.id).where(mine).limit(kind.waiting_max).subquery()
    if tx.execute(select(func.count()).select_from(found)).scalar_one() >= kind.waiting_max:
        raise Unavailable(TOO_MANY)


def _number(name: str) -> int:
    """For a lock of PostgreSQL."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def lease(
    tx: Connection, at: datetime, lane: Lane | None = None, excluded: Collection[str] = ()
) -> OutboxTask | None:
    """Take the task that has been due longest of the organization whose turn it is; it is ours
    until the lease ends. `lane` None: of the first lane that has one. `excluded`: organizations
    that are passed over.

    Two workers never take the same: PostgreSQL skips locked rows, SQLite locks the database.
    """
    for one in Lane if lane is None else (lane,):
        if task := _lease(tx, one, at, excluded):
            return task
    return None


def lease_one(tx: Connection, id_: str, at: datetime) -> OutboxTask | None:
    """Take the task with this id, out of turn: for a command that does it while a person waits.
    None if it is not due, or not there any more."""
    mine = (TASK.c.id == id_) & (TASK.c.state == TaskState.WAITING)
    row = tx.execute(
        select(TASK).where(mine, TASK.c.due_at <= micros_z(at)).with_for_update(skip_locked=True)
    ).one_or_none()
    return _taken(tx, row, at) if row else None


def _lease(
    tx: Connection, lane: Lane, at: datetime, excluded: Collection[str]
) -> OutboxTask | None:
    last = tx.scalar(select(TASK_TURN.c.organization).where(TASK_TURN.c.lane == lane))
    for organization in _in_turn(tx, lane, at, last):
        if organization in excluded:
            continue
        if row := _first(tx, lane, at, organization):
            _note_turn(tx, lane, organization)
            return _taken(tx, row, at)
    return None


def _waiting(lane: Lane) -> ColumnElement[bool]:
    return (TASK.c.state == TaskState.WAITING) & (TASK.c.lane == lane)


def _in_turn(tx: Connection, lane: Lane, at: datetime, last: str | None) -> Iterator[str]:
    """Organizations that may have a task that is due, in the order of their ids, from the one
    behind `last` once around: whoever waits is served before anyone is served twice.

    Few tasks that are due are looked at, one and all. Of many, only the next organization is
    looked for: what either costs does not grow with the number of tasks. Ids are hexadecimal, which
    every database and Python sort alike.
    """
    due = select(TASK.c.organization).where(_waiting(lane), TASK.c.due_at <= micros_z(at))
    few = tx.scalars(due.order_by(TASK.c.due_at).limit(FEW)).all()
    if len(few) < FEW:
        yield from sorted(set(few), key=lambda one: (last is not None and one <= last, one))
        return
    behind = last
    while (behind := _next(tx, lane, at, behind)) is not None:
        yield behind
    if last is not None:
        while (behind := _next(tx, lane, at, behind)) is not None and behind <= last:
            yield behind


def _next(tx: Connection, lane: Lane, at: datetime, behind: str | None) -> str | None:
    """The next organization with a task that is due, or the last of all that has none; None behind
    that. The database goes from organization to organization in the index.

    Scalar subqueries with a limit: of EXISTS, PostgreSQL makes a join that reads the whole table at
    each step.
    """
    waiting = select(TASK.c.organization).where(_waiting(lane))
    nearest = waiting.order_by(TASK.c.organization).limit(1)
    if behind is not None:
        nearest = nearest.where(TASK.c.organization > behind)
    ring = select(nearest.scalar_subquery().label("organization")).cte("ring", recursive=True)
    here = ring.c.organization
    is_due = waiting.where(TASK.c.organization == here, TASK.c.due_at <= micros_z(at))
    following = waiting.where(TASK.c.organization > here).order_by(TASK.c.organization)
    ring = ring.union_all(
        select(following.limit(1).correlate(ring).scalar_subquery()).where(
            here.is_not(null()),
            is_due.order_by(TASK.c.due_at).limit(1).correlate(ring).scalar_subquery().is_(null()),
        )
    )
    found: str | None = tx.scalar(select(func.max(ring.c.organization)))
    return found


def _first(
    tx: Connection, lane: Lane, at: datetime, organization: str
) -> Row[tuple[object]] | None:
    return tx.execute(
        select(TASK)
        .where(
            _waiting(lane),
            TASK.c.organization == organization,
            TASK.c.due_at <= micros_z(at),
        )
        .order_by(TASK.c.due_at, TASK.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def _note_turn(tx: Connection, lane: Lane, organization: str) -> None:
    """Who notes a turn at this very moment is not waited for: that one turn may come twice."""
    mine = select(TASK_TURN.c.lane).where(TASK_TURN.c.lane == lane)
    if tx.scalar(mine.with_for_update(skip_locked=True)):
        turn = TASK_TURN.update().where(TASK_TURN.c.lane == lane)
        tx.execute(turn.values(organization=organization))
    elif tx.scalar(mine) is None:
        tx.execute(insert_once(tx, TASK_TURN).values(lane=lane, organization=organization))


def _taken(tx: Connection, row: Row[tuple[object]], at: datetime) -> OutboxTask:
    kind = kinds.of(row.kind)
    is_spent = row.attempts >= kind.attempts_max
    attempts = row.attempts if is_spent else row.attempts + 1
    lease_end = micros_z(at + kind.lease)
    leased = TASK.update().where(TASK.c.id == row.id)
    tx.execute(leased.values(due_at=lease_end, attempts=attempts))
    return OutboxTask(
        id=row.id,
        kind=row.kind,
        payload=row.payload,
        attempts=attempts,
        organization=row.organization,
        is_spent=is_spent,
    )


def is_due(
    tx: Connection, at: datetime, lane: Lane | None = None, excluded: Collection[str] = ()
) -> bool:
    """Whether any task waits, without taking a lock; `excluded` as in `lease`."""
    lanes = tuple(Lane) if lane is None else (lane,)
    if excluded:
        return any(one not in excluded for each in lanes for one in _in_turn(tx, each, at, None))
    return any(
        tx.scalar(select(TASK.c.id).where(_waiting(one), TASK.c.due_at <= micros_z(at)).limit(1))
        is not None
        for one in lanes
    )


def _held(task: OutboxTask) -> ColumnElement[bool]:
    """Whether the task is still the worker's own."""
    return (
        (TASK.c.id == task.id)
        & (TASK.c.attempts == task.attempts)
        & (TASK.c.state == TaskState.WAITING)
    )


def renew(tx: Connection, task: OutboxTask, at: datetime) -> bool:
    """Go on holding the task; False if another worker has taken it meanwhile."""
    lease_end = micros_z(at + kinds.of(task.kind).lease)
    return tx.execute(TASK.update().where(_held(task)).values(due_at=lease_end)).rowcount == 1


def held(tx: Connection, task: OutboxTask) -> bool:
    """Wait until all who ensured the task have ended, and let nobody ensure it before this
    transaction ends; False if another worker has it."""
    return tx.scalar(select(TASK.c.id).where(_held(task)).with_for_update()) is not None


def take_up(tx: Connection, task: OutboxTask, at: datetime) -> bool:
    """As `renew`, for a task that others may hasten: from here on they leave it alone."""
    lease_end = micros_z(at + kinds.of(task.kind).lease)
    values = {"due_at": lease_end, "error": None}
    return tx.execute(TASK.update().where(_held(task)).values(values)).rowcount == 1


def put_off(tx: Connection, task: OutboxTask, due: datetime, why: str) -> bool:
    """Let go of the task until then: what it is for goes on; False if it was not ours."""
    values = {"due_at": micros_z(due), "error": why[:ERROR_MAX]}
    return tx.execute(TASK.update().where(_held(task)).values(values)).rowcount == 1


def hasten(tx: Connection, ids: Sequence[str], at: datetime) -> None:
    """Let these tasks be taken at once if they were put off. One that a worker has taken up is left
    alone; one that was leased just now and is not taken up yet is taken from its worker."""
    is_put_off = TASK.c.error.is_not(None) & (TASK.c.due_at > micros_z(at))
    mine = TASK.c.id.in_(ids) & (TASK.c.state == TaskState.WAITING) & is_put_off
    tx.execute(TASK.update().where(mine).values(due_at=micros_z(at)))


def bring_forward(tx: Connection, id_: str, at: datetime) -> None:
    """A task that nobody has begun is due now, however long it was to wait."""
    waiting = (TASK.c.id == id_) & (TASK.c.state == TaskState.WAITING) & (TASK.c.attempts == 0)
    later = TASK.c.due_at > micros_z(at)
    tx.execute(TASK.update().where(waiting, later).values(due_at=micros_z(at)))


def done(tx: Connection, task: OutboxTask) -> bool:
    """The work is finished, in the transaction that keeps its result; False if it was not ours."""
    return tx.execute(TASK.delete().where(_held(task))).rowcount == 1


def failed(tx: Connection, task: OutboxTask, error: str, at: datetime) -> None:
    """Try again later, as its kind says."""
    wait = kinds.of(task.kind).wait(task.id, task.attempts)
    tx.execute(
        TASK.update()
        .where(_held(task))
        .values(due_at=micros_z(at + wait), error=error[:ERROR_MAX], failed_at=micros_z(at))
    )


def given_up(tx: Connection, task: OutboxTask, error: str, at: datetime) -> bool:
    """Never try again; False if it was not ours. It stays listed as dead if its kind says so."""
    if not kinds.of(task.kind).is_listed:
        return done(tx, task)
    dead = TASK.update().where(_held(task))
    values = {"state": TaskState.DEAD, "error": error[:ERROR_MAX], "failed_at": micros_z(at)}
    return tx.execute(dead.values(values)).rowcount == 1


def forget(tx: Connection, id_: str) -> bool:
    """Take a dead task from the list, also to make room for a new one with its id; False if there
    is none."""
    dead = (TASK.c.id == id_) & (TASK.c.state == TaskState.DEAD)
    return tx.execute(TASK.delete().where(dead)).rowcount == 1


def backlog(tx: Connection) -> tuple[int, str]:
    """How many tasks wait, and since when the oldest is due (empty if none)."""
    count, oldest = tx.execute(
        select(func.count(), func.min(TASK.c.due_at)).where(TASK.c.state == TaskState.WAITING)
    ).one()
    return count, oldest or ""
