"""Foreign devices, and which of them is fitted to which register, as which client."""

from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, Row, select

from fiscus.model.devices import DeviceInfo
from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.times import instant, micros_z
from fiscus.registry.vault import Vault
from fiscus.registry.versions import as_json
from fiscus.store.insert import insert_once
from fiscus.store.schema import DEVICE, FITTING

UNKNOWN_DEVICE = Code("REGISTRY-DEVICE-01", "no device with this id is visible to you")
MOVED_ON = Code("REGISTRY-DEVICE-02", "the device of this register has moved on meanwhile")
NOT_MADE = Code("REGISTRY-DEVICE-03", "this device has not been made yet")

_ERROR_MAX = 500


class State(StrEnum):
    """Of a register's device: asked for, ready to sign, could not be made, no longer its."""

    PENDING = "pending"
    FITTED = "fitted"
    FAILED = "failed"
    RELEASED = "released"


MOVES: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.FITTED, State.FAILED, State.RELEASED}),
    State.FITTED: frozenset({State.RELEASED}),
    State.FAILED: frozenset({State.PENDING, State.RELEASED}),
    # A register whose device was taken out may get another one.
    State.RELEASED: frozenset({State.PENDING}),
}


class DeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """`info` is what the device said of itself when it was fitted; None before. `is_made`: there is
    a secret by which it can be opened."""

    id: str
    organization: str
    kind: str
    family: str
    is_made: bool
    info: DeviceInfo | None
    created_at: datetime


