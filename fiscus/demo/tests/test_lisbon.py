"""What the café's day leaves behind."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fiscus.demo.lisbon import proof
from fiscus.demo.tests.conftest import Played

pytestmark = pytest.mark.long  # the whole day is played against a real service


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

    assert [one.is_good for one in findings] == [False, True, False]


def test_a_lost_document_is_not_proved(played: Played) -> None:
    papers = replace(played.days.cafe, documents=6)

    audit, *_ = proof.prove(played.out / "data", papers)

    assert not audit.is_good
    assert "5 documents and 1 cancelled, not 6 and 1" in audit.sentences


def test_an_answer_is_lost_and_nothing_is_there_twice(played: Played) -> None:
    known = json.loads(played.days.cafe.authority.read_text())

    asked = {
        (one["operation"], one["code"], one["fault"]): one["count"] for one in known["requests"]
    }
    assert asked["RegisterInvoice", "0", "timeout"] == 1
    assert asked["RegisterInvoice", "-10", ""] == 1
    assert [one["status"] for one in known["documents"]].count("A") == 1
    assert "FR BALCAO-1/2, and its answer was lost" in played.told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"gross": "3.51"}, "gross=3.51"),
        ({"status": "A"}, "status=A"),
        ({"number": "FR BALCAO-1/9"}, "number=FR BALCAO-1/9"),
    ],
)
def test_another_value_at_the_authority_is_not_proved(
    played: Played, tmp_path: Path, change: dict[str, str], words: str
) -> None:
    papers = played.days.cafe
    known = json.loads(papers.authority.read_text())
    [second] = [one for one in known["documents"] if one["number"] == "FR BALCAO-1/2"]
    assert proof.differences(papers) == []
    second.update(change)
    changed = tmp_path / "authority.json"
    changed.write_text(json.dumps(known))

    here, there = proof.differences(replace(papers, authority=changed))

    assert here.startswith("not at the authority: number=FR BALCAO-1/2")
    assert there.startswith("at the authority alone: ")
    assert words in there


def test_a_document_that_is_there_twice_is_not_proved(played: Played, tmp_path: Path) -> None:
    papers = played.days.cafe
    known = json.loads(papers.authority.read_text())
    known["documents"].append(known["documents"][0])
    changed = tmp_path / "authority.json"
    changed.write_text(json.dumps(known))

    [fault] = proof.differences(replace(papers, authority=changed))

    assert fault.startswith("at the authority alone: ")
