"""A job from asking to a package that a stranger can prove."""

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest
from sqlalchemy import Engine, func, select

from fiscus.exports import jobs, package, run, shelf
from fiscus.exports.engines import Progress
from fiscus.exports.select import selection
from fiscus.exports.states import State
from fiscus.exports.tests.office import DAY, TODAY, Office
from fiscus.formats import find
from fiscus.issuing.tests.counter import a_cancellation, a_correction, a_line, a_receipt
from fiscus.journal.verify import verify_package
from fiscus.model.faults import Conflict, Missing, Refused, Unavailable
from fiscus.model.times import Period
from fiscus.outbox import queue
from fiscus.registry import signers, taxpayers
from fiscus.registry.tests.builders import (
    a_shop,
    a_taxpayer,
    a_vault,
    another_register,
    move_taxpayer,
)
from fiscus.registry.things import Mode
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CHECKPOINT, TASK


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """A day with a receipt, a credit note and a cancelled receipt."""
    found = Office(engine, tmp_path)
    receipt = found.counter.sells(a_receipt(a_line(), a_line("1.23", text="Pastel")))
    found.counter.sells(a_correction(receipt.id))
    found.counter.sells(a_cancellation(found.counter.sells(a_receipt()).id))
    return found


def exported(office: Office, type_: jobs.Type = jobs.Type.EXPORT, **more: object) -> jobs.File:
    job = office.asks(type_, **more)  # type: ignore[arg-type]
    run.do(office.desk, office.task())
    return office.file(job.id)


def tasks(office: Office) -> int:
    with reading(office.engine) as tx:
        return tx.scalar(select(func.count()).select_from(TASK)) or 0


def test_a_package_is_proved_by_the_independent_verifier(office: Office) -> None:
    job = exported(office)
    report = verify_package(office.kept(job))

    assert report.findings == ()
    assert (report.entries, report.registers, report.checkpoints) == (8, 1, 1)
    assert (job.state, job.documents, job.bytes) == (
        State.COMPLETED,
        3,
        office.kept(job).stat().st_size,
    )
    assert tasks(office) == 0


def test_a_package_holds_the_file_that_the_law_prescribes(office: Office) -> None:
    job = exported(office)
    with ZipFile(office.kept(job)) as archive:
        name = f"saft-pt_509876544_{TODAY}_{TODAY}.xml"
        assert name in archive.namelist()
        archive.extract(name, office.folder)
    key = office.counter.desk.seal_keys["pt"].public_pem
    settings = {**office.desk.settings["pt"], "public_key_pem": key}

    assert find("saft-pt").check(office.folder / name, settings) == ()


def test_an_audit_file_comes_without_the_journal(office: Office) -> None:
    job = exported(office, jobs.Type.AUDIT)

    with ZipFile(office.kept(job)) as archive:
        assert archive.namelist() == [f"saft-pt_509876544_{TODAY}_{TODAY}.xml"]
    assert job.documents == 3


def test_a_changed_byte_in_a_package_is_found(office: Office) -> None:
    file = office.kept(exported(office))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))

    assert "VERIFY-PACKAGE-03" in {finding.code for finding in verify_package(file).findings}


def test_the_same_journal_at_the_same_instant_gives_the_same_file(office: Office) -> None:
    first, second = exported(office), exported(office)

    assert first.artifact == second.artifact
    assert first.id != second.id


def test_a_package_of_one_register_has_that_registers_entries_only(office: Office) -> None:
    with writing(office.engine) as tx:
        other = another_register(tx, office.counter.shop)
    office.counter.sells(a_receipt(), intent=office.counter.intends(register=other)[0])
    everything = verify_package(office.kept(exported(office)))
    alone = verify_package(office.kept(exported(office, register=other)))

    assert (everything.entries, everything.registers) == (10, 2)
    assert (alone.entries, alone.registers, alone.findings) == (2, 1, ())


def test_a_package_of_another_day_has_the_run_of_that_day(office: Office) -> None:
    office.clock.move(days=1)
    office.counter.sells(a_receipt())
    tomorrow = Period(first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=1))
    report = verify_package(office.kept(exported(office, period=tomorrow)))
    both = verify_package(
        office.kept(exported(office, period=Period(first=TODAY, last=tomorrow.last)))
    )

    assert (report.entries, report.findings) == (2, ())
    assert (both.entries, both.findings) == (10, ())


def test_a_package_of_days_without_entries_is_empty_and_good(office: Office) -> None:
    yesterday = TODAY - timedelta(days=1)
    job = exported(office, period=Period(first=yesterday, last=yesterday))

    assert verify_package(office.kept(job)).findings == ()
    assert job.documents == 0


def test_a_worker_that_lost_its_lease_moves_nothing(office: Office) -> None:
    job = office.asks()
    late = office.task()
    office.clock.move(minutes=3)
    other = office.task()

    with pytest.raises(Unavailable):
        run.do(office.desk, late)
    assert office.file(job.id).state == State.ACCEPTED
    run.give_up(office.desk, late, "too late to tell")
    assert office.file(job.id).state == State.ACCEPTED

    run.do(office.desk, other)
    assert office.file(job.id).state == State.COMPLETED


