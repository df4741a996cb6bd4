"""The files of what was seen last: whole or not at all, told apart from others', never a crash."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.journal import seen
from fiscus.journal.heads import BEHIND, HEADS_MAX, HeadMemory, KnownHead, SeenState
from fiscus.journal.seen import SeenFolder, Watermark
from fiscus.journal.tests.rows import INSTALLATION, a_chain, made, write
from fiscus.journal.tests.test_heads import cut, sell
from fiscus.model.faults import Conflict
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.store.connect import reading, writing

KEY = b"k" * 32
STEPS_MAX = 20


def heads(*sequences: int) -> tuple[KnownHead, ...]:
    """A head for each chain, whose sequence is as given."""
    return tuple(
        KnownHead(f"chain-{number}", 1, sequence, f"{sequence:064x}")
        for number, sequence in enumerate(sequences)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "seen"


def opened(folder: Path, installation: str = INSTALLATION, key: bytes = KEY) -> SeenFolder:
    return SeenFolder(folder, installation, key)


def kept(folder: Path, state: SeenState, installation: str = INSTALLATION) -> None:
    """Write the state as a process of its own does."""
    place = opened(folder, installation)
    place.write(1, state, MORNING)
    assert place.has(1), place.warnings
    place.close()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.seen"))


def test_what_was_written_is_read_again(folder: Path) -> None:
    state = SeenState(heads=heads(3, 5))
    kept(folder, state)

    place = opened(folder)

    assert place.read() == msgspec.structs.replace(state, at=MORNING)
    assert place.warnings == ()


def test_where_nothing_was_written_nothing_is_known_and_nothing_is_wrong(folder: Path) -> None:
    place = opened(folder)

    assert place.read() == SeenState()
    assert place.warnings == ()
    assert not folder.exists()


def test_only_its_owner_can_read_it(folder: Path) -> None:
    before = os.umask(0)
    try:
        kept(folder, SeenState(heads=heads(1)))
    finally:
        os.umask(before)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_processes_side_by_side_have_files_of_their_own_and_all_are_read(folder: Path) -> None:
    one, two = opened(folder), opened(folder)
    one.write(1, SeenState(heads=heads(3, 9)), MORNING)
    two.write(1, SeenState(heads=heads(7, 8)), MORNING)

    assert files(folder) == [f"{INSTALLATION}-1.seen", f"{INSTALLATION}-2.seen"]
    assert set(opened(folder).read().heads) == set(heads(7, 9))

    one.close()
    kept(folder, SeenState(heads=heads(10, 10)))
    assert files(folder) == [f"{INSTALLATION}-1.seen", f"{INSTALLATION}-2.seen"]
    assert set(opened(folder).read().heads) == set(heads(10, 10))
    two.close()


def test_another_installations_file_is_told_and_left_alone(folder: Path) -> None:
    kept(folder, SeenState(heads=heads(3)), installation="other")
    before = (folder / "other-1.seen").read_bytes()

    place = opened(folder)
    assert place.read() == SeenState()
    (warning,) = place.warnings
    assert "other-1.seen: of another installation (other)" in warning
    place.write(1, SeenState(heads=heads(4)), MORNING)

    assert place.has(1)
    assert (folder / "other-1.seen").read_bytes() == before
    place.close()


def flipped(content: bytes) -> Iterator[bytes]:
    for at in range(len(content)):
        yield content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def test_whatever_byte_is_changed_is_noticed_and_stops_nothing(folder: Path) -> None:
    kept(folder, SeenState(heads=heads(3)))
    file = folder / files(folder)[0]
    content = file.read_bytes()

    for damage in (b"", b"\n", content[:-1], content + b" ", *flipped(content)):
        file.write_bytes(damage)
        place = opened(folder)
        assert place.read() == SeenState()
        assert len(place.warnings) == 1
    assert opened(folder, key=b"another").read() == SeenState()


def test_a_damaged_file_is_kept_for_a_person_and_another_one_is_written(folder: Path) -> None:
    kept(folder, SeenState(heads=heads(3)))
    (folder / files(folder)[0]).write_bytes(b"damaged")

    kept(folder, SeenState(heads=heads(4)))

    assert (folder / files(folder)[0]).read_bytes() == b"damaged"
    place = opened(folder)
    assert place.read().heads == heads(4)
    assert len(place.warnings) == 1


def test_a_file_too_large_to_be_one_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(folder, SeenState(heads=heads(3)))
    size = (folder / files(folder)[0]).stat().st_size

    monkeypatch.setattr(seen, "FILE_BYTES_MAX", size)
    assert opened(folder).read().heads == heads(3)
    monkeypatch.setattr(seen, "FILE_BYTES_MAX", size - 1)
    assert opened(folder).read() == SeenState()


def test_where_nothing_can_be_written_that_is_told_until_it_can(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_bytes(b"a file where the folder should be")
    place = opened(folder)

    place.write(1, SeenState(heads=heads(1)), MORNING)
    assert not place.has(1)
    assert "cannot be written" in place.warnings[0]

    folder.unlink()
    place.write(1, SeenState(heads=heads(1)), MORNING)
    assert place.has(1)
    assert place.warnings == ()
    place.close()


def test_no_more_files_than_are_allowed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "FILES_MAX", 1)
    one, two = opened(folder), opened(folder)
    for place in (one, two):
        place.write(1, SeenState(heads=heads(1)), MORNING)

    assert one.has(1)
    assert "more than 1 files" in two.warnings[0]
    one.close()


# In a process of its own, which forks for each step: the child is killed before or after its n-th
# call to the system, as a loss of power would.
KILLED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from fiscus.journal.heads import KnownHead, SeenState
from fiscus.journal.seen import SeenFolder

folder, steps = Path(sys.argv[1]), int(sys.argv[2])

def write(target, sequence):
    place = SeenFolder(target, "i", b"k" * 32)
    heads = (KnownHead("chain-0", 1, sequence, f"{sequence:064x}"),)
    place.write(1, SeenState(heads=heads), datetime(2026, 5, 4, tzinfo=UTC))
    place.close()

def killing(at, is_before):
    calls = iter(range(steps + 1))
    def wrapped(act):
        def called(*said, **more):
            number = next(calls)
            if number == at and is_before:
                os._exit(9)
            found = act(*said, **more)
            if number == at:
                os._exit(9)
            return found
        return called
    for name in ("open", "fchmod", "fsync", "replace"):
        setattr(os, name, wrapped(getattr(os, name)))

for at in range(steps):
    for is_before in (True, False):
        target = folder / f"{at}-{is_before}"
        write(target, 1)
        child = os.fork()
        if child == 0:
            killing(at, is_before)
            write(target, 2)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(target.name, os.waitstatus_to_exitcode(status), flush=True)
"""


