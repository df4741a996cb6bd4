"""Log messages of a TSE: transaction, system and audit logs in version 2 and 3 of the format.

A message is a sequence whose last element signs the raw bytes of all elements before it
(BSI TR-03151). Decoding keeps those bytes, because a verifier must not re-create them.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import msgspec

from fiscus.signers.tse.log import algorithms, asn1, logtime
from fiscus.signers.tse.log.asn1 import Asn1Error, Tlv
from fiscus.signers.tse.log.logtime import LogTime

VERSIONS = (2, 3)

TRANSACTION = "0.4.0.127.0.7.3.7.1.1"
SYSTEM = "0.4.0.127.0.7.3.7.1.2"
AUDIT = "0.4.0.127.0.7.3.7.1.3"

_DATA = 0x82
_DATA_IN_PARTS = 0xA2
_EVENT_DATA = 0xA3

_ELEMENTS_MAX = 32
_PARTS_MAX = 10_000


class LogOperation(StrEnum):
    """As file names spell it."""

    START = "Start"
    UPDATE = "Update"
    FINISH = "Finish"


class MessageProof(msgspec.Struct, frozen=True, kw_only=True):
    """What every message ends with. `algorithm` is an object identifier."""

    serial: bytes
    algorithm: str
    counter: int
    time: LogTime
    signature: bytes = b""


class TransactionLog(msgspec.Struct, frozen=True, kw_only=True):
    """What a register did. An absent element is None; an empty one is empty.

    `operation_type` is the message's own word (`StartTransaction`). `parts` are the pieces of
    `process_data` where it was gathered over several calls (indefinite length).
    """

    version: int
    operation_type: str
    client_id: str
    process_data: bytes
    process_type: str | None = None
    number: int | None = None
    parts: tuple[bytes, ...] = ()
    external: bytes | None = None
    internal: bytes | None = None
    proof: MessageProof

    @property
    def operation(self) -> LogOperation:
        return LogOperation(self.operation_type.removesuffix("Transaction").capitalize())


class SystemLog(msgspec.Struct, frozen=True, kw_only=True):
    """What the device itself did. `data` is the event's content, still encoded (`events.decode`).
    `origin` and `user` are of version 3, `internal` is of version 2."""

    version: int
    event: str
    data: bytes | None = None
    origin: str | None = None
    user: str | None = None
    internal: bytes | None = None
    proof: MessageProof


class AuditLog(msgspec.Struct, frozen=True, kw_only=True):
    """What the secure element says about itself; its content is the maker's own."""

    version: int
    data: bytes
    proof: MessageProof


Log = TransactionLog | SystemLog | AuditLog

_KINDS = {TransactionLog: TRANSACTION, SystemLog: SYSTEM, AuditLog: AUDIT}


class DecodedMessage(NamedTuple):
    """A message and the bytes its signature covers."""

    log: Log
    signed: bytes


def operation_type(operation: LogOperation, version: int) -> str:
    word = f"{operation.value}Transaction"
    return word if version == 2 else word[0].lower() + word[1:]


def signed_bytes(log: Log) -> bytes:
    """What the device signs: every element but the signature, without the outer header."""
    proof = log.proof
    return b"".join(
        (
            asn1.write(asn1.INTEGER, asn1.integer_octets(log.version)),
            _object(_KINDS[type(log)]),
            *_certified(log),
            asn1.write(asn1.OCTETS, proof.serial),
            asn1.write(asn1.SEQUENCE, _object(proof.algorithm)),
            asn1.write(asn1.OCTETS, log.data) if isinstance(log, AuditLog) else b"",
            asn1.write(asn1.INTEGER, asn1.integer_octets(proof.counter)),
            proof.time.element(),
        )
    )


@lru_cache(maxsize=64)
def _object(dotted: str) -> bytes:
    """Kinds and algorithms are few; a verifier writes them again for each of a million logs."""
    return asn1.write(asn1.OBJECT, asn1.object_octets(dotted))


def encode(log: Log) -> bytes:
    return sealed(signed_bytes(log), log.proof.signature)


def sealed(signed: bytes, signature: bytes) -> bytes:
    return asn1.write(asn1.SEQUENCE, signed + asn1.write(asn1.OCTETS, signature))


def decode(data: bytes) -> DecodedMessage:
    """Reads one message strictly. Raises `Asn1Error` with what is wrong."""
    body = asn1.whole(data, asn1.SEQUENCE).value
    try:
        log = _message(_few(body, _ELEMENTS_MAX))
    except StopIteration:
        raise Asn1Error("the message ends too early") from None
    signature = asn1.write(asn1.OCTETS, log.proof.signature)
    return DecodedMessage(log, body[: -len(signature)])


def _few(data: bytes, count_max: int) -> list[Tlv]:
    found = list(islice(asn1.elements(data), count_max + 1))
    if len(found) > count_max:
        raise Asn1Error("there are more elements than in any message")
    return found


def _certified(log: Log) -> Iterator[bytes]:
    if isinstance(log, TransactionLog):
        yield asn1.write(0x80, log.operation_type.encode())
        yield asn1.write(0x81, log.client_id.encode())
        if log.parts:
            yield asn1.write_indefinite(_DATA_IN_PARTS, log.parts)
        else:
            yield asn1.write(_DATA, log.process_data)
        if log.process_type is not None:
            yield asn1.write(0x83, log.process_type.encode())
        if log.external is not None:
            yield asn1.write(0x84, log.external)
        if log.number is not None:
            yield asn1.write(0x85, asn1.integer_octets(log.number))
        if log.internal is not None:
            yield asn1.write(0x86, log.internal)
    elif isinstance(log, SystemLog):
        yield asn1.write(0x80, log.event.encode())
        if log.version == 2:
            yield from _optional(0x81, log.data)
            yield from _optional(0x82, log.internal)
        else:
            yield from _optional(0x81, None if log.origin is None else log.origin.encode())
            yield from _optional(0x82, None if log.user is None else log.user.encode())
            yield from _optional(_EVENT_DATA, log.data)


