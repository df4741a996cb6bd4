"""Export jobs: batches of accounting entries on their way into an accounting system.

A job holds its entries until it is finished, so that each goes one way only. One that rests longer
than it may has failed: whoever reads or writes judges that by comparison, a chore notes it.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, or_, select
from sqlalchemy.exc import IntegrityError

from fiscus.accounting import (
    bookkeeping,
    freezing,
    items,
    job_events,
    job_rows,
    pages,
    states,
    targets,
)
from fiscus.accounting.entry_rows import EntryStatus, named_of
from fiscus.accounting.freezing import MISSING_CONTRA as MISSING_CONTRA
from fiscus.accounting.job_rows import EXPIRES_IN as EXPIRES_IN
from fiscus.accounting.job_rows import PULL as PULL
from fiscus.accounting.job_rows import UNKNOWN_JOB as UNKNOWN_JOB
from fiscus.accounting.job_rows import ExportJob as ExportJob
from fiscus.accounting.mapping import BooksContent
from fiscus.accounting.pages import Page, PageRequest, SortOrder
from fiscus.accounting.states import (
    ItemFailure,
    ItemStatus,
    JobAct,
    JobEvent,
    JobFailure,
    JobStatus,
)
from fiscus.model.faults import Code, Conflict, Fault, Missing, Refused
from fiscus.model.times import micros_z
from fiscus.registry import taxpayers
from fiscus.registry.organizations import among
from fiscus.registry.stating import SERVICE
from fiscus.store.accounting_schema import (
    ACCOUNTING_ENTRY,
    EXPORT_JOB,
    EXPORT_JOB_ITEM,
    EXPORT_JOB_REGISTER,
)

ALREADY_IN_PROGRESS = Code(
    "BOOKS-JOB-04",
    "this company has an unfinished export job already: finish or cancel it, or wait until it "
    "expires",
)
NO_ENTRIES = Code("BOOKS-JOB-05", "an export job has at least one accounting entry")
TOO_MANY_ENTRIES = Code(
    "BOOKS-JOB-06", "an export job has at most 20000 accounting entries: make several"
)
UNKNOWN_ENTRIES = Code(
    "BOOKS-JOB-07", "no accounting entry of this company has this id, or it was deleted"
)
LOCKED_ENTRIES = Code(
    "BOOKS-JOB-08",
    "an unfinished export job holds this accounting entry: wait for its end, or leave it out",
)
EXPORTED_ENTRIES = Code("BOOKS-JOB-09", "this accounting entry was exported already: leave it out")
UNFINISHED_JOB = Code(
    "BOOKS-JOB-11", "this export job is not finished: wait for its end, or cancel it first"
)
NOTHING_LEFT = Code(
    "BOOKS-JOB-12", "nothing of this export job is left to retry: all was exported or is held"
)

ENTRIES_MAX = 20_000
"""A job takes its entries in one transaction, and on SQLite tills wait for it meanwhile."""

_PIECE = 500
"""How many entries are read at a time."""

_PATHS_MAX = 100
"""How many wrong entries one refusal names."""


def create(
    tx: Connection,
    *,
    id_: str,
    company: str,
    organization: str,
    entries: Sequence[str],
    target: str = PULL,
    by: str,
    created_by: str = "",
    is_interactive: bool = True,
    is_vendor_based: bool = False,
    must_have_contra: bool = False,
    retry_of: str = "",
    at: datetime,
) -> ExportJob:
    """A job of these entries (one that is named twice counts once), which it holds from now on.

    Each entry is frozen with its accounts as the company maps them now. One that has no account, or
    that the format of the target cannot hold, fails here and keeps no other one back. Raises
    `Conflict` if the company has an unfinished pull job and this is one, or if entries are held or
    exported already; `Refused` with all wrong entries, with all that is wrong with the target, or
    with `must_have_contra` if the contra account is not mapped; `Missing` if the company keeps no
    books. Then nothing is written.
    """
    wanted = list(dict.fromkeys(entries))
    if not wanted or len(wanted) > ENTRIES_MAX:
        raise Refused(TOO_MANY_ENTRIES if wanted else NO_ENTRIES, "accountingEntryIds")
    _, content = bookkeeping.of(tx, company)
    if target != PULL:
        targets.expect_writable(taxpayers.by_id(tx, company).taxpayer.regime, content, target)
    _expire_all(tx, EXPORT_JOB.c.company == company, at)
    job = ExportJob(
        id=id_,
        company=company,
        organization=organization,
        target=target,
        status=JobStatus.PENDING,
        items=len(wanted),
        is_interactive=is_interactive,
        is_vendor_based=is_vendor_based,
        expires_in=content.expires_in,
        created_by=created_by,
        asked_by=by,
        created_at=at,
        last_updated_at=at,
        retry_of=retry_of,
    )
    with tx.begin_nested():
        _insert(tx, job, content)
        chosen = _locked(tx, company, wanted)
        _judge(entries, {one.id: one for one in chosen})
        ids = [one.id for one in chosen]
        sha256 = freezing.freeze(tx, job, ids, content, must_have_contra=must_have_contra)
        _queue(tx, job, at)
        job_rows.state(tx, job, JobAct.CREATED, items=job.items, sha256=sha256, by=by)
    job_events.told(tx, job, JobAct.CREATED, at)
    return job


def find(tx: Connection, organizations: Collection[str], id_: str, now: datetime) -> ExportJob:
    """The job of one of these organizations, as it is now: one that rests too long is shown as
    failed. Writes nothing. Raises `Missing`."""
    row = tx.execute(select(*job_rows.SHOWN).where(EXPORT_JOB.c.id == id_)).one_or_none()
    if row is None or row.organization not in organizations:
        raise Missing(UNKNOWN_JOB)
    return job_rows.judged(job_rows.job_of(row), now)


SORTABLE = {
    "id": EXPORT_JOB.c.id,
    "created_at": EXPORT_JOB.c.created_at,
    "last_updated_at": EXPORT_JOB.c.last_updated_at,
    "started_at": EXPORT_JOB.c.started_at,
    "completed_at": EXPORT_JOB.c.completed_at,
    "status": EXPORT_JOB.c.status,
    "target": EXPORT_JOB.c.target,
    "items": EXPORT_JOB.c["items"],
}
"""What lists of jobs can be sorted by."""


def listed(
    tx: Connection,
    organizations: Collection[str],
    *,
    company: str | None = None,
    statuses: Collection[JobStatus] = (),
    targets: Collection[str] = (),
    registers: Collection[str] = (),
    created_from: datetime | None = None,
    created_until: datetime | None = None,
    request: PageRequest,
    now: datetime,
) -> Page[ExportJob]:
    """The jobs of these organizations, oldest first unless another order is wanted; of some
    statuses and targets only, if any are named; with an entry of one of these registers, if any are
    named; created from one instant on and before another.
    Jobs that rest too long are found and shown as failed."""
    where: list[ColumnElement[bool]] = [among(EXPORT_JOB.c.organization, organizations)]
    if company is not None:
        where.append(EXPORT_JOB.c.company == company)
    if targets:
        where.append(EXPORT_JOB.c.target.in_(list(targets)))
    if registers:
        of_register = EXPORT_JOB_REGISTER.c.register.in_(list(registers))
        where.append(EXPORT_JOB.c.id.in_(select(EXPORT_JOB_REGISTER.c.job).where(of_register)))
    if created_from is not None:
        where.append(EXPORT_JOB.c.created_at >= micros_z(created_from))
    if created_until is not None:
        where.append(EXPORT_JOB.c.created_at < micros_z(created_until))
    if statuses:
        where.append(_has_status(tx, and_(*where), statuses, now))
    return pages.page(
        tx,
        select(*job_rows.SHOWN).where(*where),
        request,
        allowed=SORTABLE,
        unique=("id",),
        decode=lambda row: job_rows.judged(job_rows.job_of(row), now),
        default=(("created_at", SortOrder.ASC),),
    )


def event(
    tx: Connection,
    job: ExportJob,
    what: JobEvent,
    *,
    reason: str | None = None,
    failure_type: JobFailure | ItemFailure | None = None,
    by: str,
    at: datetime,
) -> ExportJob:
    """What the program that works the job off says of it. A closing event is never checked against
    the items: what was not reported is abandoned, and the entries that were not exported are free.

    A reason is kept with any closing event, a type that only items have as a failed validation.
    Raises `Conflict` if the event cannot follow.
    """
    job = job_rows.judged(job_rows.held(tx, job.id), at)
    status = states.after(job.status, what)
    if what == JobEvent.STARTED:
        job = msgspec.structs.replace(job, status=status, started_at=at)
        _started(tx, job, at)
        return _moved(tx, job, JobAct.STARTED, by=by, at=at)
    is_completed = status != JobStatus.FAILED
    job = msgspec.structs.replace(
        job,
        status=status,
        completed_at=at if is_completed else None,
        failure_reason=reason or "",
        failure_type=states.shown_failure(failure_type) if failure_type else None,
    )
    items.abandon(tx, job.id, at)
    return _moved(tx, job, JobAct(what.value), by=by, at=at)


def cancel(tx: Connection, job: ExportJob, *, by: str, at: datetime) -> ExportJob:
    """Somebody wants an unfinished job no longer: it fails, and what was exported stays exported.
    Raises `Conflict` if it is finished."""
    job = items.held_unfinished(tx, job.id, at)
    job = msgspec.structs.replace(
        job, status=JobStatus.FAILED, failure_type=JobFailure.CANCELED_BY_USER
    )
    items.abandon(tx, job.id, at)
    return _moved(tx, job, JobAct.CANCELED, by=by, at=at)


def retry(
    tx: Connection,
    job: ExportJob,
    *,
    id_: str,
    by: str,
    must_have_contra: bool = False,
    at: datetime,
) -> ExportJob:
    """A new job, linked to this one, of what failed in it or was abandoned and neither was exported
    since nor is held by another job; with the accounts as they are mapped now. Raises `Conflict` if
    this one is not finished or nothing is left, and all that `create` raises."""
    _expire_all(tx, EXPORT_JOB.c.company == job.company, at)
    job = job_rows.held(tx, job.id)
    if not job.status.is_finished:
        raise Conflict(UNFINISHED_JOB, job.status)
    left = items.left(tx, job.id)
    if not left:
        raise Conflict(NOTHING_LEFT, job.id)
    return create(
        tx,
        id_=id_,
        company=job.company,
        organization=job.organization,
        entries=left,
        target=job.target,
        by=by,
        created_by=job.created_by,
        is_interactive=job.is_interactive,
        is_vendor_based=job.is_vendor_based,
        must_have_contra=must_have_contra,
        retry_of=job.id,
        at=at,
    )


def keep_file(
    tx: Connection, job: ExportJob, *, artifact: str, size: int, name: str, at: datetime
) -> ExportJob:
    """Note the file of a job: the SHA-256, size and name of its bytes. Raises `Conflict` if the job
    is finished."""
    job = items.held_unfinished(tx, job.id, at)
    job = msgspec.structs.replace(
        job, artifact=artifact, bytes=size, file_name=name, last_updated_at=_later(job, at)
    )
    job_rows.write(tx, job)
    return job


def frozen_books(tx: Connection, job: ExportJob) -> BooksContent:
    """The company's mapping and settings as they were when the job was made."""
    text = tx.execute(
        select(EXPORT_JOB.c.bookkeeping).where(EXPORT_JOB.c.id == job.id)
    ).scalar_one()
    return bookkeeping.from_text(text)


