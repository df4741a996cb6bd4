"""As much ASN.1 as a TSE speaks: tag-length-value, strict DER, and BER's indefinite length.

Log messages are verified over the bytes that were signed, so nothing here guesses: a length in a
longer form than needed or a byte too many is an error, not a variant.
"""

from collections.abc import Iterator
from typing import NamedTuple

BOOLEAN = 0x01
INTEGER = 0x02
OCTETS = 0x04
OBJECT = 0x06
ENUMERATED = 0x0A
PRINTABLE = 0x13
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30

_LENGTH_BYTES_MAX = 4
_INTEGER_OCTETS_MAX = 20
_OBJECT_OCTETS_MAX = 64


class Asn1Error(ValueError):
    """These bytes are not what they should be."""


class Tlv(NamedTuple):
    """One element. `raw` is all of it as it stands: header, value and end mark."""

    tag: int
    value: bytes
    raw: bytes
    is_indefinite: bool = False


def read(data: bytes, at: int = 0) -> Tlv:
    """The element that begins at `at`. Only constructed elements may be of indefinite length."""
    if at + 2 > len(data):
        raise Asn1Error("an element is cut off")
    tag = data[at]
    if tag & 0x1F == 0x1F:
        raise Asn1Error("tags of several bytes are not used here")
    if data[at + 1] == 0x80:
        return _indefinite(data, at)
    start, length = _length(data, at + 1)
    if start + length > len(data):
        raise Asn1Error("an element is longer than what holds it")
    return Tlv(tag, data[start : start + length], data[at : start + length])


def elements(data: bytes) -> Iterator[Tlv]:
    """All elements, one after the other, until the bytes end."""
    at = 0
    while at < len(data):
        element = read(data, at)
        yield element
        at += len(element.raw)


def whole(data: bytes, tag: int) -> Tlv:
    """The one element of that tag which fills all of `data`."""
    element = read(data)
    if element.tag != tag:
        raise Asn1Error(f"tag {element.tag:02x} where {tag:02x} belongs")
    if len(element.raw) != len(data):
        raise Asn1Error("bytes follow the element")
    if element.is_indefinite:
        raise Asn1Error("an element has no length")
    return element


def write(tag: int, value: bytes) -> bytes:
    length = len(value)
    if length < 0x80:
        return bytes((tag, length)) + value
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + value


def write_indefinite(tag: int, parts: tuple[bytes, ...]) -> bytes:
    """A constructed element of octet strings whose end is marked instead of counted."""
    return bytes((tag, 0x80)) + b"".join(write(OCTETS, part) for part in parts) + b"\0\0"


def integer_octets(number: int) -> bytes:
    """Two's complement, as short as possible."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def integer(octets: bytes) -> int:
    if not octets:
        raise Asn1Error("an empty integer")
    if len(octets) > _INTEGER_OCTETS_MAX:
        raise Asn1Error("an integer is beyond all bounds")
    if len(octets) > 1 and (octets[0], octets[1] >> 7) in ((0x00, 0), (0xFF, 1)):
        raise Asn1Error("an integer is longer than it needs to be")
    return int.from_bytes(octets, "big", signed=True)


def boolean_octets(value: bool) -> bytes:
    return b"\xff" if value else b"\0"


def boolean(octets: bytes) -> bool:
    if octets not in (b"\xff", b"\0"):
        raise Asn1Error("a truth value is neither true nor false")
    return octets == b"\xff"


def text(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise Asn1Error("a text is not text") from None


def object_octets(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return b"".join(_base128(arc) for arc in (first * 40 + second, *rest))


def object_name(octets: bytes) -> str:
    if not octets or octets[-1] & 0x80:
        raise Asn1Error("an object identifier is cut off")
    if len(octets) > _OBJECT_OCTETS_MAX:
        raise Asn1Error("an object identifier is beyond all bounds")
    arcs, arc = [], 0
    for byte in octets:
        if arc == 0 and byte == 0x80:
            raise Asn1Error("an object identifier is longer than it needs to be")
        arc = arc << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(one) for one in (first, arcs[0] - first * 40, *arcs[1:]))


def _base128(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(0x80 | arc & 0x7F)
    return bytes(reversed(octets))


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Where the value starts, and how long it is."""
    first = data[at]
    if first < 0x80:
        return at + 1, first
    size = first & 0x7F
    octets = data[at + 1 : at + 1 + size]
    if size > _LENGTH_BYTES_MAX or len(octets) < size:
        raise Asn1Error("a length is cut off or beyond all bounds")
    length = int.from_bytes(octets, "big")
    if octets[0] == 0 or length < 0x80:
        raise Asn1Error("a length is longer than it needs to be")
    return at + 1 + size, length


def _indefinite(data: bytes, at: int) -> Tlv:
    if not data[at] & 0x20:
        raise Asn1Error("a primitive element has no length")
    here = at + 2
    while data[here : here + 2] != b"\0\0":
        if data[here + 1 : here + 2] == b"\x80":
            raise Asn1Error("indefinite lengths are not nested")
        part = read(data, here)
        here += len(part.raw)
    return Tlv(data[at], data[at + 2 : here], data[at : here + 2], is_indefinite=True)
