"""The witness over HTTP: each status of the protocol, as a stranger meets it."""

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fiscus.transparency import checkpoints, notes
from fiscus.transparency.checkpoints import TreeHead
from fiscus.witness import folder, submissions, transport
from fiscus.witness.places import RemoteWitness
from fiscus.witness.transport import WitnessAnswer
from tests.support.logs import PlainLog, leaf
from tests.support.witnesses import WitnessPremises

LOG = PlainLog().grown(20)
FORK = LOG.with_leaves(LOG.leaves[:3]).grown(17, mark="forged")


@pytest.fixture
def premises(tmp_path: Path) -> WitnessPremises:
    return WitnessPremises(place=tmp_path / "witness")


@pytest.fixture
def witness(premises: WitnessPremises) -> Iterator[RemoteWitness]:
    with premises.served(LOG) as served:
        yield served


def post(witness: RemoteWitness, body: bytes) -> WitnessAnswer:
    return transport.ask("POST", f"{witness.url}/add-checkpoint", body)


def submit(
    witness: RemoteWitness, log: PlainLog, old: int, size: int, proof: list[bytes] | None = None
) -> WitnessAnswer:
    hashes = log.proof(old, size) if proof is None else proof
    return post(witness, submissions.body(old, hashes, log.note(size)))


def test_a_good_checkpoint_is_answered_with_signature_lines(witness: RemoteWitness) -> None:
    answer = submit(witness, LOG, 0, 7)

    lines = notes.parse_lines(answer.body.decode())
    assert (answer.status, answer.type) == (200, "text/plain")
    assert [line.key_id for line in lines] == [key.id for key in witness.keys]


def test_another_size_is_409_with_the_size(witness: RemoteWitness) -> None:
    submit(witness, LOG, 0, 7)

    answer = submit(witness, LOG, 0, 9)

    assert (answer.status, answer.type, answer.body) == (409, "text/x.tlog.size", b"7\n")


@pytest.mark.parametrize(
    ("log", "old", "size", "proof"),
    [
        (LOG, 7, 9, [leaf(1)]),
        (LOG, 7, 9, []),
        (FORK, 7, 7, []),
        (FORK, 7, 9, None),
        (LOG, 7, 7, [leaf(1)]),
    ],
    ids=["bad proof", "no proof", "another root", "another history", "proof of nothing"],
)
def test_what_has_not_grown_is_422(
    witness: RemoteWitness, log: PlainLog, old: int, size: int, proof: list[bytes] | None
) -> None:
    submit(witness, LOG, 0, 7)

    assert submit(witness, log, old, size, proof).status == 422


def test_a_first_checkpoint_with_a_proof_is_422(witness: RemoteWitness) -> None:
    assert submit(witness, LOG, 0, 7, [leaf(1)]).status == 422


def test_an_empty_log_has_one_root(witness: RemoteWitness) -> None:
    wrong = TreeHead(origin=LOG.origin, size=0, root=leaf(1)).text()
    note = notes.signed(wrong, LOG.origin, LOG.private).whole()

    assert post(witness, submissions.body(0, [], note)).status == 422
    assert submit(witness, LOG, 0, 0).status == 200


def test_whose_signature_it_is_decides_between_403_and_404(witness: RemoteWitness) -> None:
    impostor = PlainLog(origin=LOG.origin).grown(7)
    line = notes.parse(LOG.note(8).encode()).lines
    spoilt = notes.parse(LOG.note(7).encode()).plus(line).whole()

    assert submit(witness, impostor, 0, 7).status == 403
    assert post(witness, submissions.body(0, [], spoilt)).status == 403
    assert submit(witness, PlainLog(origin="other.example/log").grown(7), 0, 7).status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        submissions.body(8, [], LOG.note(7)),
        submissions.body(0, [leaf(1)] * 64, LOG.note(7)),
        submissions.body(0, [], LOG.note(7)) + b"x" * submissions.SUBMISSION_BYTES_MAX,
    ],
    ids=["empty", "no text", "old above new", "64 hashes", "too large"],
)
def test_what_makes_no_sense_is_400(witness: RemoteWitness, body: bytes) -> None:
    assert post(witness, body).status == 400


