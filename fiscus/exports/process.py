"""Makes an export in a process of its own, with lower priority than requests of tills.

A server that made it in a thread would share one interpreter between the export and the requests:
each would wait for the other a hundred times a second, for minutes. The process has the lower
priority besides, and when it runs out of memory no till notices.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import BinaryIO

import msgspec

from fiscus.model.faults import Code, Unavailable
from fiscus.outbox.queue import OutboxTask

ENDED = Code("EXPORT-PROCESS-01", "the process that made this export has ended without it")

COMMAND = (sys.executable, "-c", "from fiscus.cli import main; main()", "work", "--leased")
NICENESS = 10
DONE = b"done"
"""The last word of a process that has done its task; who was killed says nothing."""


def do(task: OutboxTask) -> None:
    """Have a leased task done, with the settings of this process's environment. It renews its own
    lease. Raises `Unavailable` with what the process said if it fails."""
    made = subprocess.run(
        COMMAND, input=msgspec.json.encode(task), stdout=subprocess.PIPE, check=False
    )
    expect_done(made.stdout, f"exit code {made.returncode}")


def expect_done(said: bytes, silent: str) -> None:
    """Raises `Unavailable` unless its last word is that it is done; `silent` stands for a process
    that said nothing."""
    if not said.endswith(DONE):
        raise Unavailable(ENDED, said.decode(errors="replace").strip() or silent)


def leased(do: Callable[[OutboxTask], None], asked: BinaryIO, answer: BinaryIO) -> int:
    """The process itself: do the task that is read until its end; gives the exit code."""
    os.nice(NICENESS)
    try:
        do(msgspec.json.decode(asked.read(), type=OutboxTask))
    except Exception as error:  # noqa: BLE001 - told to the process that waits
        answer.write(f"{type(error).__name__}: {error}".encode())
        return 1
    answer.write(DONE)
    return 0