def test_a_kill_at_any_step_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(STEPS_MAX)],
        capture_output=True,
        text=True,
        check=True,
    )
    endings = {name: int(code) for name, code in map(str.split, done.stdout.splitlines())}
    killed = [name for name, code in endings.items() if code == 9]
    found = []
    for name in endings:
        place = opened(tmp_path / name, "i")
        (head,) = place.read().heads
        assert place.warnings == ()
        found.append((endings[name], head.sequence))
        kept(tmp_path / name, SeenState(heads=heads(3)), installation="i")
        assert files(tmp_path / name) == ["i-1.seen"]
        assert opened(tmp_path / name, "i").read().heads == heads(3)

    assert len(endings) == 2 * STEPS_MAX
    assert 12 <= len(killed) < len(endings)
    assert set(found) == {(9, 1), (9, 2), (0, 2)}


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "data" / "seen", tmp_path / "state"


def a_watermark(memory: HeadMemory, places: tuple[Path, ...]) -> Watermark:
    folders = tuple(opened(place) for place in places)
    return Watermark(memory, folders, StandingClock(), every_seconds=0.01)


def test_an_older_database_is_noticed_before_the_first_sale_after_a_restart(
    engine: Engine, places: tuple[Path, Path]
) -> None:
    with writing(engine) as tx:
        a_chain(tx, 0, "installation")
        chain, other = a_chain(tx, 1), a_chain(tx, 2)
    first = HeadMemory()
    before = a_watermark(first, places)
    before.start()
    sell(engine, first, chain, 8)
    sell(engine, first, other, 2)
    before.stop()
    cut(engine, chain, 4)

    for left in ((0,), (1,), (0, 1)):  # One of the two places is enough.
        second = HeadMemory()
        after = a_watermark(second, tuple(places[number] for number in left))
        assert after.read().at == MORNING
        with reading(engine) as tx:
            assert second.compare(tx) == (chain,)
        with pytest.raises(Conflict) as trouble:
            sell(engine, second, chain)
        assert trouble.value.code == BEHIND
    assert sell(engine, second, other) == 3


