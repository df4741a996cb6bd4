"""The file of an export job: what can be written is, every item hears how it ended, and the same
job gives the same bytes."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from fiscus.accounting import jobs
from fiscus.accounting.jobs import ExportJob
from fiscus.accounting.states import ItemFailure, JobFailure, JobStatus
from fiscus.accounting.tests.exporting import DATEV, Exporter, a_line
from fiscus.accounting.tests.office import Books
from fiscus.exports import book_files, retention, run
from fiscus.exports.services import ExportServices
from fiscus.exports.tests.office import Office
from fiscus.formats import find_book
from fiscus.issuing.tests.counter import a_receipt
from fiscus.model.faults import Missing
from fiscus.outbox import queue
from fiscus.outbox.queue import OutboxTask
from fiscus.registry.tests.builders import SUBJECT, a_vault, an_id
from fiscus.store.artifacts import Artifacts, described
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY, TASK


class BookOffice(Exporter):
    """Hands entries over as files."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        super().__init__(engine)
        self.artifacts = Artifacts(folder / "artifacts")
        self.services = ExportServices(
            engine=engine,
            clock=lambda: self.now,
            vault=a_vault(),
            artifacts=self.artifacts,
            settings={},
        )
        self.sets_up("datev-extf", **DATEV)

    def asks(self, wanted: list[str], target: str = "datev-extf") -> ExportJob:
        job = self.creates(wanted, target=target)
        with writing(self.engine) as tx:
            book_files.ask(tx, job)
        return job

    def task(self) -> OutboxTask:
        with writing(self.engine) as tx:
            task = queue.lease(tx, self.now)
        assert task is not None
        return task

    def makes(self, wanted: list[str], target: str = "datev-extf") -> ExportJob:
        job = self.asks(wanted, target)
        run.do(self.services, self.task())
        return self.job(job)

    def content(self, job: ExportJob) -> bytes:
        return b"".join(self.artifacts.read(job.artifact))


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> BookOffice:
    return BookOffice(engine, tmp_path)


def test_a_file_is_written_checked_and_kept_and_its_items_are_exported(office: BookOffice) -> None:
    wanted = office.entries(3)

    job = office.makes(wanted)

    assert (job.status, job.failure_reason) == (JobStatus.COMPLETED, "")
    assert office.statuses(job) == dict.fromkeys(wanted, "successful")
    assert {office.found(id_).status for id_ in wanted} == {"EXPORTED"}
    assert office.found(wanted[0]).external_id == job.file_name
    assert job.bytes == len(office.content(job))
    assert office.content(job).startswith(b'"EXTF";700;21;')


def test_the_journal_says_which_bytes_were_made(office: BookOffice) -> None:
    job = office.makes(office.entries(1))

    with reading(office.engine) as tx:
        bodies = tx.scalars(select(ENTRY.c.body).where(ENTRY.c.kind == "export@1")).all()
    assert [job.artifact in body.decode() for body in bodies] == [True]


def test_what_cannot_be_written_fails_by_name_and_holds_nothing_up(office: BookOffice) -> None:
    good = office.entry()
    unmapped = office.entry(a_line(key="case/Nowhere/19"))

    job = office.makes([good, unmapped])

    assert job.status is JobStatus.COMPLETED_WITH_ERRORS
    assert office.statuses(job) == {good: "successful", unmapped: "failed"}
    item = office.item(unmapped)
    assert item.failure_type is ItemFailure.ACCOUNT_UNKNOWN
    assert "case/Nowhere/19" in item.failure_reason
    assert office.found(unmapped).status == "NOT_EXPORTED"


def test_a_job_of_which_nothing_can_be_written_fails_and_frees_its_entries(
    office: BookOffice,
) -> None:
    unmapped = office.entry(a_line(key="case/Nowhere/19"))

    job = office.makes([unmapped])

    assert (job.status, job.failure_type) == (JobStatus.FAILED, JobFailure.VALIDATION_FAILURE)
    assert book_files.NOTHING_LEFT.text in job.failure_reason
    assert job.artifact == ""


