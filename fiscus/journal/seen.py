"""What was seen last, in files outside the database: heads of chains, and the log's newest note.

A database that is put back, and the memory of the process that ends with it, would otherwise take
all that they knew along. The files lie in the data folder and in a second place, which survives if
the data folder is put back as a whole. They hold nothing secret; an HMAC under a key of the
installation tells that nobody else wrote them.

Several processes may share a folder: each has a file of its own there, held by a lock that ends
with the process, and whoever comes next goes on with that file. So there are never more files than
processes that ran at once.
"""

import fcntl
import hashlib
import hmac
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from fiscus.journal.heads import HEADS_MAX, HeadMemory, KnownHead, SeenState
from fiscus.model.times import Clock

SECONDS = 1.0
"""How often what is new goes to the files."""

WORK_SHARE = 0.05
"""With very many chains a write takes longer, and comes so much less often that it never takes
more than this share of the time."""

FILES_MAX = 64
FILE_BYTES_MAX = 512 * (HEADS_MAX + 1_000)

_FIRST_LINE = b"fiscus-seen 1 "
_log = structlog.get_logger("fiscus.seen")


class SeenFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds below its first line. `at` is when it was written; `heads` as in
    `KnownHead`."""

    installation: str
    at: datetime
    heads: list[KnownHead]
    note: str = ""


class SeenFolder:
    """One place for such files. Nothing here raises when the place cannot be read or written:
    `warnings` says so, for the operator."""

    def __init__(self, folder: Path, installation: str, key: bytes) -> None:
        self.folder = folder
        self._installation = installation
        self._key = key
        self._lock: int | None = None
        self._file: Path | None = None
        self._written = -1
        self._read_warnings: tuple[str, ...] = ()
        self._write_warning = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        failed = (self._write_warning,) if self._write_warning else ()
        return (*self._read_warnings, *failed)

    @property
    def is_kept(self) -> bool:
        """Whether the last attempt to write here went well."""
        return self._written >= 0 and not self._write_warning

    def read(self) -> SeenState:
        """What all files of this installation here say together. Files that are damaged, and those
        of another installation, are left out, left as they are, and told in `warnings`."""
        together, times, warnings = HeadMemory(), [], []
        try:
            for file in sorted(self.folder.glob("*.seen")) if self.folder.is_dir() else ():
                said = self._opened(file)
                if isinstance(said, str):
                    warnings.append(f"{file}: {said}")
                else:
                    together.fill(SeenState(heads=tuple(said.heads), note=said.note))
                    times.append(said.at)
        except OSError as error:
            warnings.append(f"{self.folder}: cannot be read ({error.strerror})")
        self._read_warnings = tuple(warnings)
        _, state = together.state()
        return msgspec.structs.replace(state, at=max(times, default=None))

    def has(self, changes: int) -> bool:
        """Whether the state of so many changes is kept here."""
        return changes == self._written and not self._write_warning

    def write(self, changes: int, state: SeenState, at: datetime) -> None:
        """Keep this state, that of so many changes. It is on the disk when `has` says so."""
        try:
            self._replace(self._content(state, at))
        except OSError as error:
            if not self._write_warning:
                _log.warning("what was seen is not kept", folder=str(self.folder), error=str(error))
            self._write_warning = f"{self.folder}: cannot be written ({error.strerror})"
            return
        self._written, self._write_warning = changes, ""

    def close(self) -> None:
        """Let another process have the file."""
        if self._lock is not None:
            os.close(self._lock)
        self._lock = self._file = None

    def _opened(self, file: Path) -> SeenFile | str:
        """What a file says, or what is wrong with it."""
        if file.stat().st_size > FILE_BYTES_MAX:
            return "too large to be what was seen"
        first, _, body = file.read_bytes().partition(b"\n")
        try:
            said = msgspec.json.decode(body, type=SeenFile)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return "damaged; what was seen there is not known"
        if said.installation != self._installation:
            return f"of another installation ({said.installation})"
        if not hmac.compare_digest(first, self._first_line(body)):
            return "written by somebody else, or damaged; what was seen there is not known"
        return said

    def _content(self, state: SeenState, at: datetime) -> bytes:
        said = SeenFile(
            installation=self._installation, at=at, heads=list(state.heads), note=state.note
        )
        body = msgspec.json.encode(said)
        return self._first_line(body) + b"\n" + body

    def _first_line(self, body: bytes) -> bytes:
        return _FIRST_LINE + hmac.digest(self._key, body, hashlib.sha256).hex().encode()

    def _replace(self, content: bytes) -> None:
        """The whole file, or none of it, whenever the machine stops. Raises `OSError`."""
        file = self._file or self._taken()
        # The lock makes it ours: nobody else writes a draft of this name.
        draft = file.with_suffix(".draft")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with os.fdopen(os.open(draft, flags, 0o600), "wb") as out:
            os.fchmod(out.fileno(), 0o600)
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, file)
        _sync(self.folder)

    def _taken(self) -> Path:
        """The first file that no living process has, and that is ours to replace."""
        _make(self.folder)
        for number in range(1, FILES_MAX + 1):
            file = self.folder / f"{self._installation}-{number}.seen"
            if file.exists() and isinstance(self._opened(file), str):
                continue  # It may tell a person something; nothing here overwrites it.
            handle = os.open(
                file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600
            )
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                continue
            self._lock, self._file = handle, file
            return file
        raise OSError(0, f"more than {FILES_MAX} files")


class Watermark:
    """A thread that brings what is new in the memory to all places, each second."""

    def __init__(
        self,
        memory: HeadMemory,
        folders: tuple[SeenFolder, ...],
        clock: Clock,
        every_seconds: float = SECONDS,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._memory = memory
        self._folders = folders
        self._clock = clock
        self._every_seconds = every_seconds
        self._timer = timer
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self.run, name="fiscus-seen", daemon=True)

    def read(self) -> SeenState:
        """Fill the memory from all places, before the first sale; what they say together, with the
        latest time of a write."""
        states = [folder.read() for folder in self._folders]
        for state in states:
            self._memory.fill(state)
        times = [state.at for state in states if state.at is not None]
        _, known = self._memory.state()
        return msgspec.structs.replace(known, at=max(times, default=None))

    def write(self) -> float:
        """Bring what is new to all places; the seconds until the next time."""
        late = [folder for folder in self._folders if not folder.has(self._memory.changes)]
        if not late:
            return self._every_seconds
        begun = self._timer()
        changes, state = self._memory.state()
        for folder in late:
            folder.write(changes, state, self._clock())
        return max(self._every_seconds, (self._timer() - begun) / WORK_SHARE)

    def start(self) -> None:
        """Write for the first time, so that the operator hears at once if that fails, and go on."""
        self.write()
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what is new is kept before."""
        self._is_stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        self.write()
        for folder in self._folders:
            folder.close()

    def run(self) -> None:
        wait = self._every_seconds
        while not self._is_stopped.wait(wait):
            wait = self.write()

    @property
    def warnings(self) -> tuple[str, ...]:
        """For the operator: what cannot be read or written, and that nothing outside the data
        folder would notice that it was put back."""
        found = tuple(warning for folder in self._folders for warning in folder.warnings)
        if not any(folder.is_kept for folder in self._folders[1:]):
            found += (
                "nothing outside the data folder remembers what was issued: if the whole folder is "
                "put back, this process will not notice (FISCUS_STATE_DIR)",
            )
        return found


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
