"""A memory: a folder on another disk with the newest note, one of each day and of each closing.

It signs nothing, so it proves nothing to others; but it knows more than a database that was
put back from an old copy. On the same disk it is put back with it.
"""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from pathlib import Path

from fiscus.model.faults import Code, Refused
from fiscus.transparency import checkpoints, notes
from fiscus.transparency.checkpoints import TreeHead
from fiscus.transparency.notes import VerifierKey
from fiscus.witness import durable
from fiscus.witness.outcomes import (
    AlarmReason,
    NoteKept,
    WitnessAlarm,
    WitnessedHead,
    WitnessSilence,
)
from fiscus.witness.places import FileMemory

NOT_OURS = Code("WITNESS-MEMORY-01", "this is no note that our log has signed")

NEWEST = "newest"
_CLOSING = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


class MemoryDisk(StrEnum):
    """Where a memory lies, seen from the data folder. SAME: one disk, which is lost or put back as
    a whole. MISSING: nothing is there, so its disk may not be mounted."""

    SAME = "same machine, same disk"
    OTHER = "another disk"
    MISSING = "not there"


def disk(memory: FileMemory, data_folder: Path) -> MemoryDisk:
    """Whether the memory outlives the data folder's disk."""
    try:
        is_same = memory.folder.stat().st_dev == data_folder.stat().st_dev
    except OSError:
        return MemoryDisk.MISSING
    return MemoryDisk.SAME if is_same else MemoryDisk.OTHER


def keep(
    memory: FileMemory,
    log_keys: Iterable[VerifierKey],
    note: str,
    *,
    day: date,
    closing: str = "",
) -> NoteKept | WitnessAlarm | WitnessSilence:
    """Keep a note of our log. `closing` names the closing that it was made for: letters, digits,
    hyphens. Raises `Refused` if the note is no checkpoint of these keys' log."""
    assert not closing or _CLOSING.fullmatch(closing), "a closing's name fits into a file's name"
    log_keys = tuple(log_keys)
    head = _head(note.encode(), log_keys)
    if not memory.folder.is_dir():
        return WitnessSilence(reason=f"{memory.folder} is not there: is its disk mounted?")
    place = memory.folder / checkpoints.origin_hash(head.origin)
    try:
        durable.make_folder(place)
        # Of several processes with notes of their own none may put back a newer one.
        with durable.locked(place / ".lock", waits=True):
            if alarm := _contradiction(place, log_keys, note, head):
                return alarm
            names = [NEWEST, day.isoformat(), *([f"closing-{closing}"] if closing else [])]
            for name in names:
                durable.write(place / name, note.encode())
    except (OSError, Refused) as trouble:
        return WitnessSilence(reason=f"{memory.folder}: {trouble}")
    return NoteKept()


def newest(
    memory: FileMemory, log_keys: Iterable[VerifierKey]
) -> WitnessedHead | WitnessSilence | None:
    """The newest note that it keeps of the log of these keys; None if there is none."""
    log_keys = tuple(log_keys)
    place = memory.folder / checkpoints.origin_hash(log_keys[0].name)
    if not memory.folder.is_dir():
        return WitnessSilence(reason=f"{memory.folder} is not there: is its disk mounted?")
    try:
        data = (place / NEWEST).read_bytes()
        return WitnessedHead(head=_head(data, log_keys), note=data.decode(), time=0)
    except FileNotFoundError:
        return None
    except (OSError, Refused) as trouble:
        return WitnessSilence(reason=f"{memory.folder}: {trouble}")


def _contradiction(
    place: Path, log_keys: tuple[VerifierKey, ...], note: str, head: TreeHead
) -> WitnessAlarm | None:
    """What is kept already must not be more than what comes now, and no other history."""
    try:
        kept = (place / NEWEST).read_bytes()
    except FileNotFoundError:
        return None
    known = _head(kept, log_keys)
    if known.size > head.size:
        reason = AlarmReason.ROLLED_BACK
    elif known.size == head.size and known.root != head.root:
        reason = AlarmReason.FORKED
    else:
        return None
    answer = f"a note of size {known.size} is kept there"
    theirs = kept.decode()
    return WitnessAlarm(reason=reason, ours=note, answer=answer, theirs=theirs, size=known.size)


def _head(data: bytes, log_keys: tuple[VerifierKey, ...]) -> TreeHead:
    """What a note of our log says. Raises `Refused`."""
    found = notes.parse(data)
    head = checkpoints.parse(found.text)
    names = {key.name for key in log_keys}
    if not notes.verified(found, log_keys) or head.origin not in names:
        raise Refused(NOT_OURS)
    return head
