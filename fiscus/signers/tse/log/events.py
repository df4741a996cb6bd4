"""What system logs tell: every event of the guideline, its content in version 2 and in version 3.

Version 2 numbers the elements of a content (0x81, 0x82 …), version 3 spells their universal types.
Content that does not fit its event is an error here; the verifier of signatures does not need it.
"""

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any, NamedTuple

import msgspec

from fiscus.signers.tse.log import asn1, logtime
from fiscus.signers.tse.log.asn1 import Asn1Error, Tlv
from fiscus.signers.tse.log.contents import (
    AdminLogin,
    AuthResult,
    ClientNamed,
    Component,
    ComponentLogging,
    ComponentTest,
    DescriptionSet,
    EmptyContent,
    LateEvent,
    LoggingConfigured,
    LogOutCause,
    PinUnblock,
    SelfTestResult,
    Slew,
    Switch,
    TimeUpdated,
    UnblockResult,
    UpdateCompleted,
    UpdateOutcome,
    UpdateStarted,
    UserAction,
    UserLogin,
    UserLogout,
    UserRole,
)
from fiscus.signers.tse.log.logtime import LogTime

Content = msgspec.Struct


class ValueEncoding(NamedTuple):
    """How one type of value is written; `tags` are its universal tags."""

    tags: tuple[int, ...]
    encode: Callable[[Any], Tlv]
    decode: Callable[[Tlv], Any]


class EventField(NamedTuple):
    """One element of a content: the structure's attribute, its type, its tag in version 2."""

    name: str
    kind: ValueEncoding
    tag: int = 0
    is_optional: bool = False


class EventLayout(NamedTuple):
    """One event's content: the structure and its elements in one version."""

    content: type[Any]
    fields: tuple[EventField, ...] = ()


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


def _enum(kind: type[IntEnum]) -> ValueEncoding:
    def read(element: Tlv) -> IntEnum:
        try:
            return kind(asn1.integer(element.value))
        except ValueError as error:
            raise Asn1Error(str(error)) from None

    return ValueEncoding(
        (asn1.ENUMERATED,), lambda v: _element(asn1.ENUMERATED, asn1.integer_octets(v)), read
    )


def _structure(
    content: type[Any], fields: tuple[EventField, ...], *, is_tagged: bool
) -> ValueEncoding:
    def encode(value: Any) -> Tlv:
        return _element(asn1.SEQUENCE, _written(value, fields, is_tagged))

    def decode(element: Tlv) -> Any:
        return _read(content, fields, element.value, is_tagged)

    return ValueEncoding((asn1.SEQUENCE,), encode, decode)


def _many(kind: ValueEncoding) -> ValueEncoding:
    def encode(values: tuple[Any, ...]) -> Tlv:
        return _element(asn1.SEQUENCE, b"".join(kind.encode(one).raw for one in values))

    def decode(element: Tlv) -> tuple[Any, ...]:
        return tuple(kind.decode(one) for one in asn1.elements(element.value))

    return ValueEncoding((asn1.SEQUENCE,), encode, decode)


def _wrapped(kind: ValueEncoding) -> ValueEncoding:
    """An element that holds the whole of another one, header included."""
    return ValueEncoding(
        (asn1.OCTETS,),
        lambda v: _element(asn1.OCTETS, kind.encode(v).raw),
        lambda e: kind.decode(asn1.whole(e.value, asn1.SEQUENCE)),
    )