def progress(tx: Connection, job: ExportJob) -> dict[ItemStatus, int]:
    """How many items of the job have each status; all are named."""
    return items.progress(tx, job)


def expire(tx: Connection, now: datetime, limit: int) -> int:
    """Note which jobs rest too long, up to so many; gives how many there were."""
    return _expire_all(tx, EXPORT_JOB.c.last_updated_at < micros_z(now), now, limit)


def _expire_all(
    tx: Connection, where: ColumnElement[bool], now: datetime, limit: int | None = None
) -> int:
    overdue = [job for job in job_rows.unfinished(tx, where) if job.is_overdue(now)][:limit]
    count = 0
    for job in sorted(overdue, key=lambda one: one.id):
        # Somebody may have been faster: judge again what is locked now.
        expired = job_rows.judged(held := job_rows.held(tx, job.id), now)
        if expired == held:
            continue
        items.abandon(tx, expired.id, now)
        job_rows.write(tx, expired)
        _noted(tx, expired, JobAct.EXPIRED, by=SERVICE)
        count += 1
    return count


class _Chosen(NamedTuple):
    """What decides whether a job can take an entry."""

    id: str
    day: str
    status: str
    job: str | None
    deleted_at: str | None


def _insert(tx: Connection, job: ExportJob, content: BooksContent) -> None:
    """The database itself keeps a company at one unfinished pull job, whoever comes at the same
    time."""
    row = {**job_rows.row_of(job), "bookkeeping": bookkeeping.as_text(content)}
    try:
        with tx.begin_nested():
            tx.execute(EXPORT_JOB.insert().values(row))
    except IntegrityError as error:
        words = str(error.orig)
        if "uq_export_job_unfinished" in words or "export_job.company" in words:
            raise Conflict(ALREADY_IN_PROGRESS) from None
        raise


