"""Makes the file of an export job that no program of the caller works off, of the entries that its
format can hold, and every item hears how it ended.

What the job froze decides alone, so a file that is made again has the same bytes. A job whose
target is an audit file of the law hands that one over, for the days of its entries.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import msgspec
from sqlalchemy import Connection

from fiscus import formats, regimes
from fiscus.accounting import items, job_rows, jobs
from fiscus.accounting.jobs import ExportJob
from fiscus.accounting.states import (
    UNREPORTED,
    ItemStatus,
    JobEvent,
    JobFailure,
    JobStatus,
)
from fiscus.exports import completion, package, retention
from fiscus.exports.completion import ExportedFile
from fiscus.exports.jobs import WAITING_MAX
from fiscus.exports.select import selection, stated_taxpayer
from fiscus.exports.services import LOST, ExportServices, JobProgress
from fiscus.formats import BookFormat, Format
from fiscus.journal.statement import StatedHead
from fiscus.model.booked import BookBatch, BookedEntry, BookFile
from fiscus.model.faults import Code, Fault, Missing, Refused, Unavailable, is_sound
from fiscus.model.times import Period
from fiscus.outbox import kinds, queue
from fiscus.outbox.kinds import Lane, TaskKind
from fiscus.outbox.queue import OutboxTask
from fiscus.registry import stating
from fiscus.store.artifacts import Artifact
from fiscus.store.connect import reading, writing

NOTHING_LEFT = Code("BOOKS-WRITE-04", "none of the entries can be written: see the items")
UNSOUND = Code("BOOKS-WRITE-05", "the finished file does not pass the check of its own format")
NO_FILE = Code("BOOKS-WRITE-06", "this export job has no file")

TASK = "books"
# Given up, the job has failed: its entries are free for another one.
kinds.declare(TaskKind(name=TASK, lane=Lane.HEAVY, waiting_max=WAITING_MAX, is_final=True))

_REASON_MAX = 1_900
_DETAILS_MAX = 20


class RenderedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file on the disk, under the name that it is handed over with."""

    path: Path
    name: str
    media_type: str


def ask(tx: Connection, job: ExportJob) -> None:
    """Have the file of a job made that was just created, in its transaction. Raises `Unavailable`
    if as many of its organization wait as may."""
    queue.enqueue(tx, job.id, TASK, job.id, job.created_at, job.organization)


def do(services: ExportServices, task: OutboxTask) -> None:
    """Make the file of a job and close the job, in one transaction with the end of its task. What
    may pass is tried again; items that were told already are not told twice."""
    job = _begun(services, task)
    if job is None:
        return
    progress = JobProgress(services, task)
    with services.artifacts.scratch(job.id) as folder:
        try:
            with reading(services.engine) as tx:
                made = render(services, tx, job, folder, UNREPORTED, progress)
                heads = completion.heads(tx, job.organization)
        except (Refused, Missing) as trouble:
            _fail(services, task, job, trouble.faults)
            return
        with progress.alive():
            kept = retention.keep_of_books(services, job.id, made.path)
    with writing(services.engine) as tx:
        if not queue.done(tx, task):
            raise Unavailable(LOST)
        at = services.clock()
        jobs.keep_file(tx, job, artifact=kept.digest, size=kept.size, name=made.name, at=at)
        items.succeed(tx, job, external_id=made.name, by=stating.SERVICE, at=at)
        is_whole = jobs.progress(tx, job)[ItemStatus.SUCCESSFUL] == job.items
        event = JobEvent.COMPLETED if is_whole else JobEvent.COMPLETED_WITH_ERRORS
        jobs.event(tx, job, event, by=stating.SERVICE, at=at)
        _state(tx, job, kept, heads)


def _state(tx: Connection, job: ExportJob, kept: Artifact, heads: tuple[StatedHead, ...]) -> None:
    first, last = _days(tx, job)
    made = ExportedFile(
        organization=job.organization,
        file=job.id,
        type=job.target,
        period=Period(first=first, last=last),
        heads=heads,
    )
    completion.state(tx, made, kept, stating.SERVICE)


def _days(tx: Connection, job: ExportJob) -> tuple[date, date]:
    """The days of all entries of the job, also of those that are not in its file."""
    days = items.days(tx, job)
    assert days is not None, "a job has at least one entry"
    return days


def give_up(tx: Connection, task: OutboxTask, error: str, at: datetime) -> None:
    """The job has failed for the last time: its owner reads why, and its entries are free."""
    job = _read(tx, task.payload, at)
    if not job.status.is_finished:
        _failed(tx, job, error, at)


def _begun(services: ExportServices, task: OutboxTask) -> ExportJob | None:
    """The job, in progress; None if it has ended meanwhile."""
    with writing(services.engine) as tx:
        at = services.clock()
        job = _read(tx, task.payload, at)
        if job.status.is_finished:
            queue.done(tx, task)
            return None
        if job.status is JobStatus.PENDING:
            return jobs.event(tx, job, JobEvent.STARTED, by=stating.SERVICE, at=at)
        return job


