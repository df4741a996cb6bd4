"""What system logs tell: every event of the guideline, its content in version 2 and in version 3.

Version 2 numbers the elements of a content (0x81, 0x82 …), version 3 spells their universal types.
Content that does not fit its event is an error here; the verifier of signatures does not need it.
"""

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any, NamedTuple

import msgspec

from fiscus.signers.tse import asn1, logtime
from fiscus.signers.tse.asn1 import Asn1Error, Tlv
from fiscus.signers.tse.contents import (
    AdminAuthenticated,
    Authenticated,
    AuthResult,
    ClientNamed,
    Component,
    Configured,
    Described,
    LoggedOut,
    LoggingConfigured,
    LogOutCause,
    Nothing,
    Occurred,
    Role,
    SelfTested,
    Slew,
    Switch,
    Tested,
    TimeUpdated,
    Unblocked,
    UnblockResult,
    UpdateCompleted,
    UpdateOutcome,
    UpdateStarted,
    UserActed,
)
from fiscus.signers.tse.logtime import LogTime

Content = msgspec.Struct


class Kind(NamedTuple):
    """How one type of value is written; `tags` are its universal tags."""

    tags: tuple[int, ...]
    encode: Callable[[Any], Tlv]
    decode: Callable[[Tlv], Any]


class Field(NamedTuple):
    """One element of a content: the structure's attribute, its type, its tag in version 2."""

    name: str
    kind: Kind
    tag: int = 0
    is_optional: bool = False


class Event(NamedTuple):
    """One event's content: the structure and its elements in one version."""

    content: type[Any]
    fields: tuple[Field, ...] = ()


def _element(tag: int, value: bytes) -> Tlv:
    return Tlv(tag, value, asn1.write(tag, value))


def _time(element: Tlv) -> LogTime:
    if element.tag in logtime.TAGS.values():
        return logtime.decode(element.value, logtime.format_of(element.tag))
    return _time_by_length(element.value)


def _time_by_length(octets: bytes) -> LogTime:
    """Version 2 tags do not tell the format: the characters' number does."""
    if octets.endswith(b"Z") and len(octets) >= 11:
        is_short = len(octets) <= 13
        form = logtime.TimeFormat.UTC if is_short else logtime.TimeFormat.GENERALIZED
        return logtime.decode(octets, form)
    return logtime.decode(octets, logtime.TimeFormat.UNIX)


def _enum(kind: type[IntEnum]) -> Kind:
    def read(element: Tlv) -> IntEnum:
        try:
            return kind(asn1.integer(element.value))
        except ValueError as error:
            raise Asn1Error(str(error)) from None

    return Kind(
        (asn1.ENUMERATED,), lambda v: _element(asn1.ENUMERATED, asn1.integer_octets(v)), read
    )


def _structure(content: type[Any], fields: tuple[Field, ...], *, is_tagged: bool) -> Kind:
    def encode(value: Any) -> Tlv:
        return _element(asn1.SEQUENCE, _written(value, fields, is_tagged))

    def decode(element: Tlv) -> Any:
        return _read(content, fields, element.value, is_tagged)

    return Kind((asn1.SEQUENCE,), encode, decode)


def _many(kind: Kind) -> Kind:
    def encode(values: tuple[Any, ...]) -> Tlv:
        return _element(asn1.SEQUENCE, b"".join(kind.encode(one).raw for one in values))

    def decode(element: Tlv) -> tuple[Any, ...]:
        return tuple(kind.decode(one) for one in asn1.elements(element.value))

    return Kind((asn1.SEQUENCE,), encode, decode)


def _wrapped(kind: Kind) -> Kind:
    """An element that holds the whole of another one, header included."""
    return Kind(
        (asn1.OCTETS,),
        lambda v: _element(asn1.OCTETS, kind.encode(v).raw),
        lambda e: kind.decode(asn1.whole(e.value, asn1.SEQUENCE)),
    )


TEXT = Kind(
    (asn1.PRINTABLE,),
    lambda v: _element(asn1.PRINTABLE, v.encode()),
    lambda e: asn1.text(e.value),
)
TRUTH = Kind(
    (asn1.BOOLEAN,),
    lambda v: _element(asn1.BOOLEAN, asn1.boolean_octets(v)),
    lambda e: asn1.boolean(e.value),
)
NUMBER = Kind(
    (asn1.INTEGER,),
    lambda v: _element(asn1.INTEGER, asn1.integer_octets(v)),
    lambda e: asn1.integer(e.value),
)
TIME = Kind(
    tuple(logtime.TAGS.values()),
    lambda v: _element(logtime.TAGS[v.format], v.octets()),
    _time,
)
SUCCEEDED = Kind(
    (asn1.BOOLEAN,),
    lambda v: _element(asn1.BOOLEAN, asn1.boolean_octets(v is AuthResult.SUCCESS)),
    lambda e: AuthResult.SUCCESS if asn1.boolean(e.value) else AuthResult.INCORRECT_PIN,
)
_V2_CAUSES = {LogOutCause.USER: 0, LogOutCause.OTHER_USER: 0, LogOutCause.TIMEOUT: 1}
CAUSE_V2 = Kind(
    (asn1.ENUMERATED,),
    lambda v: _element(asn1.ENUMERATED, asn1.integer_octets(_V2_CAUSES[v])),
    lambda e: LogOutCause.TIMEOUT if asn1.integer(e.value) else LogOutCause.USER,
)
_V2_UNBLOCKED = {
    UnblockResult.SUCCESS: 0,
    UnblockResult.INCORRECT_PUK: 1,
    UnblockResult.UNKNOWN_USER: 2,
}
_V2_UNBLOCKED_BACK = {number: result for result, number in _V2_UNBLOCKED.items()}
UNBLOCKED_V2 = Kind(
    (asn1.ENUMERATED,),
    lambda v: _element(asn1.ENUMERATED, asn1.integer_octets(_V2_UNBLOCKED.get(v, 3))),
    lambda e: _V2_UNBLOCKED_BACK.get(asn1.integer(e.value), UnblockResult.RESETTING_ERROR),
)