def test_a_body_without_a_length_is_bounded_too(witness: RemoteWitness) -> None:
    parts = urlsplit(witness.url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    chunks = (b"x" * 16_384 for _ in range(5))
    connection.request("POST", f"{parts.path}/add-checkpoint", chunks, encode_chunked=True)

    assert connection.getresponse().status == 400
    connection.close()


def test_the_largest_body_is_read(witness: RemoteWitness) -> None:
    line = notes.parse_lines(f"— n {'A' * 4}{'A' * 4}\n")[0]
    note = notes.parse(LOG.note(7).encode())
    room = submissions.SUBMISSION_BYTES_MAX - len(submissions.body(0, [], note.whole()))
    size = (room - len(line.text().encode()) - 3) // 4 * 3
    long_line = notes.SignatureLine(name="n", key_id=b"abcd", signature=bytes(size))
    body = submissions.body(0, [], note.plus([long_line]).whole())

    assert submissions.SUBMISSION_BYTES_MAX - 8 < len(body) <= submissions.SUBMISSION_BYTES_MAX
    assert post(witness, body).status == 200


def test_a_clock_that_stands_behind_is_503(
    premises: WitnessPremises, witness: RemoteWitness
) -> None:
    submit(witness, LOG, 0, 7)
    premises.clock.seconds -= 1

    answer = submit(witness, LOG, 7, 8)

    assert answer.status == 503
    assert b"WITNESS-CLOCK-01" in answer.body


def test_a_lost_state_is_503_and_nothing_is_signed(
    premises: WitnessPremises, witness: RemoteWitness
) -> None:
    submit(witness, LOG, 0, 7)
    next((premises.place / "states").iterdir()).unlink()

    assert submit(witness, LOG, 0, 8).status == 503
    assert newest(witness, LOG).status == 503


def newest(witness: RemoteWitness, log: PlainLog) -> WitnessAnswer:
    return transport.ask("GET", f"{witness.url}/{checkpoints.origin_hash(log.origin)}/checkpoint")


def test_the_newest_note_is_shown_cosigned(
    premises: WitnessPremises, witness: RemoteWitness
) -> None:
    assert newest(witness, LOG).status == 404
    submit(witness, LOG, 0, 7)
    submit(witness, LOG, 7, 9)

    answer = newest(witness, LOG)

    state = folder.read_state(premises.place, LOG.origin)
    assert (answer.status, answer.type, answer.body) == (200, "text/plain", state.note.encode())
    assert checkpoints.parse(notes.parse(answer.body).text) == LOG.head(9)
    assert newest(witness, PlainLog(origin="other.example/log")).status == 404


def test_other_addresses_and_methods_are_none_of_ours(witness: RemoteWitness) -> None:
    assert transport.ask("GET", f"{witness.url}/add-checkpoint").status == 405
    assert transport.ask("GET", f"{witness.url}/").status == 404
    assert transport.ask("POST", witness.url.removesuffix("/w") + "/add-checkpoint").status == 404


def test_who_leaves_in_the_middle_does_no_harm(witness: RemoteWitness) -> None:
    parts = urlsplit(witness.url)
    with socket.create_connection((parts.hostname, parts.port)) as line:
        line.sendall(b"POST /w/add-checkpoint HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nold")

    assert submit(witness, LOG, 0, 7).status == 200


def test_a_body_that_does_not_arrive_in_time_is_408(
    premises: WitnessPremises,
) -> None:
    with premises.served(LOG, body_seconds=0.2) as witness:
        parts = urlsplit(witness.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
            line.sendall(
                b"POST /w/add-checkpoint HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nold"
            )
            assert line.recv(100).startswith(b"HTTP/1.1 408 ")
