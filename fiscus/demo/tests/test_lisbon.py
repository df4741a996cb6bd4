"""What the café's day leaves behind."""

from dataclasses import replace
from pathlib import Path

from fiscus.demo.lisbon import proof
from fiscus.demo.tests.conftest import Played


def test_the_story_names_every_document(played: Played) -> None:
    for number in (1, 2, 3):
        assert f"FR BALCAO-1/{number}" in played.told
    assert "FT FATURAS/1" in played.told
    assert "NC DEVOLUCOES/1" in played.told
    assert "cancelled" in played.told


def test_every_document_has_its_qr_code_to_print(played: Played) -> None:
    names = sorted(path.name for path in (played.out / "lisbon" / "qr").iterdir())

    assert names == [
        "FR_BALCAO-1_1.png",
        "FR_BALCAO-1_2.png",
        "FR_BALCAO-1_3.png",
        "FT_FATURAS_1.png",
        "NC_DEVOLUCOES_1.png",
    ]


def test_a_changed_audit_file_is_not_proved(played: Played, tmp_path: Path) -> None:
    papers = played.days.cafe
    changed = tmp_path / papers.audit.name
    changed.write_bytes(
        papers.audit.read_bytes().replace(b"<GrossTotal>3.52<", b"<GrossTotal>3.51<")
    )

    findings = proof.prove(played.out / "data", replace(papers, audit=changed))

    assert [one.is_good for one in findings] == [False, True]


def test_a_lost_document_is_not_proved(played: Played) -> None:
    papers = replace(played.days.cafe, documents=6)

    audit, _ = proof.prove(played.out / "data", papers)

    assert not audit.is_good
    assert "5 documents and 1 cancelled, not 6 and 1" in audit.sentences
