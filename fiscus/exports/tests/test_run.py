"""A job from asking to a package that a stranger can prove."""

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, Engine, func, select

from fiscus.exports import jobs, package, run
from fiscus.exports.select import selection
from fiscus.exports.services import JobProgress
from fiscus.exports.states import ExportState
from fiscus.exports.tests.office import DAY, TODAY, Office
from fiscus.issuing.tests.counter import a_cancellation, a_correction, a_line, a_receipt
from fiscus.model.faults import Conflict, Unavailable
from fiscus.model.times import Period
from fiscus.outbox import listing, queue
from fiscus.outbox.queue import TaskState
from fiscus.registry import signers, taxpayers
from fiscus.registry.tests.builders import (
    a_shop,
    a_vault,
    move_taxpayer,
)
from fiscus.registry.views import OperatingMode
from fiscus.store.connect import reading, writing
from fiscus.store.log_schema import CHECKPOINT
from fiscus.store.schema import FILE, TASK


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """A day with a receipt, a credit note and a cancelled receipt."""
    found = Office(engine, tmp_path)
    receipt = found.counter.sells(a_receipt(a_line(), a_line("1.23", text="Pastel")))
    found.counter.sells(a_correction(receipt.id))
    found.counter.sells(a_cancellation(found.counter.sells(a_receipt()).id))
    return found


def exported(
    office: Office, type_: jobs.ExportType = jobs.ExportType.EXPORT, **more: object
) -> jobs.ExportFile:
    job = office.asks(type_, **more)  # type: ignore[arg-type]
    run.do(office.services, office.task())
    return office.file(job.id)


def tasks(office: Office) -> int:
    with reading(office.engine) as tx:
        return tx.scalar(select(func.count()).select_from(TASK)) or 0


def test_a_worker_that_lost_its_lease_moves_nothing(office: Office) -> None:
    job = office.asks()
    late = office.task()
    office.clock.move(minutes=3)
    other = office.task()

    with pytest.raises(Unavailable):
        run.do(office.services, late)
    assert office.file(job.id).state == ExportState.ACCEPTED
    office.gives_up(late, "too late to tell")
    assert office.file(job.id).state == ExportState.ACCEPTED

    run.do(office.services, other)
    assert office.file(job.id).state == ExportState.COMPLETED


def test_a_job_that_has_ended_is_not_done_again(office: Office) -> None:
    job = office.asks()
    task = office.task()
    with writing(office.engine) as tx:
        jobs.move(tx, job.id, ExportState.FAILED, error="cancelled by hand")

    run.do(office.services, task)

    assert office.file(job.id).error == "cancelled by hand"
    assert tasks(office) == 0


def test_giving_up_tells_the_owner_why(office: Office) -> None:
    job = office.asks()
    office.gives_up(office.task(), "the disk was full " * 600)

    found = office.file(job.id)
    assert (found.state, found.error[:18], len(found.error)) == (
        ExportState.FAILED,
        "the disk was full ",
        4_000,
    )
    with reading(office.engine) as tx:
        [task] = listing.listed(tx, state=TaskState.DEAD)
    assert (task.id, task.organization) == (job.id, job.organization)


def test_long_work_renews_its_lease(office: Office) -> None:
    office.asks()
    task = office.task()
    beat = JobProgress(office.services, task).beat
    for _ in range(10):
        office.clock.move(seconds=30)
        beat()
    with writing(office.engine) as tx:
        assert queue.lease(tx, office.clock()) is None
        assert queue.done(tx, task)
    office.clock.move(seconds=30)
    with pytest.raises(Unavailable):
        beat()


def test_every_export_covers_the_journal_with_a_checkpoint_first(office: Office) -> None:
    exported(office)
    exported(office)
    office.counter.sells(a_receipt())
    exported(office)

    with reading(office.engine) as tx:
        assert tx.scalar(select(func.count()).select_from(CHECKPOINT)) == 3


