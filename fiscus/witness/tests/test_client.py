"""What a log makes of a witness's answers: a cosignature, another try, an alarm, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.installation import free_port
from fiscus.model.faults import Refused
from fiscus.transparency import cosignatures, notes
from fiscus.witness import client, folder
from fiscus.witness.outcomes import (
    AlarmReason,
    CosignedNote,
    Outcome,
    WitnessAlarm,
    WitnessBehind,
    WitnessedHead,
    WitnessSilence,
)
from fiscus.witness.places import RemoteWitness
from tests.support.logs import FIXED_KEY, PlainLog, leaf
from tests.support.witnesses import START, WitnessPremises, listening

LOG = PlainLog(private=FIXED_KEY).grown(40)
FORK = LOG.with_leaves(LOG.leaves[:6]).grown(34, mark="forged")


@pytest.fixture
def premises(tmp_path: Path) -> WitnessPremises:
    return WitnessPremises(place=tmp_path / "witness")


@pytest.fixture
def witness(premises: WitnessPremises) -> Iterator[RemoteWitness]:
    with premises.served(LOG) as served:
        yield served


def send(witness: RemoteWitness, log: PlainLog, old: int, size: int) -> Outcome:
    return client.send(witness, old, log.proof(old, size), log.note(size))


def test_a_good_note_is_cosigned_and_the_lines_hold(witness: RemoteWitness) -> None:
    outcome = send(witness, LOG, 0, 7)

    assert isinstance(outcome, CosignedNote)
    whole = notes.parse((LOG.note(7) + "".join(outcome.lines)).encode())
    assert len(cosignatures.verified(whole, witness.keys)) == 2
    assert outcome.time == START


def test_who_trusts_one_key_of_the_witness_gets_its_line(witness: RemoteWitness) -> None:
    for key in witness.keys:
        one = msgspec.structs.replace(witness, keys=(key,))
        outcome = send(one, LOG, 0, 7) if key is witness.keys[0] else send(one, LOG, 7, 7)
        assert isinstance(outcome, CosignedNote)
        [line] = notes.parse_lines("".join(outcome.lines))
        assert line.key_id == key.id


def test_a_witness_that_remembers_less_is_sent_another_proof(witness: RemoteWitness) -> None:
    send(witness, LOG, 0, 7)

    outcome = send(witness, LOG, 0, 9)

    assert outcome == WitnessBehind(size=7)
    assert isinstance(send(witness, LOG, 7, 9), CosignedNote)
    assert send(witness, LOG, 3, 9) == WitnessBehind(size=9)
    assert isinstance(send(witness, LOG, 9, 9), CosignedNote)


def test_a_witness_that_has_seen_more_is_an_alarm(witness: RemoteWitness) -> None:
    send(witness, LOG, 0, 9)

    outcome = send(witness, LOG, 0, 7)

    assert isinstance(outcome, WitnessAlarm)
    assert outcome.reason is AlarmReason.ROLLED_BACK
    assert outcome.ours == LOG.note(7)
    assert outcome.answer == "409 9"
    assert outcome.theirs.startswith(LOG.note(9))


@pytest.mark.parametrize("size", [9, 11])
def test_another_history_is_an_alarm(witness: RemoteWitness, size: int) -> None:
    send(witness, LOG, 0, 9)

    outcome = send(witness, FORK, 9, size)

    assert isinstance(outcome, WitnessAlarm)
    assert outcome.reason is AlarmReason.FORKED
    assert outcome.answer.startswith("422 ")
    assert outcome.theirs.startswith(LOG.note(9))


def test_a_witness_that_does_not_know_the_log_is_no_alarm(witness: RemoteWitness) -> None:
    outcome = send(witness, PlainLog(origin="other.example/log").grown(1), 0, 1)

    assert outcome == WitnessSilence(reason="404 this witness does not know this log")


def test_a_witness_that_is_not_there_is_no_alarm() -> None:
    nobody = RemoteWitness(url=f"http://127.0.0.1:{free_port()}", keys=())

    for outcome in (send(nobody, LOG, 0, 7), client.newest(nobody, [LOG.key])):
        assert isinstance(outcome, WitnessSilence)
        assert "refused" in outcome.reason


def test_what_is_no_checkpoint_is_not_sent(witness: RemoteWitness) -> None:
    with pytest.raises(Refused):
        client.send(witness, 0, [], "no note")


def test_the_newest_note_is_found_again(premises: WitnessPremises, witness: RemoteWitness) -> None:
    assert client.newest(witness, [LOG.key]) is None
    send(witness, LOG, 0, 7)
    premises.clock.seconds += 5
    send(witness, LOG, 7, 9)

    found = client.newest(witness, [PlainLog(origin=LOG.origin).key, LOG.key])

    assert isinstance(found, WitnessedHead)
    assert (found.head, found.time) == (LOG.head(9), START + 5)
    assert found.note.startswith(LOG.note(9))


def test_a_newest_note_that_our_log_never_signed_does_not_count(witness: RemoteWitness) -> None:
    send(witness, LOG, 0, 7)

    found = client.newest(witness, [PlainLog(origin=LOG.origin).key])

    assert isinstance(found, WitnessSilence)
    assert "no note of our log" in found.reason


@contextmanager
def odd_witness(
    status: int, body: bytes, keys: tuple[notes.VerifierKey, ...]
) -> Iterator[RemoteWitness]:
    """Another program that says always the same."""

    async def answer(_: Request) -> Response:
        return Response(body, status)

    app = Starlette(routes=[Route("/{rest:path}", answer, methods=["GET", "POST"])])
    with listening(app) as address:
        yield RemoteWitness(url=address, keys=keys)


LINES = "".join(line.text() for line in notes.parse(LOG.note(7).encode()).lines)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"\xff\n"),
        (200, b"no line\n"),
        (200, LINES.encode()),
        (302, b""),
        (409, b""),
        (409, b"07\n"),
        (409, b"-1\n"),
        (409, b"6\n"),
        (500, b"\x1b[31mred"),
    ],
)
def test_an_answer_that_makes_no_sense_is_no_alarm(status: int, body: bytes) -> None:
    with odd_witness(status, body, ()) as witness:
        outcome = send(witness, LOG, 6, 7)
        found = client.newest(witness, [LOG.key])

    assert isinstance(outcome, WitnessSilence)
    assert isinstance(found, WitnessSilence)
    assert outcome.reason.isprintable()


def test_a_cosignature_that_is_not_good_does_not_count(tmp_path: Path) -> None:
    keys = folder.make(tmp_path / "a", "witness.example/w1")
    good = cosignatures.cosigned(LOG.head(7), keys, START)
    other = cosignatures.cosigned(LOG.head(8), keys, START)
    for lines, is_good in ((good, True), (other, False), ((good[0], other[1]), False)):
        body = "".join(line.text() for line in lines).encode()
        with odd_witness(200, body, keys.public()) as witness:
            outcome = send(witness, LOG, 0, 7)
        assert isinstance(outcome, CosignedNote if is_good else WitnessSilence)


def test_older_witnesses_tell_a_fork_with_the_same_size() -> None:
    with odd_witness(409, b"7\n", ()) as witness:
        outcome = send(witness, LOG, 7, 7)

    assert isinstance(outcome, WitnessAlarm)
    assert (outcome.reason, outcome.theirs) == (AlarmReason.FORKED, "")


def test_two_histories_shown_to_two_witnesses_and_crosswise(tmp_path: Path) -> None:
    """A log that shows one history to A and another to B cannot show either to the other one: of
    500 tries from every size, with every proof that it can make, none is signed."""
    random = Random(22)
    premises = [WitnessPremises(place=tmp_path / name, name=f"w/{name}") for name in "ab"]
    with premises[0].served(LOG) as a, premises[1].served(LOG) as b:
        sizes = {a.url: 0, b.url: 0}
        refused = 0
        for _ in range(5):
            for witness, own in ((a, LOG), (b, FORK)):
                size = random.randint(max(7, sizes[witness.url]), 40)
                assert isinstance(send(witness, own, sizes[witness.url], size), CosignedNote)
                sizes[witness.url] = size
            for _ in range(50):
                for witness, other in ((a, FORK), (b, LOG)):
                    outcome = forged(witness, other, sizes[witness.url], random)
                    assert not isinstance(outcome, CosignedNote)
                    refused += 1
        assert refused == 500
        assert isinstance(send(a, LOG, sizes[a.url], 40), CosignedNote)
        assert isinstance(send(b, FORK, sizes[b.url], 40), CosignedNote)


def forged(witness: RemoteWitness, log: PlainLog, known: int, random: Random) -> Outcome:
    """The other history, from the size that the witness knows or any, with one proof or another."""
    old = known if random.random() < 0.8 else random.randint(0, 40)
    size = random.choice([old, random.randint(old, 40)])
    proofs: tuple[list[bytes], ...] = (
        log.proof(old, size),
        LOG.proof(old, size),
        FORK.proof(old, size),
        [],
        [leaf(random.randint(0, 99)) for _ in range(random.randint(0, 6))],
    )
    outcome = client.send(witness, old, random.choice(proofs), log.note(size))
    if old == known:
        assert isinstance(outcome, WitnessAlarm)
        assert outcome.reason is AlarmReason.FORKED
    return outcome
