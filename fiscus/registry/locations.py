"""Locations, where a taxpayer sells: branches, and the head office that comes with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from fiscus.model.faults import Code, Conflict, Missing, Refused
from fiscus.model.kinds import StatementKind
from fiscus.model.places import Location, Taxpayer
from fiscus.model.times import instant, micros_z
from fiscus.registry import lifecycle, stating, versions
from fiscus.registry.versions import as_json
from fiscus.registry.views import LifecycleState, LocationView, OperatingMode, Standing
from fiscus.store.schema import LOCATION, REGISTER, TAXPAYER

UNKNOWN_LOCATION = Code("REGISTRY-LOCATION-01", "no location with this id is visible to you")
FOLLOWS = Code("REGISTRY-LOCATION-02", "the head office follows its taxpayer: change the taxpayer")
PARENT_IDLE = Code("REGISTRY-PARENT-01", "commission what stands above it first")
IN_SERVICE = Code(
    "REGISTRY-EDIT-02", "suspend it first: data cannot be changed while it is operative"
)
HAS_REGISTERS = Code("REGISTRY-CHILD-02", "decommission its systems first")


_VIEWS = select(LOCATION, TAXPAYER.c.regime).join(TAXPAYER, TAXPAYER.c.id == LOCATION.c.taxpayer)


class LocationChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants changed; None leaves as it is."""

    state: LifecycleState | None = None
    mode: OperatingMode | None = None
    content: Location | None = None
    details: Mapping[str, Any] | None = None
    metadata: Mapping[str, str] | None = None


def create(
    tx: Connection,
    *,
    location: Location,
    taxpayer: Taxpayer,
    is_head_office: bool,
    details: Mapping[str, Any],
    metadata: Mapping[str, str],
    subject: str,
    at: datetime,
) -> LocationView:
    row = {
        "id": location.id,
        "version": location.version,
        "organization": taxpayer.organization,
        "taxpayer": taxpayer.id,
        "is_head_office": int(is_head_office),
        "state": LifecycleState.ACQUIRED,
        "mode": OperatingMode.INACTIVE,
        "content": as_json(location),
        "details": as_json(details),
        "metadata": as_json(metadata),
        "created_at": micros_z(at),
        "updated_at": micros_z(at),
    }
    tx.execute(LOCATION.insert().values(row))
    stating.state(tx, StatementKind.LOCATION, LOCATION, str(row["id"]), by=subject)
    return read(tx, taxpayer.organization, location.id)


def read(tx: Connection, organization: str, id_: str) -> LocationView:
    row = tx.execute(
        _VIEWS.where(LOCATION.c.id == id_, LOCATION.c.organization == organization)
    ).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_LOCATION)
    return _view(row)


def of(
    tx: Connection, organization: str, *, taxpayer: str | None, after: str, limit: int
) -> list[LocationView]:
    query = _VIEWS.where(LOCATION.c.organization == organization, LOCATION.c.id > after)
    if taxpayer is not None:
        query = query.where(LOCATION.c.taxpayer == taxpayer)
    return [_view(row) for row in tx.execute(query.order_by(LOCATION.c.id).limit(limit))]


def update(
    tx: Connection,
    organization: str,
    now: LocationView,
    change: LocationChange,
    *,
    subject: str,
    at: datetime,
) -> LocationView:
    """Move and edit a branch in one step. Raises `Refused` or `Conflict`."""
    if now.is_head_office and (change.state or change.mode or change.content):
        if (change.state or now.state, change.mode or now.mode) == (now.state, now.mode):
            change = LocationChange(metadata=change.metadata)
        else:
            raise Conflict(FOLLOWS)
    state, mode = lifecycle.moved((now.state, now.mode), change.state, change.mode)
    if change.content is not None and now.mode == OperatingMode.OPERATIVE:
        raise Conflict(IN_SERVICE)
    if change.content is not None and now.state == LifecycleState.DECOMMISSIONED:
        raise Refused(lifecycle.FORBIDDEN)
    if state != now.state:
        _may_move(tx, now, state)
    _write(tx, now, (state, mode), change, subject=subject, at=at)
    return read(tx, organization, now.location.id)


def _may_move(tx: Connection, now: LocationView, state: LifecycleState) -> None:
    if state == LifecycleState.DECOMMISSIONED:
        has_no_registers(tx, now.location.id)
        return
    above = tx.scalar(select(TAXPAYER.c.state).where(TAXPAYER.c.id == now.taxpayer))
    if above != LifecycleState.COMMISSIONED:
        raise Conflict(PARENT_IDLE)


def has_no_registers(tx: Connection, location: str) -> None:
    living = select(REGISTER.c.id).where(
        REGISTER.c.location == location,
        REGISTER.c.state == LifecycleState.COMMISSIONED,
        # The journal of online sales at the head office comes and goes with its taxpayer.
        REGISTER.c.id != REGISTER.c.taxpayer,
    )
    if tx.scalar(living.limit(1)):
        raise Conflict(HAS_REGISTERS)


def follow(tx: Connection, taxpayer: Taxpayer, to: Standing, *, subject: str, at: datetime) -> None:
    """The head office takes its taxpayer's standing, name and address."""
    now = read(tx, taxpayer.organization, taxpayer.id)
    office = msgspec.structs.replace(
        now.location, name=taxpayer.trade_name or taxpayer.legal_name, address=taxpayer.address
    )
    _write(tx, now, to, LocationChange(content=office), subject=subject, at=at)


def _write(
    tx: Connection,
    now: LocationView,
    to: Standing,
    change: LocationChange,
    *,
    subject: str,
    at: datetime,
) -> None:
    content = change.content or now.location
    content = msgspec.structs.replace(content, version=now.location.version + 1)
    row = {
        "id": content.id,
        "version": content.version,
        "state": to[0],
        "mode": to[1],
        "content": as_json(content),
        "updated_at": micros_z(at),
        "details": as_json(now.details if change.details is None else change.details),
        "metadata": as_json(now.metadata if change.metadata is None else change.metadata),
    }
    versions.replace(tx, LOCATION, content.id, now.location.version, LOCATION.update().values(row))
    stating.state(tx, StatementKind.LOCATION, LOCATION, str(row["id"]), by=subject)


def _view(row: Row[tuple[object, ...]]) -> LocationView:
    return LocationView(
        location=msgspec.json.decode(row.content, type=Location),
        taxpayer=row.taxpayer,
        regime=row.regime,
        is_head_office=bool(row.is_head_office),
        state=LifecycleState(row.state),
        mode=OperatingMode(row.mode),
        details=msgspec.json.decode(row.details),
        metadata=msgspec.json.decode(row.metadata),
        created_at=instant(row.created_at),
        updated_at=instant(row.updated_at),
    )
