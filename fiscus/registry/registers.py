"""Registers, which issue documents: each has a journal chain and a journal key of its own."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from fiscus.model.faults import Code, Conflict, Missing, Refused
from fiscus.model.kinds import StatementKind
from fiscus.model.places import Location, NumberCheck, Register
from fiscus.model.times import instant, micros_z
from fiscus.registry import chains, lifecycle, locations, signers, stating, versions
from fiscus.registry.vault import Vault
from fiscus.registry.versions import as_json
from fiscus.registry.views import (
    LifecycleState,
    LocationView,
    OperatingMode,
    RegisterCertificate,
    RegisterView,
    TaxpayerView,
)
from fiscus.signers import SignerKind
from fiscus.store.schema import LOCATION, REGISTER, REGISTER_KEY, TAXPAYER

UNKNOWN_REGISTER = Code("REGISTRY-REGISTER-01", "no system with this id is visible to you")
IN_SERVICE = Code(
    "REGISTRY-EDIT-03", "suspend it first: data cannot be changed while it is operative"
)
MOVED = Code("REGISTRY-REGISTER-02", "a system that has been in service stays at its location")

_VIEWS = (
    select(
        REGISTER,
        REGISTER_KEY.c.serial,
        REGISTER_KEY.c.expires_at,
        REGISTER_KEY.c.certificate_pem,
        TAXPAYER.c.regime,
        LOCATION.c.content.label("location_content"),
    )
    .join(REGISTER_KEY, REGISTER_KEY.c.register == REGISTER.c.id)
    .join(TAXPAYER, TAXPAYER.c.id == REGISTER.c.taxpayer)
    .join(LOCATION, LOCATION.c.id == REGISTER.c.location)
)

_IS_ONE = REGISTER.c.id != REGISTER.c.taxpayer
"""What has its taxpayer's id is the journal of online sales."""


class RegisterChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants changed; None leaves as it is. `numbers` may change in service, and does
    not with the content."""

    state: LifecycleState | None = None
    mode: OperatingMode | None = None
    content: Register | None = None
    location: str | None = None
    details: Mapping[str, Any] | None = None
    metadata: Mapping[str, str] | None = None
    numbers: NumberCheck | None = None


def create(
    tx: Connection,
    vault: Vault,
    kind: SignerKind,
    *,
    register: Register,
    location: LocationView,
    organization: str,
    details: Mapping[str, Any],
    metadata: Mapping[str, str],
    subject: str,
    at: datetime,
) -> RegisterView:
    """A new register with its own ECDSA P-256 journal key and an empty chain."""
    row = {
        "id": register.id,
        "version": register.version,
        "organization": organization,
        "taxpayer": location.taxpayer,
        "location": location.location.id,
        "state": LifecycleState.ACQUIRED,
        "mode": OperatingMode.INACTIVE,
        "content": as_json(register),
        "details": as_json(details),
        "metadata": as_json(metadata),
        "created_at": micros_z(at),
        "updated_at": micros_z(at),
    }
    tx.execute(REGISTER.insert().values(row))
    stating.state(tx, StatementKind.REGISTER, REGISTER, str(row["id"]), by=subject)
    chains.open_chain(tx, register.id, "register", organization)
    signers.make_register_key(
        tx, vault, kind, register=register.id, organization=organization, by=subject, at=at
    )
    return by_id(tx, register.id)


def open_online(
    tx: Connection,
    vault: Vault,
    kind: SignerKind,
    *,
    owner: TaxpayerView,
    subject: str,
    at: datetime,
) -> None:
    """A journal for what a taxpayer sells online, in service at once; nothing if there is one.

    It stands at the head office and has its id, the taxpayer's. It is no register: nobody is
    shown it, and nothing else is issued there. Raises `Conflict` if the taxpayer is not in
    service.
    """
    taxpayer = owner.taxpayer
    if has_online(tx, taxpayer.id):
        return
    office = locations.read(tx, taxpayer.organization, taxpayer.id)
    journal = Register(id=taxpayer.id, version=1, name="Online")
    made = create(
        tx,
        vault,
        kind,
        register=journal,
        location=office,
        organization=taxpayer.organization,
        details={},
        metadata={},
        subject=subject,
        at=at,
    )
    change = RegisterChange(state=LifecycleState.COMMISSIONED)
    update(tx, taxpayer.organization, made, change, subject=subject, at=at)


def has_online(tx: Connection, taxpayer: str) -> bool:
    return tx.scalar(select(REGISTER.c.id).where(REGISTER.c.id == taxpayer)) is not None


def read(tx: Connection, organization: str, id_: str) -> RegisterView:
    """The register of that organization. Raises `Missing`."""
    row = tx.execute(
        _VIEWS.where(_IS_ONE, REGISTER.c.id == id_, REGISTER.c.organization == organization)
    ).one_or_none()
    if row is None:
        raise Missing(UNKNOWN_REGISTER)
    return _view(row)


def by_id(tx: Connection, id_: str) -> RegisterView:
    """What is known to be there, such as what was just written."""
    return _view(tx.execute(_VIEWS.where(REGISTER.c.id == id_)).one())


def among(tx: Connection, organization: str, ids: Collection[str]) -> set[str]:
    """Which of these ids are registers of that organization."""
    query = select(REGISTER.c.id).where(
        _IS_ONE, REGISTER.c.organization == organization, REGISTER.c.id.in_(list(ids))
    )
    return set(tx.scalars(query)) if ids else set()


def of(
    tx: Connection,
    organization: str,
    *,
    taxpayer: str | None,
    location: str | None,
    after: str,
    limit: int,
    only: Collection[str] = (),
) -> list[RegisterView]:
    """`only`: those of these ids; none: all."""
    query = _VIEWS.where(_IS_ONE, REGISTER.c.organization == organization, REGISTER.c.id > after)
    if only:
        query = query.where(REGISTER.c.id.in_(list(only)))
    if taxpayer is not None:
        query = query.where(REGISTER.c.taxpayer == taxpayer)
    if location is not None:
        query = query.where(REGISTER.c.location == location)
    return [_view(row) for row in tx.execute(query.order_by(REGISTER.c.id).limit(limit))]


def update(
    tx: Connection,
    organization: str,
    now: RegisterView,
    change: RegisterChange,
    *,
    subject: str,
    at: datetime,
) -> RegisterView:
    """Move and edit in one step. Raises `Refused` or `Conflict`."""
    state, mode = lifecycle.moved((now.state, now.mode), change.state, change.mode)
    is_edit = change.content is not None or change.location is not None
    if is_edit and now.mode == OperatingMode.OPERATIVE:
        raise Conflict(IN_SERVICE)
    if is_edit and now.state == LifecycleState.DECOMMISSIONED:
        raise Refused(lifecycle.FORBIDDEN)
    if change.location not in (None, now.location) and now.state != LifecycleState.ACQUIRED:
        raise Refused(MOVED, "location")
    place = locations.read(tx, organization, change.location or now.location)
    if (
        state == LifecycleState.COMMISSIONED != now.state
        and place.state != LifecycleState.COMMISSIONED
    ):
        raise Conflict(locations.PARENT_IDLE)
    content = change.content or now.register
    content = msgspec.structs.replace(
        content,
        version=now.register.version + 1,
        numbers=now.register.numbers if change.numbers is None else change.numbers,
    )
    row = {
        "id": content.id,
        "version": content.version,
        "state": state,
        "mode": mode,
        "content": as_json(content),
        "updated_at": micros_z(at),
        "location": place.location.id,
        "taxpayer": place.taxpayer,
        "details": as_json(now.details if change.details is None else change.details),
        "metadata": as_json(now.metadata if change.metadata is None else change.metadata),
    }
    versions.replace(tx, REGISTER, content.id, now.register.version, REGISTER.update().values(row))
    stating.state(tx, StatementKind.REGISTER, REGISTER, str(row["id"]), by=subject)
    return by_id(tx, content.id)


def _view(row: Row[tuple[object, ...]]) -> RegisterView:
    place = msgspec.json.decode(row.location_content, type=Location)
    return RegisterView(
        register=msgspec.json.decode(row.content, type=Register),
        location=row.location,
        taxpayer=row.taxpayer,
        regime=row.regime,
        postal_code=place.address.code,
        state=LifecycleState(row.state),
        mode=OperatingMode(row.mode),
        certificate=RegisterCertificate(
            serial=row.serial, expires_at=instant(row.expires_at), pem=row.certificate_pem
        ),
        details=msgspec.json.decode(row.details),
        metadata=msgspec.json.decode(row.metadata),
        created_at=instant(row.created_at),
        updated_at=instant(row.updated_at),
    )
