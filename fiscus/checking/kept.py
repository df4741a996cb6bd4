"""What is kept of a check, in a folder of the data folder: the file until it was judged, then the
result for some minutes, then nothing. Every process of the service that has this folder can say how
a check stands."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec

from fiscus.checking.results import CheckResult

KEPT = timedelta(minutes=15)
"""How long a result can be read."""

LEFT_OVER = timedelta(hours=2)
"""What is older was left by a process that ended: no upload and no queue takes so long."""

ID_LENGTH = 32
_NAME_MAX = 100
_STATE = "state.json"


class CheckPhase(StrEnum):
    """How far a check is: it waits, goes on, or is done."""

    WAITING = "waiting"
    CHECKING = "checking"
    DONE = "done"


class CheckState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One check. `owner` is the session of who sent the file, empty for a ticket's; `kind` was said
    by them. `place` counts those who wait, 1 is the next; `read` are bytes of the file that the
    checker has read; instants are UTC."""

    id: str
    name: str
    size: int
    phase: CheckPhase
    at: datetime
    owner: str = ""
    kind: str = ""
    has_jws: bool = False
    has_key: bool = False
    place: int = 0
    read: int = 0
    begun: datetime | None = None
    ended: datetime | None = None
    result: CheckResult | None = None


def folder_of(root: Path, id_: str) -> Path:
    return root / id_


def file_of(root: Path, state: CheckState) -> Path:
    """Where the file lies: under the name that its sender gave it, which some formats judge."""
    return folder_of(root, state.id) / "file" / state.name


def jws_of(root: Path, id_: str) -> Path:
    return folder_of(root, id_) / "signature.jws"


def key_of(root: Path, id_: str) -> Path:
    """Where the public key lies that the seals of the file are verified with."""
    return folder_of(root, id_) / "public.pem"


def plain_name(said: str) -> str:
    """A file name without folders and signs that a system might not take."""
    last = said.replace("\\", "/").rpartition("/")[2]
    kept = "".join(one if one.isprintable() and one not in '<>:"|?*' else "_" for one in last)
    while len(kept.encode()) > _NAME_MAX:
        kept = kept[1:]
    return kept if kept.strip(". ") else "file"


def write(root: Path, state: CheckState) -> None:
    """Raises `FileNotFoundError` if the check was removed."""
    target = folder_of(root, state.id) / _STATE
    new = target.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(state))
    new.replace(target)


def find(root: Path, id_: str) -> CheckState | None:
    if len(id_) != ID_LENGTH or not id_.isalnum() or not id_.isascii():
        return None
    try:
        said = (folder_of(root, id_) / _STATE).read_bytes()
    except OSError:
        return None
    return msgspec.json.decode(said, type=CheckState)


def drop_file(root: Path, state: CheckState) -> None:
    """The file was judged: it is gone before its result can be read."""
    shutil.rmtree(folder_of(root, state.id) / "file", ignore_errors=True)
    jws_of(root, state.id).unlink(missing_ok=True)
    key_of(root, state.id).unlink(missing_ok=True)


def remove(root: Path, id_: str) -> None:
    shutil.rmtree(folder_of(root, id_), ignore_errors=True)


def sweep(root: Path, at: datetime) -> None:
    """Remove results that were kept long enough, and what was left over."""
    for id_ in _all(root):
        state = find(root, id_)
        if state is not None and state.ended is not None:
            is_old = at - state.ended >= KEPT or at < state.ended
        else:
            is_old = _age(folder_of(root, id_), at) >= LEFT_OVER
        if is_old:
            remove(root, id_)


def _all(root: Path) -> Iterator[str]:
    if root.is_dir():
        yield from (one for one in os.listdir(root) if len(one) == ID_LENGTH)


def _age(folder: Path, at: datetime) -> timedelta:
    """By what the disk says: a folder that was begun and left has no state."""
    try:
        return timedelta(seconds=at.timestamp() - folder.stat().st_mtime)
    except OSError:
        return timedelta(0)
