"""Tenants and their places, with defaults for all that a test does not care about."""

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, Engine, func, select

from fiscus.model.documents import Address
from fiscus.model.ids import pooled, uuid4s, uuid7s
from fiscus.model.places import Location, Register, Taxpayer
from fiscus.model.tests.clock import MORNING
from fiscus.model.times import Clock
from fiscus.registry import locations, organizations, registers, taxpayers
from fiscus.registry.chains import ChainStatements
from fiscus.registry.stating import attached
from fiscus.registry.vault import Vault
from fiscus.registry.views import (
    LifecycleState,
    LocationView,
    OperatingMode,
    RegisterView,
    Standing,
    TaxpayerView,
)
from fiscus.signers import find
from fiscus.store.schema import TAXPAYER

MASTER = bytes(range(32))
MAC = bytes(range(32, 64))
SUBJECT = "subject-1"
IN_SERVICE = (LifecycleState.COMMISSIONED, OperatingMode.OPERATIVE)


def an_id() -> str:
    return str(uuid4())


def a_vault() -> Vault:
    return Vault(MASTER, os.urandom)


def stated_at(engine: Engine, clock: Clock) -> Engine:
    """The same engine, whose statements have the time of that clock."""
    ids = uuid7s(clock, pooled(os.urandom))
    return attached(engine, ChainStatements(a_vault(), clock, ids, uuid4s(os.urandom)))


def an_address(**more: str) -> Address:
    said = {"street": "Rua do Ouro", "number": "12", "code": "1100-061", "city": "Lisboa"}
    return Address(**{**said, "country": "PT", **more})


def a_nif(place: int = 0) -> str:
    """Valid NIFs, all different; the first is the one that most examples use."""
    eight = f"{50987654 + place:08d}"
    rest = (
        sum(int(digit) * weight for digit, weight in zip(eight, range(9, 1, -1), strict=True)) % 11
    )
    return f"{eight}{0 if rest < 2 else 11 - rest}"


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """The ids of a tenant with one taxpayer, one branch and one register; `owner` is what its
    series belong to."""

    organization: str
    taxpayer: str
    location: str
    register: str
    owner: str


def an_organization(tx: Connection, type_: str = organizations.UNIT, parent: str = "") -> str:
    return organizations.create(
        tx, id_=an_id(), parent=parent, type_=type_, name="Padaria", metadata={}, at=MORNING
    ).id


def a_taxpayer(
    tx: Connection,
    organization: str = "",
    *,
    regime: str = "it",
    secrets: Mapping[str, str] | None = None,
    facts: Mapping[str, str] | None = None,
    at: datetime = MORNING,
) -> TaxpayerView:
    """The next taxpayer of this database has the next NIF; another law's numbers may be alike."""
    facts = facts or {"tax_id_number": a_nif(_count(tx) if regime == "pt" else 0)}
    taxpayer = Taxpayer(
        id=an_id(),
        version=1,
        organization=organization or an_organization(tx),
        regime=regime,
        legal_name="Padaria do Cais, Lda.",
        address=an_address(),
        facts=facts,
    )
    return taxpayers.create(
        tx,
        a_vault(),
        taxpayer=taxpayer,
        details={"legal_name": taxpayer.legal_name},
        secrets=secrets or {"username": f"{facts.get('tax_id_number')}/1", "password": "secret"},
        metadata={"erp": "7"},
        subject=SUBJECT,
        at=at,
        sole_number=sole_number(taxpayer),
    )


def _count(tx: Connection) -> int:
    return int(tx.scalar(select(func.count()).select_from(TAXPAYER)) or 0)


def sole_number(taxpayer: Taxpayer) -> str:
    """As the API families ask it of the law."""
    number = taxpayer.facts.get("tax_id_number", "")
    return f"pt:{number}" if taxpayer.regime == "pt" and number else ""


def a_branch(tx: Connection, taxpayer: Taxpayer) -> LocationView:
    return locations.create(
        tx,
        location=Location(id=an_id(), version=1, name="Loja Baixa", address=an_address()),
        taxpayer=taxpayer,
        is_head_office=False,
        details={},
        metadata={},
        subject=SUBJECT,
        at=MORNING,
    )


def a_register(tx: Connection, location: LocationView, organization: str) -> RegisterView:
    return registers.create(
        tx,
        a_vault(),
        find("softkey"),
        register=Register(id=an_id(), version=1, software="till 1.0"),
        location=location,
        organization=organization,
        details={},
        metadata={},
        subject=SUBJECT,
        at=MORNING,
    )


def move_taxpayer(
    tx: Connection, now: TaxpayerView, to: Standing | None = None, **change: Any
) -> TaxpayerView:
    frozen = change.pop("frozen_facts", ("tax_id_number",))
    at = change.pop("at", MORNING)
    if to is not None:
        change |= {"state": to[0], "mode": to[1]}
    if content := change.get("content"):
        change["sole_number"] = sole_number(content)
    return taxpayers.update(
        tx,
        a_vault(),
        now,
        taxpayers.TaxpayerChange(**change),
        frozen_facts=frozen,
        subject=SUBJECT,
        at=at,
    )


def move_location(
    tx: Connection, organization: str, now: LocationView, to: Standing | None = None, **change: Any
) -> LocationView:
    if to is not None:
        change |= {"state": to[0], "mode": to[1]}
    return locations.update(
        tx, organization, now, locations.LocationChange(**change), subject=SUBJECT, at=MORNING
    )


def move_register(
    tx: Connection, organization: str, now: RegisterView, to: Standing | None = None, **change: Any
) -> RegisterView:
    if to is not None:
        change |= {"state": to[0], "mode": to[1]}
    return registers.update(
        tx, organization, now, registers.RegisterChange(**change), subject=SUBJECT, at=MORNING
    )


def a_shop(tx: Connection, regime: str = "it", **more: Any) -> Shop:
    """A tenant that may sell: taxpayer, branch and register in service."""
    taxpayer = move_taxpayer(tx, a_taxpayer(tx, regime=regime, **more), IN_SERVICE)
    organization = taxpayer.taxpayer.organization
    branch = move_location(tx, organization, a_branch(tx, taxpayer.taxpayer), IN_SERVICE)
    register = move_register(tx, organization, a_register(tx, branch, organization), IN_SERVICE)
    return Shop(
        organization=organization,
        taxpayer=taxpayer.taxpayer.id,
        location=branch.location.id,
        register=register.register.id,
        owner=sole_number(taxpayer.taxpayer) or taxpayer.taxpayer.id,
    )


def another_register(tx: Connection, shop: Shop) -> str:
    """One more register of the same shop, in service."""
    place = locations.read(tx, shop.organization, shop.location)
    register = a_register(tx, place, shop.organization)
    return move_register(tx, shop.organization, register, IN_SERVICE).register.id
