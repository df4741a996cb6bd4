"""A package that a stranger can prove."""

import json
from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine, func, select

from fiscus.exports import jobs, run
from fiscus.exports.states import ExportState
from fiscus.exports.tests.office import TODAY, Office
from fiscus.formats import find
from fiscus.issuing.tests.counter import a_cancellation, a_correction, a_line, a_receipt
from fiscus.journal.verify import verify_package
from fiscus.model.times import Period
from fiscus.registry.tests.builders import (
    another_register,
)
from fiscus.store.connect import reading, writing
from fiscus.store.schema import TASK


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


def test_a_package_is_proved_by_the_independent_verifier(office: Office) -> None:
    job = exported(office)
    report = verify_package(office.kept(job))

    assert report.findings == ()
    assert (report.chains, report.checkpoints) == (3, 1)
    assert (job.state, job.documents, job.bytes) == (
        ExportState.COMPLETED,
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
    key = office.counter.services.seal_keys["pt"].public_pem
    settings = {**office.services.settings["pt"], "public_key_pem": key}

    assert find("saft-pt").check(office.folder / name, settings) == ()


def test_an_audit_file_comes_without_the_journal(office: Office) -> None:
    job = exported(office, jobs.ExportType.AUDIT)

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
    first, second = (exported(office, jobs.ExportType.AUDIT) for _ in range(2))

    assert first.artifact == second.artifact
    assert first.id != second.id


def test_a_later_package_tells_of_the_earlier_one(office: Office) -> None:
    first, second = exported(office), exported(office)
    with ZipFile(office.kept(second)) as archive:
        told = [
            json.loads(b64decode(json.loads(line)["body"]))
            for line in archive.read("entries.jsonl").splitlines()
        ]

    [export] = [body["export"] for body in told if body["kind"] == "export@1"]
    assert (export["file"], export["sha256"]) == (first.id, first.artifact)
    assert first.artifact != second.artifact


def test_a_package_of_one_register_has_that_registers_entries_only(office: Office) -> None:
    with writing(office.engine) as tx:
        other = another_register(tx, office.counter.shop)
    office.counter.sells(a_receipt(), intent=office.counter.intends(register=other)[0])
    everything = verify_package(office.kept(exported(office)))
    alone = verify_package(office.kept(exported(office, register=other)))

    assert (everything.chains, everything.findings) == (4, ())
    assert (alone.chains, alone.findings) == (3, ())
    # The second one has a request and an export more to tell, and the eight entries less.
    assert alone.entries == everything.entries + 2 - 8


def test_a_package_of_another_day_has_the_run_of_that_day(office: Office) -> None:
    office.clock.move(days=1)
    office.counter.sells(a_receipt())
    tomorrow = Period(first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=1))
    report = verify_package(office.kept(exported(office, period=tomorrow)))
    both = verify_package(
        office.kept(exported(office, period=Period(first=TODAY, last=tomorrow.last)))
    )

    assert report.findings == both.findings == ()
    assert both.entries == report.entries + 2 + 8


def test_a_package_of_days_without_entries_is_empty_and_good(office: Office) -> None:
    yesterday = TODAY - timedelta(days=1)
    job = exported(office, period=Period(first=yesterday, last=yesterday))

    assert verify_package(office.kept(job)).findings == ()
    assert job.documents == 0
