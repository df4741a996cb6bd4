"""The whole demo, once, and what it leaves behind."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from fiscus.cli import demo
from fiscus.demo import client, proof
from fiscus.demo.client import Unexpected
from fiscus.demo.play import MARK, Folder, play


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("demo")
    told = io.StringIO()
    play(out, Console(file=told, width=100))
    return out, told.getvalue()


def test_the_story_names_every_document(played: tuple[Path, str]) -> None:
    _, told = played

    for number in (1, 2, 3):
        assert f"FR BALCAO-1/{number}" in told
    assert "FT FATURAS/1" in told
    assert "NC DEVOLUCOES/1" in told
    assert "cancelled" in told


def test_every_document_has_its_qr_code_to_print(played: tuple[Path, str]) -> None:
    out, _ = played

    names = sorted(path.name for path in (out / "qr").iterdir())

    assert names == [
        "FR_BALCAO-1_1.png",
        "FR_BALCAO-1_2.png",
        "FR_BALCAO-1_3.png",
        "FT_FATURAS_1.png",
        "NC_DEVOLUCOES_1.png",
    ]


def test_the_reports_say_that_everything_is_good(played: tuple[Path, str]) -> None:
    text, said = (path.read_text() for path in Folder(out=played[0]).reports)

    assert text.count("Good: ") == 3
    assert {name: part["is_good"] for name, part in json.loads(said).items()} == {
        "audit file": True,
        "journal package": True,
        "database": True,
    }


def test_a_changed_audit_file_is_not_proved(played: tuple[Path, str], tmp_path: Path) -> None:
    out, _ = played
    audit = next((out / "audit").glob("*.xml"))
    changed = tmp_path / audit.name
    changed.write_bytes(audit.read_bytes().replace(b"<GrossTotal>3.52<", b"<GrossTotal>3.51<"))

    proved = proof.prove(
        out / "data", audit=changed, package=out / "journal" / "journal.zip", documents=5, voids=1
    )

    assert not proved.is_good
    assert [is_good for _, is_good, _ in proved.lines] == [False, True, True]


def test_a_lost_document_is_not_proved(played: tuple[Path, str]) -> None:
    out, _ = played
    audit = next((out / "audit").glob("*.xml"))

    proved = proof.prove(
        out / "data", audit=audit, package=out / "journal" / "journal.zip", documents=6, voids=1
    )

    assert not proved.is_good


def test_a_second_demo_replaces_what_the_first_one_made_and_nothing_else(tmp_path: Path) -> None:
    folder = Folder(out=tmp_path / "out")
    folder.cleared()
    (folder.qr / "old.png").write_text("old")
    mine = folder.out / "mine.txt"
    mine.write_text("mine")

    folder.cleared()

    assert list(folder.qr.iterdir()) == []
    assert mine.read_text() == "mine"


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "data" / "precious"
    precious.parent.mkdir()
    precious.write_text("precious")

    with pytest.raises(Unexpected, match="choose another --out"):
        Folder(out=tmp_path).cleared()

    assert precious.read_text() == "precious"
    assert not (tmp_path / MARK).exists()


def test_a_demo_that_goes_wrong_ends_with_exit_code_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()

    with pytest.raises(SystemExit) as end:
        demo(out=tmp_path)

    assert end.value.code == 1
    assert "The demo did not go as it should" in capfd.readouterr().err


def test_settings_of_another_house_do_not_reach_the_demo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FISCUS_DATABASE_URL", "sqlite:////nowhere/other.db")

    found = client.environment(tmp_path)

    assert found["FISCUS_DATA_DIR"] == str(tmp_path)
    assert "FISCUS_DATABASE_URL" not in found
