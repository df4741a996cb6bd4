"""Files for an operator at the command line."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.exports import operator_files
from fiscus.exports.tests.office import DAY, Office
from fiscus.issuing.tests.counter import a_cancellation, a_correction, a_line, a_receipt
from fiscus.journal.verify import verify_package
from fiscus.model.faults import Missing, Refused
from fiscus.registry.tests.builders import (
    SUBJECT,
    a_taxpayer,
)
from fiscus.store.connect import writing


def ignored(done: int) -> None:
    """Nobody watches the progress."""


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """A day with a receipt, a credit note and a cancelled receipt."""
    found = Office(engine, tmp_path)
    receipt = found.counter.sells(a_receipt(a_line(), a_line("1.23", text="Pastel")))
    found.counter.sells(a_correction(receipt.id))
    found.counter.sells(a_cancellation(found.counter.sells(a_receipt()).id))
    return found


def test_the_shelf_writes_the_same_audit_file_and_package(office: Office) -> None:
    out = office.folder / "saft.xml"
    written = operator_files.file_of_days(
        office.services, "saft-pt", "", DAY, out, ignored, by=SUBJECT
    )
    assert (written.format, written.documents) == ("saft-pt", 3)
    assert operator_files.checked(office.services, written, out) == ()

    journal = office.folder / "journal.zip"
    operator_files.journal_package(office.services, "509876544", DAY, journal, ignored, by=SUBJECT)
    report = verify_package(journal)
    assert (report.findings, report.chains) == ((), 3)


def test_a_shelf_wants_to_know_which_taxpayer(office: Office) -> None:
    out = office.folder / "saft.xml"
    with pytest.raises(Missing):
        operator_files.file_of_days(
            office.services, "saft-pt", "nobody", DAY, out, ignored, by=SUBJECT
        )
    with writing(office.engine) as tx:
        italian = a_taxpayer(tx, regime="it")
    with pytest.raises(Refused):
        operator_files.file_of_days(
            office.services, "saft-pt", italian.taxpayer.id, DAY, out, ignored, by=SUBJECT
        )
    assert (
        operator_files.file_of_days(
            office.services, "saft-pt", "", DAY, out, ignored, by=SUBJECT
        ).documents
        == 3
    )
    out.unlink()
    with writing(office.engine) as tx:
        a_taxpayer(tx, regime="pt")
    with pytest.raises(Refused):
        operator_files.file_of_days(office.services, "saft-pt", "", DAY, out, ignored, by=SUBJECT)

    with pytest.raises(Refused):
        operator_files.journal_package(
            office.services, "", DAY, office.folder / "journal.zip", ignored, by=SUBJECT
        )
    left = {path.name for path in office.folder.iterdir()}
    assert left <= {"artifacts", "at_portugal.sqlite"}