def _locked(tx: Connection, company: str, wanted: Sequence[str]) -> list[_Chosen]:
    """The entries that are there, locked until the transaction ends, by day and id."""
    entry = ACCOUNTING_ENTRY.c
    query = select(entry.id, entry.day, entry.status, entry.job, entry.deleted_at)
    # In one order for all, so that no two transactions wait for each other.
    ordered, found = sorted(wanted), []
    for start in range(0, len(ordered), _PIECE):
        piece = ordered[start : start + _PIECE]
        rows = tx.execute(
            query.where(named_of(company, piece)).order_by(entry.id).with_for_update()
        )
        found += [_Chosen(*row) for row in rows]
    return sorted(found, key=lambda one: (one.day, one.id))


def _judge(entries: Sequence[str], found: dict[str, _Chosen]) -> None:
    """Raises with all wrong entries at once, in the places where they were named."""
    wrong: dict[Code, list[str]] = {}
    for index, id_ in enumerate(entries):
        code = _wrong(found.get(id_))
        if code is not None:
            wrong.setdefault(code, []).append(f"accountingEntryIds[{index}]")
    if not wrong:
        return
    faults = tuple(
        Fault(code=code.id, text=code.text, paths=tuple(wrong[code][:_PATHS_MAX]))
        for code in (UNKNOWN_ENTRIES, LOCKED_ENTRIES, EXPORTED_ENTRIES)
        if code in wrong
    )
    if UNKNOWN_ENTRIES in wrong:
        raise Refused(UNKNOWN_ENTRIES, *faults[0].paths, faults=faults)
    code = LOCKED_ENTRIES if LOCKED_ENTRIES in wrong else EXPORTED_ENTRIES
    raise Conflict(code, *faults[0].paths, faults=faults)


