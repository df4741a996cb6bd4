"""Signing devices, and which of them sign for which register, one after the other."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, Row, select

from fiscus.model.devices import DeviceInfo
from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.kinds import StatementKind
from fiscus.model.times import instant, micros_z
from fiscus.registry import stating
from fiscus.registry.vault import Vault
from fiscus.registry.versions import as_json
from fiscus.store.schema import DEVICE, FITTING, REGISTER

UNKNOWN_DEVICE = Code("REGISTRY-DEVICE-01", "no device with this id is visible to you")
MOVED_ON = Code("REGISTRY-DEVICE-02", "the device of this register has moved on meanwhile")
NOT_MADE = Code("REGISTRY-DEVICE-03", "this device has not been made yet")
NOTHING_FITTED = Code(
    "REGISTRY-DEVICE-04", "this register has no device that could be exchanged: fiscalize it first"
)

_ERROR_MAX = 500


class DeviceState(StrEnum):
    """Of a register's device: asked for, ready to sign, could not be made, no longer its."""

    PENDING = "pending"
    FITTED = "fitted"
    FAILED = "failed"
    RELEASED = "released"


MOVES: dict[DeviceState, frozenset[DeviceState]] = {
    DeviceState.PENDING: frozenset({DeviceState.FITTED, DeviceState.FAILED, DeviceState.RELEASED}),
    DeviceState.FITTED: frozenset({DeviceState.RELEASED}),
    DeviceState.FAILED: frozenset({DeviceState.PENDING, DeviceState.RELEASED}),
    # A register whose device was taken out gets another one, never the same again.
    DeviceState.RELEASED: frozenset(),
}

COMING = frozenset({DeviceState.PENDING, DeviceState.FAILED})
"""A device that is to sign for the register, and does not yet."""


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
    """A device of a register, and as which `client` the device knows it.

    `reason`: why it takes the place of the one before (empty: nobody said, or it is the first).
    `error`: why it could not be fitted, or could not be told of its release. `told_at`: when it let
    the register go; instants are UTC.
    """

    register: str
    organization: str
    device: str
    kind: str
    family: str
    client: str
    state: DeviceState
    is_made: bool
    info: DeviceInfo | None
    reason: str
    error: str
    asked_at: datetime
    fitted_at: datetime | None
    released_at: datetime | None
    told_at: datetime | None


class WantedDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device for a register. `id` is for a new one, should one be needed. `is_exchange`: it
    takes the place of the one that signs now, for this `reason`. `by` is who asked for it."""

    id: str
    register: str
    organization: str
    kind: str
    family: str
    client: str
    is_exchange: bool = False
    reason: str = ""
    by: str = stating.SERVICE


_VIEWS = (
    select(
        FITTING,
        DEVICE.c.kind,
        DEVICE.c.family,
        DEVICE.c.info,
        DEVICE.c.created_at,
        DEVICE.c.secret.is_not(None).label("made"),
    )
    .join(DEVICE, DEVICE.c.id == FITTING.c.device)
    .order_by(DEVICE.c.created_at, DEVICE.c.id)
)


def lock(tx: Connection, register: str) -> None:
    """Nobody else changes the register's devices until the transaction ends.

    Not its key: who writes the journal of the register holds that, and must not be waited for.
    """
    mine = select(REGISTER.c.id).where(REGISTER.c.id == register)
    tx.execute(mine.with_for_update(key_share=True))


def want(tx: Connection, wanted: WantedDevice, at: datetime) -> FittingView:
    """A device row, pending for its register, unless the register has what is wanted already.

    After a failure the device that was made is tried again, if it is of the kind that is wanted;
    otherwise the register gets a new one. Raises `Conflict` if there is nothing to exchange.
    """
    lock(tx, wanted.register)
    views = of_one(tx, wanted.register)
    present = next((view for view in views if view.state is DeviceState.FITTED), None)
    if wanted.is_exchange and present is None:
        raise Conflict(NOTHING_FITTED)
    if present is not None and not wanted.is_exchange:
        return present
    coming = next((view for view in views if view.state in COMING), None)
    if coming is not None and coming.state is DeviceState.PENDING:
        return coming
    if coming is not None and coming.is_made and coming.kind == wanted.kind:
        _move(
            tx,
            coming.device,
            DeviceState.PENDING,
            by=wanted.by,
            error=None,
            reason=wanted.reason or coming.reason,
        )
        return read_fitting(tx, coming.device)
    if coming is not None:
        _drop(tx, coming, at, wanted.by)
    return _insert(tx, wanted, at)


def _drop(tx: Connection, failed: FittingView, at: datetime, by: str) -> None:
    """A device that is of no use. One that was never made leaves no trace."""
    if failed.is_made:
        _move(tx, failed.device, DeviceState.RELEASED, by=by, released_at=micros_z(at))
        return
    tx.execute(FITTING.delete().where(FITTING.c.device == failed.device))
    tx.execute(DEVICE.delete().where(DEVICE.c.id == failed.device))
    where = failed.organization
    stating.state(tx, StatementKind.FITTING, FITTING, failed.device, organization=where, by=by)
    stating.state(tx, StatementKind.DEVICE, DEVICE, failed.device, organization=where, by=by)


def _insert(tx: Connection, wanted: WantedDevice, at: datetime) -> FittingView:
    tx.execute(
        DEVICE.insert().values(
            id=wanted.id,
            organization=wanted.organization,
            kind=wanted.kind,
            family=wanted.family,
            created_at=micros_z(at),
        )
    )
    tx.execute(
        FITTING.insert().values(
            register=wanted.register,
            organization=wanted.organization,
            device=wanted.id,
            client=wanted.client,
            state=DeviceState.PENDING,
            reason=wanted.reason or None,
        )
    )
    _state_device(tx, wanted.id, wanted.by)
    _state_fitting(tx, wanted.id, wanted.by)
    return read_fitting(tx, wanted.id)


def _state_device(tx: Connection, device: str, by: str = stating.SERVICE) -> None:
    stating.state(tx, StatementKind.DEVICE, DEVICE, device, by=by)


def _state_fitting(tx: Connection, device: str, by: str = stating.SERVICE) -> None:
    stating.state(tx, StatementKind.FITTING, FITTING, device, by=by)


def keep(tx: Connection, vault: Vault, device: str, secret: bytes) -> None:
    """The secret of a device that was made. Raises `Conflict` if there is one already."""
    found = _device(tx, device)
    generation = found.generation + 1
    closed = vault.close(tx, found.organization, device, secret, generation)
    kept = tx.execute(
        DEVICE.update()
        .where(DEVICE.c.id == device, DEVICE.c.secret.is_(None))
        .values(secret=closed, generation=generation)
    )
    if kept.rowcount != 1:
        raise Conflict(MOVED_ON)
    _state_device(tx, device)


def scrap(tx: Connection, device: str) -> None:
    """Forget how to open a device that must never sign; the next attempt makes another one."""
    tx.execute(DEVICE.update().where(DEVICE.c.id == device).values(secret=None))
    _state_device(tx, device)


def fitted(tx: Connection, device: str, info: DeviceInfo, at: datetime) -> FittingView | None:
    """The device knows its client and signs from now on; gives the one whose place it takes."""
    register = read_fitting(tx, device).register
    lock(tx, register)
    before = present(tx, register)
    if before is not None:
        _move(tx, before.device, DeviceState.RELEASED, released_at=micros_z(at))
    _move(tx, device, DeviceState.FITTED, fitted_at=micros_z(at), error=None)
    until = micros_z(info.usable_until) if info.usable_until else None
    tx.execute(
        DEVICE.update().where(DEVICE.c.id == device).values(info=as_json(info), usable_until=until)
    )
    _state_device(tx, device)
    return before


def failed(tx: Connection, device: str, error: str) -> None:
    _move(tx, device, DeviceState.FAILED, error=error[:_ERROR_MAX])


def release(
    tx: Connection, register: str, at: datetime, by: str = stating.SERVICE
) -> list[FittingView]:
    """No device signs for the register any more. Gives those that must be told so: they know it as
    their client, or may; those that an earlier attempt could not tell among them."""
    lock(tx, register)
    views = of_one(tx, register)
    for view in views:
        if view.state is not DeviceState.RELEASED:
            _move(tx, view.device, DeviceState.RELEASED, by=by, released_at=micros_z(at))
    return [
        view
        for view in views
        if view.is_made and (view.state is not DeviceState.RELEASED or view.error)
    ]


def told(tx: Connection, device: str, at: datetime) -> None:
    """The device knows the register no more."""
    values = {"told_at": micros_z(at), "error": None}
    tx.execute(FITTING.update().where(FITTING.c.device == device).values(values))
    _state_fitting(tx, device)


def not_told(tx: Connection, device: str, error: str) -> None:
    """Why the device could not be told; it is left alone if that stays so."""
    tx.execute(FITTING.update().where(FITTING.c.device == device).values(error=error[:_ERROR_MAX]))
    _state_fitting(tx, device)


def _move(
    tx: Connection,
    device: str,
    to: DeviceState,
    *,
    by: str = stating.SERVICE,
    **values: object,
) -> None:
    """Raises `Conflict` if the device is not in a state that leads there."""
    sources = [state for state, reachable in MOVES.items() if to in reachable]
    moved = tx.execute(
        FITTING.update()
        .where(FITTING.c.device == device, FITTING.c.state.in_(sources))
        .values(state=to, **values)
    )
    if moved.rowcount != 1:
        raise Conflict(MOVED_ON)
    _state_fitting(tx, device, by)


def of_one(tx: Connection, register: str) -> list[FittingView]:
    """All devices of a register, in the order in which they were asked for."""
    return [_fitting(row) for row in tx.execute(_VIEWS.where(FITTING.c.register == register))]


def present(tx: Connection, register: str) -> FittingView | None:
    """The device that signs for the register now."""
    here = _VIEWS.where(FITTING.c.register == register, FITTING.c.state == DeviceState.FITTED)
    row = tx.execute(here).one_or_none()
    return None if row is None else _fitting(row)


def foremost(views: Sequence[FittingView]) -> FittingView | None:
    """What to show of a register's devices: the one that signs; else the one that is to sign; else
    the last that did."""
    if not views:
        return None
    rank = {
        DeviceState.FITTED: 2,
        DeviceState.PENDING: 1,
        DeviceState.FAILED: 1,
        DeviceState.RELEASED: 0,
    }
    place = max(
        range(len(views)),
        key=lambda at: (rank[views[at].state], views[at].fitted_at is not None, at),
    )
    return views[place]


def of_register(tx: Connection, register: str) -> FittingView | None:
    """The register's foremost device; None if it was never to have one."""
    return foremost(of_one(tx, register))