ROLE = _enum(Role)
RESULT = _enum(AuthResult)
OUTCOME = _enum(UpdateOutcome)

_SWITCH = _structure(
    Switch, (Field("event", TEXT, 0x80), Field("is_enabled", TRUTH, 0x81)), is_tagged=True
)
_SWITCH_V3 = _structure(Switch, (Field("event", TEXT), Field("is_enabled", TRUTH)), is_tagged=False)
_CONFIGURED_V3 = _structure(
    Configured,
    (
        Field("component", TEXT),
        Field("is_success", TRUTH),
        Field("switches", _many(_SWITCH_V3)),
    ),
    is_tagged=False,
)
_TESTED_V3 = _structure(
    Tested,
    (
        Field("component", TEXT),
        Field("is_positive", TRUTH),
        Field("error", TEXT, is_optional=True),
        Field("time", TIME, is_optional=True),
    ),
    is_tagged=False,
)
_SLEW = _structure(
    Slew, (Field("step_microseconds", NUMBER), Field("rate", NUMBER)), is_tagged=False
)
_COMPONENTS = _many(
    _structure(
        Component,
        tuple(Field(name, TEXT) for name in Component.__struct_fields__),
        is_tagged=False,
    )
)

_CLIENT = Event(ClientNamed, (Field("client_id", TEXT, 0x81),))
_USER_V2 = Event(UserActed, (Field("user", TEXT, 0x81),))
_NOTHING = Event(Nothing)
_TESTED_V2 = (
    Field("component", TEXT, 0x81),
    Field("is_positive", TRUTH, 0x82),
    Field("error", TEXT, 0x83, is_optional=True),
    Field("time", TIME, 0x84, is_optional=True),
)
_CONFIGURED_V2 = (
    Field("component", TEXT, 0x81),
    Field("is_success", TRUTH, 0x82),
    Field("switches", _wrapped(_many(_SWITCH)), 0x83),
)
_AUTHENTICATED_V2 = (
    Field("user", TEXT, 0x81),
    Field("role", ROLE, 0x82, is_optional=True),
    Field("result", SUCCEEDED, 0x83),
    Field("retries", NUMBER, 0x84, is_optional=True),
)

EVENTS_V2: dict[str, Event] = {
    "initialize": Event(Described, (Field("description", TEXT, 0x81),)),
    "updateTime": Event(TimeUpdated, (Field("before", TIME, 0x81), Field("after", TIME, 0x82))),
    "registerClient": _CLIENT,
    "deregisterClient": _CLIENT,
    "authenticateUser": Event(Authenticated, _AUTHENTICATED_V2),
    "authenticateSmaersAdmin": Event(AdminAuthenticated, _AUTHENTICATED_V2),
    "logOut": Event(LoggedOut, (Field("user", TEXT, 0x81), Field("cause", CAUSE_V2, 0x82))),
    "unblockUser": Event(
        Unblocked, (Field("user", TEXT, 0x81), Field("result", UNBLOCKED_V2, 0x82))
    ),
    "selfTest": Event(SelfTested),
    "configureLogging": Event(LoggingConfigured),
    "startAudit": _NOTHING,
    "enterSecureState": Event(Occurred, (Field("time", TIME, 0x81, is_optional=True),)),
    "exitSecureState": _NOTHING,
    "disableSecureElement": Event(Occurred, (Field("time", TIME, 0x81, is_optional=True),)),
    "updateDevice": Event(UpdateStarted, (Field("user", TEXT, 0x81), Field("version", TEXT, 0x82))),
    "updateDeviceCompleted": Event(
        UpdateCompleted,
        (
            Field("outcome", OUTCOME, 0x81),
            Field("reason", TEXT, 0x82, is_optional=True),
            Field("version", TEXT, 0x83),
        ),
    ),
    "deleteStoredData": _USER_V2,
    "lockTransactionLogging": _USER_V2,
    "unlockTransactionLogging": _USER_V2,
}

