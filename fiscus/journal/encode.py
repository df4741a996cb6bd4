"""Bodies to stored bytes and back. Encoded once; what is hashed is what is kept."""

from typing import TypeVar

import msgspec

from fiscus.model.extracts import Extract
from fiscus.model.faults import Code, Corrupt
from fiscus.model.kinds import EntryKind
from fiscus.model.records import Body

UNREADABLE = Code("JOURNAL-BODY-01", "a journal entry cannot be decoded")

Shape = TypeVar("Shape", Body, Extract)

_encoder = msgspec.json.Encoder(decimal_format="string")
_decoder = msgspec.json.Decoder(Body)
_extracts = msgspec.json.Decoder(Extract)


def encode(body: Body) -> bytes:
    return _encoder.encode(body)


def decode(kind: str, stored: bytes) -> Body:
    """Every kind released so far shares one shape of body; its version is for the day they part."""
    return _read(_decoder, kind, stored)


def extract(kind: str, stored: bytes) -> Extract:
    """What files show of a document, in half the time; the rest of it is not even looked at."""
    return _read(_extracts, kind, stored)


def _read(decoder: msgspec.json.Decoder[Shape], kind: str, stored: bytes) -> Shape:
    if kind not in _KINDS:
        raise Corrupt(UNREADABLE, f"kind {kind}")
    try:
        return decoder.decode(stored)
    except msgspec.DecodeError as error:
        raise Corrupt(UNREADABLE, str(error)) from error


_KINDS = frozenset(EntryKind)
