"""Makes an export in a process of its own, behind those who wait at a till.

A server that made it in a thread would share one interpreter between the export and the requests:
each would wait for the other a hundred times a second, for minutes. The process has the lower
priority besides, and when it runs out of memory no till notices.
"""

import os
import subprocess
import sys
from collections.abc import Callable

import msgspec

from fiscus.model.faults import Code, Unavailable
from fiscus.outbox.queue import Task

ENDED = Code("EXPORT-PROCESS-01", "the process that made this export has ended without it")

COMMAND = (sys.executable, "-c", "from fiscus.cli import main; main()", "work", "--leased")
NICENESS = 10


def do(task: Task) -> None:
    """Have a leased task done, with the settings of this process's environment. It renews its own
    lease. Raises `Unavailable` with what the process said if it fails."""
    made = subprocess.run(
        COMMAND, input=msgspec.json.encode(task), stdout=subprocess.PIPE, check=False
    )
    if made.returncode:
        said = made.stdout.decode(errors="replace").strip()
        raise Unavailable(ENDED, said or f"exit code {made.returncode}")


def leased(do: Callable[[Task], None]) -> int:
    """The other side: do the task that standard input names; gives the exit code."""
    os.nice(NICENESS)
    try:
        do(msgspec.json.decode(sys.stdin.buffer.read(), type=Task))
    except Exception as error:  # noqa: BLE001 - told to the process that waits
        print(f"{type(error).__name__}: {error}")
        return 1
    return 0
