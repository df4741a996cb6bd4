"""Memories on another disk: what they keep, what they notice, and what they are called."""

import stat
from datetime import date
from pathlib import Path

import pytest

from fiscus.model.faults import Refused
from fiscus.transparency import notes
from fiscus.transparency.checkpoints import origin_hash
from fiscus.witness import copies
from fiscus.witness.copies import MemoryDisk
from fiscus.witness.outcomes import (
    AlarmReason,
    NoteKept,
    WitnessAlarm,
    WitnessedHead,
    WitnessSilence,
)
from fiscus.witness.places import FileMemory
from tests.support.logs import PlainLog

LOG = PlainLog().grown(20)
FORK = LOG.with_leaves([]).grown(20, mark="forged")
DAY = date(2026, 5, 4)


@pytest.fixture
def memory(tmp_path: Path) -> FileMemory:
    return FileMemory(folder=tmp_path)


def keep(
    memory: FileMemory, size: int, log: PlainLog = LOG, day: date = DAY, closing: str = ""
) -> NoteKept | WitnessAlarm | WitnessSilence:
    return copies.keep(memory, [LOG.key], log.note(size), day=day, closing=closing)


def kept(memory: FileMemory) -> dict[str, str]:
    place = memory.folder / origin_hash(LOG.origin)
    return {file.name: file.read_text("utf-8") for file in place.iterdir() if file.name != ".lock"}


def test_the_newest_one_of_each_day_and_each_closing_are_kept(memory: FileMemory) -> None:
    for size, day, closing in ((3, 4, ""), (5, 4, "z-1"), (6, 4, ""), (6, 5, ""), (9, 5, "z-2")):
        found = keep(memory, size, day=date(2026, 5, day), closing=closing)
        assert found == NoteKept()

    assert kept(memory) == {
        "newest": LOG.note(9),
        "2026-05-04": LOG.note(6),
        "2026-05-05": LOG.note(9),
        "closing-z-1": LOG.note(5),
        "closing-z-2": LOG.note(9),
    }
    for path in (memory.folder / origin_hash(LOG.origin)).rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_newest_is_found_again(memory: FileMemory) -> None:
    assert copies.newest(memory, [LOG.key]) is None
    keep(memory, 5)

    found = copies.newest(memory, [LOG.key])

    assert found == WitnessedHead(head=LOG.head(5), note=LOG.note(5), time=0)


def test_less_than_before_is_an_alarm_and_changes_nothing(memory: FileMemory) -> None:
    keep(memory, 9)
    before = kept(memory)

    alarm = keep(memory, 8, day=date(2026, 5, 5))

    assert isinstance(alarm, WitnessAlarm)
    assert alarm.reason is AlarmReason.ROLLED_BACK
    assert (alarm.ours, alarm.theirs) == (LOG.note(8), LOG.note(9))
    assert kept(memory) == before


def test_another_root_at_the_same_size_is_an_alarm(memory: FileMemory) -> None:
    keep(memory, 9)

    alarm = keep(memory, 9, log=FORK)

    assert isinstance(alarm, WitnessAlarm)
    assert alarm.reason is AlarmReason.FORKED
    assert keep(memory, 9) == NoteKept()


def test_a_disk_that_is_not_there_is_told_and_not_made_up(tmp_path: Path) -> None:
    memory = FileMemory(folder=tmp_path / "stick")

    for found in (keep(memory, 5), copies.newest(memory, [LOG.key])):
        assert isinstance(found, WitnessSilence)
        assert "mounted" in found.reason
    assert not memory.folder.exists()
    assert copies.disk(memory, tmp_path) is MemoryDisk.MISSING


@pytest.mark.parametrize(
    "content",
    [b"", b"no note\n", PlainLog().grown(5).note(5).encode()],
    ids=["empty", "no note", "of a stranger"],
)
def test_what_is_no_note_of_ours_stays_for_a_person_to_see(
    memory: FileMemory, content: bytes
) -> None:
    keep(memory, 5)
    newest = memory.folder / origin_hash(LOG.origin) / copies.NEWEST
    newest.write_bytes(content)

    for found in (keep(memory, 6), copies.newest(memory, [LOG.key])):
        assert isinstance(found, WitnessSilence)
    assert newest.read_bytes() == content


def test_only_notes_of_our_log_are_kept(memory: FileMemory) -> None:
    stranger = PlainLog(origin="other.example/log").grown(3)
    with pytest.raises(Refused, match="WITNESS-MEMORY-01"):
        keep(memory, 3, log=stranger)
    other_name = notes.signed(stranger.head(3).text(), LOG.origin, LOG.private).whole()
    with pytest.raises(Refused, match="WITNESS-MEMORY-01"):
        copies.keep(memory, [LOG.key], other_name, day=DAY)
    assert list(memory.folder.iterdir()) == []


def test_a_memory_says_whether_it_outlives_the_disk(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()

    assert copies.disk(FileMemory(folder=tmp_path), data) is MemoryDisk.SAME
    assert copies.disk(FileMemory(folder=tmp_path), data / "gone") is MemoryDisk.MISSING
    assert tmp_path.stat().st_dev != Path("/proc").stat().st_dev
    assert copies.disk(FileMemory(folder=Path("/proc")), data) is MemoryDisk.OTHER
