"""The process that waits: its copies make exports, and nobody has to watch it."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import pytest

from fiscus.exports import jobs, process, warm
from fiscus.model.faults import Unavailable
from fiscus.outbox.queue import OutboxTask

PATIENCE_SECONDS = 120
FAILS, DIES = "fails", "dies"


class Seen(NamedTuple):
    """What a server saw of its exporter: the process that waits, and what was said of each task;
    empty: it is done."""

    server: int
    waiting: int
    said: tuple[str, ...]


def make(folder: Path, task: OutboxTask) -> None:
    """A task that leaves a file, unless it goes wrong."""
    if task.payload == FAILS:
        raise ValueError("there is no such day")
    if task.payload == DIES:
        os.kill(os.getpid(), signal.SIGKILL)
    name = Path("/proc/self/comm").read_text().strip()
    (folder / task.payload).write_text(f"{os.getpid()} {os.nice(0)} {name}")


def serve(folder: Path, payloads: tuple[str, ...], is_killed: bool, seen: Connection) -> None:
    """A server, as far as exports concern it."""
    os.environ["FISCUS_DATA_DIR"] = str(folder / "data")
    exporter = warm.started(partial(make, folder))
    if is_killed:
        os.kill(exporter.id, signal.SIGKILL)
        os.waitpid(exporter.id, 0)
    said = []
    for payload in payloads:
        try:
            exporter.do(OutboxTask(id=payload, kind=jobs.TASK, payload=payload, attempts=1))
            said.append("")
        except Unavailable as trouble:
            said.append(f"{trouble.code.id}: {trouble}")
    seen.send(Seen(os.getpid(), exporter.id, tuple(said)))


def served(folder: Path, *payloads: str, is_killed: bool = False) -> Seen:
    """A server in a process of its own, from its start to its end."""
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe(duplex=False)
    server = context.Process(target=serve, args=(folder, payloads, is_killed, theirs))
    server.start()
    assert ours.poll(PATIENCE_SECONDS)
    found: Seen = ours.recv()
    server.join(PATIENCE_SECONDS)
    assert server.exitcode == 0
    return found


def comes(when: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not when() and time.monotonic() < deadline:
        time.sleep(0.01)
    return when()


def is_gone(id_: int) -> bool:
    """It has ended, whether or not somebody has asked what became of it."""
    try:
        said = Path(f"/proc/{id_}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return said.rpartition(")")[2].split()[0] == "Z"


def test_each_task_is_done_by_a_copy_of_its_own_which_ends_with_it(tmp_path: Path) -> None:
    """What it took is given back, and it is polite."""
    seen = served(tmp_path, "one", "two")

    assert seen.said == ("", "")
    told = [(tmp_path / name).read_text().split() for name in ("one", "two")]
    ids = [int(id_) for id_, _, _ in told]
    assert len({seen.server, seen.waiting, *ids}) == 4
    nicest = min(19, os.nice(0) + process.NICENESS)
    assert {(int(nice), name) for _, nice, name in told} == {(nicest, warm.AT_WORK)}
    assert all(comes(partial(is_gone, id_)) for id_ in ids)


@pytest.mark.parametrize(
    ("payload", "words"), [(FAILS, "ValueError: there is no such day"), (DIES, "killed")]
)
def test_what_a_copy_failed_of_is_told_and_the_next_is_none_the_worse(
    tmp_path: Path, payload: str, words: str
) -> None:
    failed, done = served(tmp_path, payload, "one").said

    assert failed.startswith(process.ENDED.id)
    assert words in failed
    assert done == ""


def test_who_waits_ends_with_the_server(tmp_path: Path) -> None:
    assert comes(partial(is_gone, served(tmp_path).waiting))


def test_without_who_waits_a_new_process_makes_the_export(tmp_path: Path) -> None:
    """It opens what the settings name, and finds no such job there."""
    (said,) = served(tmp_path, "one", is_killed=True).said

    assert jobs.UNKNOWN_FILE.text in said
