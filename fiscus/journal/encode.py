"""Bodies to stored bytes and back. Encoded once; what is hashed is what is kept."""

import msgspec

from fiscus.model.faults import Code, Corrupt
from fiscus.model.kinds import EntryKind
from fiscus.model.records import Body

UNREADABLE = Code("JOURNAL-BODY-01", "a journal entry cannot be decoded")

_encoder = msgspec.json.Encoder(decimal_format="string")
_decoder = msgspec.json.Decoder(Body)


def encode(body: Body) -> bytes:
    return _encoder.encode(body)


def decode(kind: str, stored: bytes) -> Body:
    """Every kind released so far shares one shape of body; its version is for the day they part."""
    if kind not in _KINDS:
        raise Corrupt(UNREADABLE, f"kind {kind}")
    try:
        return _decoder.decode(stored)
    except msgspec.DecodeError as error:
        raise Corrupt(UNREADABLE, str(error)) from error


_KINDS = frozenset(EntryKind)
