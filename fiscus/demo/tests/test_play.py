"""The demo as a whole: its folder, its reports, and how it ends."""

import json
from pathlib import Path

import pytest

from fiscus.demo import proof, service
from fiscus.demo.client import UnexpectedAnswer
from fiscus.demo.play import MARK, DemoFolder
from fiscus.demo.tests.conftest import Played

pytestmark = pytest.mark.long  # the whole day is played against a real service

PROVED = [
    "Berlin, DSFinV-K",
    "Berlin, TSE log",
    "Berlin, sums",
    "Berlin, DSFinV-K and till",
    "Berlin, TSE log and till",
    "Berlin, QR codes",
    "Lisbon, audit file",
    "Lisbon, journal package",
    "Lisbon, tax authority",
    "Berlin, books",
    "Berlin, file for the accountant",
    "Lisbon, books",
    "Lisbon, file for the accountant",
    "journal",
]


def test_the_reports_say_that_everything_is_good(played: Played) -> None:
    text, said = (path.read_text() for path in DemoFolder(out=played.out).reports)

    assert text.count("Good: ") == len(PROVED)
    found = {name: part["is_good"] for name, part in json.loads(said).items()}
    assert found == dict.fromkeys(PROVED, True)


def test_the_checkpoint_covers_both_days(played: Played) -> None:
    said = json.loads(DemoFolder(out=played.out).reports[1].read_text())

    origin, size, *_ = DemoFolder(out=played.out).checkpoint.read_text().splitlines()

    assert origin.startswith("fiscus/")
    # The last export is stated after the checkpoint that is kept.
    assert said["Lisbon, journal package"]["entries"] < int(size) <= said["journal"]["entries"]


def test_every_place_that_is_told_is_there(played: Played) -> None:
    places = played.told.partition("Where everything is\n")[2].partition("\n\n")[0]

    paths = [Path(line[35:]) for line in places.splitlines()]

    assert len(paths) == 16
    assert [path for path in paths if not list(path.parent.glob(path.name))] == []


def test_what_is_not_proved_is_named() -> None:
    good = proof.of_faults("sums", [], "they agree")
    bad = proof.of_faults("log", ["signature 7 is missing"], "complete")

    proof.expect_good([good], Path("report.txt"))
    with pytest.raises(UnexpectedAnswer, match=r"not proved: log; see report\.txt"):
        proof.expect_good([good, bad], Path("report.txt"))

    assert proof.text([good, bad]) == "SUMS\nGood: they agree.\n\nLOG\nsignature 7 is missing\n"
    assert json.loads(proof.as_json([bad])) == {
        "log": {"is_good": False, "faults": ["signature 7 is missing"]}
    }


def test_a_second_demo_replaces_what_the_first_one_made_and_nothing_else(tmp_path: Path) -> None:
    folder = DemoFolder(out=tmp_path / "out")
    folder.cleared()
    (folder.lisbon / "old.png").write_text("old")
    (folder.berlin / "qr").mkdir()
    folder.checkpoint.write_text("old")
    mine = folder.out / "mine.txt"
    mine.write_text("mine")

    folder.cleared()

    assert list(folder.lisbon.iterdir()) == list(folder.berlin.iterdir()) == []
    assert not folder.checkpoint.exists()
    assert mine.read_text() == "mine"


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "data" / "precious"
    precious.parent.mkdir()
    precious.write_text("precious")

    with pytest.raises(UnexpectedAnswer, match="choose another --out"):
        DemoFolder(out=tmp_path).cleared()

    assert precious.read_text() == "precious"
    assert not (tmp_path / MARK).exists()


def test_settings_of_another_house_do_not_reach_the_demo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FISCUS_DATABASE_URL", "sqlite:////nowhere/other.db")

    found = service.environment(tmp_path)

    assert found["FISCUS_DATA_DIR"] == str(tmp_path)
    assert "FISCUS_DATABASE_URL" not in found
