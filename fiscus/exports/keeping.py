"""How long artifacts live: a job refers to its file before it is there, and what nobody refers to
any more is dropped by a task of its own.

Equal journals give equal files, so a new job may come to the file that an old one is about to
lose. Both decide under one lock, and a drop that has begun is waited for.
"""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select, text

from fiscus.exports import jobs
from fiscus.exports.engines import Engines
from fiscus.exports.states import State
from fiscus.model.faults import Code, Unavailable
from fiscus.model.times import micros_z
from fiscus.outbox import queue
from fiscus.outbox.queue import Task
from fiscus.store.artifacts import Artifact, described
from fiscus.store.connect import is_postgres, writing
from fiscus.store.schema import FILE, TASK

BEING_DROPPED = Code(
    "EXPORT-KEEP-01", "the same file is being removed just now; it is made again shortly"
)

TASK_DROP = "drop"

LIFE = timedelta(days=7)
"""How long a file of one format can be fetched; whoever comes later asks for it again."""


def keep(desk: Engines, job: jobs.File, draft: Path) -> Artifact:
    """Note which file the job will have, then put it there."""
    kept = described(draft)
    with writing(desk.engine) as tx:
        _refer(tx, job.id, kept.digest, desk.clock())
    desk.artifacts.take(draft, kept)
    return kept


def _refer(tx: Connection, job: str, digest: str, at: datetime) -> None:
    before = tx.scalar(select(FILE.c.artifact).where(FILE.c.id == job))
    for one in sorted({digest, before or digest}):
        _lock(tx, one)
    waiting = (TASK.c.id == _task(digest)) & (TASK.c.attempts == 0)
    tx.execute(TASK.delete().where(waiting))
    if tx.scalar(select(TASK.c.id).where(TASK.c.id == _task(digest))):
        raise Unavailable(BEING_DROPPED)
    tx.execute(FILE.update().where(FILE.c.id == job).values(artifact=digest))
    if before and before != digest:
        _drop_if_unused(tx, before, at)


def expire(desk: Engines, limit: int = 100) -> int:
    """Take their files from jobs whose time is over, and from failed ones; gives how many."""
    now = desk.clock()
    is_over = (FILE.c.expires_at <= micros_z(now)) | (FILE.c.state == State.FAILED)
    with writing(desk.engine) as tx:
        rows = tx.execute(
            select(FILE.c.id, FILE.c.artifact)
            .where(FILE.c.artifact.is_not(None), is_over)
            .order_by(FILE.c.artifact)
            .limit(limit)
        ).all()
        for row in rows:
            _lock(tx, row.artifact)
            tx.execute(FILE.update().where(FILE.c.id == row.id).values(artifact=None))
            _drop_if_unused(tx, row.artifact, now)
    return len(rows)


def _drop_if_unused(tx: Connection, digest: str, at: datetime) -> None:
    """Whoever calls this holds the lock."""
    if tx.scalar(select(FILE.c.id).where(FILE.c.artifact == digest).limit(1)):
        return
    if not tx.scalar(select(TASK.c.id).where(TASK.c.id == _task(digest))):
        queue.enqueue(tx, _task(digest), TASK_DROP, digest, at)


def drop(desk: Engines, task: Task) -> None:
    """Remove the file. Whoever wants it meanwhile waits until the task is done."""
    desk.artifacts.drop(task.payload)
    with writing(desk.engine) as tx:
        queue.done(tx, task)


def give_up(desk: Engines, task: Task, error: str) -> None:
    """The file stays where nobody refers to it; the worker's log says so."""
    with writing(desk.engine) as tx:
        queue.done(tx, task)


def _task(digest: str) -> str:
    return f"{TASK_DROP}:{digest}"


def _lock(tx: Connection, digest: str) -> None:
    """Until the end of the transaction; SQLite has one writer at a time anyway."""
    if is_postgres(tx):
        number = int.from_bytes(bytes.fromhex(digest[:16]), "big", signed=True)
        tx.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