TEXT = ValueEncoding(
    (asn1.PRINTABLE,),
    lambda v: _element(asn1.PRINTABLE, v.encode()),
    lambda e: asn1.text(e.value),
)
TRUTH = ValueEncoding(
    (asn1.BOOLEAN,),
    lambda v: _element(asn1.BOOLEAN, asn1.boolean_octets(v)),
    lambda e: asn1.boolean(e.value),
)
NUMBER = ValueEncoding(
    (asn1.INTEGER,),
    lambda v: _element(asn1.INTEGER, asn1.integer_octets(v)),
    lambda e: asn1.integer(e.value),
)
TIME = ValueEncoding(
    tuple(logtime.TAGS.values()),
    lambda v: _element(logtime.TAGS[v.format], v.octets()),
    _time,
)
SUCCEEDED = ValueEncoding(
    (asn1.BOOLEAN,),
    lambda v: _element(asn1.BOOLEAN, asn1.boolean_octets(v is AuthResult.SUCCESS)),
    lambda e: AuthResult.SUCCESS if asn1.boolean(e.value) else AuthResult.INCORRECT_PIN,
)
_V2_CAUSES = {LogOutCause.USER: 0, LogOutCause.OTHER_USER: 0, LogOutCause.TIMEOUT: 1}
CAUSE_V2 = ValueEncoding(
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
UNBLOCKED_V2 = ValueEncoding(
    (asn1.ENUMERATED,),
    lambda v: _element(asn1.ENUMERATED, asn1.integer_octets(_V2_UNBLOCKED.get(v, 3))),
    lambda e: _V2_UNBLOCKED_BACK.get(asn1.integer(e.value), UnblockResult.RESETTING_ERROR),
)

ROLE = _enum(UserRole)
RESULT = _enum(AuthResult)
OUTCOME = _enum(UpdateOutcome)

_SWITCH = _structure(
    Switch, (EventField("event", TEXT, 0x80), EventField("is_enabled", TRUTH, 0x81)), is_tagged=True
)
_SWITCH_V3 = _structure(
    Switch, (EventField("event", TEXT), EventField("is_enabled", TRUTH)), is_tagged=False
)
_CONFIGURED_V3 = _structure(
    ComponentLogging,
    (
        EventField("component", TEXT),
        EventField("is_success", TRUTH),
        EventField("switches", _many(_SWITCH_V3)),
    ),
    is_tagged=False,
)
_TESTED_V3 = _structure(
    ComponentTest,
    (
        EventField("component", TEXT),
        EventField("is_positive", TRUTH),
        EventField("error", TEXT, is_optional=True),
        EventField("time", TIME, is_optional=True),
    ),
    is_tagged=False,
)
_SLEW = _structure(
    Slew, (EventField("step_microseconds", NUMBER), EventField("rate", NUMBER)), is_tagged=False
)
_COMPONENTS = _many(
    _structure(
        Component,
        tuple(EventField(name, TEXT) for name in Component.__struct_fields__),
        is_tagged=False,
    )
)

_CLIENT = EventLayout(ClientNamed, (EventField("client_id", TEXT, 0x81),))
_USER_V2 = EventLayout(UserAction, (EventField("user", TEXT, 0x81),))
_NOTHING = EventLayout(EmptyContent)
_TESTED_V2 = (
    EventField("component", TEXT, 0x81),
    EventField("is_positive", TRUTH, 0x82),
    EventField("error", TEXT, 0x83, is_optional=True),
    EventField("time", TIME, 0x84, is_optional=True),
)
_CONFIGURED_V2 = (
    EventField("component", TEXT, 0x81),
    EventField("is_success", TRUTH, 0x82),
    EventField("switches", _wrapped(_many(_SWITCH)), 0x83),
)
_AUTHENTICATED_V2 = (
    EventField("user", TEXT, 0x81),
    EventField("role", ROLE, 0x82, is_optional=True),
    EventField("result", SUCCEEDED, 0x83),
    EventField("retries", NUMBER, 0x84, is_optional=True),
)

EVENTS_V2: dict[str, EventLayout] = {
    "initialize": EventLayout(DescriptionSet, (EventField("description", TEXT, 0x81),)),
    "updateTime": EventLayout(
        TimeUpdated, (EventField("before", TIME, 0x81), EventField("after", TIME, 0x82))
    ),
    "registerClient": _CLIENT,
    "deregisterClient": _CLIENT,
    "authenticateUser": EventLayout(UserLogin, _AUTHENTICATED_V2),
    "authenticateSmaersAdmin": EventLayout(AdminLogin, _AUTHENTICATED_V2),
    "logOut": EventLayout(
        UserLogout, (EventField("user", TEXT, 0x81), EventField("cause", CAUSE_V2, 0x82))
    ),
    "unblockUser": EventLayout(
        PinUnblock, (EventField("user", TEXT, 0x81), EventField("result", UNBLOCKED_V2, 0x82))
    ),
    "selfTest": EventLayout(SelfTestResult),
    "configureLogging": EventLayout(LoggingConfigured),
    "startAudit": _NOTHING,
    "enterSecureState": EventLayout(LateEvent, (EventField("time", TIME, 0x81, is_optional=True),)),
    "exitSecureState": _NOTHING,
    "disableSecureElement": EventLayout(
        LateEvent, (EventField("time", TIME, 0x81, is_optional=True),)
    ),
    "updateDevice": EventLayout(
        UpdateStarted, (EventField("user", TEXT, 0x81), EventField("version", TEXT, 0x82))
    ),
    "updateDeviceCompleted": EventLayout(
        UpdateCompleted,
        (
            EventField("outcome", OUTCOME, 0x81),
            EventField("reason", TEXT, 0x82, is_optional=True),
            EventField("version", TEXT, 0x83),
        ),
    ),
    "deleteStoredData": _USER_V2,
    "lockTransactionLogging": _USER_V2,
    "unlockTransactionLogging": _USER_V2,
}

EVENTS_V3: dict[str, EventLayout] = {
    "initialize": _NOTHING,
    "setDescription": EventLayout(DescriptionSet, (EventField("description", TEXT),)),
    "updateTime": EventLayout(
        TimeUpdated,
        (
            EventField("before", TIME),
            EventField("after", TIME),
            EventField("slew", _SLEW, is_optional=True),
        ),
    ),
    "registerClient": _CLIENT,
    "deregisterClient": _CLIENT,
    "authenticateUser": EventLayout(
        UserLogin,
        (
            EventField("user", TEXT),
            EventField("role", ROLE, is_optional=True),
            EventField("result", RESULT),
            EventField("retries", NUMBER, is_optional=True),
        ),
    ),
    "authenticateSmaAdmin": EventLayout(
        AdminLogin,
        (
            EventField("role", ROLE, is_optional=True),
            EventField("result", RESULT),
            EventField("retries", NUMBER, is_optional=True),
        ),
    ),
    "logOut": EventLayout(
        UserLogout, (EventField("user", TEXT), EventField("cause", _enum(LogOutCause)))
    ),
    "unblockPin": EventLayout(
        PinUnblock, (EventField("user", TEXT), EventField("result", _enum(UnblockResult)))
    ),
    "selfTest": EventLayout(
        SelfTestResult,
        (EventField("results", _many(_TESTED_V3)), EventField("are_all_positive", TRUTH)),
    ),
    "configureLogging": EventLayout(
        LoggingConfigured, (EventField("components", _many(_CONFIGURED_V3)),)
    ),
    "startAudit": _NOTHING,
    "enterSecureState": EventLayout(LateEvent, (EventField("time", TIME, is_optional=True),)),
    "exitSecureState": _NOTHING,
    "disableSecureElement": _NOTHING,
    "updateDevice": EventLayout(UpdateStarted, (EventField("components", _COMPONENTS),)),
    "updateDeviceCompleted": EventLayout(
        UpdateCompleted,
        (
            EventField("outcome", OUTCOME),
            EventField("reason", TEXT, is_optional=True),
            EventField("components", _COMPONENTS),
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
    if version == 2 and isinstance(content, SelfTestResult):
        return b"".join(_written(one, _TESTED_V2, True) for one in content.results)
    if version == 2 and isinstance(content, LoggingConfigured):
        return b"".join(_written(one, _CONFIGURED_V2, True) for one in content.components)
    return _written(content, event.fields, version == 2)


def decode(version: int, name: str, data: bytes) -> Content:
    """Raises `Asn1Error` for content that does not fit, and for events nobody defined."""
    event = EVENTS[version].get(name)
    if event is None:
        raise Asn1Error(f"unknown event {name}")
    if version == 2 and event.content is SelfTestResult:
        results = tuple(_read(ComponentTest, _TESTED_V2, group, True) for group in _groups(data))
        return SelfTestResult(results=results, are_all_positive=all(r.is_positive for r in results))
    if version == 2 and event.content is LoggingConfigured:
        parts = (_read(ComponentLogging, _CONFIGURED_V2, group, True) for group in _groups(data))
        return LoggingConfigured(components=tuple(parts))
    found: Content = _read(event.content, event.fields, data, version == 2)
    return found


def _written(value: Any, fields: tuple[EventField, ...], is_tagged: bool) -> bytes:
    written = []
    for field in fields:
        one = getattr(value, field.name)
        if one is None and field.is_optional:
            continue
        element = field.kind.encode(one)
        written.append(asn1.write(field.tag, element.value) if is_tagged else element.raw)
    return b"".join(written)


def _read(content: type[Any], fields: tuple[EventField, ...], data: bytes, is_tagged: bool) -> Any:
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
