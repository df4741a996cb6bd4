"""Has a file judged by a process of its own: with less priority than requests, with a bounded
memory and a bounded time, with none of our secrets, and killed when its time is over.

A checker reads what strangers wrote. Whatever it does with it, the service goes on.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec

from fiscus.checking.judging import unjudged
from fiscus.checking.results import CheckResult
from fiscus.model.faults import Code

TOO_LONG = Code("CHECK-TIME-01", "the check took longer than it may, and was ended")
TOO_LONG_REMEDY = (
    "files of honest makers rarely take so long: check it with `fiscus check`, which has more "
    "time, or ask the program's maker for files of shorter periods"
)
TOO_MUCH = Code("CHECK-MEMORY-01", "the check needed more memory than it may have")
TOO_MUCH_REMEDY = "ask the program's maker for files of shorter periods"
ENDED = Code("CHECK-PROCESS-01", "the process that checked the file ended without a result")
ENDED_REMEDY = "send the file again; if it happens again, tell the operator of this service"

RESULT_BYTES_MAX = 16 * 1024 * 1024
_CHILD = "import sys; sys.path[:] = sys.argv[1:]; from fiscus.checking.child import main; main()"
COMMAND = (sys.executable, "-I", "-c", _CHILD, *filter(None, sys.path))
"""It finds our packages and plug-ins where this process has found them, never in the folder where
somebody happens to be."""


class CheckOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is told: which file it judges, under which name, as which kind (empty: it
    finds out), and what it may use."""

    path: str
    name: str
    kind: str = ""
    jws: str = ""
    key: str = ""
    memory_bytes_max: int
    seconds_max: int
    scratch: str


class ChildWord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of what the process says: how far it has read, and at last the result."""

    read: int = 0
    result: CheckResult | None = None
    out_of_memory: bool = False
    failed: str = ""


@dataclass(frozen=True, kw_only=True)
class CheckLimits:
    """What one check may take. `memory_bytes_max` is of addresses, of which a part is used."""

    seconds: float = 60.0
    memory_bytes_max: int = 1 << 30


@dataclass(kw_only=True)
class CheckProcess:
    """A check on its way, which another thread may end."""

    limits: CheckLimits
    progress: Callable[[int], None]
    is_over: threading.Event = field(default_factory=threading.Event)
    _child: "subprocess.Popen[bytes] | None" = None

    def result(
        self,
        path: Path,
        *,
        name: str,
        scratch: Path,
        kind: str = "",
        jws: Path | None = None,
        key: str = "",
    ) -> CheckResult:
        """Waits for it. `scratch`: a folder for what it writes meanwhile."""
        order = CheckOrder(
            path=str(path),
            name=name,
            kind=kind,
            jws=str(jws) if jws else "",
            key=key,
            memory_bytes_max=self.limits.memory_bytes_max,
            seconds_max=int(self.limits.seconds) + 2,
            scratch=str(scratch),
        )
        timer = threading.Timer(self.limits.seconds, self.end)
        timer.daemon = True
        timer.start()
        try:
            return self._judged(order)
        finally:
            timer.cancel()

    def end(self) -> None:
        """Its time is over."""
        self.is_over.set()
        self._kill()

    def _kill(self) -> None:
        child = self._child
        if child is not None and child.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it was faster
                os.killpg(child.pid, signal.SIGKILL)

    def _judged(self, order: CheckOrder) -> CheckResult:
        with subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(order.scratch),
            cwd=order.scratch,
            start_new_session=True,
        ) as child:
            self._child = child
            if self.is_over.is_set():
                self._kill()
            assert child.stdin is not None
            assert child.stdout is not None
            with contextlib.suppress(BrokenPipeError):  # below it is told what became of it
                child.stdin.write(msgspec.json.encode(order))
                child.stdin.close()
            word = self._heard(child.stdout)
            self._kill()
        if word is not None and word.result is not None:
            return word.result
        if self.is_over.is_set():
            return unjudged(TOO_LONG, f"{self.limits.seconds:g} s", remedy=TOO_LONG_REMEDY)
        if word is not None and word.out_of_memory:
            return unjudged(TOO_MUCH, remedy=TOO_MUCH_REMEDY)
        why = (word.failed if word is not None else "") or f"exit code {child.returncode}"
        return unjudged(ENDED, why, remedy=ENDED_REMEDY)

    def _heard(self, said: IO[bytes]) -> ChildWord | None:
        """The last word, or None."""
        last = None
        while line := said.readline(RESULT_BYTES_MAX):
            try:
                word = msgspec.json.decode(line, type=ChildWord)
            except msgspec.DecodeError:
                continue
            if word.result is None and not word.failed and not word.out_of_memory:
                self.progress(word.read)
            else:
                last = word
        return last


def environment(scratch: str) -> dict[str, str]:
    """What the process finds in its environment: nothing of ours."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": scratch,
        "TMPDIR": scratch,
        "SQLITE_TMPDIR": scratch,
    }
