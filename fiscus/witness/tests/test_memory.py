"""What a witness signs, what it refuses, and what it still knows after a crash."""

import resource
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from fiscus.model.faults import Conflict, Corrupt, Missing, Refused, Unavailable
from fiscus.transparency import checkpoints, cosignatures, notes
from fiscus.transparency.checkpoints import TreeHead
from fiscus.witness import folder, forks, submissions
from fiscus.witness.forks import EvidenceKind
from fiscus.witness.memory import Judgement, Verdict, WitnessMemory, serving
from fiscus.witness.submissions import Submission
from tests.support.logs import PlainLog, leaf
from tests.support.witnesses import START, WitnessPremises

LOG = PlainLog().grown(40)
FORK = LOG.with_leaves(LOG.leaves[:6]).grown(34, mark="forged")


@pytest.fixture
def premises(tmp_path: Path) -> WitnessPremises:
    return WitnessPremises(place=tmp_path / "witness")


@pytest.fixture
def memory(premises: WitnessPremises) -> WitnessMemory:
    return premises.trusts(LOG)


def said(log: PlainLog, old: int, size: int, proof: list[bytes] | None = None) -> Submission:
    hashes = log.proof(old, size) if proof is None else proof
    return submissions.parse(submissions.body(old, hashes, log.note(size)))


def add(memory: WitnessMemory, log: PlainLog, old: int, size: int) -> Judgement:
    return memory.add(said(log, old, size)).judgement


def evidence(premises: WitnessPremises) -> list[EvidenceKind]:
    return [one.kind for _, one in forks.all_(premises.place, LOG.origin)]


def test_a_log_that_grows_is_cosigned(premises: WitnessPremises, memory: WitnessMemory) -> None:
    keys = folder.read_keys(premises.place).public()
    old = 0
    for size in (1, 2, 7, 8, 40):
        premises.clock.seconds += 60
        verdict = memory.add(said(LOG, old, size))
        note = notes.parse(LOG.note(size).encode()).plus(verdict.lines)
        times = [one.time for one in cosignatures.verified(note, keys)]
        assert verdict.judgement is Judgement.GROWN
        assert times == [premises.clock.seconds] * 2
        assert memory.newest(checkpoints.origin_hash(LOG.origin)) == note.whole()
        old = size
    assert evidence(premises) == []


def test_the_first_checkpoint_may_be_of_any_size(memory: WitnessMemory) -> None:
    assert add(memory, LOG, 0, 40) is Judgement.GROWN


def test_an_empty_log_is_cosigned_and_may_grow(memory: WitnessMemory) -> None:
    empty = LOG.head(0)
    wrong = notes.signed(
        TreeHead(origin=empty.origin, size=0, root=leaf(1)).text(), LOG.origin, LOG.private
    )

    assert (
        memory.add(submissions.parse(submissions.body(0, [], wrong.whole()))).judgement
        is Judgement.FORKED
    )
    assert add(memory, LOG, 0, 0) is Judgement.AGAIN
    assert add(memory, LOG, 0, 0) is Judgement.AGAIN
    assert memory.add(said(LOG, 0, 3, [leaf(1)])).judgement is Judgement.UNPROVED
    assert add(memory, LOG, 0, 3) is Judgement.GROWN


def test_the_same_again_is_a_sign_of_life(premises: WitnessPremises, memory: WitnessMemory) -> None:
    first = memory.add(said(LOG, 0, 7))
    assert memory.add(said(LOG, 7, 7)) == Verdict(
        judgement=Judgement.AGAIN, size=7, lines=first.lines
    )

    premises.clock.seconds += 1
    later = memory.add(said(LOG, 7, 7))

    assert later.judgement is Judgement.AGAIN
    assert later.lines != first.lines
    assert folder.read_state(premises.place, LOG.origin).time == START + 1
    assert memory.add(said(LOG, 7, 7, [leaf(1)])).judgement is Judgement.UNPROVED


def test_another_old_size_is_told_what_is_remembered(memory: WitnessMemory) -> None:
    add(memory, LOG, 0, 7)

    for old, size in ((0, 8), (6, 8), (8, 9), (0, 7), (3, 3)):
        verdict = memory.add(said(LOG, old, size))
        assert (verdict.judgement, verdict.size) == (Judgement.OTHER_SIZE, 7)
        assert verdict.lines == ()