def test_the_newest_note_is_kept_too(engine: Engine, places: tuple[Path, Path]) -> None:
    with writing(engine) as tx:
        a_chain(tx, 0, "installation")
        chain = a_chain(tx, 1)
    memory = HeadMemory()
    watermark = a_watermark(memory, places)
    write(engine, chain, 1)
    note = made(engine)
    assert note is not None
    memory.saw_note(note.note)
    watermark.write()

    assert a_watermark(HeadMemory(), places).read().note == note.note
    watermark.stop()


def test_what_is_new_comes_to_the_files_by_itself(places: tuple[Path, Path]) -> None:
    memory = HeadMemory()
    watermark = a_watermark(memory, places)
    watermark.start()
    memory.wrote(heads(5))

    deadline = time.monotonic() + 10
    while opened(places[1]).read().heads != heads(5) and time.monotonic() < deadline:
        time.sleep(0.01)

    assert opened(places[1]).read().heads == heads(5)
    watermark.stop()


def test_without_news_nothing_is_written(places: tuple[Path, Path]) -> None:
    memory = HeadMemory()
    watermark = a_watermark(memory, places)

    def inodes() -> list[int]:
        return [file.stat().st_ino for place in places for file in sorted(place.glob("*.seen"))]

    memory.wrote(heads(1))
    watermark.write()
    before = inodes()
    memory.wrote(heads(1))
    watermark.write()
    assert inodes() == before
    memory.wrote(heads(2))
    watermark.write()
    assert all(old != new for old, new in zip(before, inodes(), strict=True))
    watermark.stop()


def test_a_second_place_that_cannot_be_written_fails_nothing_and_is_told(
    places: tuple[Path, Path],
) -> None:
    places[1].write_bytes(b"a file where the folder should be")
    memory = HeadMemory()
    watermark = a_watermark(memory, places)
    memory.wrote(heads(1))
    watermark.write()

    assert opened(places[0]).read().heads == heads(1)
    assert len(watermark.warnings) == 2
    assert f"{places[1]}: cannot be written" in watermark.warnings[0]
    assert "FISCUS_STATE_DIR" in watermark.warnings[1]

    places[1].unlink()
    watermark.write()
    assert not watermark.warnings
    watermark.stop()


def test_without_a_second_place_the_operator_is_told(places: tuple[Path, Path]) -> None:
    watermark = a_watermark(HeadMemory(), places[:1])
    watermark.write()

    (warning,) = watermark.warnings
    assert "FISCUS_STATE_DIR" in warning
    watermark.stop()


def test_slow_writes_come_less_often(places: tuple[Path, Path]) -> None:
    ticks = iter([0.0, 0.001, 10.0, 12.0])
    memory = HeadMemory()
    folders = tuple(opened(place) for place in places)
    watermark = Watermark(
        memory, folders, StandingClock(), every_seconds=1.0, timer=lambda: next(ticks)
    )

    assert watermark.write() == 1.0
    memory.wrote(heads(1))
    assert watermark.write() == pytest.approx(40.0)
    assert watermark.write() == 1.0
    for folder in folders:
        folder.close()


def test_the_most_chains_that_are_remembered_fit_into_a_file(
    places: tuple[Path, Path], record_property: Callable[[str, object], None]
) -> None:
    memory = HeadMemory()
    memory.wrote(
        KnownHead(f"{number:036d}", 2**31, 2**63 - 1, f"{number:064x}")
        for number in range(HEADS_MAX)
    )
    watermark = a_watermark(memory, places[:1])
    begun = time.perf_counter()
    watermark.write()
    took = time.perf_counter() - begun
    watermark.stop()

    size = (places[0] / files(places[0])[0]).stat().st_size
    assert len(a_watermark(HeadMemory(), places[:1]).read().heads) == HEADS_MAX
    record_property(
        "figures", f"{HEADS_MAX:,} heads: {size / 1e6:.1f} MB, written in {took * 1000:.0f} ms"
    )