@pytest.mark.parametrize("target", ["datev-extf", "beancount", "ledger"])
def test_what_a_format_cannot_hold_is_left_out_of_a_file_that_holds_the_rest(
    office: BookOffice, tmp_path: Path, target: str
) -> None:
    """The first and the last day are those of bad entries: the file is of the other days."""
    office.changes_taxes(account="", posting_key="")
    bad = [
        office.entry(a_line(key="case/Umsatz/nicht_steuerbar"), day=date(1990, 1, 1)),
        office.entry(a_line("-10.00", "0.00"), currency="chf", day=date(9999, 12, 31)),
    ]
    good = office.entry(a_line("-10.00", "0.00"))

    job = office.makes([good, *bad], target)

    assert (job.status, job.failure_reason) == (JobStatus.COMPLETED_WITH_ERRORS, "")
    assert office.statuses(job) == {good: "successful", **dict.fromkeys(bad, "failed")}
    assert all(office.item(one).failure_reason for one in bad)
    file = tmp_path / job.file_name
    file.write_bytes(office.content(job))
    assert find_book(target).check(file, {}) == ()
    text = office.content(job).decode("cp1252")
    assert (good in text, bad[0] in text, bad[1] in text) == (True, False, False)
    with reading(office.engine) as tx:
        again = book_files.again(office.services, tx, job, tmp_path)
    assert again.path.read_bytes() == office.content(job)


def test_the_same_job_gives_the_same_bytes_whatever_was_changed_since(
    office: BookOffice, tmp_path: Path
) -> None:
    job = office.makes(office.entries(5))
    office.later(days=40)
    office.sets_up("datev-extf", consultant_number="2002", client_number="7")

    with reading(office.engine) as tx:
        made = book_files.again(office.services, tx, job, tmp_path)

    assert made.path.read_bytes() == office.content(job)
    assert made.name == job.file_name


def test_an_audit_file_comes_out_as_it_was_handed_over_whatever_was_sold_since(
    engine: Engine, tmp_path: Path
) -> None:
    office = Office(engine, tmp_path)
    books = Books(office.counter, chart="SNC")
    office.counter.sells(a_receipt())
    books.derives()
    with writing(engine) as tx:
        job = jobs.create(
            tx,
            id_=an_id(),
            company=books.company,
            organization=office.counter.shop.organization,
            entries=[entry.id for entry in books.entries()],
            target="saft-pt",
            by=SUBJECT,
            at=office.clock(),
        )
        book_files.ask(tx, job)
    run.do(office.services, office.task())
    office.counter.sells(a_receipt())

    with reading(engine) as tx:
        job = jobs.find(tx, [job.organization], job.id, office.clock())
        made = book_files.again(office.services, tx, job, tmp_path)
        office.artifacts.drop(job.artifact)
        with pytest.raises(Missing) as missing:
            book_files.again(office.services, tx, job, tmp_path)

    assert described(made.path).digest == job.artifact
    assert (made.name, made.media_type) == (job.file_name, "application/xml")
    assert missing.value.code == book_files.NO_FILE


def test_a_job_without_a_file_gives_none_again(office: BookOffice, tmp_path: Path) -> None:
    job = office.creates(office.entries(1))

    with reading(office.engine) as tx, pytest.raises(Missing) as missing:
        book_files.again(office.services, tx, job, tmp_path)
    assert missing.value.code == book_files.NO_FILE


def test_a_worker_that_dies_before_the_end_leaves_a_job_that_another_one_ends(
    office: BookOffice,
) -> None:
    wanted = office.entries(2)
    job = office.asks(wanted)
    office.task()  # leased by a worker that is killed
    assert office.job(job).status is JobStatus.PENDING

    office.later(minutes=3)
    book_files.do(office.services, office.task())

    assert office.job(job).status is JobStatus.COMPLETED
    assert office.statuses(job) == dict.fromkeys(wanted, "successful")
    with reading(office.engine) as tx:
        assert tx.scalars(select(TASK.c.id)).all() == []


def test_a_task_that_is_given_up_fails_its_job(office: BookOffice) -> None:
    [entry] = office.entries(1)
    job = office.asks([entry])

    task = office.task()
    with writing(office.engine) as tx:
        assert queue.given_up(tx, task, "the disk is full", office.now)
        run.give_up(tx, task, "the disk is full", office.now)

    found = office.job(job)
    assert (found.status, found.failure_reason) == (JobStatus.FAILED, "the disk is full")
    assert office.found(entry).status == "NOT_EXPORTED"


def test_the_task_of_a_job_that_was_cancelled_does_nothing(office: BookOffice) -> None:
    job = office.asks(office.entries(1))
    office.cancels(job)

    book_files.do(office.services, office.task())

    found = office.job(job)
    assert (found.failure_type, found.artifact) == (JobFailure.CANCELED_BY_USER, "")


def test_a_file_that_a_job_has_is_not_dropped_with_an_export_of_the_same_bytes(
    office: BookOffice,
) -> None:
    job = office.makes(office.entries(1))

    office.later(days=30)
    retention.expire(office.services)

    assert office.content(job) != b""


def test_the_format_finds_nothing_wrong_with_what_was_written(
    office: BookOffice, tmp_path: Path
) -> None:
    job = office.makes(office.entries(4))
    file = tmp_path / job.file_name
    file.write_bytes(office.content(job))

    assert find_book("datev-extf").check(file, {}) == ()
