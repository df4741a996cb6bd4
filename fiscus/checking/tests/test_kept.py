"""What is kept of a check, for how long, and under which name."""

import os
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from fiscus.checking import kept
from fiscus.checking.kept import CheckPhase, CheckState
from tests.support.premises import MONDAY

ID = "0123456789abcdef" * 2


def a_check(root: Path, **said: object) -> CheckState:
    state = CheckState(id=ID, name="a.xml", size=3, phase=CheckPhase.WAITING, at=MONDAY)
    state = msgspec.structs.replace(state, **said)
    file = kept.file_of(root, state)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"abc")
    kept.write(root, state)
    return state


def test_what_is_written_is_found(tmp_path: Path) -> None:
    state = a_check(tmp_path, owner="s", place=2, has_jws=True)

    assert kept.find(tmp_path, ID) == state


@pytest.mark.parametrize("id_", ["", "x", "../" + ID[3:], ID + "0", "ü" * 32, ID.replace("0", "1")])
def test_what_is_not_there_is_not_found(tmp_path: Path, id_: str) -> None:
    a_check(tmp_path)

    assert kept.find(tmp_path, id_) is None


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("a.xml", "a.xml"),
        ("C:\\Users\\me\\EXTF_1.csv", "EXTF_1.csv"),
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        (" . ", "file"),
        ("", "file"),
        ("a\0b\nc", "a_b_c"),
        ('<a>:"b"', "_a___b_"),
        ("x" * 150 + ".xml", "x" * 96 + ".xml"),
        ("ü" * 100, "ü" * 50),
    ],
)
def test_a_name_is_one_that_every_disk_takes(said: str, plain: str) -> None:
    assert kept.plain_name(said) == plain


def test_the_file_goes_before_its_result(tmp_path: Path) -> None:
    state = a_check(tmp_path)
    kept.jws_of(tmp_path, ID).write_text("x")

    kept.drop_file(tmp_path, state)

    assert [one.name for one in (tmp_path / ID).iterdir()] == ["state.json"]


def test_a_result_is_kept_for_some_minutes(tmp_path: Path) -> None:
    a_check(tmp_path, ended=MONDAY, phase=CheckPhase.DONE)

    kept.sweep(tmp_path, MONDAY + kept.KEPT - timedelta(seconds=1))
    assert kept.find(tmp_path, ID) is not None
    kept.sweep(tmp_path, MONDAY + kept.KEPT)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("age", "is_left"), [(timedelta(hours=1), True), (kept.LEFT_OVER, False)])
def test_what_a_process_left_over_goes_later(tmp_path: Path, age: timedelta, is_left: bool) -> None:
    a_check(tmp_path)
    (tmp_path / ID / "state.json").unlink()
    then = (MONDAY - age).timestamp()
    os.utime(tmp_path / ID, (then, then))

    kept.sweep(tmp_path, MONDAY)

    assert (tmp_path / ID).exists() is is_left


def test_tickets_are_nobody_s_check(tmp_path: Path) -> None:
    (tmp_path / "tickets").mkdir()
    kept.sweep(tmp_path, MONDAY + timedelta(days=9))

    assert (tmp_path / "tickets").exists()


def test_a_check_that_was_removed_is_not_written_again(tmp_path: Path) -> None:
    state = a_check(tmp_path)
    kept.remove(tmp_path, ID)

    with pytest.raises(FileNotFoundError):
        kept.write(tmp_path, state)
