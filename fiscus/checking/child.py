"""The process that judges one file, and tells how far it has come."""

import contextlib
import os
import resource
import sys
import threading
from pathlib import Path

import msgspec

from fiscus.checking import judging
from fiscus.checking.process import CheckOrder, ChildWord
from fiscus.checking.results import CheckResult
from fiscus.model.amounts import trap_floats

NICENESS = 15
TELL_SECONDS = 0.3
SCRATCH_BYTES_MAX = 4 << 30
OPEN_FILES_MAX = 64


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=CheckOrder)
    bounded(order)
    trap_floats()
    teller = ProgressTeller(Path(order.path))
    teller.start()
    try:
        word = ChildWord(result=_judged(order))
    except MemoryError:
        word = ChildWord(out_of_memory=True)
    except Exception as error:  # noqa: BLE001 - told to the process that waits
        word = ChildWord(failed=type(error).__name__)
    teller.tell(word)
    os._exit(0)  # nothing is left to be done; what is kept in memory need not be taken apart


def _judged(order: CheckOrder) -> CheckResult:
    return judging.judge(
        Path(order.path),
        name=order.name,
        kind=order.kind,
        jws=Path(order.jws) if order.jws else None,
        key=order.key,
    )


def bounded(order: CheckOrder) -> None:
    """From now on this process has no more than its share."""
    os.nice(NICENESS)
    limits = {
        resource.RLIMIT_AS: order.memory_bytes_max,
        resource.RLIMIT_CPU: order.seconds_max,
        resource.RLIMIT_FSIZE: SCRATCH_BYTES_MAX,
        resource.RLIMIT_NOFILE: OPEN_FILES_MAX,
        resource.RLIMIT_CORE: 0,
    }
    for name, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # it has less already
            resource.setrlimit(name, (most, most))


class ProgressTeller:
    """Tells how far the file has been read, as the system says it: no checker need do so."""

    def __init__(self, path: Path) -> None:
        self._path = str(path.resolve())
        self._read = 0
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        if Path("/proc/self/fdinfo").is_dir():
            self._thread.start()

    def tell(self, word: ChildWord) -> None:
        with self._lock:
            sys.stdout.buffer.write(msgspec.json.encode(word) + b"\n")
            sys.stdout.buffer.flush()

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(TELL_SECONDS):
            with contextlib.suppress(OSError):
                read = self._position()
                if read > self._read:
                    self._read = read
                    self.tell(ChildWord(read=read))

    def _position(self) -> int:
        """How far the furthest of the open files that are this one is read."""
        found = 0
        for entry in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError, ValueError):
                if os.readlink(f"/proc/self/fd/{entry}") == self._path:
                    said = Path(f"/proc/self/fdinfo/{entry}").read_text("ascii")
                    found = max(found, int(said.partition("pos:")[2].split()[0]))
        return found