def test_an_old_size_above_the_new_one_is_nonsense(memory: WitnessMemory) -> None:
    add(memory, LOG, 0, 7)

    assert memory.add(said(LOG, 7, 6, [])).judgement is Judgement.BACKWARDS


def test_a_proof_that_is_not_good_is_refused(
    premises: WitnessPremises, memory: WitnessMemory
) -> None:
    add(memory, LOG, 0, 7)
    proof = LOG.proof(7, 11)

    for wrong in ([], proof[:-1], [*proof, leaf(1)], [leaf(1), *proof[1:]]):
        assert memory.add(said(LOG, 7, 11, wrong)).judgement is Judgement.UNPROVED
    assert add(memory, LOG, 7, 11) is Judgement.GROWN
    assert evidence(premises) == [EvidenceKind.UNPROVED]


def test_another_history_of_the_same_size_is_refused_and_kept(
    premises: WitnessPremises, memory: WitnessMemory
) -> None:
    add(memory, LOG, 0, 11)

    assert add(memory, FORK, 11, 11) is Judgement.FORKED
    # Also where the answer is about something else.
    assert add(memory, FORK, 3, 11) is Judgement.OTHER_SIZE

    [(file, found)] = forks.all_(premises.place, LOG.origin)
    assert found.kind is EvidenceKind.FORK
    assert (found.sent, found.old_size) == (FORK.note(11), 11)
    assert notes.parse(found.known.encode()).text == LOG.head(11).text()
    assert "size 11" in forks.told(found)
    assert file.stat().st_mode & 0o077 == 0
    assert add(memory, LOG, 11, 12) is Judgement.GROWN


def test_a_log_and_a_signature_must_be_known(
    premises: WitnessPremises, memory: WitnessMemory
) -> None:
    stranger = PlainLog(origin="other.example/log").grown(3)
    impostor = PlainLog(origin=LOG.origin).grown(3)

    assert add(memory, stranger, 0, 3) is Judgement.UNKNOWN_LOG
    assert add(memory, impostor, 0, 3) is Judgement.UNSIGNED
    line = notes.parse(LOG.note(4).encode()).lines
    spoilt = notes.parse(LOG.note(3).encode()).plus(line)
    with pytest.raises(Refused, match="NOTE-SIGNATURE-01"):
        memory.add(msgspec.structs.replace(said(LOG, 0, 3), note=spoilt))
    assert folder.read_state(premises.place, LOG.origin).size == 0


def test_only_the_logs_own_lines_are_kept(premises: WitnessPremises, memory: WitnessMemory) -> None:
    other = PlainLog(origin="other.example/log")
    line = notes.signed(LOG.head(3).text(), other.origin, other.private).lines
    note = notes.parse(LOG.note(3).encode()).plus(line)

    memory.add(msgspec.structs.replace(said(LOG, 0, 3), note=note))

    kept = notes.parse(folder.read_state(premises.place, LOG.origin).note.encode())
    assert [one.name for one in kept.lines] == [LOG.origin, premises.name, premises.name]


def test_trust_is_followed_while_it_runs(premises: WitnessPremises, memory: WitnessMemory) -> None:
    other = PlainLog(origin="other.example/log").grown(3)
    assert add(memory, other, 0, 3) is Judgement.UNKNOWN_LOG

    folder.trust(premises.place, other.key.text())
    assert add(memory, other, 0, 3) is Judgement.GROWN

    folder.distrust(premises.place, other.key.text())
    assert add(memory, other, 3, 3) is Judgement.UNKNOWN_LOG
    assert memory.newest(checkpoints.origin_hash(other.origin)) is None


def test_no_time_before_the_last_is_signed(
    premises: WitnessPremises, memory: WitnessMemory
) -> None:
    add(memory, LOG, 0, 7)

    premises.clock.seconds -= 1
    for old, size in ((7, 7), (7, 8)):
        with pytest.raises(Unavailable, match="WITNESS-CLOCK-01"):
            add(memory, LOG, old, size)
    assert folder.read_state(premises.place, LOG.origin).size == 7

    premises.clock.seconds = START
    assert add(memory, LOG, 7, 8) is Judgement.GROWN


