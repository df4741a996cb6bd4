"""Has the log's notes signed by witnesses and kept by memories, and remembers what each said.

Outbound calls only. What a witness has signed cannot be unseen any more; what it refuses for good
is an alarm: our history is not the one that it has seen.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import structlog
from sqlalchemy import Connection, Engine, or_, select

from fiscus.journal import checkpoint
from fiscus.journal.checkpoint import Checkpoint
from fiscus.model.times import Clock, instant, micros_z
from fiscus.registry import signers
from fiscus.registry.vault import Vault
from fiscus.store.connect import reading, writing
from fiscus.store.insert import insert_once
from fiscus.store.log_schema import COSIGNATURE, WITNESS
from fiscus.transparency.notes import VerifierKey
from fiscus.witness import client, copies
from fiscus.witness.copies import MemoryDisk
from fiscus.witness.outcomes import (
    AlarmReason,
    CosignedNote,
    NoteKept,
    Outcome,
    WitnessAlarm,
    WitnessBehind,
    WitnessSilence,
)
from fiscus.witness.places import FileMemory, RemoteWitness, WitnessPlace

HEARTBEAT = timedelta(hours=24)
"""A witness that has signed all there is is asked again after so long: it tells that it lives."""

SECONDS = 10.0
"""How often it is looked whether there is a note that somebody has not signed."""

AGAIN = timedelta(seconds=30)
"""Who gave no answer is asked again after so long."""

_ATTEMPTS = 3
"""Another process of ours may have shown it more meanwhile; then it says from where to prove."""

_HELD = timedelta(seconds=30)
"""Longer than all attempts may take: afterwards whoever asked is gone."""

_log = structlog.get_logger("fiscus.witnesses")


class WitnessView(msgspec.Struct, frozen=True, kw_only=True):
    """A witness or memory as it stands: `size` is the last note that it took, `signed_at` when;
    `error` why it gave no answer last; `alarm` the evidence if it has seen another history. `disk`
    is where a memory lies."""

    name: str
    place: str
    size: int = 0
    asked_at: datetime | None = None
    signed_at: datetime | None = None
    error: str = ""
    alarm: str = ""
    disk: MemoryDisk | None = None


class LogWitnesses:
    """The witnesses and memories of this installation. One thread of each process calls `look`; any
    may call the rest."""

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        clock: Clock,
        places: Sequence[WitnessPlace],
        data_folder: Path,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock
        self._places = places
        self._data_folder = data_folder
        self._is_stopped = False
        self.waker: Callable[[], None] = lambda: None

    def want(self) -> None:
        """There is a new note."""
        self.waker()

    def stop(self) -> None:
        """Ask nobody any more."""
        self._is_stopped = True

    def look(self) -> float:
        """Show everybody what is new; the seconds until the next time."""
        for place in self._places:
            if not self._is_stopped:
                self._show(place)
        return SECONDS

    def keep_closing(self, closing: str) -> None:
        """Have all memories keep the newest note as that of this closing. They are files: nobody
        outside is waited for."""
        for place in self._places:
            if isinstance(place, FileMemory):
                self._keep_copy(place, closing)

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The keys of all witnesses that are set: theirs are the cosignatures that count here."""
        remote = [place for place in self._places if isinstance(place, RemoteWitness)]
        return tuple(key for place in remote for key in place.keys)

    def views(self, tx: Connection) -> list[WitnessView]:
        """All that are set, whether they were asked already or not."""
        return [self._view(tx, place) for place in self._places]

    def _show(self, place: WitnessPlace) -> None:
        """Show the newest note to one that has not signed it yet."""
        with reading(self._engine) as tx:
            if not self._is_due(tx, place):
                return
        if isinstance(place, FileMemory):
            self._keep_copy(place)
        elif self._is_first(place):
            self._note(place, *self._sent(place))

    def _is_due(self, tx: Connection, place: WitnessPlace) -> bool:
        """Something new, or nothing said for a day. After an alarm only once a day: a person must
        look first."""
        newest, known = checkpoint.newest(tx), _read(tx, name_of(place))
        if newest is None:
            return False
        now = self._clock()
        if known.asked_at is None or now < known.asked_at:
            return True
        since_asked = now - known.asked_at
        if known.alarm:
            return since_asked >= HEARTBEAT
        if known.error:
            return since_asked >= AGAIN
        return since_asked >= HEARTBEAT or newest.size > known.size

    def _is_first(self, place: RemoteWitness) -> bool:
        """Whether no other process of ours is asking: two that showed notes of two sizes at once
        would look like a log that was rolled back."""
        name, now = name_of(place), self._clock()
        with writing(self._engine) as tx:
            tx.execute(insert_once(tx, WITNESS), {"name": name, "place": _where(place), "size": 0})
            # A time that is too far ahead was written while a clock was wrong.
            is_free = or_(
                WITNESS.c.held_until.is_(None),
                WITNESS.c.held_until <= micros_z(now),
                WITNESS.c.held_until > micros_z(now + _HELD),
            )
            taken = tx.execute(
                WITNESS.update()
                .where(WITNESS.c.name == name, is_free)
                .values(held_until=micros_z(now + _HELD))
            )
        return taken.rowcount == 1

    def _sent(self, witness: RemoteWitness) -> tuple[Checkpoint, Outcome]:
        """The note that was sent last, and what came of it. What is newest is read when no other
        process is asking any more: it may have made a newer one, and shown it."""
        with reading(self._engine) as tx:
            newest = _newest(tx)
            size = _read(tx, name_of(witness)).size
        outcome: Outcome = WitnessBehind(size=min(size, newest.size))
        for _ in range(_ATTEMPTS):
            if not isinstance(outcome, WitnessBehind) or outcome.size > newest.size:
                break
            with reading(self._engine) as tx:
                proof = checkpoint.consistency(tx, outcome.size, newest) if outcome.size else []
            outcome = client.send(witness, outcome.size, proof, newest.note)
            if isinstance(outcome, WitnessAlarm) and (newer := self._newer(outcome)):
                newest, outcome = newer, WitnessBehind(size=outcome.size)
        return newest, outcome

    def _newer(self, alarm: WitnessAlarm) -> Checkpoint | None:
        """The note that the one who raises the alarm has seen, or a newer one, if we have it: then
        it is not that it has seen more than us."""
        if alarm.reason is not AlarmReason.ROLLED_BACK or alarm.size == 0:
            return None
        with reading(self._engine) as tx:
            newest = _newest(tx)
        return newest if newest.size >= alarm.size else None

    def _keep_copy(self, memory: FileMemory, closing: str = "") -> None:
        with reading(self._engine) as tx:
            newest = checkpoint.newest(tx)
            if newest is None:
                return
            keys = _log_keys(tx, self._vault)
        kept: NoteKept | WitnessAlarm | WitnessSilence
        for _ in range(_ATTEMPTS):
            day = self._clock().astimezone(UTC).date()
            kept = copies.keep(memory, keys, newest.note, day=day, closing=closing)
            if not isinstance(kept, WitnessAlarm) or not (newer := self._newer(kept)):
                break
            newest = newer
            kept = WitnessSilence(reason="newer notes come again and again")
        self._note(memory, newest, kept)

    def _note(self, place: WitnessPlace, newest: Checkpoint, outcome: Outcome | NoteKept) -> None:
        """Remember what one said to this note."""
        name, now = name_of(place), self._clock()
        said: dict[str, object] = {"asked_at": micros_z(now), "error": None, "held_until": None}
        signed_at = _moment(outcome.time) if isinstance(outcome, CosignedNote) else now
        match outcome:
            case CosignedNote() if signed_at is None:
                said["error"] = f"it says that it signed {outcome.time} seconds after 1970"
            case CosignedNote() | NoteKept():
                said |= {"size": newest.size, "signed_at": micros_z(now), "alarm": None}
            case WitnessAlarm():
                said["alarm"] = outcome.evidence()
                _log.error("alarm of a witness", witness=name, reason=outcome.reason.value)
            case WitnessBehind():
                said["error"] = f"it asks again and again for a proof from {outcome.size} on"
            case WitnessSilence():
                said["error"] = outcome.reason
        with writing(self._engine) as tx:
            tx.execute(insert_once(tx, WITNESS), {"name": name, "place": _where(place), "size": 0})
            before = _read(tx, name)
            tx.execute(
                WITNESS.update().where(WITNESS.c.name == name).values(place=_where(place), **said)
            )
            if isinstance(outcome, CosignedNote) and signed_at is not None:
                _keep(tx, name, newest, outcome, signed_at, now)
        if said["error"] and said["error"] != before.error:
            _log.warning("no answer of a witness", witness=name, reason=said["error"])

    def _view(self, tx: Connection, place: WitnessPlace) -> WitnessView:
        view = msgspec.structs.replace(_read(tx, name_of(place)), place=_where(place))
        if isinstance(place, FileMemory):
            return msgspec.structs.replace(view, disk=copies.disk(place, self._data_folder))
        return view