def _optional(tag: int, value: bytes | None) -> Iterator[bytes]:
    if value is not None:
        yield asn1.write(tag, value)


def _message(found: list[Tlv]) -> Log:
    rest = iter(found)
    version = asn1.integer(_next(rest, asn1.INTEGER))
    if version not in VERSIONS:
        raise Asn1Error(f"unknown version {version}")
    kind = asn1.object_name(_next(rest, asn1.OBJECT))
    certified: dict[int, Tlv] = {}
    for element in rest:
        if element.tag & 0xC0 != 0x80:
            break
        if certified and element.tag & 0x1F <= max(tag & 0x1F for tag in certified):
            raise Asn1Error("the elements are out of order")
        certified[element.tag] = element
    else:
        raise Asn1Error("the message ends too early")
    if element.tag != asn1.OCTETS:
        raise Asn1Error("no serial number")
    return _log(version, kind, certified, element.value, rest)


def _log(
    version: int, kind: str, certified: dict[int, Tlv], serial: bytes, rest: Iterator[Tlv]
) -> Log:
    algorithm = asn1.object_name(
        asn1.whole(_next(rest, asn1.SEQUENCE), asn1.OBJECT).value  # parameters must be absent
    )
    audit = _next(rest, asn1.OCTETS) if kind == AUDIT else b""
    counter = asn1.integer(_next(rest, asn1.INTEGER))
    moment = next(rest)
    proof = MessageProof(
        serial=serial,
        algorithm=algorithm,
        counter=counter,
        time=logtime.decode(moment.value, logtime.format_of(moment.tag)),
        signature=_next(rest, asn1.OCTETS),
    )
    if next(rest, None) is not None:
        raise Asn1Error("elements follow the signature")
    if kind == TRANSACTION:
        return _transaction(version, certified, proof)
    if kind == SYSTEM:
        return _system(version, certified, proof)
    if kind != AUDIT or certified:
        raise Asn1Error(f"unknown kind of message {kind}")
    return AuditLog(version=version, data=audit, proof=proof)


def _transaction(version: int, found: dict[int, Tlv], proof: MessageProof) -> TransactionLog:
    _only(found, {0x80, 0x81, _DATA, _DATA_IN_PARTS, 0x83, 0x84, 0x85, 0x86})
    parts: tuple[bytes, ...] = ()
    if (gathered := found.get(_DATA_IN_PARTS)) is not None:
        if not gathered.is_indefinite or not gathered.value:
            raise Asn1Error("process data in parts must be of indefinite length")
        pieces = _few(gathered.value, _PARTS_MAX)
        if any(piece.tag != asn1.OCTETS for piece in pieces):
            raise Asn1Error("process data consists of octet strings")
        parts = tuple(piece.value for piece in pieces)
        data = b"".join(parts)
    else:
        data = _must(found, _DATA)
    log = TransactionLog(
        version=version,
        operation_type=asn1.text(_must(found, 0x80)),
        client_id=asn1.text(_must(found, 0x81)),
        process_data=data,
        process_type=_text(found, 0x83),
        number=asn1.integer(found[0x85].value) if 0x85 in found else None,
        parts=parts,
        external=_value(found, 0x84),
        internal=_value(found, 0x86),
        proof=proof,
    )
    if log.operation_type not in {operation_type(one, version) for one in LogOperation}:
        raise Asn1Error(f"unknown operation {log.operation_type}")
    return log


def _system(version: int, found: dict[int, Tlv], proof: MessageProof) -> SystemLog:
    event = asn1.text(_must(found, 0x80))
    if version == 2:
        _only(found, {0x80, 0x81, 0x82})
        return SystemLog(
            version=2,
            event=event,
            data=_value(found, 0x81),
            internal=_value(found, 0x82),
            proof=proof,
        )
    _only(found, {0x80, 0x81, 0x82, _EVENT_DATA})
    if _EVENT_DATA in found and found[_EVENT_DATA].is_indefinite:
        raise Asn1Error("event data has a length")
    return SystemLog(
        version=3,
        event=event,
        origin=_text(found, 0x81),
        user=_text(found, 0x82),
        data=_value(found, _EVENT_DATA),
        proof=proof,
    )


def _next(rest: Iterator[Tlv], tag: int) -> bytes:
    element = next(rest)
    if element.tag != tag or element.is_indefinite:
        raise Asn1Error(f"tag {element.tag:02x} where {tag:02x} belongs")
    return element.value


def _must(found: dict[int, Tlv], tag: int) -> bytes:
    if tag not in found:
        raise Asn1Error(f"element {tag:02x} is missing")
    return found[tag].value


def _value(found: dict[int, Tlv], tag: int) -> bytes | None:
    return found[tag].value if tag in found else None


def _text(found: dict[int, Tlv], tag: int) -> str | None:
    return asn1.text(found[tag].value) if tag in found else None


def _only(found: dict[int, Tlv], allowed: set[int]) -> None:
    if strange := set(found) - allowed:
        raise Asn1Error(f"element {min(strange):02x} does not belong here")


def algorithm_name(log: Log) -> str:
    """The name of the signature algorithm, or its object identifier if it is unknown."""
    return algorithms.NAMES.get(log.proof.algorithm, log.proof.algorithm)
