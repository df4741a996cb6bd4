"""One lane for all checks of a service: a few at once, the others wait and are told their place."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import structlog

from fiscus.checking import kept
from fiscus.checking.kept import CheckPhase, CheckState
from fiscus.checking.process import CheckLimits, CheckProcess
from fiscus.model.faults import Code, Unavailable
from fiscus.model.times import Clock

FULL = Code("CHECK-LANE-01", "too many files wait to be checked: send yours again in a few minutes")
OWN_FULL = Code(
    "CHECK-LANE-02", "files of yours wait to be checked: send the next one when they are done"
)

FOLDER = "checks"
TICKETS = "tickets"
AT_ONCE = 2
WAITING_MAX = 20
OWN_MAX = 3
SWEEP_SECONDS = 60.0

_log = structlog.get_logger("fiscus.checking")


@dataclass(kw_only=True)
class CheckLane:
    """Checks of one process of the service. Threads are started when they are needed, and end with
    the last check."""

    root: Path
    clock: Clock
    limits: CheckLimits = field(default_factory=CheckLimits)
    at_once: int = AT_ONCE
    arriving: int = 0
    """Files that are being sent at this moment; counted by the loop alone."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _waiting: list[CheckState] = field(default_factory=list)
    _going: dict[str, CheckProcess] = field(default_factory=dict)
    _owners: Counter[str] = field(default_factory=Counter)
    _sweeper: threading.Timer | None = None
    _is_over: bool = False

    @property
    def tickets(self) -> Path:
        return self.root / TICKETS

    def start(self) -> None:
        """Remove what an earlier process left, at once or when its time has come."""
        if self.root.is_dir():
            self._sweep()

    def expect_place(self, owner: str) -> None:
        """Raises `Unavailable` if no further file can wait, so that it is not sent in vain."""
        with self._lock:
            if self._is_over or len(self._waiting) >= WAITING_MAX:
                raise Unavailable(FULL)
            if owner and self._owners[owner] >= OWN_MAX:
                raise Unavailable(OWN_FULL)

    def take(self, state: CheckState) -> None:
        """Have a file checked that lies in its folder. Raises `Unavailable`."""
        self.expect_place(state.owner)
        with self._lock:
            self._waiting.append(state)
            self._owners[state.owner] += 1
            self._tell_places()
            if len(self._going) < self.at_once:
                self._start()
        self._sweep_later()

    def stop(self) -> None:
        """The service ends: so do its checks, and what was kept of them."""
        with self._lock:
            self._is_over = True
            waiting, self._waiting = self._waiting, []
            going = list(self._going.values())
            if self._sweeper:
                self._sweeper.cancel()
        for one in waiting:
            kept.remove(self.root, one.id)
        for process in going:
            process.end()

    def _start(self) -> None:
        state = self._waiting.pop(0)
        process = CheckProcess(limits=self.limits, progress=lambda read: None)
        self._going[state.id] = process
        self._tell_places()
        name = f"check-{state.id[:8]}"
        threading.Thread(target=self._check, args=(state, process), name=name, daemon=True).start()

    def _check(self, state: CheckState, process: CheckProcess) -> None:
        state = msgspec.structs.replace(
            state, phase=CheckPhase.CHECKING, place=0, begun=self.clock()
        )
        try:
            self._write(state)
            process.progress = self._progress_of(state)
            jws = kept.jws_of(self.root, state.id) if state.has_jws else None
            key = kept.key_of(self.root, state.id).read_text("ascii") if state.has_key else ""
            path = kept.file_of(self.root, state)
            result = process.result(
                path, name=state.name, scratch=path.parent, kind=state.kind, jws=jws, key=key
            )
            if self._is_over:
                kept.remove(self.root, state.id)
                return
            kept.drop_file(self.root, state)
            self._write(
                msgspec.structs.replace(
                    state, phase=CheckPhase.DONE, ended=self.clock(), result=result
                )
            )
        except Exception:
            _log.exception("a check failed")
            kept.remove(self.root, state.id)
        finally:
            self._next(state)

    def _progress_of(self, state: CheckState) -> Callable[[int], None]:
        def note(read: int) -> None:
            self._write(msgspec.structs.replace(state, read=read))

        return note

    def _next(self, state: CheckState) -> None:
        with self._lock:
            self._going.pop(state.id, None)
            self._owners[state.owner] -= 1
            self._owners += Counter()  # forgets those that have none
            if self._waiting and not self._is_over:
                self._start()

    def _tell_places(self) -> None:
        for place, one in enumerate(self._waiting, start=1):
            self._write(msgspec.structs.replace(one, place=place))

    def _write(self, state: CheckState) -> None:
        try:
            kept.write(self.root, state)
        except FileNotFoundError:
            _log.info("a check was removed while it went on")

    def _sweep_later(self) -> None:
        """While anything is kept, look each minute whether it was kept long enough."""
        with self._lock:
            if self._is_over or self._sweeper is not None:
                return
            self._sweeper = threading.Timer(SWEEP_SECONDS, self._sweep)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _sweep(self) -> None:
        kept.sweep(self.root, self.clock())
        with self._lock:
            self._sweeper = None
        if any(self.root.glob("*/state.json")):
            self._sweep_later()