@pytest.mark.parametrize("seconds", [0, -1])
def test_time_zero_is_never_signed(
    premises: WitnessPremises, memory: WitnessMemory, seconds: int
) -> None:
    premises.clock.seconds = seconds

    for size in (0, 3):
        with pytest.raises(Unavailable, match="WITNESS-CLOCK-01"):
            add(memory, LOG, 0, size)
    premises.clock.seconds = 1
    assert add(memory, LOG, 0, 3) is Judgement.GROWN


def test_another_process_goes_on_where_the_first_ended(
    premises: WitnessPremises, memory: WitnessMemory
) -> None:
    add(memory, LOG, 0, 7)

    again = WitnessMemory(premises.place, premises.clock)

    assert add(again, FORK, 7, 7) is Judgement.FORKED
    assert add(again, LOG, 7, 8) is Judgement.GROWN


def test_a_witness_without_its_memory_does_not_begin(
    premises: WitnessPremises, memory: WitnessMemory
) -> None:
    state = next((premises.place / "states").iterdir())
    state.unlink()

    with pytest.raises(Corrupt, match="WITNESS-STATE-01"):
        WitnessMemory(premises.place, premises.clock)
    with pytest.raises(Corrupt, match="WITNESS-STATE-01"):
        add(memory, LOG, 0, 7)
    assert not state.exists()
    with pytest.raises(Missing, match="WITNESS-FOLDER-01"):
        WitnessMemory(premises.place.parent, premises.clock)


def test_nothing_is_answered_that_is_not_on_the_disk(
    premises: WitnessPremises, memory: WitnessMemory
) -> None:
    """A state that cannot be written is as if nothing had been sent."""
    add(memory, LOG, 0, 7)
    states = premises.place / "states"
    kept = {file: file.read_bytes() for file in states.iterdir()}

    with files_of(64), pytest.raises(OSError, match="too large"):
        add(memory, LOG, 7, 8)

    assert {file: file.read_bytes() for file in states.iterdir()} == kept
    assert add(memory, LOG, 7, 9) is Judgement.GROWN


@contextmanager
def files_of(size: int) -> Iterator[None]:
    """No file may become larger than so many bytes: as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_of_many_at_once_one_history_is_signed(
    premises: WitnessPremises, memory: WitnessMemory
) -> None:
    """Eight senders of two histories, all from the size that is remembered: who comes first is
    signed, and of the other history nothing."""
    add(memory, LOG, 0, 6)
    start = threading.Barrier(8)

    def race(number: int) -> tuple[bool, Judgement]:
        start.wait()
        log = LOG if number % 2 else FORK
        return log is LOG, add(memory, log, 6, 10 + number // 2)

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(race, range(8)))

    assert [judgement for _, judgement in results].count(Judgement.GROWN) == 1
    assert [judgement for _, judgement in results].count(Judgement.OTHER_SIZE) == 7
    [is_true] = [is_log for is_log, judgement in results if judgement is Judgement.GROWN]
    state = folder.read_state(premises.place, LOG.origin)
    winner = LOG if is_true else FORK
    assert notes.parse(state.note.encode()).text == winner.head(state.size).text()


def test_evidence_is_bounded(premises: WitnessPremises, memory: WitnessMemory) -> None:
    add(memory, LOG, 0, 5)
    for number in range(forks.KEPT_MAX["unproved"] + 3):
        memory.add(said(LOG, 5, 6 + number, [leaf(1)]))

    assert evidence(premises) == [EvidenceKind.UNPROVED] * forks.KEPT_MAX["unproved"]
    forged = LOG.with_leaves([leaf(0, "forged")]).grown(4)
    assert add(memory, forged, 5, 5) is Judgement.FORKED
    assert evidence(premises).count(EvidenceKind.FORK) == 1


def test_a_folder_has_one_server(premises: WitnessPremises) -> None:
    with (
        serving(premises.place),
        pytest.raises(Conflict, match="WITNESS-FOLDER-03"),
        serving(premises.place),
    ):
        raise AssertionError("two servers")
    with serving(premises.place):
        assert premises.place.is_dir()


def test_a_blocked_call_within_is_no_second_server(premises: WitnessPremises) -> None:
    with pytest.raises(BlockingIOError), serving(premises.place):
        raise BlockingIOError
