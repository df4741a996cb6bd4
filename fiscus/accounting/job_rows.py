"""Export jobs as values and as rows of the table, and how all writers find one: locked."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, select

from fiscus.accounting.states import UNFINISHED, JobAct, JobFailure, JobStatus
from fiscus.journal.statement import StatedJob
from fiscus.model.faults import Code, Missing
from fiscus.model.kinds import StatementKind
from fiscus.model.times import instant, micros_z
from fiscus.registry import stating
from fiscus.store.accounting_schema import EXPORT_JOB

UNKNOWN_JOB = Code("BOOKS-JOB-02", "no export job with this id is visible to you")

PULL = "pull"
"""The target of jobs that a program of the caller works off."""

EXPIRES_IN = 3_600
"""Seconds that an unfinished job lives from the last act on."""

EXPIRED_REASON = (
    "Nothing was reported for the whole time that the job may rest. What was successful stays so; "
    "make a new job of the rest, or retry this one."
)

SHOWN = [column for column in EXPORT_JOB.columns if column.name != "bookkeeping"]
"""All columns of a job but the long one: what was frozen with it."""


class ExportJob(msgspec.Struct, frozen=True, kw_only=True):
    """One batch of a company's accounting entries on its way to one accounting system.

    `target` is `pull` (a program of the caller works it off) or the code of a format that we write.
    `items` counts its entries; `expires_in` are seconds from `last_updated_at`, the last act on it.
    `created_by` is who is said to have asked, `asked_by` the API key or command that did.
    `retry_of` is the job whose open items it takes up again. Of a written file: `artifact` (its
    SHA-256), `bytes`, `file_name`. All instants are UTC; what is not there is empty.
    """

    id: str
    company: str
    organization: str
    target: str
    status: JobStatus
    items: int
    is_interactive: bool
    is_vendor_based: bool
    expires_in: int
    created_by: str = ""
    asked_by: str
    created_at: datetime
    started_at: datetime | None = None
    last_updated_at: datetime
    completed_at: datetime | None = None
    expired_at: datetime | None = None
    failure_reason: str = ""
    failure_type: JobFailure | None = None
    retry_of: str = ""
    artifact: str = ""
    bytes: int = 0
    file_name: str = ""

    @property
    def expires_at(self) -> datetime:
        """The last instant at which an unfinished job still lives."""
        return self.last_updated_at + timedelta(seconds=self.expires_in)

    def is_overdue(self, now: datetime) -> bool:
        return not self.status.is_finished and now > self.expires_at


def judged(job: ExportJob, now: datetime) -> ExportJob:
    """The job as it is at that instant: one that rests too long has failed, whether or not anybody
    has noted it. It expired when its time was over, not when it was looked at."""
    if not job.is_overdue(now):
        return job
    return msgspec.structs.replace(
        job,
        status=JobStatus.FAILED,
        expired_at=job.expires_at,
        failure_reason=EXPIRED_REASON,
        failure_type=JobFailure.JOB_EXPIRED,
    )


def unfinished(tx: Connection, where: ColumnElement[bool]) -> list[ExportJob]:
    """The unfinished jobs among those, as they are stored, oldest first. There are few: one pull
    job of each company, and the files that are being written."""
    query = select(*SHOWN).where(EXPORT_JOB.c.status.in_(UNFINISHED), where)
    query = query.order_by(EXPORT_JOB.c.created_at, EXPORT_JOB.c.id)
    return [job_of(row) for row in tx.execute(query)]


def held(tx: Connection, id_: str) -> ExportJob:
    """The job as it is stored, locked until the transaction ends. Raises `Missing`."""
    query = select(*SHOWN).where(EXPORT_JOB.c.id == id_).with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_JOB)
    return job_of(row)


def write(tx: Connection, job: ExportJob) -> None:
    """Keep what may change of a job."""
    changed = {
        name: value
        for name, value in row_of(job).items()
        if name not in {"id", "bookkeeping", "company", "organization", "created_at"}
    }
    tx.execute(EXPORT_JOB.update().where(EXPORT_JOB.c.id == job.id).values(changed))


def state(tx: Connection, job: ExportJob, act: JobAct, *, items: int, sha256: str, by: str) -> None:
    """Say in the chain of the organization what happened to a job."""
    stating.stating(tx).state(
        tx,
        StatementKind.JOB,
        organization=job.organization,
        by=by,
        job=StatedJob(
            job=job.id,
            company=job.company,
            act=act.value,
            status=job.status.value,
            items=items,
            sha256=sha256,
        ),
    )


def row_of(job: ExportJob) -> dict[str, object]:
    """The job by the names of the table's columns, but for what was frozen with it."""
    return {
        "id": job.id,
        "company": job.company,
        "organization": job.organization,
        "target": job.target,
        "status": job.status.value,
        "is_interactive": int(job.is_interactive),
        "is_vendor_based": int(job.is_vendor_based),
        "items": job.items,
        "expires_in": job.expires_in,
        "created_by": job.created_by or None,
        "asked_by": job.asked_by,
        "created_at": micros_z(job.created_at),
        "started_at": _text(job.started_at),
        "last_updated_at": micros_z(job.last_updated_at),
        "completed_at": _text(job.completed_at),
        "expired_at": _text(job.expired_at),
        "failure_reason": job.failure_reason or None,
        "failure_type": job.failure_type.value if job.failure_type else None,
        "retry_of": job.retry_of or None,
        "artifact": job.artifact or None,
        "bytes": job.bytes if job.artifact else None,
        "file_name": job.file_name or None,
    }


def job_of(row: Row[Any]) -> ExportJob:
    """The inverse, of a row with the columns that are `SHOWN`."""
    return ExportJob(
        id=row.id,
        company=row.company,
        organization=row.organization,
        target=row.target,
        status=JobStatus(row.status),
        items=row.items,
        is_interactive=bool(row.is_interactive),
        is_vendor_based=bool(row.is_vendor_based),
        expires_in=row.expires_in,
        created_by=row.created_by or "",
        asked_by=row.asked_by,
        created_at=instant(row.created_at),
        started_at=_instant(row.started_at),
        last_updated_at=instant(row.last_updated_at),
        completed_at=_instant(row.completed_at),
        expired_at=_instant(row.expired_at),
        failure_reason=row.failure_reason or "",
        failure_type=JobFailure(row.failure_type) if row.failure_type else None,
        retry_of=row.retry_of or "",
        artifact=row.artifact or "",
        bytes=row.bytes or 0,
        file_name=row.file_name or "",
    )


def _text(at: datetime | None) -> str | None:
    return micros_z(at) if at else None


def _instant(text: str | None) -> datetime | None:
    return instant(text) if text else None