def _wrong(one: _Chosen | None) -> Code | None:
    if one is None or one.deleted_at is not None:
        return UNKNOWN_ENTRIES
    if one.status == EntryStatus.EXPORTED:
        return EXPORTED_ENTRIES
    return LOCKED_ENTRIES if one.job is not None else None


def _queue(tx: Connection, job: ExportJob, at: datetime) -> None:
    """The entries of the items, which were locked before."""
    of_items = select(EXPORT_JOB_ITEM.c.entry).where(EXPORT_JOB_ITEM.c.job == job.id)
    tx.execute(
        ACCOUNTING_ENTRY.update()
        .where(ACCOUNTING_ENTRY.c.id.in_(of_items))
        .values(status=EntryStatus.QUEUED.value, job=job.id, updated_at=micros_z(at))
    )


def _started(tx: Connection, job: ExportJob, at: datetime) -> None:
    tx.execute(
        ACCOUNTING_ENTRY.update()
        .where(ACCOUNTING_ENTRY.c.job == job.id)
        .values(status=EntryStatus.EXPORTING.value, updated_at=micros_z(at))
    )


def _has_status(
    tx: Connection, where: ColumnElement[bool], statuses: Collection[JobStatus], now: datetime
) -> ColumnElement[bool]:
    """Of these statuses, where jobs that rest too long count as failed."""
    has: ColumnElement[bool] = EXPORT_JOB.c.status.in_([status.value for status in statuses])
    overdue = [job.id for job in job_rows.unfinished(tx, where) if job.is_overdue(now)]
    if not overdue:
        return has
    if JobStatus.FAILED in statuses:
        return or_(has, EXPORT_JOB.c.id.in_(overdue))
    return and_(has, EXPORT_JOB.c.id.not_in(overdue))


def _later(job: ExportJob, at: datetime) -> datetime:
    return max(at, job.last_updated_at)


def _moved(tx: Connection, job: ExportJob, act: JobAct, *, by: str, at: datetime) -> ExportJob:
    job = msgspec.structs.replace(job, last_updated_at=_later(job, at))
    job_rows.write(tx, job)
    _noted(tx, job, act, by=by)
    return job


def _noted(tx: Connection, job: ExportJob, act: JobAct, *, by: str) -> None:
    """What was said of a job as a whole, in the journal, and to those who want to know."""
    said = [act.value, job.failure_reason, job.failure_type]
    sha256 = hashlib.sha256(msgspec.json.encode(said)).hexdigest()
    job_rows.state(tx, job, act, items=0, sha256=sha256, by=by)
    job_events.told(tx, job, act, job.expired_at or job.last_updated_at)
