"""`fiscus witness` as whoever runs one types it, and a log that is shown to it."""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import pytest

from fiscus.commands.tests.command_line import Started, Told, ended, fiscus, mode, started
from fiscus.transparency import notes
from fiscus.transparency.notes import VerifierKey
from fiscus.witness import client
from fiscus.witness.outcomes import CosignedNote, Outcome, WitnessAlarm, WitnessedHead
from fiscus.witness.places import RemoteWitness
from tests.support.logs import PlainLog

LOG = PlainLog().grown(20)
LONG = LOG.grown(1000)
FORK = LOG.with_leaves([]).grown(20, mark="forged")
NAME = "witness.example/w1"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "witness"


def witness(place: Path, *arguments: str) -> Told:
    command, *rest = arguments
    return fiscus("witness", command, "--folder", str(place), *rest)


def made(place: Path) -> tuple[VerifierKey, ...]:
    told = witness(place, "init", "--name", NAME)
    assert told.code == 0, told.error
    return tuple(notes.parse_key(line) for line in told.out.splitlines())


def begun(place: Path, keys: tuple[VerifierKey, ...]) -> tuple[Started, RemoteWitness]:
    """A witness in a process of its own, which listens."""
    command = started("witness", "serve", "--folder", str(place), "--port", "0", "--prefix", "/w1")
    said = Path(command.folder.name, "2")
    while not (text := said.read_text("utf-8") if said.exists() else "").endswith("/w1\n"):
        assert command.process.is_alive(), text
        sleep(0.02)
    return command, RemoteWitness(url=text.split()[-1], keys=keys)


def stop(command: Started, how: signal.Signals) -> None:
    assert command.process.pid is not None
    os.kill(command.process.pid, how)
    ended(command)


@contextmanager
def running(place: Path, keys: tuple[VerifierKey, ...]) -> Iterator[RemoteWitness]:
    command, at = begun(place, keys)
    try:
        yield at
    finally:
        stop(command, signal.SIGTERM)


def send(at: RemoteWitness, log: PlainLog, old: int, size: int) -> Outcome:
    return client.send(at, old, log.proof(old, size), log.note(size))


def test_a_witness_from_its_making_to_a_fork_that_it_has_found(place: Path) -> None:
    keys = made(place)
    assert [(key.name, key.kind) for key in keys] == [(NAME, 4), (NAME, 6)]
    assert witness(place, "trust", LOG.key.text()).code == 0

    with running(place, keys) as at:
        assert isinstance(send(at, LOG, 0, 7), CosignedNote)
        assert isinstance(send(at, LOG, 7, 9), CosignedNote)
        second = witness(place, "serve", "--port", "0")
        assert isinstance(send(at, FORK, 9, 9), WitnessAlarm)
    shown = witness(place, "show", "--json")
    told = witness(place, "show")

    assert (second.code, second.error[:17]) == (1, "WITNESS-FOLDER-03")
    found = json.loads(shown.out)
    assert found["keys"] == [key.text() for key in keys]
    [log] = found["logs"]
    assert (log["origin"], log["size"], log["is_trusted"]) == (LOG.origin, 9, True)
    [evidence] = log["evidence"]
    assert evidence["kind"] == "fork"
    assert {
        notes.parse(json.loads(Path(evidence["file"]).read_text())[side].encode()).text
        for side in ("known", "sent")
    } == {LOG.head(9).text(), FORK.head(9).text()}
    assert (shown.code, told.code) == (1, 1)
    assert f"{LOG.origin}  size 9  last signed 20" in told.out
    assert "fork: size 9" in told.out


def test_what_it_signed_is_known_after_it_was_killed(place: Path) -> None:
    """Killed while a log is shown to it without pause: it may have signed one more than was
    answered, and never remembers less."""
    keys = made(place)
    witness(place, "trust", LOG.key.text())
    known = 0
    for _ in range(3):
        command, at = begun(place, keys)
        answers: list[int] = []
        with ThreadPoolExecutor(1) as threads:
            showing = threads.submit(show_until_it_is_gone, at, known, answers)
            while len(answers) < 5 and not showing.done():
                sleep(0.001)
            stop(command, signal.SIGKILL)
        answered = answers[-1]
        with running(place, keys) as at:
            found = client.newest(at, [LONG.key])
            assert isinstance(found, WitnessedHead)
            assert found.head.size in (answered, answered + 1)
            known = found.head.size
            assert isinstance(send(at, LONG, known, known), CosignedNote)


def show_until_it_is_gone(at: RemoteWitness, known: int, answers: list[int]) -> None:
    """Shows one leaf more each time, and notes each size that was cosigned."""
    while isinstance(send(at, LONG, known, known + 1), CosignedNote):
        known += 1
        answers.append(known)


def test_logs_are_listed_and_taken_out_again(place: Path) -> None:
    made(place)
    assert witness(place, "trust").out == ""
    witness(place, "trust", LOG.key.text())
    assert witness(place, "trust").out == f"trusted  {LOG.key.text()}\n"

    assert witness(place, "trust", LOG.key.text(), "--remove").code == 0

    assert witness(place, "trust").out == f"removed  {LOG.key.text()}\n"
    told = witness(place, "show")
    assert (told.code, "(no longer trusted)" in told.out) == (0, True)
    assert f"{LOG.origin}  size 0  last signed never" in told.out


def test_what_cannot_be_is_told_in_one_line(place: Path) -> None:
    cases: tuple[tuple[tuple[str, ...], str], ...] = (
        (("show",), "WITNESS-FOLDER-01"),
        (("serve",), "WITNESS-FOLDER-01"),
        (("trust",), "WITNESS-FOLDER-01"),
        (("init", "--name", "a b"), "WITNESS-NAME-01"),
    )
    for arguments, code in cases:
        told = witness(place, *arguments)
        assert (told.code, told.error.split()[0]) == (1, code)
    made(place)
    cases = (
        (("init", "--name", NAME), "WITNESS-FOLDER-02"),
        (("trust", "no key"), "NOTE-KEY-01"),
        (("trust", LOG.key.text(), "--remove"), "WITNESS-KEY-02"),
    )
    for arguments, code in cases:
        told = witness(place, *arguments)
        assert (told.code, told.error.split()[0]) == (1, code)
    assert witness(place, "trust", "--remove").code == 2
    assert witness(place, "serve", "--prefix", "w1/").code == 2


def test_without_its_memory_it_does_not_start(place: Path) -> None:
    made(place)
    witness(place, "trust", LOG.key.text())
    next((place / "states").iterdir()).unlink()

    told = witness(place, "serve", "--port", "0")

    assert (told.code, told.error.split()[0]) == (1, "WITNESS-STATE-01")
    assert "new name" in told.error


def test_its_files_are_its_owners_alone(place: Path) -> None:
    keys = made(place)
    witness(place, "trust", LOG.key.text())
    with running(place, keys) as at:
        send(at, LOG, 0, 7)

    for path in (place, *place.rglob("*")):
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path
