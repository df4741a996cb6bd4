"""What a device was asked and has answered for an intention that is not concluded yet.

The journal knows before the device does: a wish is committed here, then the device is asked, then
its answer is committed. What a crash left in between is found by `held_until`.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from fiscus.issuing.answers import DeviceAnswer, DeviceNeeded, Done, Step
from fiscus.model.devices import Started
from fiscus.model.faults import Code, Corrupt
from fiscus.model.orders import Enter, Issue, Open, Order
from fiscus.model.times import instant, micros_z
from fiscus.store.schema import ENTRY, SIGNING

MOVED = Code("ISSUE-DEVICE-03", "what a device was asked has moved on meanwhile")

IN_FLIGHT = Code(
    "ISSUE-DEVICE-02", "the register's device is being asked just now; send the request again"
)

HELD = timedelta(seconds=20)
"""Longer than any call to a device may take."""


class State(StrEnum):
    """The device has been asked to start; it has answered (or is out); it was asked to finish."""

    STARTING = "starting"
    OPEN = "open"
    FINISHING = "finishing"


MOVES: dict[State, frozenset[State]] = {
    State.STARTING: frozenset({State.OPEN, State.FINISHING}),
    State.OPEN: frozenset({State.FINISHING}),
    State.FINISHING: frozenset(),
}


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A row, as it stands. `entry` is the record that its `order` will become; `outage` why the
    device did not start."""

    intent: str
    register: str
    state: State
    entry: str = ""
    order: Order | None = None
    process_type: str = ""
    process_data: str = ""
    started: Started | None = None
    outage: str = ""
    held_until: datetime | None = None

    @property
    def is_entering(self) -> bool:
        return isinstance(self.order, Enter)

    def needed(self, *, is_repeated: bool, made: Done | None = None) -> DeviceNeeded:
        """What the device must be asked now; `made` is the record that was made with the wish."""
        assert self.order is not None, "what is being asked has an order"
        return DeviceNeeded(
            order=self.order, made=made,
            entry=self.entry, register=self.register, intent=self.intent,
            step=Step.START if self.state == State.STARTING else Step.FINISH,
            started=self.started, process_type=self.process_type, process_data=self.process_data,
            is_repeated=is_repeated,
        )  # fmt: skip


class _Kept(msgspec.Struct):
    open: Open | None = None
    issue: Issue | None = None
    enter: Enter | None = None


def _packed(order: Order) -> bytes:
    match order:
        case Open():
            kept = _Kept(open=order)
        case Issue():
            kept = _Kept(issue=order)
        case Enter():
            kept = _Kept(enter=order)
    return msgspec.msgpack.encode(kept)


def _unpacked(packed: bytes | None) -> Order | None:
    if packed is None:
        return None
    kept = msgspec.msgpack.decode(packed, type=_Kept)
    return kept.open or kept.issue or kept.enter


def begun(*, intent: str, register: str, entry: str, order: Order, at: datetime) -> Held:
    """A wish: the device will be asked to start for this intention. Written by `begin`."""
    return Held(
        intent=intent, register=register, state=State.STARTING, entry=entry, order=order,
        held_until=at + HELD,
    )  # fmt: skip


def begin(tx: Connection, wishes: Collection[Held]) -> None:
    """Write new wishes; their intentions are in the journal by now."""
    rows = [
        {
            "intent": held.intent, "register": held.register, "state": held.state,
            "entry": held.entry, "order": _packed(held.order) if held.order else None,
            "held_until": micros_z(held.held_until) if held.held_until else None,
        }
        for held in wishes
    ]  # fmt: skip
    if rows:
        tx.execute(SIGNING.insert(), rows)


def answered(held: Held, started: Started | None, outage: str) -> Held:
    """The device has started, or is out; the intention is open. Written by `move`."""
    return msgspec.structs.replace(
        held,
        state=State.OPEN,
        started=started,
        outage=outage,
        entry="",
        order=None,
        held_until=None,
    )


def wish(
    held: Held,
    *,
    entry: str,
    order: Order,
    started: Started,
    process_type: str,
    process_data: str,
    at: datetime,
) -> Held:
    """The device will be asked to finish with these data. Written by `move`."""
    return msgspec.structs.replace(
        held, state=State.FINISHING, started=started, entry=entry, order=order,
        process_type=process_type, process_data=process_data, held_until=at + HELD,
    )  # fmt: skip


Move = tuple[Held, Held]
"""As it stood and as it stands now."""

_MOVE = (
    SIGNING.update()
    .where(SIGNING.c.intent == bindparam("of"), SIGNING.c.state == bindparam("before"))
    .values(
        state=bindparam("to"),
        entry=bindparam("to_entry"),
        order=bindparam("to_order"),
        process_type=bindparam("to_type"),
        process_data=bindparam("to_data"),
        started=bindparam("to_started"),
        outage=bindparam("to_outage"),
        held_until=bindparam("to_held"),
    )
)


def move(tx: Connection, moves: list[Move]) -> None:
    """Write what has moved on, and forget it: nothing is left to write.

    They were read under their registers' locks, so they still stand as they stood then.
    """
    rows = [_moved(before, after) for before, after in moves]
    moves.clear()
    if rows and tx.execute(_MOVE, rows).rowcount != len(rows):
        raise Corrupt(MOVED, *(row["of"] for row in rows))


