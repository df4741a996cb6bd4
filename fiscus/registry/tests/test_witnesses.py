"""Our log before real witnesses and memories: what each is shown, and what comes of it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread

import msgspec
import pytest
from sqlalchemy import Engine, func, select
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.installation import free_port
from fiscus.journal import checkpoint
from fiscus.journal.audit import verify_database
from fiscus.journal.verify import load_outside, sentences
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import log, signers
from fiscus.registry.tests.builders import a_vault, an_organization
from fiscus.registry.tests.intruder import changes
from fiscus.registry.witnesses import LogWitnesses, WitnessView
from fiscus.signers import LOG_ALGORITHM
from fiscus.store.connect import reading, writing
from fiscus.store.log_schema import CHECKPOINT, COSIGNATURE
from fiscus.transparency import checkpoints, cosignatures, notes
from fiscus.transparency.notes import VerifierKey
from fiscus.witness import folder
from fiscus.witness.copies import MemoryDisk
from fiscus.witness.memory import WitnessMemory
from fiscus.witness.places import FileMemory, RemoteWitness, WitnessPlace
from fiscus.witness.server import application
from tests.support.witnesses import PREFIX, SecondHand, WitnessPremises, listening

DAY = "2026-05-04"


class Journal:
    """A journal with a log, and who is to be shown it."""

    def __init__(self, engine: Engine, data_folder: Path) -> None:
        self.engine = engine
        self.data_folder = data_folder
        self.clock = StandingClock()
        with writing(engine) as tx:
            signers.ensure(tx, a_vault(), signers.LOG, LOG_ALGORITHM, MORNING)
        self.grow()

    def grow(self) -> int:
        """One more checkpoint; gives its size."""
        with writing(self.engine) as tx:
            an_organization(tx)
        log.sign(self.engine, a_vault(), self.clock())
        with reading(self.engine) as tx:
            newest = checkpoint.newest(tx)
        assert newest is not None
        return newest.size

    @property
    def key(self) -> VerifierKey:
        with reading(self.engine) as tx:
            name = checkpoint.log_name(tx)
            assert name is not None
            return checkpoint.log_key(name, signers.opened(tx, a_vault(), signers.LOG))

    def shown_to(self, *places: WitnessPlace) -> LogWitnesses:
        return LogWitnesses(self.engine, a_vault(), self.clock, places, self.data_folder)

    def views(self, witnesses: LogWitnesses) -> list[WitnessView]:
        with reading(self.engine) as tx:
            return witnesses.views(tx)

    def view(self, witnesses: LogWitnesses) -> WitnessView:
        [view] = self.views(witnesses)
        return view

    def cosignatures(self) -> int:
        with reading(self.engine) as tx:
            return int(tx.scalar(select(func.count()).select_from(COSIGNATURE)) or 0)

    def back_to(self, size: int) -> None:
        """As an older database: what was signed since is gone."""
        for table, column in (("checkpoint", "size"), ("cosignature", "size")):
            changes(self.engine, table, f"DELETE FROM {table} WHERE {column} > :s", s=size)
        changes(self.engine, "witness", "UPDATE witness SET size = :s", s=size)


@pytest.fixture
def journal(engine: Engine, tmp_path: Path) -> Journal:
    place = tmp_path / "data"
    place.mkdir()
    return Journal(engine, place)


@pytest.fixture
def premises(tmp_path: Path, journal: Journal) -> WitnessPremises:
    now = SecondHand(int(MORNING.timestamp()) + 2)
    made = WitnessPremises(place=tmp_path / "witness", clock=now)
    folder.trust(made.place, journal.key.text())
    return made


@pytest.fixture
def witness(premises: WitnessPremises) -> Iterator[RemoteWitness]:
    with premises.served() as served:
        yield served


@pytest.fixture
def memory(tmp_path: Path) -> FileMemory:
    place = tmp_path / "memory"
    place.mkdir()
    return FileMemory(folder=place)


def kept(memory: FileMemory) -> dict[str, str]:
    """The notes in a memory, by name."""
    found = {}
    for file in memory.folder.rglob("*"):
        if file.is_file() and file.name != ".lock":
            found[file.name] = file.read_text("utf-8")
    return found


def size_of(note: str) -> int:
    return int(note.split("\n")[1])


def test_each_new_note_is_signed_once(journal: Journal, witness: RemoteWitness) -> None:
    witnesses = journal.shown_to(witness)
    for _ in range(3):
        size = journal.grow()
        assert witnesses.look() > 0
        witnesses.look()
        view = journal.view(witnesses)
        assert (view.name, view.place) == (witness.keys[0].name, witness.url)
        assert (view.size, view.signed_at, view.error, view.alarm) == (size, MORNING, "", "")

    assert journal.cosignatures() == 3


def test_the_newest_note_bears_lines_of_all_types_and_they_hold(
    journal: Journal, witness: RemoteWitness
) -> None:
    journal.shown_to(witness).look()

    with reading(journal.engine) as tx:
        newest = checkpoint.newest(tx)
        assert newest is not None
        note = checkpoint.note_with_cosignatures(tx, newest)
    assert {key.kind for key in witness.keys} == {4, 6}
    assert len(cosignatures.verified(note, witness.keys)) == 2


def test_a_witness_with_keys_of_both_types_counts_for_the_verifier(
    journal: Journal, witness: RemoteWitness, tmp_path: Path
) -> None:
    journal.shown_to(witness).look()
    lines = [f"log {journal.key.text()}"]
    lines += [f"witness w{place} {key.text()}" for place, key in enumerate(witness.keys)]
    policy = tmp_path / "policy"
    policy.write_text("\n".join([*lines, "quorum w0", ""]))

    report = verify_database(journal.engine, load_outside(None, policy, None))

    assert report.is_good, "\n".join(sentences(report))
    assert any("has its cosignatures" in one for one in report.checked)


def test_a_witness_that_was_shown_more_by_somebody_else_is_given_the_right_proof(
    journal: Journal, witness: RemoteWitness
) -> None:
    witnesses = journal.shown_to(witness)
    journal.grow()
    witnesses.look()
    changes(journal.engine, "witness", "UPDATE witness SET size = 1")
    size = journal.grow()

    witnesses.look()

    assert (journal.view(witnesses).size, journal.view(witnesses).error) == (size, "")


def test_an_older_database_is_an_alarm_until_the_newer_one_is_back(
    journal: Journal, witness: RemoteWitness, memory: FileMemory
) -> None:
    first = journal.grow()
    witnesses = journal.shown_to(witness, memory)
    witnesses.look()
    note = kept(memory)["newest"]
    journal.grow()
    witnesses.look()
    newer = kept(memory)["newest"]
    with reading(journal.engine) as tx:
        lost = checkpoint.newest(tx)
        assert lost is not None

    journal.back_to(first)
    journal.clock.move(hours=25)
    witnesses.look()

    for view in journal.views(witnesses):
        assert "The log is rolled back." in view.alarm
        assert note in view.alarm
    assert kept(memory)["newest"] == newer
    alarms = [view.asked_at for view in journal.views(witnesses)]
    journal.clock.move(hours=1)
    witnesses.look()  # a person must look first
    assert [view.asked_at for view in journal.views(witnesses)] == alarms
    with writing(journal.engine) as tx:
        tx.execute(CHECKPOINT.insert(), msgspec.structs.asdict(lost))
    journal.clock.move(hours=24)
    witnesses.look()
    assert [view.alarm for view in journal.views(witnesses)] == ["", ""]


class Overtaken:
    """A witness to whom something happens between the question and its answer."""

    def __init__(self, inner: ASGIApp, before: Callable[[], object]) -> None:
        self.inner = inner
        self.before = before
        self.is_first = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.is_first:
            self.is_first = False
            await run_in_threadpool(self.before)
        await self.inner(scope, receive, send)


def test_another_process_that_was_quicker_is_no_alarm(
    journal: Journal, premises: WitnessPremises, witness: RemoteWitness
) -> None:
    """A newer note is made and shown after this process has read which one is newest."""
    sizes = []

    def other() -> None:
        sizes.append(journal.grow())
        changes(journal.engine, "witness", "UPDATE witness SET held_until = NULL")
        journal.shown_to(witness).look()

    inner = application(WitnessMemory(premises.place, premises.clock), PREFIX)
    with listening(Overtaken(inner, other)) as address:
        mine = journal.shown_to(RemoteWitness(url=address + PREFIX, keys=witness.keys))
        mine.look()

    view = journal.view(mine)
    assert (view.size, view.alarm, view.error) == (sizes[0], "", "")


def test_of_two_processes_one_asks_at_a_time(journal: Journal, witness: RemoteWitness) -> None:
    processes = [journal.shown_to(witness) for _ in range(4)]
    for _ in range(4):
        size = journal.grow()
        threads = [Thread(target=one.look) for one in processes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        processes[0].look()
        view = journal.view(processes[0])
        assert (view.size, view.alarm) == (size, "")

    assert journal.cosignatures() == 4


def test_whoever_asks_and_ends_holds_nobody_up_for_long(
    journal: Journal, witness: RemoteWitness
) -> None:
    witnesses = journal.shown_to(witness)
    witnesses.look()
    until = journal.clock() + timedelta(seconds=30)
    held = until.isoformat().replace("+00:00", "Z")
    changes(journal.engine, "witness", "UPDATE witness SET held_until = :until", until=held)
    size = journal.grow()
    witnesses.look()
    assert journal.view(witnesses).size < size

    journal.clock.move(seconds=31)
    witnesses.look()

    assert journal.view(witnesses).size == size


def test_who_gives_no_answer_is_told_and_asked_again_soon(
    journal: Journal, premises: WitnessPremises, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = folder.read_keys(premises.place).public()
    nobody = RemoteWitness(url=f"http://127.0.0.1:{free_port()}", keys=keys)
    witnesses = journal.shown_to(nobody)
    for _ in range(3):
        witnesses.look()
        journal.clock.move(seconds=31)
    assert "refused" in journal.view(witnesses).error
    assert capsys.readouterr().out.count("no answer of a witness") == 1

    with premises.served() as served:
        journal.shown_to(served).look()
        view = journal.view(journal.shown_to(served))
    assert (view.error, view.place) == ("", served.url)
    assert view.size > 0


def test_a_witness_that_lives_says_so_each_day(
    journal: Journal, premises: WitnessPremises, witness: RemoteWitness
) -> None:
    witnesses = journal.shown_to(witness)
    witnesses.look()
    journal.clock.move(hours=23)
    witnesses.look()
    assert journal.view(witnesses).signed_at == MORNING

    journal.clock.move(hours=1)
    premises.clock.seconds += 86400
    witnesses.look()

    assert journal.view(witnesses).signed_at == MORNING + timedelta(hours=24)
    assert journal.cosignatures() == 1  # the first one counts


def test_a_time_that_no_calendar_has_is_no_signature(
    journal: Journal, premises: WitnessPremises
) -> None:
    keys = folder.read_keys(premises.place)

    async def far_ahead(request: Request) -> Response:
        note = (await request.body()).partition(b"\n\n")[2]
        head = checkpoints.parse(notes.parse(note).text)
        lines = cosignatures.cosigned(head, keys, 10**12)
        return Response("".join(line.text() for line in lines))

    app = Starlette(routes=[Route("/add-checkpoint", far_ahead, methods=["POST"])])
    with listening(app) as address:
        witnesses = journal.shown_to(RemoteWitness(url=address, keys=keys.public()))
        witnesses.look()

    assert "1000000000000 seconds" in journal.view(witnesses).error
    assert journal.cosignatures() == 0


def test_a_memory_keeps_the_newest_one_of_the_day_and_of_closings(
    journal: Journal, memory: FileMemory
) -> None:
    witnesses = journal.shown_to(memory)
    first = journal.grow()
    witnesses.keep_closing("z-1")
    second = journal.grow()
    witnesses.look()

    sizes = {name: size_of(note) for name, note in kept(memory).items()}
    assert sizes == {"closing-z-1": first, "newest": second, DAY: second}
    view = journal.view(witnesses)
    assert (view.size, view.disk) == (second, MemoryDisk.SAME)


def test_a_memory_whose_disk_is_away_is_told_and_kept_again_when_it_is_back(
    journal: Journal, memory: FileMemory
) -> None:
    memory.folder.rmdir()
    witnesses = journal.shown_to(memory)
    witnesses.keep_closing("z-1")
    assert "is its disk mounted?" in journal.view(witnesses).error
    assert journal.view(witnesses).disk is MemoryDisk.MISSING

    memory.folder.mkdir()
    journal.clock.move(seconds=31)
    witnesses.look()

    assert journal.view(witnesses).error == ""
    assert "newest" in kept(memory)


def test_nobody_is_asked_after_the_end(journal: Journal, witness: RemoteWitness) -> None:
    witnesses = journal.shown_to(witness)
    witnesses.stop()
    witnesses.look()

    assert journal.view(witnesses).asked_at is None