def read_fitting(tx: Connection, device: str) -> FittingView:
    """Raises `Missing` if there is no such device."""
    row = tx.execute(_VIEWS.where(FITTING.c.device == device)).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_DEVICE)
    return _fitting(row)


def signs(tx: Connection, device: str) -> bool:
    """Whether it is the present device of any register."""
    here = select(FITTING.c.device).where(
        FITTING.c.device == device, FITTING.c.state == DeviceState.FITTED
    )
    return tx.scalar(here) is not None


_ENDS = (
    select(DEVICE.c.usable_until)
    .join(FITTING, FITTING.c.device == DEVICE.c.id)
    .where(FITTING.c.state == DeviceState.FITTED, DEVICE.c.usable_until.is_not(None))
)


def ends(tx: Connection, by: datetime) -> list[datetime]:
    """When certificates of devices that sign now end, as far as they end by an instant."""
    soon = _ENDS.where(DEVICE.c.usable_until <= micros_z(by))
    return [instant(text) for text in tx.scalars(soon)]


def first_end(tx: Connection) -> datetime | None:
    """When the first of all certificates of devices that sign now ends."""
    return _instant(tx.scalar(_ENDS.order_by(DEVICE.c.usable_until).limit(1)))


def read(tx: Connection, vault: Vault, device: str) -> tuple[str, bytes]:
    """Kind and secret: all it takes to open a device. Raises `Missing`, `Conflict`."""
    row = _device(tx, device)
    if row.secret is None:
        raise Conflict(NOT_MADE)
    return row.kind, vault.open(tx, row.organization, device, row.secret, row.generation)


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
            id=row.id,
            organization=row.organization,
            kind=row.kind,
            family=row.family,
            is_made=row.secret is not None,
            info=_info(row.info),
            created_at=instant(row.created_at),
        )
        for row in rows
    ]


def _device(tx: Connection, device: str) -> Row[tuple[object, ...]]:
    row = tx.execute(select(DEVICE).where(DEVICE.c.id == device)).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_DEVICE)
    return row


def _fitting(row: Row[tuple[object, ...]]) -> FittingView:
    return FittingView(
        register=row.register,
        organization=row.organization,
        device=row.device,
        kind=row.kind,
        family=row.family,
        client=row.client,
        state=DeviceState(row.state),
        is_made=row.made,
        info=_info(row.info),
        reason=row.reason or "",
        error=row.error or "",
        asked_at=instant(row.created_at),
        fitted_at=_instant(row.fitted_at),
        released_at=_instant(row.released_at),
        told_at=_instant(row.told_at),
    )


def _instant(text: str | None) -> datetime | None:
    return instant(text) if text else None


def _info(text: str | None) -> DeviceInfo | None:
    return None if text is None else msgspec.json.decode(text, type=DeviceInfo)