class FittingView(msgspec.Struct, frozen=True, kw_only=True):
    """Which device a register has, and as which `client` the device knows it. `error` says why it
    failed, or why the device could not be told of the release."""

    register: str
    organization: str
    device: str
    kind: str
    family: str
    client: str
    state: State
    is_made: bool
    info: DeviceInfo | None
    error: str
    fitted_at: datetime | None
    released_at: datetime | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A device for a register. `id` is for a new one, should one be needed."""

    id: str
    register: str
    organization: str
    kind: str
    family: str
    client: str


_VIEWS = select(
    FITTING,
    DEVICE.c.kind,
    DEVICE.c.family,
    DEVICE.c.info,
    DEVICE.c.secret.is_not(None).label("made"),
).join(DEVICE, DEVICE.c.id == FITTING.c.device)


def want(tx: Connection, wanted: Wanted, at: datetime) -> FittingView:
    """A device row and a pending fitting, unless the register has one already.

    After a failure the device that was made is tried again, if it is of the kind that is wanted;
    otherwise, and after a release, the register gets a new one.
    """
    now = of_register(tx, wanted.register)
    if now is None:
        return _first(tx, wanted, at)
    if State.PENDING not in MOVES[now.state]:
        return now
    device = now.device
    if now.state is State.RELEASED or not now.is_made or now.kind != wanted.kind:
        _insert_device(tx, wanted, at)
        device = wanted.id
    _move(
        tx, wanted.register, State.PENDING, device=device, client=wanted.client,
        error=None, fitted_at=None, released_at=None,
    )  # fmt: skip
    if device != now.device and not now.is_made:
        tx.execute(DEVICE.delete().where(DEVICE.c.id == now.device))
    return read_fitting(tx, wanted.register)


def _first(tx: Connection, wanted: Wanted, at: datetime) -> FittingView:
    """Of two that ask at once one gets its way, and the device of the other is not needed."""
    _insert_device(tx, wanted, at)
    tx.execute(
        insert_once(tx, FITTING),
        {
            "register": wanted.register, "organization": wanted.organization,
            "device": wanted.id, "client": wanted.client, "state": State.PENDING,
        },
    )  # fmt: skip
    found = read_fitting(tx, wanted.register)
    if found.device != wanted.id:
        tx.execute(DEVICE.delete().where(DEVICE.c.id == wanted.id))
    return found


def _insert_device(tx: Connection, wanted: Wanted, at: datetime) -> None:
    tx.execute(
        DEVICE.insert().values(
            id=wanted.id, organization=wanted.organization, kind=wanted.kind,
            family=wanted.family, created_at=micros_z(at),
        )
    )  # fmt: skip


def keep(tx: Connection, vault: Vault, device: str, secret: bytes) -> None:
    """The secret of a device that was made. Raises `Conflict` if there is one already."""
    found = _device(tx, device)
    closed = vault.close(tx, found.organization, device, secret)
    kept = tx.execute(
        DEVICE.update()
        .where(DEVICE.c.id == device, DEVICE.c.secret.is_(None))
        .values(secret=closed)
    )
    if kept.rowcount != 1:
        raise Conflict(MOVED_ON)


def scrap(tx: Connection, device: str) -> None:
    """Forget how to open a device that must never sign; the next attempt makes another one."""
    tx.execute(DEVICE.update().where(DEVICE.c.id == device).values(secret=None))


def fitted(tx: Connection, register: str, info: DeviceInfo, at: datetime) -> None:
    """The device knows its client and signs from now on."""
    _move(tx, register, State.FITTED, fitted_at=micros_z(at), error=None)
    device = read_fitting(tx, register).device
    tx.execute(DEVICE.update().where(DEVICE.c.id == device).values(info=as_json(info)))


def failed(tx: Connection, register: str, error: str) -> None:
    _move(tx, register, State.FAILED, error=error[:_ERROR_MAX])


def release(tx: Connection, register: str, at: datetime, error: str = "") -> None:
    """The device no longer signs for the register; `error` is why it could not be told so."""
    _move(tx, register, State.RELEASED, released_at=micros_z(at), error=error[:_ERROR_MAX] or None)


def _move(tx: Connection, register: str, to: State, **values: object) -> None:
    """Raises `Conflict` if the fitting is not in a state that leads there."""
    sources = [state for state, reachable in MOVES.items() if to in reachable]
    moved = tx.execute(
        FITTING.update()
        .where(FITTING.c.register == register, FITTING.c.state.in_(sources))
        .values(state=to, **values)
    )
    if moved.rowcount != 1:
        raise Conflict(MOVED_ON)


def of_register(tx: Connection, register: str) -> FittingView | None:
    row = tx.execute(_VIEWS.where(FITTING.c.register == register)).one_or_none()
    return None if row is None else _fitting(row)


def read_fitting(tx: Connection, register: str) -> FittingView:
    """Raises `Missing` if the register was never to have a device."""
    found = of_register(tx, register)
    if found is None:
        raise Missing(UNKNOWN_DEVICE)
    return found


def read(tx: Connection, vault: Vault, device: str) -> tuple[str, bytes]:
    """Kind and secret: all it takes to open a device. Raises `Missing`, `Conflict`."""
    row = _device(tx, device)
    if row.secret is None:
        raise Conflict(NOT_MADE)
    return row.kind, vault.open(tx, row.organization, device, row.secret)


def info(tx: Connection, device: str) -> DeviceInfo | None:
    """What the device said of itself when it was fitted; None before."""
    return _info(_device(tx, device).info)


def of(tx: Connection, organization: str, *, after: str = "", limit: int) -> list[DeviceView]:
    """The organization's devices, also those released, in the order of their ids."""
    rows = tx.execute(
        select(DEVICE)
        .where(DEVICE.c.organization == organization, DEVICE.c.id > after)
        .order_by(DEVICE.c.id)
        .limit(limit)
    )
    return [
        DeviceView(
            id=row.id, organization=row.organization, kind=row.kind, family=row.family,
            is_made=row.secret is not None, info=_info(row.info),
            created_at=instant(row.created_at),
        )
        for row in rows
    ]  # fmt: skip


def _device(tx: Connection, device: str) -> Row[tuple[object, ...]]:
    row = tx.execute(select(DEVICE).where(DEVICE.c.id == device)).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_DEVICE)
    return row


def _fitting(row: Row[tuple[object, ...]]) -> FittingView:
    return FittingView(
        register=row.register, organization=row.organization, device=row.device,
        kind=row.kind, family=row.family, client=row.client, state=State(row.state),
        is_made=row.made, info=_info(row.info), error=row.error or "",
        fitted_at=instant(row.fitted_at) if row.fitted_at else None,
        released_at=instant(row.released_at) if row.released_at else None,
    )  # fmt: skip


def _info(text: str | None) -> DeviceInfo | None:
    return None if text is None else msgspec.json.decode(text, type=DeviceInfo)
