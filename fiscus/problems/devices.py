"""Signing devices that are out, whose certificates end, or that a register still waits for; and the
ends of registers' own certificates."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from fiscus.devices.pool import DeviceHealth
from fiscus.model.times import instant, micros_z
from fiscus.problems.at_registers import at_register, is_register, registers_with
from fiscus.problems.rows import (
    AHEAD,
    ROWS_MAX,
    ProblemKind,
    ProblemRow,
    ProblemScope,
    ProblemWeight,
)
from fiscus.registry import devices
from fiscus.registry.devices import DeviceState
from fiscus.registry.views import LifecycleState
from fiscus.services import Services
from fiscus.store.schema import CHAIN, DEVICE, ENTRY, FITTING, REGISTER, REGISTER_KEY

_STOPS, _WARNS = ProblemWeight.STOPS, ProblemWeight.WARNS


def devices_down(services: Services) -> Iterator[ProblemRow]:
    """Signing devices that are out, as this process knows them: sales go on without a signature
    where the law allows it, and an operator must mend the device."""
    for one in services.issuing.devices.standings():
        if one.down_since is not None:
            yield ProblemRow(
                kind=ProblemKind.DEVICE_OUT, id=one.device, since=one.down_since, words=one.reason
            )


def outages(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Registers whose journal tells of an outage that has not ended, and those whose device is out
    and that nothing was sold at since. An outage ends with the first sale after it."""
    down = {
        one.device: one
        for one in scope.services.issuing.devices.standings()
        if one.down_since is not None
    }
    told: set[str] = set()
    for row in scope.tx.execute(_in_outage(scope)).all():
        told.add(row.id)
        yield _outage(row, down)
    for row in scope.tx.execute(_fitted(scope, down)).all() if down else ():
        if row.id not in told:
            yield _outage(row, down)


def _in_outage(scope: ProblemScope) -> Any:
    present = (FITTING.c.register == REGISTER.c.id) & (FITTING.c.state == DeviceState.FITTED)
    return (
        registers_with(scope, ENTRY.c.at, FITTING.c.device)
        .join(CHAIN, CHAIN.c.id == REGISTER.c.id)
        .join(ENTRY, ENTRY.c.id == CHAIN.c.outage)
        .join(FITTING, present, isouter=True)
        .where(CHAIN.c.outage != "", REGISTER.c.state == LifecycleState.COMMISSIONED)
        .order_by(ENTRY.c.at, REGISTER.c.id)
        .limit(ROWS_MAX)
    )


def _fitted(scope: ProblemScope, down: Mapping[str, DeviceHealth]) -> Any:
    """The registers for which devices sign that are out."""
    return (
        registers_with(scope, FITTING.c.device, FITTING.c.fitted_at.label("at"))
        .join(FITTING, FITTING.c.register == REGISTER.c.id)
        .where(FITTING.c.state == DeviceState.FITTED, FITTING.c.device.in_(sorted(down)[:ROWS_MAX]))
        .order_by(REGISTER.c.id)
    )


def _outage(row: Any, down: Mapping[str, DeviceHealth]) -> ProblemRow:
    known = down.get(row.device or "")
    return at_register(
        row,
        ProblemKind.DEVICE_OUT if known else ProblemKind.OUTAGE,
        ProblemWeight.HARMS if known else _WARNS,
        id_=row.device or "",
        since=known.down_since if known else instant(row.at),
        words=known.reason if known else "",
    )


def device_ends(scope: ProblemScope) -> Iterator[ProblemRow]:
    """The end of the certificate of each device that signs now, if it is near. Over all, the rows
    name nothing."""
    if scope.is_whole:
        for end in devices.ends(scope.tx, scope.at + AHEAD):
            yield ProblemRow(kind=ProblemKind.DEVICE_ENDS, weight=_WARNS, due=end)
        return
    query = (
        registers_with(scope, DEVICE.c.usable_until)
        .join(FITTING, FITTING.c.register == REGISTER.c.id)
        .join(DEVICE, DEVICE.c.id == FITTING.c.device)
        .where(
            FITTING.c.state == DeviceState.FITTED,
            DEVICE.c.usable_until <= micros_z(scope.at + AHEAD),
        )
        .order_by(DEVICE.c.usable_until, REGISTER.c.id)
        .limit(ROWS_MAX)
    )
    for row in scope.tx.execute(query).all():
        end = instant(row.usable_until)
        weight = _STOPS if end <= scope.at else _WARNS
        yield at_register(row, ProblemKind.DEVICE_ENDS, weight, due=end)


_IN_SERVICE = REGISTER.c.state == LifecycleState.COMMISSIONED


def certificate_ends(scope: ProblemScope) -> Iterator[ProblemRow]:
    """The end of the certificate of each register's journal key, if it is near. Over all it is one
    row, for the first."""
    if scope.is_whole:
        first = first_expiry(scope.tx)
        if first is not None and first - scope.at <= AHEAD:
            yield ProblemRow(kind=ProblemKind.CERTIFICATE_ENDS, weight=_WARNS, due=first)
        return
    query = (
        registers_with(scope, REGISTER_KEY.c.expires_at)
        .join(REGISTER_KEY, REGISTER_KEY.c.register == REGISTER.c.id)
        .where(_IN_SERVICE, REGISTER_KEY.c.expires_at <= micros_z(scope.at + AHEAD), is_register())
        .order_by(REGISTER_KEY.c.expires_at, REGISTER.c.id)
        .limit(ROWS_MAX)
    )
    for row in scope.tx.execute(query).all():
        due = instant(row.expires_at)
        yield at_register(row, ProblemKind.CERTIFICATE_ENDS, _WARNS, due=due)


def first_expiry(tx: Connection) -> Any:
    """When the first journal certificate of a register in service expires (an instant, or None)."""
    first: str | None = tx.scalar(
        select(func.min(REGISTER_KEY.c.expires_at))
        .join(REGISTER, REGISTER.c.id == REGISTER_KEY.c.register)
        .where(_IN_SERVICE)
    )
    return instant(first) if first else None


def devices_coming(scope: ProblemScope) -> Iterator[ProblemRow]:
    """Registers that wait for a device, or whose device could not be made."""
    query = (
        registers_with(scope, FITTING.c.state, FITTING.c.error, DEVICE.c.created_at)
        .join(FITTING, FITTING.c.register == REGISTER.c.id)
        .join(DEVICE, DEVICE.c.id == FITTING.c.device)
        .where(FITTING.c.state.in_([DeviceState.PENDING, DeviceState.FAILED]))
        .order_by(DEVICE.c.created_at, REGISTER.c.id)
        .limit(ROWS_MAX)
    )
    for row in scope.tx.execute(query).all():
        has_failed = row.state == DeviceState.FAILED
        yield at_register(
            row,
            ProblemKind.DEVICE_FAILED if has_failed else ProblemKind.DEVICE_COMING,
            _STOPS if has_failed else _WARNS,
            since=instant(row.created_at),
            words=row.error or "",
        )
