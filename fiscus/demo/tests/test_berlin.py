"""What the kiosk's day leaves behind, and that none of it can be changed unnoticed."""

import io
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from fiscus.demo import service
from fiscus.demo.berlin import day, proof, story
from fiscus.demo.berlin.day import BerlinResults
from fiscus.demo.berlin.till import TillStep
from fiscus.demo.tests.conftest import Played
from fiscus.signers.tse.log import qr

pytestmark = pytest.mark.long  # the whole day is played against a real service


@pytest.fixture
def kiosk(played: Played) -> BerlinResults:
    return played.days.kiosk


def test_the_story_tells_every_step_with_its_signature(
    played: Played, kiosk: BerlinResults
) -> None:
    lines = [line.split() for line in played.told.splitlines()]
    for step in kiosk.steps:
        number = step.fiscal["document_number"] if step.is_signed else "unsigned"
        end = [number, str(step.counter)] if step.is_signed else [number]
        assert any(line[-len(end) :] == end for line in lines), step.title

    assert "Daily closing Z 1, signed with counter 33." in played.told
    assert "VAT 19% in it             4.80 €" in played.told
    assert "In the drawer, counted: 98.90 €." in played.told


def test_the_tse_counts_without_a_gap_around_the_outage(kiosk: BerlinResults) -> None:
    numbers = [step.fiscal["document_number"] for step in kiosk.steps]

    assert numbers == [*map(str, range(1, 10)), None, "10", "11", "12"]
    (unsigned,) = (step for step in kiosk.steps if not step.is_signed)
    assert "Die TSE lässt sich nicht öffnen" in unsigned.fiscal["outage"]["reason"]
    assert unsigned.fiscal["verification"] is None


def test_the_closing_comes_to_what_the_story_comes_to(kiosk: BerlinResults) -> None:
    summary = kiosk.closing["summary"]

    assert kiosk.closing["fiscal"]["z_number"] == 1
    assert (summary["total_gross"], summary["total_tax"]) == (9320, 723)
    assert summary["total_by_payment_method"] == {"card": 1910, "cash": 4910, "gift_card": 2500}
    assert summary["by_operation_type"]["voids"] == {"count": 1}


def test_what_the_checkers_say_is_kept_beside_the_files(kiosk: BerlinResults) -> None:
    for file in (kiosk.dsfinvk, kiosk.tse):
        said = file.with_suffix(".check.txt").read_text()
        assert said == "The checker found nothing wrong.\n"


def test_the_z_report_can_be_read(kiosk: BerlinResults) -> None:
    text = "\n".join(page.extract_text() for page in PdfReader(kiosk.z_report).pages)

    assert "Kiosk am Kotti GmbH" in text
    assert "Z-Nummer 1" in text
    assert "Vorgänge ohne Signatur: 1" in text


def test_the_archive_tells_of_the_outage(kiosk: BerlinResults) -> None:
    with tarfile.open(kiosk.dsfinvk) as archive:
        rows = proof.table(archive, "transactions_tse.csv")

    reasons = [row["TSE_TA_FEHLER"] for row in rows if row["TSE_TA_FEHLER"]]

    assert len(reasons) == 1
    assert "lässt sich nicht öffnen" in reasons[0]


def test_every_signed_receipt_has_its_qr_code_to_print(kiosk: BerlinResults) -> None:
    assert sorted(path.name for path in kiosk.qr.iterdir()) == [
        "002-sale.png",
        "003-sale.png",
        "004-sale.png",
        "005-sale.png",
        "006-sale.png",
        "008-return.png",
        "009-exchange.png",
        "010-sale.png",
    ]


def changed(archive: Path, to: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The archive again, each member as `change` gives it; None leaves it out."""
    with tarfile.open(archive) as old, tarfile.open(to, "w") as new:
        for member in old.getmembers():
            file = old.extractfile(member)
            assert file is not None
            content = change(member.name, file.read())
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return to


def test_a_changed_file_is_found_by_its_checker(
    played: Played, kiosk: BerlinResults, tmp_path: Path
) -> None:
    def dearer(name: str, content: bytes) -> bytes:
        return content.replace(b"8,60", b"9,60") if name == "transactions.csv" else content

    archive = changed(kiosk.dsfinvk, tmp_path / "dsfinvk.tar", dearer)

    is_good, printed = service.checked(played.out / "data", {"dsfinvk": archive})["dsfinvk"]

    assert not is_good
    assert "transactions.csv/" in printed


def test_an_archive_without_a_receipt_is_not_the_tills_day(
    kiosk: BerlinResults, tmp_path: Path
) -> None:
    def shorter(name: str, content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        return b"".join(lines[:2] + lines[3:]) if name == "transactions.csv" else content

    archive = changed(kiosk.dsfinvk, tmp_path / "dsfinvk.tar", shorter)

    assert list(proof.archived(kiosk)) == []
    (fault,) = proof.archived(replace(kiosk, dsfinvk=archive))
    assert "'Beleg': 11" in fault
    assert "'Beleg': 12" in fault


def test_a_log_that_misses_a_signature_is_not_the_tills_day(
    kiosk: BerlinResults, tmp_path: Path
) -> None:
    archive = changed(
        kiosk.tse, tmp_path / "tse.tar", lambda name, it: None if "_Sig-11_" in name else it
    )

    assert list(proof.logged(kiosk)) == []
    assert list(proof.logged(replace(kiosk, tse=archive))) == [
        "signature 11 (Two coffees, two pretzels; cash) is not in the log"
    ]


def test_a_changed_qr_code_does_not_verify(kiosk: BerlinResults) -> None:
    step = kiosk.steps[1]
    text = step.fiscal["verification"]["qr_data"]
    assert qr.verifies(qr.parse(text))
    forged = {**step.fiscal, "verification": {"qr_data": text.replace("8.60", "9.60")}}
    bad = TillStep(title=step.title, operation={**step.operation, "fiscal_information": forged})

    assert list(proof.scanned([step, bad])) == [f"the QR code of {step.title} does not verify"]


@pytest.mark.parametrize(
    ("hour", "time"), [(8, "23:59"), (19, "23:59"), (21, "04:00"), (22, "04:00"), (23, "23:59")]
)
def test_the_cut_off_never_falls_into_the_demo(hour: int, time: str) -> None:
    """Hours are UTC, an hour behind Berlin in winter."""
    assert day.cut_off(datetime(2026, 1, 5, hour, 59, tzinfo=UTC)) == time


def test_the_requests_are_copied_not_shared() -> None:
    back = story.returned(story.COFFEE_BACK, "op_1")

    assert back["related_operation_id"] == "op_1"
    assert "related_operation_id" not in story.COFFEE_BACK
