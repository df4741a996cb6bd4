"""Files of a witness: whole or not at all, and nobody else's to read."""

import stat
from pathlib import Path

import pytest

from fiscus.witness import durable


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_replaced_whole_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "state"
    durable.write(file, b"old")
    file.chmod(0o644)

    durable.write(file, b"new")

    assert file.read_bytes() == b"new"
    assert mode(file) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_write_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    place = tmp_path / "state"
    place.mkdir()
    (place / "inside").touch()

    with pytest.raises(OSError, match="state"):
        durable.write(place, b"new")

    assert list(tmp_path.iterdir()) == [place]


def test_a_folder_is_its_owners_alone_and_may_be_there(tmp_path: Path) -> None:
    durable.make_folder(tmp_path / "forks")
    durable.make_folder(tmp_path / "forks")

    assert mode(tmp_path / "forks") == 0o700


def test_a_lock_keeps_others_out_and_ends_with_its_owner(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with (
        durable.locked(lock, waits=False),
        pytest.raises(BlockingIOError),
        durable.locked(lock, waits=False),
    ):
        raise AssertionError("two inside")
    with durable.locked(lock, waits=True):
        assert mode(lock) == 0o600
