"""What each step of an export job that writes a file costs, with as many entries as one may have.

All of it is the product's own path, in this process: entries are frozen, judged and held, a worker
writes the file, has it checked, keeps it, and marks them as exported.
"""

import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from sqlalchemy import Connection, select

from bench.machine import table
from fiscus import formats
from fiscus.accounting import items, jobs, targets
from fiscus.accounting.jobs import ENTRIES_MAX, ExportJob
from fiscus.accounting.states import JobStatus
from fiscus.app import wall_clock
from fiscus.exports import book_files
from fiscus.outbox import queue
from fiscus.services import Services
from fiscus.store.accounting_schema import ACCOUNTING_ENTRY
from fiscus.store.connect import reading, writing


class JobSteps(msgspec.Struct, frozen=True, kw_only=True):
    """Microseconds of the processor for each entry: to make the job, and to carry it out; then of
    what is in them, done once more by itself: to judge the entries while the job is made; to read
    the items, write the file, check it."""

    entries: int
    create: float
    carry_out: float
    read: float
    judge: float
    write: float
    check: float


def measured(services: Services, target: str) -> JobSteps:
    """One job of entries that no job holds yet."""
    with reading(services.engine) as tx:
        entry = ACCOUNTING_ENTRY.c
        free = select(entry.id, entry.company, entry.organization).where(
            entry.status == "NOT_EXPORTED"
        )
        rows = tx.execute(free.order_by(entry.day, entry.id).limit(ENTRIES_MAX)).all()
    company, organization = rows[0].company, rows[0].organization
    wanted = [row.id for row in rows]
    begun = time.process_time()
    with writing(services.engine) as tx:
        job = jobs.create(
            tx,
            id_=services.uuid7(),
            company=company,
            organization=organization,
            entries=wanted,
            target=target,
            by="bench",
            at=wall_clock(),
        )
        book_files.ask(tx, job)
    created = time.process_time()
    with writing(services.engine) as tx:
        task = queue.lease_one(tx, job.id, wall_clock())
    assert task is not None, "nobody else works here"
    book_files.do(services.exports, task)
    done = time.process_time()
    with reading(services.engine) as tx:
        job = jobs.find(tx, [organization], job.id, wall_clock())
        assert job.status is JobStatus.COMPLETED, job.failure_reason
        read, judge, write, check = _once_more(services, tx, job)
    each = 1e6 / len(wanted)
    return JobSteps(
        entries=len(wanted),
        create=round((created - begun) * each, 1),
        carry_out=round((done - created) * each, 1),
        read=round(read * each, 1),
        judge=round(judge * each, 1),
        write=round(write * each, 1),
        check=round(check * each, 1),
    )


def _once_more(
    services: Services, tx: Connection, job: ExportJob
) -> tuple[float, float, float, float]:
    """What is in both; reading is taken off the writing, which streams."""
    form = formats.find_book(job.target)
    content = jobs.frozen_books(tx, job)
    judge_one = targets.judge(content, job.target)
    times = [time.process_time()]
    booked = [item.frozen.booked for item in items.each(tx, job)]
    times.append(time.process_time())
    for entry in booked:
        judge_one(entry)
    times.append(time.process_time())
    with TemporaryDirectory() as folder:
        made = book_files.again(services.exports, tx, job, Path(folder))
        times.append(time.process_time())
        named = made.path.rename(made.path.with_name(made.name))
        form.check(named, content.formats[job.target])
        times.append(time.process_time())
    read, judge, both, check = (end - begun for begun, end in pairwise(times))
    return read, judge, both - read - check, check


def markdown(found: JobSteps) -> str:
    heads = [
        "Entries of one job",
        "Job made µs",
        "of it judged",
        "Carried out µs",
        "of it read",
        "written",
        "checked",
    ]
    row = [
        f"{found.entries:,}",
        found.create,
        found.judge,
        found.carry_out,
        found.read,
        found.write,
        found.check,
    ]
    return table(heads, [row])
