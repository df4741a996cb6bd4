"""A process that has loaded everything an export needs, and waits: each export is made by a copy
that it splits off.

What takes a second or two for a new process was done before the server began, once. A copy shares
the memory of what is loaded, and gives back its own when it ends. Nobody needs to watch the
process: when its server ends, however that happens, it ends; when it ends itself, exports are made
by new processes as before. Copies that are at work go on to their end.
"""

import contextlib
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import msgspec
import structlog

from fiscus import formats, regimes
from fiscus.exports import process
from fiscus.outbox.queue import OutboxTask

WAITING = "fiscus-exporter"
AT_WORK = "fiscus-export"
"""What the system calls the process, and its copies; 15 characters at most."""

_PIECE = 1 << 16

_log = structlog.get_logger("fiscus.exports")


@dataclass(frozen=True, kw_only=True)
class WarmExporter:
    """The server's end of the line to the process that waits."""

    id: int
    line: socket.socket
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def do(self, task: OutboxTask) -> None:
        """Have a leased task done by a copy; it renews its own lease. Raises `Unavailable` with
        what the copy said if it fails."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                is_warm = self._handed_over(theirs)
            if not is_warm:
                process.do(task)
                return
            process.expect_done(_asked(ours, msgspec.json.encode(task)), "killed")

    def _handed_over(self, end: socket.socket) -> bool:
        try:
            with self._turn:
                socket.send_fds(self.line, [b"\n"], [end.fileno()])
        except OSError as error:
            _log.warning("no process waits for exports: a new one is started", reason=str(error))
            return False
        return True


def _asked(line: socket.socket, question: bytes) -> bytes:
    """What is answered until the other side ends; as much as was said if it is killed."""
    said = b""
    with contextlib.suppress(ConnectionError):
        line.sendall(question)
        line.shutdown(socket.SHUT_WR)
        while piece := line.recv(_PIECE):
            said += piece
    return said


def started(do: Callable[[OutboxTask], None]) -> WarmExporter:
    """Split off the process that waits; its copies `do` the tasks. To be called while there is
    neither a thread nor a connection to anything: a copy would have half of each."""
    assert threading.active_count() == 1, "a copy has no other thread"
    formats.installed()
    regimes.installed()
    ours, theirs = socket.socketpair()
    gc.freeze()  # what is there stays where it is, in memory that all share
    id_ = os.fork()
    if id_ == 0:
        ours.close()
        _wait(theirs, do)
    theirs.close()
    return WarmExporter(id=id_, line=ours)


def _wait(line: socket.socket, do: Callable[[OutboxTask], None]) -> NoReturn:
    """The process that waits, until the server hangs up."""
    _call(WAITING)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the server, and thereby this
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks what became of a copy
    while True:
        said, ends, _, _ = socket.recv_fds(line, 1, 1)
        if not said:
            os._exit(0)
        with socket.socket(fileno=ends[0]) as asked:
            try:
                is_copy = os.fork() == 0
            except OSError as error:  # no memory, too many processes
                asked.sendall(f"{type(error).__name__}: {error}".encode())
                continue
            if is_copy:
                line.close()
                _make(asked, do)


def _make(line: socket.socket, do: Callable[[OutboxTask], None]) -> NoReturn:
    """A copy: its one task, and its end, which is that of any command."""
    _call(AT_WORK)
    for name in (signal.SIGINT, signal.SIGCHLD):
        signal.signal(name, signal.SIG_DFL)
    with line, line.makefile("rb") as asked, line.makefile("wb") as answer:
        code = process.leased(do, asked, answer)
    sys.exit(code)


def _call(name: str) -> None:
    """Where the system lets a process be called otherwise than its command."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(name)