def test_a_selection_shows_the_taxpayer_as_it_was(office: Office) -> None:
    id_ = office.counter.shop.taxpayer
    for new_name, days in (("Segunda, Lda.", 10), ("Terceira, Lda.", 20)):
        with writing(office.engine) as tx:
            view = taxpayers.by_id(tx, id_)
            idle = move_taxpayer(tx, view, mode=OperatingMode.SUSPENDED, at=later(office, days))
            content = msgspec.structs.replace(idle.taxpayer, legal_name=new_name)
            idle = move_taxpayer(tx, idle, content=content, at=later(office, days))
            move_taxpayer(tx, idle, mode=OperatingMode.OPERATIVE, at=later(office, days))

    def name(first: int, last: int) -> str:
        period = Period(first=TODAY + timedelta(days=first), last=TODAY + timedelta(days=last))
        with reading(office.engine) as tx:
            return selection(
                tx, id_, period, settings={}, at=office.clock(), progress=lambda: None
            ).taxpayer.legal_name

    assert name(0, 9) == "Padaria do Cais, Lda."
    assert name(0, 10) == name(12, 15) == "Segunda, Lda."
    assert name(0, 30) == "Terceira, Lda."
    assert name(-30, -20) == "Padaria do Cais, Lda."


def later(office: Office, days: int):
    return office.clock() + timedelta(days=days)


def test_a_selection_streams_its_documents_again_and_again(office: Office) -> None:
    seen: list[None] = []
    with reading(office.engine) as tx:
        chosen = selection(
            tx,
            office.counter.shop.taxpayer,
            DAY,
            settings=office.services.settings,
            at=office.clock(),
            progress=lambda: seen.append(None),
        )
        first, second = list(chosen.records()), list(chosen.records())

    assert first == second
    assert [bool(issued.void) for issued in first] == [False, True, False]
    assert len(seen) == 6
    assert chosen.settings["certificate_number"] == "9999"


def test_other_tenants_entries_are_in_no_package(office: Office) -> None:
    with writing(office.engine) as tx:
        stranger = a_shop(tx, "pt", facts={"tax_id_number": "514200111"})
        mine = taxpayers.by_id(tx, office.counter.shop.taxpayer)
        theirs = chosen(tx, stranger.organization, stranger.taxpayer)
        ours = chosen(tx, mine.taxpayer.organization, mine.taxpayer.id)

    assert [run.chain for run in theirs.runs] == [stranger.organization]
    assert [run.chain for run in ours.runs] == [
        mine.taxpayer.organization,
        office.counter.shop.register,
    ]
    # The keys of the installation are in both, each organization's own in its own alone.
    assert len(set(ours.singles) ^ set(theirs.singles)) == 2


def chosen(tx: Connection, organization: str, taxpayer: str) -> package.PackageContent:
    return package.content(
        tx,
        organization=organization,
        taxpayer=taxpayer,
        period=DAY,
        timezone="Europe/Lisbon",
        register="",
    )


def test_the_signature_beside_a_file_is_ours(office: Office) -> None:
    file = office.folder / "any.bin"
    file.write_bytes(b"x" * 1_000_000)
    with reading(office.engine) as tx:
        signer = signers.opened(tx, a_vault(), signers.PACKAGE)
    header, nothing, signature = run.signed(file, signer, "ab" * 16).split(".")

    assert nothing == ""
    assert len(signature) == 86
    assert json.loads(_decoded(header)) == {
        "alg": "ES256",
        "kid": "ab" * 16,
        "typ": "fiscus-package+zip",
    }


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_move_that_somebody_else_made_is_a_conflict(office: Office) -> None:
    job = office.asks()
    task = office.task()
    office.gives_up(task, "first")
    with pytest.raises(Conflict), writing(office.engine) as tx:
        jobs.move(tx, job.id, ExportState.FAILED, error="second")

    assert office.file(job.id).error == "first"


def test_as_many_exports_of_an_organization_wait_as_may(office: Office) -> None:
    for _ in range(jobs.WAITING_MAX):
        office.asks()
    with pytest.raises(Unavailable) as refused:
        office.asks()
    assert refused.value.code == queue.TOO_MANY
    assert (tasks(office), files(office)) == (jobs.WAITING_MAX, jobs.WAITING_MAX)

    run.do(office.services, office.task())
    office.asks()
    assert tasks(office) == jobs.WAITING_MAX


def files(office: Office) -> int:
    with reading(office.engine) as tx:
        return tx.scalar(select(func.count()).select_from(FILE)) or 0
