"""Cash sessions: from the float in the drawer to the counted end, one at a time per register."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.times import instant, micros_z
from fiscus.store.insert import insert_once
from fiscus.store.schema import REGISTER, SESSION

UNKNOWN_SESSION = Code("REGISTRY-SESSION-01", "no cash session with this id is visible to you")
IN_PROGRESS = Code("REGISTRY-SESSION-02", "this system has a cash session in progress already")
MOVED_ON = Code("REGISTRY-SESSION-03", "the cash session is not in a state that allows this")


class SessionState(StrEnum):
    """Counting freezes a session; closing seals it."""

    OPEN = "open"
    COUNTED = "counted"
    CLOSED = "closed"


MOVES: dict[SessionState, frozenset[SessionState]] = {
    SessionState.OPEN: frozenset({SessionState.COUNTED, SessionState.CLOSED}),
    SessionState.COUNTED: frozenset({SessionState.CLOSED}),
    SessionState.CLOSED: frozenset(),
}


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """`opening` is the float, `variance` what was counted minus what was expected (None: not
    counted), both in `currency`. `opened_by`, `counted_by` and `closed_by` are intentions."""

    id: str
    register: str
    organization: str
    state: SessionState
    currency: str
    opening: Decimal
    opened_at: datetime
    opened_by: str
    variance: Decimal | None = None
    counted_at: datetime | None = None
    counted_by: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""


def open_(
    tx: Connection,
    *,
    id_: str,
    register: str,
    organization: str,
    currency: str,
    opening: Decimal,
    intent: str,
    at: datetime,
) -> Session:
    """Begin a session. Raises `Conflict` while another one of the register is in progress."""
    row = {
        "id": id_,
        "register": register,
        "organization": organization,
        "state": SessionState.OPEN,
        "currency": currency,
        "opening": format(opening, "f"),
        "opened_at": micros_z(at),
        "opened_by": intent,
    }
    begun = tx.execute(insert_once(tx, SESSION).returning(SESSION.c.id), row)
    if begun.one_or_none() is None:
        raise Conflict(IN_PROGRESS)
    return Session(
        id=id_,
        register=register,
        organization=organization,
        state=SessionState.OPEN,
        currency=currency,
        opening=opening,
        opened_at=at,
        opened_by=intent,
    )


def count(tx: Connection, id_: str, variance: Decimal, intent: str, at: datetime) -> None:
    """Freeze it: the drawer was counted. Raises `Conflict` unless it is open."""
    counted = {
        "variance": format(variance, "f"),
        "counted_at": micros_z(at),
        "counted_by": intent,
    }
    _move(tx, id_, SessionState.COUNTED, counted)


def close(tx: Connection, id_: str, intent: str, at: datetime) -> None:
    """End it, counted or not. Raises `Conflict` if it is closed."""
    _move(tx, id_, SessionState.CLOSED, {"closed_at": micros_z(at), "closed_by": intent})


def _move(tx: Connection, id_: str, to: SessionState, values: dict[str, str]) -> None:
    before = [state for state, after in MOVES.items() if to in after]
    moved = tx.execute(
        SESSION.update()
        .where(SESSION.c.id == id_, SESSION.c.state.in_(before))
        .values(state=to, **values)
    )
    if moved.rowcount != 1:
        raise Conflict(MOVED_ON)


def current(tx: Connection, register: str) -> Session | None:
    """The register's session in progress, open or counted."""
    return currents(tx, [register]).get(register)


def currents(tx: Connection, registers: Collection[str]) -> dict[str, Session]:
    """The sessions in progress, by register."""
    if not registers:
        return {}
    rows = tx.execute(
        select(SESSION).where(
            SESSION.c.register.in_(list(registers)), SESSION.c.state != SessionState.CLOSED
        )
    )
    return {row.register: _session(row) for row in rows}


def read(tx: Connection, organization: str, id_: str) -> Session:
    """The session of that organization. Raises `Missing`."""
    row = tx.execute(
        select(SESSION).where(SESSION.c.id == id_, SESSION.c.organization == organization)
    ).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_SESSION)
    return _session(row)


def of(
    tx: Connection,
    organization: str,
    *,
    location: str | None = None,
    register: str | None = None,
    state: SessionState | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    after: str,
    limit: int,
    only: Collection[str] = (),
) -> list[Session]:
    """Up to `limit` sessions in the order of their ids, after the id `after`; `start` and `end`
    bound the time of opening, both included. `only`: those of these registers, none: all."""
    query = select(SESSION).where(SESSION.c.organization == organization, SESSION.c.id > after)
    if location is not None:
        there = select(REGISTER.c.id).where(REGISTER.c.location == location)
        query = query.where(SESSION.c.register.in_(there))
    if register is not None:
        query = query.where(SESSION.c.register == register)
    if only:
        query = query.where(SESSION.c.register.in_(list(only)))
    if state is not None:
        query = query.where(SESSION.c.state == state)
    if start is not None:
        query = query.where(SESSION.c.opened_at >= micros_z(start))
    if end is not None:
        query = query.where(SESSION.c.opened_at <= micros_z(end))
    return [_session(row) for row in tx.execute(query.order_by(SESSION.c.id).limit(limit))]


def _session(row: Any) -> Session:
    return Session(
        id=row.id,
        register=row.register,
        organization=row.organization,
        state=SessionState(row.state),
        currency=row.currency,
        opening=Decimal(row.opening),
        opened_at=instant(row.opened_at),
        opened_by=row.opened_by,
        variance=Decimal(row.variance) if row.variance is not None else None,
        counted_at=instant(row.counted_at) if row.counted_at else None,
        counted_by=row.counted_by or "",
        closed_at=instant(row.closed_at) if row.closed_at else None,
        closed_by=row.closed_by or "",
    )
