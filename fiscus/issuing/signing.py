"""Device requests: what a device was asked for an intention that is not concluded yet, and its
answer.

The journal knows before the device does: a device request is committed here, then the device is
asked, then its answer is committed. What a crash left in between is found by `held_until`.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from fiscus.issuing.answers import DeviceAnswer, DeviceNeeded, DeviceStep, OrderDone
from fiscus.model.devices import StartedTransaction
from fiscus.model.documents import DocumentKind
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


class DeviceRequestState(StrEnum):
    """The device has been asked to start; it has answered (or is out); it was asked to finish."""

    STARTING = "starting"
    OPEN = "open"
    FINISHING = "finishing"


MOVES: dict[DeviceRequestState, frozenset[DeviceRequestState]] = {
    DeviceRequestState.STARTING: frozenset({DeviceRequestState.OPEN, DeviceRequestState.FINISHING}),
    DeviceRequestState.OPEN: frozenset({DeviceRequestState.FINISHING}),
    DeviceRequestState.FINISHING: frozenset(),
}


class DeviceRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A stored device request. `entry` is the record that its `order` will become; `outage` why the
    device did not start."""

    intent: str
    register: str
    state: DeviceRequestState
    entry: str = ""
    order: Order | None = None
    process_type: str = ""
    process_data: str = ""
    started: StartedTransaction | None = None
    outage: str = ""
    held_until: datetime | None = None

    @property
    def is_entering(self) -> bool:
        """Whether it is an event of the drawer, or a closing."""
        order = self.order
        return isinstance(order, Enter) and order.draft.kind is not DocumentKind.ORDER

    def needed(self, *, is_repeated: bool, made: OrderDone | None = None) -> DeviceNeeded:
        """What the device must be asked now; `made` is the record that was made with the
        request."""
        assert self.order is not None, "what is being asked has an order"
        return DeviceNeeded(
            order=self.order,
            made=made,
            entry=self.entry,
            register=self.register,
            intent=self.intent,
            step=DeviceStep.START
            if self.state == DeviceRequestState.STARTING
            else DeviceStep.FINISH,
            started=self.started,
            process_type=self.process_type,
            process_data=self.process_data,
            is_repeated=is_repeated,
        )


class _StoredOrder(msgspec.Struct):
    """An order as a row keeps it. Its member names are stored: they never change."""

    open: Open | None = None
    issue: Issue | None = None
    enter: Enter | None = None


def _packed(order: Order) -> bytes:
    match order:
        case Open():
            kept = _StoredOrder(open=order)
        case Issue():
            kept = _StoredOrder(issue=order)
        case Enter():
            kept = _StoredOrder(enter=order)
    return msgspec.msgpack.encode(kept)


def _unpacked(packed: bytes | None) -> Order | None:
    if packed is None:
        return None
    kept = msgspec.msgpack.decode(packed, type=_StoredOrder)
    return kept.open or kept.issue or kept.enter


def to_start(
    *, intent: str, register: str, entry: str, order: Order, at: datetime
) -> DeviceRequest:
    """A new request: the device will be asked to start for this intention. Written by `begin`."""
    return DeviceRequest(
        intent=intent,
        register=register,
        state=DeviceRequestState.STARTING,
        entry=entry,
        order=order,
        held_until=at + HELD,
    )


def begin(tx: Connection, requests: Collection[DeviceRequest]) -> None:
    """Write new device requests; their intentions are in the journal by now."""
    rows = [
        {
            "intent": pending.intent,
            "register": pending.register,
            "state": pending.state,
            "entry": pending.entry,
            "order": _packed(pending.order) if pending.order else None,
            "held_until": micros_z(pending.held_until) if pending.held_until else None,
        }
        for pending in requests
    ]
    if rows:
        tx.execute(SIGNING.insert(), rows)


def answered(
    pending: DeviceRequest, started: StartedTransaction | None, outage: str
) -> DeviceRequest:
    """The device has started, or is out; the intention is open. Written by `move`."""
    return msgspec.structs.replace(
        pending,
        state=DeviceRequestState.OPEN,
        started=started,
        outage=outage,
        entry="",
        order=None,
        held_until=None,
    )


def to_finish(
    pending: DeviceRequest,
    *,
    entry: str,
    order: Order,
    started: StartedTransaction,
    process_type: str,
    process_data: str,
    at: datetime,
) -> DeviceRequest:
    """The device will be asked to finish with these data. Written by `move`."""
    return msgspec.structs.replace(
        pending,
        state=DeviceRequestState.FINISHING,
        started=started,
        entry=entry,
        order=order,
        process_type=process_type,
        process_data=process_data,
        held_until=at + HELD,
    )


Move = tuple[DeviceRequest, DeviceRequest]
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


