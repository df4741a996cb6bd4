"""What the registry returns: taxpayers, locations, registers, and the states they go through."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from fiscus.model.places import Location, Register, Taxpayer
from fiscus.registry.roles import Role


class LifecycleState(StrEnum):
    """A taxpayer, location or register: acquired, in service, gone for good."""

    ACQUIRED = "ACQUIRED"
    COMMISSIONED = "COMMISSIONED"
    DECOMMISSIONED = "DECOMMISSIONED"


class OperatingMode(StrEnum):
    """Whether it may act now."""

    INACTIVE = "INACTIVE"
    OPERATIVE = "OPERATIVE"
    SUSPENDED = "SUSPENDED"


Standing = tuple[LifecycleState, OperatingMode]

MOVES: dict[Standing, frozenset[Standing]] = {
    (LifecycleState.ACQUIRED, OperatingMode.INACTIVE): frozenset(
        {(LifecycleState.COMMISSIONED, OperatingMode.OPERATIVE)}
    ),
    (LifecycleState.COMMISSIONED, OperatingMode.OPERATIVE): frozenset(
        {
            (LifecycleState.COMMISSIONED, OperatingMode.SUSPENDED),
            (LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE),
        }
    ),
    (LifecycleState.COMMISSIONED, OperatingMode.SUSPENDED): frozenset(
        {
            (LifecycleState.COMMISSIONED, OperatingMode.OPERATIVE),
            (LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE),
        }
    ),
    (LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE): frozenset(),
}


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """`type` is ACCOUNT, GROUP or UNIT; `parent` is empty for an account. `has_receipts`: whether
    its receipts may have a page for customers, as far as it says so itself."""

    id: str
    parent: str
    type: str
    name: str
    metadata: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    has_receipts: bool = True


class KeyState(StrEnum):
    """Whether an API key opens anything; a key that is deleted counts as disabled."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """An API key of an organization. The secret is never here: only its hash is kept.

    `systems`: those it is limited to, none: no limit. `generation`: the number of its secret; the
    one before it is good until `previous_until`.
    """

    id: str
    organization: str
    name: str
    key: str
    role: Role
    systems: tuple[str, ...]
    state: KeyState
    version: int
    generation: int
    metadata: Mapping[str, str]
    created_at: datetime
    previous_until: datetime | None = None

    def takes(self, generation: int, at: datetime) -> bool:
        """Whether what the secret of this number opened is good at that time."""
        if generation == self.generation:
            return True
        until = self.previous_until
        return generation == self.generation - 1 and until is not None and at < until


class TaxpayerView(msgspec.Struct, frozen=True, kw_only=True):
    """`details` is the content as the caller's API family sent it, secrets masked."""

    taxpayer: Taxpayer
    state: LifecycleState
    mode: OperatingMode
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
    state: LifecycleState
    mode: OperatingMode
    details: Mapping[str, Any]
    metadata: Mapping[str, str]
    created_at: datetime
    updated_at: datetime


class RegisterCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """`serial` is 32 lower-case hex characters."""

    serial: str
    expires_at: datetime
    pem: str


class RegisterView(msgspec.Struct, frozen=True, kw_only=True):
    """A register as it stands, with its place and the key of its journal."""

    register: Register
    location: str
    taxpayer: str
    regime: str
    postal_code: str
    state: LifecycleState
    mode: OperatingMode
    certificate: RegisterCertificate
    details: Mapping[str, Any]
    metadata: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