def _moved(before: Held, after: Held) -> dict[str, Any]:
    assert after.state in MOVES[before.state]
    return {
        "of": after.intent, "before": before.state, "to": after.state,
        "to_entry": after.entry or None,
        "to_order": _packed(after.order) if after.order else None,
        "to_type": after.process_type or None, "to_data": after.process_data or None,
        "to_started": msgspec.json.encode(after.started).decode() if after.started else None,
        "to_outage": after.outage or None,
        "to_held": micros_z(after.held_until) if after.held_until else None,
    }  # fmt: skip


_END = SIGNING.delete().where(SIGNING.c.intent.in_(bindparam("intents", expanding=True)))


def end(tx: Connection, intents: Collection[str]) -> None:
    """These intentions are concluded."""
    if intents:
        tx.execute(_END, {"intents": list(intents)})


def lease(tx: Connection, held: Held, at: datetime) -> bool:
    """Take over what somebody else was asking; false if another one was faster."""
    assert held.held_until is not None, "only what is being asked can be taken over"
    taken = tx.execute(
        SIGNING.update()
        .where(
            SIGNING.c.intent == held.intent,
            SIGNING.c.state == held.state,
            SIGNING.c.held_until == micros_z(held.held_until),
        )
        .values(held_until=micros_z(at + HELD))
    )
    return taken.rowcount == 1


_KNOWN = select(SIGNING).where(
    SIGNING.c.intent.in_(bindparam("intents", expanding=True))
    | SIGNING.c.entry.in_(bindparam("entries", expanding=True))
)


def of_intents(
    tx: Connection, intents: Collection[str], entries: Collection[str] = ()
) -> dict[str, Held]:
    """By intention: those of these intentions, and those that will become these records."""
    if not intents and not entries:
        return {}
    rows = tx.execute(_KNOWN, {"intents": list(intents), "entries": list(entries)})
    return {row.intent: _held(row) for row in rows}


def of_entry(tx: Connection, entry: str) -> Held | None:
    row = tx.execute(select(SIGNING).where(SIGNING.c.entry == entry)).one_or_none()
    return _held(row) if row else None


def in_flight(tx: Connection, register: str) -> list[Held]:
    """What the register's device is being asked now."""
    rows = tx.execute(
        select(SIGNING).where(SIGNING.c.register == register, SIGNING.c.held_until.is_not(None))
    )
    return [_held(row) for row in rows]


def open_intents(tx: Connection, register: str, before: datetime | None = None) -> list[str]:
    """The operations that the register's device has begun (before that instant) and nobody
    concludes, oldest first."""
    query = (
        select(SIGNING.c.intent)
        .join(ENTRY, ENTRY.c.id == SIGNING.c.intent)
        .where(SIGNING.c.register == register, SIGNING.c.state == State.OPEN)
        .order_by(ENTRY.c.sequence)
    )
    if before is not None:
        query = query.where(ENTRY.c.at < micros_z(before))
    return list(tx.scalars(query))


def numbers(tx: Connection, register: str, serial: str) -> frozenset[int]:
    """The transactions of the device with that serial that are known to belong to open intentions:
    a device of before has counted from 1 as well."""
    rows = tx.scalars(
        select(SIGNING.c.started).where(
            SIGNING.c.register == register, SIGNING.c.started.is_not(None)
        )
    )
    begun = [msgspec.json.decode(text, type=Started) for text in rows]
    return frozenset(one.number for one in begun if one.serial == serial)


def wished_at(tx: Connection, intent: str) -> datetime:
    """When the intention was written, before its device was asked for the first time."""
    return instant(tx.execute(select(ENTRY.c.at).where(ENTRY.c.id == intent)).scalar_one())


def is_taken(tx: Connection, moves: list[Move], held: Held, device: DeviceAnswer) -> bool:
    """Whether the transaction that was found for this intention is another one's by now, written
    or among the moves."""
    if device.started is None or not device.is_found:
        return False
    move(tx, moves)
    return device.started.number in numbers(tx, held.register, device.started.serial)


def is_start_lost(tx: Connection, register: str, at: datetime) -> bool:
    """Whether somebody asked the register's device to start and went away."""
    lost = select(SIGNING.c.intent).where(
        SIGNING.c.register == register,
        SIGNING.c.state == State.STARTING,
        SIGNING.c.held_until <= micros_z(at),
    )
    return tx.scalar(lost.limit(1)) is not None


def overdue(tx: Connection, at: datetime, limit: int) -> list[Held]:
    """What was being asked when its process went away, oldest first."""
    rows = tx.execute(
        select(SIGNING)
        .where(SIGNING.c.held_until <= micros_z(at))
        .order_by(SIGNING.c.held_until, SIGNING.c.intent)
        .limit(limit)
    )
    return [_held(row) for row in rows]


def _held(row: Any) -> Held:
    return Held(
        intent=row.intent, register=row.register, state=State(row.state), entry=row.entry or "",
        order=_unpacked(row.order), process_type=row.process_type or "",
        process_data=row.process_data or "",
        started=msgspec.json.decode(row.started, type=Started) if row.started else None,
        outage=row.outage or "", held_until=instant(row.held_until) if row.held_until else None,
    )  # fmt: skip
