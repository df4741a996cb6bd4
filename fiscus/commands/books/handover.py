"""Hands entries over as a file: asks for the job, has it made here or waits for the worker, and
tells what became of it."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import typer
from sqlalchemy import Connection, select

from fiscus.accounting import bookkeeping, items, jobs, targets
from fiscus.accounting.entries import EntryStatus
from fiscus.accounting.jobs import ExportJob
from fiscus.accounting.pages import PageRequest
from fiscus.accounting.search import BACKWARDS, EntryFilter, search
from fiscus.accounting.states import ItemStatus, JobStatus
from fiscus.commands.options import day_of, operator
from fiscus.exports import book_files, operator_files, run
from fiscus.model.faults import Code, Refused
from fiscus.model.places import Taxpayer
from fiscus.model.times import Period
from fiscus.outbox import queue
from fiscus.services import Services
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ORGANIZATION
from fiscus.terminal import say

NOTHING_TO_EXPORT = Code(
    "BOOKS-EXPORT-01",
    "nothing of this period is left to export, and no file is written: `fiscus books report` says "
    "whether something is not booked yet, `fiscus books render` writes an earlier file again",
)

WAIT_SECONDS = 0.5
_EACH_PAGE = 100


def days_of(first: str, last: str) -> Period:
    """Raises `Refused` if the last day is before the first one."""
    days = Period(first=day_of(first), last=day_of(last))
    if days.last < days.first:
        raise Refused(BACKWARDS, f"first {first}", f"last {last}")
    return days


def expect_folder(out: Path) -> None:
    """Before entries count as exported in a file that cannot be written."""
    if not out.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent}", param_hint="--out")


def ask(services: Services, owner: Taxpayer, target: str, days: Period) -> ExportJob:
    """A file job of what was not exported yet, with its task, in one transaction."""
    with writing(services.engine) as tx:
        _, content = bookkeeping.of(tx, owner.id)
        targets.expect_writable(owner.regime, content, target)
        wanted = _ids(tx, owner, days)
        if not wanted:
            raise Refused(NOTHING_TO_EXPORT, *_instead(tx, owner, days))
        job = jobs.create(
            tx,
            id_=services.uuid4(),
            company=owner.id,
            organization=owner.organization,
            entries=wanted,
            target=target,
            by=operator(),
            at=services.clock(),
        )
        book_files.ask(tx, job)
        return job


def _instead(tx: Connection, owner: Taxpayer, days: Period) -> Iterator[str]:
    """The period, and how many entries it has that another job has taken."""
    yield f"first {days.first}"
    yield f"last {days.last}"
    for status in EntryStatus:
        wanted = EntryFilter(first=days.first, last=days.last, statuses=(status,))
        if count := search(tx, owner.id, wanted, PageRequest(limit=1)).total:
            yield f"({count:,} entries {status.value})"


def _ids(tx: Connection, owner: Taxpayer, days: Period) -> list[str]:
    """Of all entries that were not exported yet, page by page."""
    wanted = EntryFilter(first=days.first, last=days.last, statuses=(EntryStatus.NOT_EXPORTED,))
    found: list[str] = []
    request = PageRequest(limit=_EACH_PAGE)
    while True:
        page = search(tx, owner.id, wanted, request)
        found += [one.id for one in page.rows]
        if not page.has_next:
            return found
        request = PageRequest(limit=_EACH_PAGE, after=page.end_cursor)


def make(services: Services, job: ExportJob) -> None:
    """Write the file here, unless a worker was faster: then wait for it, and go on with what it
    leaves behind if it dies."""
    while not job_of(services, job.id).status.is_finished:
        with writing(services.engine) as tx:
            task = queue.lease_one(tx, job.id, services.clock())
        if task is not None:
            run.do(services.exports, task)
        else:
            time.sleep(WAIT_SECONDS)


def hand_over(services: Services, id_: str, out: Path) -> None:
    job = job_of(services, id_)
    if job.artifact:
        operator_files.write_whole(out, services.exports.artifacts.read(job.artifact))
        say.print(f"{out}: {out.stat().st_size:,} bytes, {job.file_name}")
    _tell_items(services, job)
    say.print(f"Job {job.id}: {job.status.value}. {job.failure_reason}".rstrip())
    if job.status is not JobStatus.COMPLETED:
        sys.exit(1)


def _tell_items(services: Services, job: ExportJob) -> None:
    """What was left out, and what was changed on the way."""
    warned: Counter[str] = Counter()
    with reading(services.engine) as tx:
        for item in items.each(tx, job):
            warned.update({warning.text for warning in item.warnings})
            if item.status is not ItemStatus.SUCCESSFUL:
                print(f"{item.status.value}: {item.frozen.booked.reference} {item.failure_reason}")
    for text, count in warned.most_common():
        print(f"warning, {count:,} of {job.items:,} entries: {text}")


def job_of(services: Services, id_: str) -> ExportJob:
    with reading(services.engine) as tx:
        return found(tx, services, id_)


def found(tx: Connection, services: Services, id_: str) -> ExportJob:
    """The job with this id, of whichever organization. Raises `Missing`."""
    owners = list(tx.scalars(select(ORGANIZATION.c.id)))
    return jobs.find(tx, owners, id_.lower(), services.clock())
