"""What happened to a device, as values: one structure per kind of system event."""

from enum import IntEnum

import msgspec

from fiscus.signers.tse.log.logtime import LogTime


class UserRole(IntEnum):
    """Whose rights a user has. The numbers are our reading of the guideline's enumeration."""

    UNAUTHENTICATED = 0
    ADMIN = 1
    TIME_ADMIN = 2
    LOGGER = 3


class AuthResult(IntEnum):
    """How a login ended, as the guideline numbers it."""

    SUCCESS = 0
    UNKNOWN_USER = 1
    INCORRECT_PIN = 2
    PIN_BLOCKED = 3


class LogOutCause(IntEnum):
    """Version 2 knows the first two, and numbers the timeout 1."""

    USER = 0
    OTHER_USER = 1
    TIMEOUT = 2


class UnblockResult(IntEnum):
    """Version 2 knows ok, failed, unknown user and error: 0 to 3."""

    SUCCESS = 0
    UNKNOWN_USER = 1
    INCORRECT_PUK = 2
    TEMPORARILY_BLOCKED = 3
    RESETTING_ERROR = 4
    NEW_PIN_FAILED = 5
    COUNTER_FAILED = 6


class UpdateOutcome(IntEnum):
    """How an update of the device's software ended."""

    SUCCESS = 0
    FAILED = 1
    PARTLY_FAILED = 2


class EmptyContent(msgspec.Struct, frozen=True):
    """An event without content."""


class DescriptionSet(msgspec.Struct, frozen=True, kw_only=True):
    """The description of the device was set."""

    description: str


class Slew(msgspec.Struct, frozen=True, kw_only=True):
    """A clock corrected in small steps."""

    step_microseconds: int
    rate: int


class TimeUpdated(msgspec.Struct, frozen=True, kw_only=True):
    """The clock of the device was set."""

    before: LogTime
    after: LogTime
    slew: Slew | None = None


class ClientNamed(msgspec.Struct, frozen=True, kw_only=True):
    """A client was registered or deregistered."""

    client_id: str


class UserLogin(msgspec.Struct, frozen=True, kw_only=True):
    """Version 2 only tells success from failure."""

    user: str
    role: UserRole | None = None
    result: AuthResult
    retries: int | None = None


class AdminLogin(msgspec.Struct, frozen=True, kw_only=True):
    """An administrator of the application logged in; version 3 does not repeat the user."""

    user: str = ""
    role: UserRole | None = None
    result: AuthResult
    retries: int | None = None


class UserLogout(msgspec.Struct, frozen=True, kw_only=True):
    """A user was logged out, and why."""

    user: str
    cause: LogOutCause


class PinUnblock(msgspec.Struct, frozen=True, kw_only=True):
    """A blocked PIN was set anew."""

    user: str
    result: UnblockResult


class ComponentTest(msgspec.Struct, frozen=True, kw_only=True):
    """One component's result in a self test."""

    component: str
    is_positive: bool
    error: str | None = None
    time: LogTime | None = None


class SelfTestResult(msgspec.Struct, frozen=True, kw_only=True):
    """The device tested itself: one result for each component."""

    results: tuple[ComponentTest, ...]
    are_all_positive: bool


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """Whether events of one kind are logged."""

    event: str
    is_enabled: bool


class ComponentLogging(msgspec.Struct, frozen=True, kw_only=True):
    """Which events one component logs."""

    component: str
    is_success: bool
    switches: tuple[Switch, ...] = ()


class LoggingConfigured(msgspec.Struct, frozen=True, kw_only=True):
    """It was set which events are logged."""

    components: tuple[ComponentLogging, ...]


class LateEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was logged later than it happened says when it happened."""

    time: LogTime | None = None


class UserAction(msgspec.Struct, frozen=True, kw_only=True):
    """In version 3 the user stands outside the content."""

    user: str = ""


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the device with its maker and its version."""

    name: str
    manufacturer: str = ""
    model: str = ""
    version: str = ""
    certification: str = ""


class UpdateStarted(msgspec.Struct, frozen=True, kw_only=True):
    """Version 2 names the user and one version, version 3 lists the components."""

    user: str = ""
    version: str = ""
    components: tuple[Component, ...] = ()


class UpdateCompleted(msgspec.Struct, frozen=True, kw_only=True):
    """An update of the device's software has ended."""

    outcome: UpdateOutcome
    reason: str | None = None
    version: str = ""
    components: tuple[Component, ...] = ()