def _read(tx: Connection, id_: str, now: datetime) -> ExportJob:
    return job_rows.judged(job_rows.held(tx, id_), now)


def render(
    services: ExportServices,
    tx: Connection,
    job: ExportJob,
    folder: Path,
    statuses: tuple[ItemStatus, ...],
    progress: JobProgress | None = None,
) -> RenderedFile:
    """Write the file of the job's items with these statuses into the folder, and have its format
    check it. Several files go into one ZIP. Raises `Refused` with what is wrong."""
    form = formats.books().get(job.target)
    if form is None:
        return _audit_file(services, tx, job, folder, progress)

    def entries() -> Iterator[BookedEntry]:
        for item in items.each(tx, job, statuses):
            if progress:
                progress.one()
            yield item.frozen.booked

    days = items.days(tx, job, statuses)
    if days is None:
        raise Refused(NOTHING_LEFT)
    batch = _batch(tx, job, days, entries)
    written = [
        (file.name, _written(folder / f"{number}", file))
        for number, file in enumerate(form.files(batch))
    ]
    for name, path in written:
        _expect_sound(form, path, batch.settings, name)
    if len(written) == 1:
        [(name, path)] = written
        return RenderedFile(path=path, name=name, media_type=form.media_type)
    together = folder / "together.zip"
    with ZipFile(together, "w", allowZip64=True) as archive:
        for name, path in written:
            info = package.info(name, job.created_at)
            with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as out:
                while block := source.read(1 << 18):
                    out.write(block)
    name = f"{job.target}_{job.id}.zip"
    return RenderedFile(path=together, name=name, media_type="application/zip")


def _written(path: Path, file: BookFile) -> Path:
    with path.open("wb") as out:
        for block in file.blocks:
            out.write(block)
    return path


def _batch(
    tx: Connection,
    job: ExportJob,
    days: tuple[date, date],
    entries: Callable[[], Iterator[BookedEntry]],
) -> BookBatch:
    content = jobs.frozen_books(tx, job)
    taxpayer = stated_taxpayer(tx, job.company)
    regime = regimes.find(taxpayer.regime)
    first, last = days
    return BookBatch(
        job=job.id,
        company=job.company,
        tax_number=taxpayer.facts.get(regime.tax_number, ""),
        country=regime.code.upper(),
        currency="EUR",
        chart=content.chart,
        accounts={account.code: account for account in content.accounts},
        first=first,
        last=last,
        settings=content.formats.get(job.target, {}),
        written_at=job.created_at,
        entries=entries,
    )


def _audit_file(
    services: ExportServices,
    tx: Connection,
    job: ExportJob,
    folder: Path,
    progress: JobProgress | None,
) -> RenderedFile:
    """The audit file of the law for the days of the job's entries, all registers together."""
    form = formats.find(job.target)
    assert form.write is not None, "a format that is asked for can be written"
    first, last = _days(tx, job)
    chosen = selection(
        tx,
        job.company,
        Period(first=first, last=last),
        settings=services.settings,
        at=job.created_at,
        progress=progress.one if progress else lambda: None,
    )
    file = BookFile(name=f"{form.code}_{first}_{last}.{form.extension}", blocks=form.write(chosen))
    path = _written(folder / "audit", file)
    _expect_sound(form, path, chosen.settings, file.name)
    return RenderedFile(path=path, name=file.name, media_type=form.media_type)


def _expect_sound(
    form: BookFormat | Format, path: Path, settings: Mapping[str, str], name: str
) -> None:
    faults = form.check(path, settings)
    if not is_sound(faults):
        raise Refused(UNSOUND, name, faults=(Fault(code=UNSOUND.id, text=UNSOUND.text), *faults))


def _fail(
    services: ExportServices, task: OutboxTask, job: ExportJob, faults: tuple[Fault, ...]
) -> None:
    said = "\n".join(fault.sentence() for fault in faults[:_DETAILS_MAX])
    with writing(services.engine) as tx:
        if queue.done(tx, task):
            _failed(tx, job, said, services.clock())


def _failed(tx: Connection, job: ExportJob, said: str, at: datetime) -> None:
    jobs.event(
        tx,
        job,
        JobEvent.FAILED,
        reason=said[:_REASON_MAX],
        failure_type=JobFailure.VALIDATION_FAILURE,
        by=stating.SERVICE,
        at=at,
    )


def again(services: ExportServices, tx: Connection, job: ExportJob, folder: Path) -> RenderedFile:
    """Write the file of a finished job once more, from what the job froze. An audit file is the one
    that was handed over: the days that it is of may have gone on since. Raises `Missing` if there
    is none."""
    if not job.artifact:
        raise Missing(NO_FILE)
    if job.target in formats.books():
        return render(services, tx, job, folder, (ItemStatus.SUCCESSFUL,))
    if not services.artifacts.has(job.artifact):
        raise Missing(NO_FILE)
    kept = BookFile(name=job.file_name, blocks=services.artifacts.read(job.artifact))
    path = _written(folder / "audit", kept)
    return RenderedFile(path=path, name=kept.name, media_type=formats.find(job.target).media_type)
