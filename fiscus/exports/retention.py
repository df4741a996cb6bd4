"""How long artifacts are kept: a job refers to its file before the file exists, and what no job
refers to any more is deleted by a task.

Equal journals give equal files, so a new job may come to the file that an old one is about to
lose. Both decide under one lock, and a drop that has begun is waited for.
"""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Table, select, text

from fiscus.exports import jobs
from fiscus.exports.services import ExportServices
from fiscus.exports.states import ExportState
from fiscus.model.faults import Code, Unavailable
from fiscus.model.times import micros_z
from fiscus.outbox import kinds, queue
from fiscus.outbox.kinds import Lane, TaskKind
from fiscus.outbox.queue import OutboxTask
from fiscus.store.artifacts import Artifact, described
from fiscus.store.connect import is_postgres, writing
from fiscus.store.schema import EXPORT_JOB, FILE, TASK

BEING_DROPPED = Code(
    "EXPORT-KEEP-01", "the same file is being removed just now; it is made again shortly"
)

TASK_DROP = "drop"
kinds.declare(TaskKind(name=TASK_DROP, lane=Lane.STEADY))

LIFE = timedelta(days=7)
"""How long a file of one format can be fetched; later it must be asked for again."""


def keep(services: ExportServices, job: jobs.ExportFile, draft: Path) -> Artifact:
    """Note which file the job will have, then put it there."""
    return _keep(services, FILE, job.id, draft)


def keep_of_books(services: ExportServices, job: str, draft: Path) -> Artifact:
    """The same for a job that carries the books; its file is kept for good."""
    return _keep(services, EXPORT_JOB, job, draft)


def _keep(services: ExportServices, table: Table, job: str, draft: Path) -> Artifact:
    kept = described(draft)
    with writing(services.engine) as tx:
        _refer(tx, table, job, kept.digest, services.clock())
    services.artifacts.take(draft, kept)
    return kept


def _refer(tx: Connection, table: Table, job: str, digest: str, at: datetime) -> None:
    before = tx.scalar(select(table.c.artifact).where(table.c.id == job))
    for one in sorted({digest, before or digest}):
        _lock(tx, one)
    queue.forget(tx, _task(digest))
    waiting = (TASK.c.id == _task(digest)) & (TASK.c.attempts == 0)
    tx.execute(TASK.delete().where(waiting))
    if tx.scalar(select(TASK.c.id).where(TASK.c.id == _task(digest))):
        raise Unavailable(BEING_DROPPED)
    tx.execute(table.update().where(table.c.id == job).values(artifact=digest))
    if before and before != digest:
        _drop_if_unused(tx, before, at)


def expire(services: ExportServices, limit: int = 100) -> int:
    """Take their files from jobs whose time is over, and from failed ones; gives how many."""
    now = services.clock()
    is_over = (FILE.c.expires_at <= micros_z(now)) | (FILE.c.state == ExportState.FAILED)
    with writing(services.engine) as tx:
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
    """The caller holds the lock."""
    for table in (FILE, EXPORT_JOB):
        if tx.scalar(select(table.c.id).where(table.c.artifact == digest).limit(1)):
            return
    queue.forget(tx, _task(digest))
    if not tx.scalar(select(TASK.c.id).where(TASK.c.id == _task(digest))):
        queue.enqueue(tx, _task(digest), TASK_DROP, digest, at)


def drop(services: ExportServices, task: OutboxTask) -> None:
    """Remove the file. A job that needs it meanwhile waits until the task is done."""
    services.artifacts.drop(task.payload)
    with writing(services.engine) as tx:
        queue.done(tx, task)


def _task(digest: str) -> str:
    return f"{TASK_DROP}:{digest}"


def _lock(tx: Connection, digest: str) -> None:
    """Until the end of the transaction; SQLite has one writer at a time anyway."""
    if is_postgres(tx):
        number = int.from_bytes(bytes.fromhex(digest[:16]), "big", signed=True)
        tx.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