def test_a_job_that_has_ended_is_not_done_again(office: Office) -> None:
    job = office.asks()
    task = office.task()
    with writing(office.engine) as tx:
        jobs.move(tx, job.id, State.FAILED, error="cancelled by hand")

    run.do(office.desk, task)

    assert office.file(job.id).error == "cancelled by hand"
    assert tasks(office) == 0


def test_giving_up_tells_the_owner_why(office: Office) -> None:
    job = office.asks()
    run.give_up(office.desk, office.task(), "the disk was full " * 600)

    found = office.file(job.id)
    assert (found.state, found.error[:18], len(found.error)) == (
        State.FAILED,
        "the disk was full ",
        4_000,
    )
    assert tasks(office) == 0


def test_long_work_renews_its_lease(office: Office) -> None:
    office.asks()
    task = office.task()
    beat = Progress(office.desk, task).beat
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
        assert tx.scalar(select(func.count()).select_from(CHECKPOINT)) == 2


def test_a_selection_shows_the_taxpayer_as_it_was(office: Office) -> None:
    id_ = office.counter.shop.taxpayer
    for new_name, days in (("Segunda, Lda.", 10), ("Terceira, Lda.", 20)):
        with writing(office.engine) as tx:
            view = taxpayers.by_id(tx, id_)
            idle = move_taxpayer(tx, view, mode=Mode.SUSPENDED, at=later(office, days))
            content = msgspec.structs.replace(idle.taxpayer, legal_name=new_name)
            idle = move_taxpayer(tx, idle, content=content, at=later(office, days))
            move_taxpayer(tx, idle, mode=Mode.OPERATIVE, at=later(office, days))

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
            tx, office.counter.shop.taxpayer, DAY, settings=office.desk.settings,
            at=office.clock(), progress=lambda: seen.append(None),
        )  # fmt: skip
        first, second = list(chosen.records()), list(chosen.records())

    assert first == second
    assert [bool(issued.void) for issued in first] == [False, True, False]
    assert len(seen) == 6
    assert chosen.settings["certificate_number"] == "9999"


def test_other_tenants_entries_are_in_no_package(office: Office) -> None:
    with writing(office.engine) as tx:
        stranger = a_shop(tx, "pt", facts={"tax_id_number": "514200111"})
        mine = taxpayers.by_id(tx, office.counter.shop.taxpayer)
        assert package.runs(tx, stranger.taxpayer, DAY, "Europe/Lisbon", "") == []
        assert len(package.runs(tx, mine.taxpayer.id, DAY, "Europe/Lisbon", "")) == 1


def test_the_signature_beside_a_file_is_ours(office: Office) -> None:
    file = office.folder / "any.bin"
    file.write_bytes(b"x" * 1_000_000)
    with reading(office.engine) as tx:
        signer = signers.opened(tx, a_vault(), signers.CHECKPOINT)
    header, nothing, signature = run.signed(file, signer, "ab" * 16).split(".")

    assert nothing == ""
    assert len(signature) == 86
    assert json.loads(_decoded(header)) == {
        "alg": "ES256", "kid": "ab" * 16, "typ": "fiscus-package+zip",
    }  # fmt: skip


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_the_shelf_writes_the_same_audit_file_and_package(office: Office) -> None:
    out = office.folder / "saft.xml"
    written = shelf.audit_file(office.desk, "saft-pt", "", DAY, out, lambda _: None)
    assert (written.format, written.documents) == ("saft-pt", 3)
    assert shelf.checked(office.desk, written, out) == ()

    journal = office.folder / "journal.zip"
    shelf.journal_package(office.desk, "509876544", DAY, journal, lambda _: None)
    report = verify_package(journal)
    assert (report.findings, report.entries) == ((), 8)


def test_a_shelf_wants_to_know_which_taxpayer(office: Office) -> None:
    out = office.folder / "saft.xml"
    with pytest.raises(Missing):
        shelf.audit_file(office.desk, "saft-pt", "nobody", DAY, out, lambda _: None)
    with writing(office.engine) as tx:
        italian = a_taxpayer(tx, regime="it")
    with pytest.raises(Refused):
        shelf.audit_file(office.desk, "saft-pt", italian.taxpayer.id, DAY, out, lambda _: None)
    assert shelf.audit_file(office.desk, "saft-pt", "", DAY, out, lambda _: None).documents == 3
    out.unlink()
    with writing(office.engine) as tx:
        a_taxpayer(tx, regime="pt")
    with pytest.raises(Refused):
        shelf.audit_file(office.desk, "saft-pt", "", DAY, out, lambda _: None)

    with pytest.raises(Refused):
        shelf.journal_package(office.desk, "", DAY, office.folder / "journal.zip", lambda _: None)
    left = {path.name for path in office.folder.iterdir()}
    assert left <= {"artifacts", "at_portugal.sqlite"}


def test_a_move_that_somebody_else_made_is_a_conflict(office: Office) -> None:
    job = office.asks()
    task = office.task()
    run.give_up(office.desk, task, "first")
    with pytest.raises(Conflict), writing(office.engine) as tx:
        jobs.move(tx, job.id, State.FAILED, error="second")

    assert office.file(job.id).error == "first"
