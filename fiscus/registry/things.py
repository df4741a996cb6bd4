"""What the registry knows, as it hands it out, and the states those things go through."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from fiscus.model.places import Location, Register, Taxpayer


class State(StrEnum):
    """A taxpayer, location or register: acquired, in service, gone for good."""

    ACQUIRED = "ACQUIRED"
    COMMISSIONED = "COMMISSIONED"
    DECOMMISSIONED = "DECOMMISSIONED"


class Mode(StrEnum):
    """Whether it may act now."""

    INACTIVE = "INACTIVE"
    OPERATIVE = "OPERATIVE"
    SUSPENDED = "SUSPENDED"


Standing = tuple[State, Mode]

MOVES: dict[Standing, frozenset[Standing]] = {
    (State.ACQUIRED, Mode.INACTIVE): frozenset({(State.COMMISSIONED, Mode.OPERATIVE)}),
    (State.COMMISSIONED, Mode.OPERATIVE): frozenset(
        {(State.COMMISSIONED, Mode.SUSPENDED), (State.DECOMMISSIONED, Mode.INACTIVE)}
    ),
    (State.COMMISSIONED, Mode.SUSPENDED): frozenset(
        {(State.COMMISSIONED, Mode.OPERATIVE), (State.DECOMMISSIONED, Mode.INACTIVE)}
    ),
    (State.DECOMMISSIONED, Mode.INACTIVE): frozenset(),
}


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """`type` is ACCOUNT, GROUP or UNIT; `parent` is empty for an account."""

    id: str
    parent: str
    type: str
    name: str
    metadata: Mapping[str, str]
    created_at: datetime
    updated_at: datetime


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """An API key of an organization. The secret is never here: only its hash is kept."""

    id: str
    organization: str
    name: str
    key: str
    metadata: Mapping[str, str]
    created_at: datetime


class TaxpayerView(msgspec.Struct, frozen=True, kw_only=True):
    """`details` is the content as the caller's API family sent it, secrets masked."""

    taxpayer: Taxpayer
    state: State
    mode: Mode
    details: Mapping[str, Any]
    metadata: Mapping[str, str]
    created_at: datetime
    updated_at: datetime


class LocationView(msgspec.Struct, frozen=True, kw_only=True):
    """`is_head_office`: made with its taxpayer, has its id and follows its state."""

    location: Location
    taxpayer: str
    regime: str
    is_head_office: bool
    state: State
    mode: Mode
    details: Mapping[str, Any]
    metadata: Mapping[str, str]
    created_at: datetime
    updated_at: datetime


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """`serial` is 32 lower-case hex characters."""

    serial: str
    expires_at: datetime
    pem: str


class RegisterView(msgspec.Struct, frozen=True, kw_only=True):
    register: Register
    location: str
    taxpayer: str
    regime: str
    postal_code: str
    state: State
    mode: Mode
    certificate: Certificate
    details: Mapping[str, Any]
    metadata: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
