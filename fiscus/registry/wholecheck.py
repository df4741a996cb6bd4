"""A verification of the whole journal, in a process of its own with low priority: it may take
minutes, and nothing waits for it.

The process reads the settings from the environment again, as `fiscus verify` does.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

COMMAND = (
    sys.executable,
    "-c",
    "import os; os.nice(15); from fiscus.cli import main; main()",
    "verify",
    "--json",
)

SAID_MAX = 500


class WholeOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a whole verification told: findings as its report says them, and how many more there
    are. `failed`: why there is no report (empty: there is one); that is no finding, since the
    database may have been away, or somebody ended the process."""

    findings: tuple[Mapping[str, Any], ...] = ()
    omitted: int = 0
    seconds: float = 0.0
    failed: str = ""


class WholeCheck:
    """At most one such process at a time. One thread calls `begin` and `outcome`; any may call
    `stop`."""

    def __init__(
        self, command: tuple[str, ...] = COMMAND, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._command = command
        self._timer = timer
        self._lock = threading.Lock()
        self._is_stopped = False
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str]
        self._begun = 0.0

    @property
    def is_going_on(self) -> bool:
        return self._process is not None

    def begin(self) -> None:
        """Start it, unless `stop` was called. Nothing must be going on."""
        with self._lock:
            if self._is_stopped:
                return
            assert self._process is None
            # Files: a pipe that nobody reads meanwhile would hold it up. What it puts there for
            # itself goes with them.
            self._folder = tempfile.TemporaryDirectory(prefix="fiscus-verify-")
            self._begun = self._timer()
            with self._file("out").open("wb") as printed, self._file("err").open("wb") as said:
                # A group of its own: it has helpers, which end with it.
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=said,
                    env=os.environ | {"TMPDIR": self._folder.name},
                    start_new_session=True,
                )

    def outcome(self) -> WholeOutcome | None:
        """What it told; None if nothing was begun, or it is not at its end. Told once."""
        with self._lock:
            if self._process is None or self._process.poll() is None:
                return None
            code, seconds = self._process.returncode, self._timer() - self._begun
            printed, said = (self._file(name).read_bytes() for name in ("out", "err"))
            self._end()
        return outcome_of(code, printed, said, seconds)

    def stop(self) -> None:
        """End what is going on, and begin nothing more."""
        with self._lock:
            self._is_stopped = True
            if self._process is None:
                return
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._end()

    def _end(self) -> None:
        self._process = None
        self._folder.cleanup()

    def _file(self, name: str) -> Path:
        return Path(self._folder.name, name)


def outcome_of(code: int, printed: bytes, said: bytes, seconds: float) -> WholeOutcome:
    """What a process that ended with this exit code has told."""
    try:
        report = json.loads(printed)
        findings, omitted = tuple(report["findings"]), int(report["omitted"])
    except (ValueError, KeyError, TypeError):
        words = (said or printed).decode(errors="replace").strip()[-SAID_MAX:]
        return WholeOutcome(failed=words or f"exit code {code}")
    return WholeOutcome(findings=findings, omitted=omitted, seconds=seconds)