EVENTS_V3: dict[str, Event] = {
    "initialize": _NOTHING,
    "setDescription": Event(Described, (Field("description", TEXT),)),
    "updateTime": Event(
        TimeUpdated,
        (Field("before", TIME), Field("after", TIME), Field("slew", _SLEW, is_optional=True)),
    ),
    "registerClient": _CLIENT,
    "deregisterClient": _CLIENT,
    "authenticateUser": Event(
        Authenticated,
        (
            Field("user", TEXT),
            Field("role", ROLE, is_optional=True),
            Field("result", RESULT),
            Field("retries", NUMBER, is_optional=True),
        ),
    ),
    "authenticateSmaAdmin": Event(
        AdminAuthenticated,
        (
            Field("role", ROLE, is_optional=True),
            Field("result", RESULT),
            Field("retries", NUMBER, is_optional=True),
        ),
    ),
    "logOut": Event(LoggedOut, (Field("user", TEXT), Field("cause", _enum(LogOutCause)))),
    "unblockPin": Event(Unblocked, (Field("user", TEXT), Field("result", _enum(UnblockResult)))),
    "selfTest": Event(
        SelfTested, (Field("results", _many(_TESTED_V3)), Field("are_all_positive", TRUTH))
    ),
    "configureLogging": Event(LoggingConfigured, (Field("components", _many(_CONFIGURED_V3)),)),
    "startAudit": _NOTHING,
    "enterSecureState": Event(Occurred, (Field("time", TIME, is_optional=True),)),
    "exitSecureState": _NOTHING,
    "disableSecureElement": _NOTHING,
    "updateDevice": Event(UpdateStarted, (Field("components", _COMPONENTS),)),
    "updateDeviceCompleted": Event(
        UpdateCompleted,
        (
            Field("outcome", OUTCOME),
            Field("reason", TEXT, is_optional=True),
            Field("components", _COMPONENTS),
        ),
    ),
    "deleteLogMessages": _NOTHING,
    "lockTransactionLogging": _NOTHING,
    "unlockTransactionLogging": _NOTHING,
}

EVENTS = {2: EVENTS_V2, 3: EVENTS_V3}


def encode(version: int, name: str, content: Content) -> bytes:
    """The content's bytes: what stands in element 0x81 (version 2) or 0xA3 (version 3)."""
    event = EVENTS[version][name]
    assert isinstance(content, event.content)
    if version == 2 and isinstance(content, SelfTested):
        return b"".join(_written(one, _TESTED_V2, True) for one in content.results)
    if version == 2 and isinstance(content, LoggingConfigured):
        return b"".join(_written(one, _CONFIGURED_V2, True) for one in content.components)
    return _written(content, event.fields, version == 2)


def decode(version: int, name: str, data: bytes) -> Content:
    """Raises `Asn1Error` for content that does not fit, and for events nobody defined."""
    event = EVENTS[version].get(name)
    if event is None:
        raise Asn1Error(f"unknown event {name}")
    if version == 2 and event.content is SelfTested:
        results = tuple(_read(Tested, _TESTED_V2, group, True) for group in _groups(data))
        return SelfTested(results=results, are_all_positive=all(r.is_positive for r in results))
    if version == 2 and event.content is LoggingConfigured:
        parts = (_read(Configured, _CONFIGURED_V2, group, True) for group in _groups(data))
        return LoggingConfigured(components=tuple(parts))
    found: Content = _read(event.content, event.fields, data, version == 2)
    return found


def _written(value: Any, fields: tuple[Field, ...], is_tagged: bool) -> bytes:
    written = []
    for field in fields:
        one = getattr(value, field.name)
        if one is None and field.is_optional:
            continue
        element = field.kind.encode(one)
        written.append(asn1.write(field.tag, element.value) if is_tagged else element.raw)
    return b"".join(written)


def _read(content: type[Any], fields: tuple[Field, ...], data: bytes, is_tagged: bool) -> Any:
    """Elements come in order; an optional one is absent if the next element is not its type, or
    if it is needed for a field that must be there."""
    rest = list(asn1.elements(data))
    values = {}
    for place, field in enumerate(fields):
        tags = (field.tag,) if is_tagged else field.kind.tags
        later = [one for one in fields[place + 1 :] if not one.is_optional and not is_tagged]
        needed = sum(one.kind.tags == tags for one in later) if field.is_optional else 0
        if rest and rest[0].tag in tags and sum(one.tag in tags for one in rest) > needed:
            values[field.name] = field.kind.decode(rest.pop(0))
        elif not field.is_optional:
            raise Asn1Error(f"the event does not say its {field.name}")
    if rest:
        raise Asn1Error("the event says more than it should")
    return content(**values)


def _groups(data: bytes) -> Iterator[bytes]:
    """Version 2 tells of several components one after the other, each beginning with 0x81."""
    group = b""
    for element in asn1.elements(data):
        if element.tag == 0x81 and group:
            yield group
            group = b""
        group += element.raw
    if group:
        yield group
