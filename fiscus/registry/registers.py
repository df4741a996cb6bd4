"""What issues: a register with a journal chain and a journal key of its own."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from fiscus.model.faults import Code, Conflict, Missing, Refused
from fiscus.model.places import Location, Register
from fiscus.model.records import GENESIS
from fiscus.model.times import instant, micros_z
from fiscus.registry import certificates, locations, standing, versions
from fiscus.registry.things import (
    Certificate,
    LocationView,
    Mode,
    RegisterView,
    State,
    TaxpayerView,
)
from fiscus.registry.vault import Vault
from fiscus.registry.versions import as_json
from fiscus.signers import SignerKind
from fiscus.store.schema import CHAIN, LOCATION, REGISTER, REGISTER_KEY, TAXPAYER

UNKNOWN_REGISTER = Code("REGISTRY-REGISTER-01", "no system with this id is visible to you")
IN_SERVICE = Code(
    "REGISTRY-EDIT-03", "suspend it first: data cannot be changed while it is operative"
)
MOVED = Code("REGISTRY-REGISTER-02", "a system that has been in service stays at its location")

_KEY_LIFE = timedelta(days=3 * 365)


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


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants changed; None leaves as it is."""

    state: State | None = None
    mode: Mode | None = None
    content: Register | None = None
    location: str | None = None
    details: Mapping[str, Any] | None = None
    metadata: Mapping[str, str] | None = None


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
        "id": register.id, "version": register.version, "organization": organization,
        "taxpayer": location.taxpayer, "location": location.location.id,
        "state": State.ACQUIRED, "mode": Mode.INACTIVE, "content": as_json(register),
        "details": as_json(details), "metadata": as_json(metadata),
        "created_at": micros_z(at), "updated_at": micros_z(at),
    }  # fmt: skip
    tx.execute(REGISTER.insert().values(row))
    versions.remember(tx, "register", row, subject)
    secret = kind.create("ecdsa-p256")
    certificate = certificates.self_signed(secret, register.id, at, _KEY_LIFE)
    tx.execute(
        REGISTER_KEY.insert().values(
            register=register.id, kind=kind.code, serial=certificate.serial,
            expires_at=micros_z(certificate.expires_at), certificate_pem=certificate.pem,
            secret=vault.close(tx, organization, register.id, secret),
        )
    )  # fmt: skip
    start = {"sequence": 0, "link": GENESIS, "entry": "", "covered": 0}
    tx.execute(CHAIN.insert().values(register=register.id, **start))
    return _read(tx, register.id)


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
        tx, vault, kind, register=journal, location=office, organization=taxpayer.organization,
        details={}, metadata={}, subject=subject, at=at,
    )  # fmt: skip
    wish = Wish(state=State.COMMISSIONED)
    update(tx, taxpayer.organization, made, wish, subject=subject, at=at)


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


def _read(tx: Connection, id_: str) -> RegisterView:
    """What was just written, whatever it is."""
    return _view(tx.execute(_VIEWS.where(REGISTER.c.id == id_)).one())


def of(
    tx: Connection,
    organization: str,
    *,
    taxpayer: str | None,
    location: str | None,
    after: str,
    limit: int,
) -> list[RegisterView]:
    query = _VIEWS.where(_IS_ONE, REGISTER.c.organization == organization, REGISTER.c.id > after)
    if taxpayer is not None:
        query = query.where(REGISTER.c.taxpayer == taxpayer)
    if location is not None:
        query = query.where(REGISTER.c.location == location)
    return [_view(row) for row in tx.execute(query.order_by(REGISTER.c.id).limit(limit))]


def update(
    tx: Connection, organization: str, now: RegisterView, wish: Wish, *, subject: str, at: datetime
) -> RegisterView:
    """Move and edit in one step. Raises `Refused` or `Conflict`."""
    state, mode = standing.moved((now.state, now.mode), wish.state, wish.mode)
    is_edit = wish.content is not None or wish.location is not None
    if is_edit and now.mode == Mode.OPERATIVE:
        raise Conflict(IN_SERVICE)
    if is_edit and now.state == State.DECOMMISSIONED:
        raise Refused(standing.FORBIDDEN)
    if wish.location not in (None, now.location) and now.state != State.ACQUIRED:
        raise Refused(MOVED, "content.location.id")
    place = locations.read(tx, organization, wish.location or now.location)
    if state == State.COMMISSIONED != now.state and place.state != State.COMMISSIONED:
        raise Conflict(locations.PARENT_IDLE)
    content = wish.content or now.register
    content = msgspec.structs.replace(content, version=now.register.version + 1)
    row = {
        "id": content.id, "version": content.version, "state": state, "mode": mode,
        "content": as_json(content), "updated_at": micros_z(at),
        "location": place.location.id, "taxpayer": place.taxpayer,
        "details": as_json(now.details if wish.details is None else wish.details),
        "metadata": as_json(now.metadata if wish.metadata is None else wish.metadata),
    }  # fmt: skip
    tx.execute(REGISTER.update().where(REGISTER.c.id == content.id).values(row))
    versions.remember(tx, "register", row, subject)
    return _read(tx, content.id)


def _view(row: Row[tuple[object, ...]]) -> RegisterView:
    place = msgspec.json.decode(row.location_content, type=Location)
    return RegisterView(
        register=msgspec.json.decode(row.content, type=Register),
        location=row.location, taxpayer=row.taxpayer, regime=row.regime,
        postal_code=place.address.code,
        state=State(row.state), mode=Mode(row.mode),
        certificate=Certificate(
            serial=row.serial, expires_at=instant(row.expires_at), pem=row.certificate_pem
        ),
        details=msgspec.json.decode(row.details), metadata=msgspec.json.decode(row.metadata),
        created_at=instant(row.created_at), updated_at=instant(row.updated_at),
    )  # fmt: skip