def _moved(before: DeviceRequest, after: DeviceRequest) -> dict[str, Any]:
    assert after.state in MOVES[before.state]
    return {
        "of": after.intent,
        "before": before.state,
        "to": after.state,
        "to_entry": after.entry or None,
        "to_order": _packed(after.order) if after.order else None,
        "to_type": after.process_type or None,
        "to_data": after.process_data or None,
        "to_started": msgspec.json.encode(after.started).decode() if after.started else None,
        "to_outage": after.outage or None,
        "to_held": micros_z(after.held_until) if after.held_until else None,
    }


_END = SIGNING.delete().where(SIGNING.c.intent.in_(bindparam("intents", expanding=True)))


def end(tx: Connection, intents: Collection[str]) -> None:
    """These intentions are concluded."""
    if intents:
        tx.execute(_END, {"intents": list(intents)})


def lease(tx: Connection, pending: DeviceRequest, at: datetime) -> bool:
    """Take over a request that another process was asking; false if a third was faster."""
    assert pending.held_until is not None, "only what is being asked can be taken over"
    taken = tx.execute(
        SIGNING.update()
        .where(
            SIGNING.c.intent == pending.intent,
            SIGNING.c.state == pending.state,
            SIGNING.c.held_until == micros_z(pending.held_until),
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
) -> dict[str, DeviceRequest]:
    """By intention: those of these intentions, and those that will become these records."""
    if not intents and not entries:
        return {}
    rows = tx.execute(_KNOWN, {"intents": list(intents), "entries": list(entries)})
    return {row.intent: _pending(row) for row in rows}


def of_entry(tx: Connection, entry: str) -> DeviceRequest | None:
    row = tx.execute(select(SIGNING).where(SIGNING.c.entry == entry)).one_or_none()
    return _pending(row) if row else None


def finishing(tx: Connection) -> dict[str, Issue]:
    """The documents that devices are finishing just now, by intention: they are lawful and will
    stand, but no entry says so yet."""
    query = select(SIGNING.c.intent, SIGNING.c.order)
    rows = tx.execute(query.where(SIGNING.c.state == DeviceRequestState.FINISHING))
    orders = {row.intent: _unpacked(row.order) for row in rows}
    return {intent: order for intent, order in orders.items() if isinstance(order, Issue)}


def in_flight(tx: Connection, register: str) -> list[DeviceRequest]:
    """What the register's device is being asked now."""
    rows = tx.execute(
        select(SIGNING).where(SIGNING.c.register == register, SIGNING.c.held_until.is_not(None))
    )
    return [_pending(row) for row in rows]


def open_intents(tx: Connection, register: str, before: datetime | None = None) -> list[str]:
    """The operations that the register's device has begun (before that instant) and nobody
    concludes, oldest first."""
    query = (
        select(SIGNING.c.intent)
        .join(ENTRY, ENTRY.c.id == SIGNING.c.intent)
        .where(SIGNING.c.register == register, SIGNING.c.state == DeviceRequestState.OPEN)
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
    begun = [msgspec.json.decode(text, type=StartedTransaction) for text in rows]
    return frozenset(one.number for one in begun if one.serial == serial)


def intended_at(tx: Connection, intent: str) -> datetime:
    """When the intention was written, before its device was asked for the first time."""
    return instant(tx.execute(select(ENTRY.c.at).where(ENTRY.c.id == intent)).scalar_one())


def is_taken(
    tx: Connection, moves: list[Move], pending: DeviceRequest, device: DeviceAnswer
) -> bool:
    """Whether the transaction that was found for this intention is another one's by now, written
    or among the moves."""
    if device.started is None or not device.is_found:
        return False
    move(tx, moves)
    return device.started.number in numbers(tx, pending.register, device.started.serial)


def is_start_lost(tx: Connection, register: str, at: datetime) -> bool:
    """Whether the register's device was asked to start, and nobody waits for its answer."""
    lost = select(SIGNING.c.intent).where(
        SIGNING.c.register == register,
        SIGNING.c.state == DeviceRequestState.STARTING,
        SIGNING.c.held_until <= micros_z(at),
    )
    return tx.scalar(lost.limit(1)) is not None


def overdue(tx: Connection, at: datetime, limit: int) -> list[DeviceRequest]:
    """What was being asked when its process went away, oldest first."""
    rows = tx.execute(
        select(SIGNING)
        .where(SIGNING.c.held_until <= micros_z(at))
        .order_by(SIGNING.c.held_until, SIGNING.c.intent)
        .limit(limit)
    )
    return [_pending(row) for row in rows]


def _pending(row: Any) -> DeviceRequest:
    return DeviceRequest(
        intent=row.intent,
        register=row.register,
        state=DeviceRequestState(row.state),
        entry=row.entry or "",
        order=_unpacked(row.order),
        process_type=row.process_type or "",
        process_data=row.process_data or "",
        started=msgspec.json.decode(row.started, type=StartedTransaction) if row.started else None,
        outage=row.outage or "",
        held_until=instant(row.held_until) if row.held_until else None,
    )