def name_of(place: WitnessPlace) -> str:
    """What a witness is called in tables: the name of its first key; a memory by its folder."""
    return place.keys[0].name if isinstance(place, RemoteWitness) else f"file:{place.folder}"


def _where(place: WitnessPlace) -> str:
    return place.url if isinstance(place, RemoteWitness) else f"file:{place.folder}"


def _read(tx: Connection, name: str) -> WitnessView:
    row = tx.execute(select(WITNESS).where(WITNESS.c.name == name)).one_or_none()
    if row is None:
        return WitnessView(name=name, place="")
    return WitnessView(
        name=row.name,
        place=row.place,
        size=row.size,
        asked_at=instant(row.asked_at) if row.asked_at else None,
        signed_at=instant(row.signed_at) if row.signed_at else None,
        error=row.error or "",
        alarm=row.alarm or "",
    )


def _newest(tx: Connection) -> Checkpoint:
    newest = checkpoint.newest(tx)
    assert newest is not None, "a checkpoint was signed"
    return newest


def _moment(seconds: int) -> datetime | None:
    """None: no calendar has this time."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _keep(
    tx: Connection,
    name: str,
    newest: Checkpoint,
    outcome: CosignedNote,
    signed_at: datetime,
    now: datetime,
) -> None:
    """The first cosignature of a note counts; later ones of the same size are heartbeats."""
    tx.execute(
        insert_once(tx, COSIGNATURE),
        {
            "epoch": newest.epoch,
            "size": newest.size,
            "witness": name,
            "line": "".join(outcome.lines),
            "at": micros_z(signed_at),
            "received_at": micros_z(now),
        },
    )


def _log_keys(tx: Connection, vault: Vault) -> Collection[VerifierKey]:
    log = checkpoint.log_name(tx)
    assert log is not None, "a checkpoint was signed"
    return (checkpoint.log_key(log, signers.opened(tx, vault, signers.LOG)),)
