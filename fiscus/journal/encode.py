"""Bodies to stored bytes and back. Encoded once; what is hashed is what is kept."""

from typing import TypeVar

import msgspec

from fiscus.journal.statement import Statement
from fiscus.model.accounts import AccountedDocument
from fiscus.model.extracts import BodyExtract
from fiscus.model.faults import Code, Corrupt
from fiscus.model.kinds import EntryKind, StatementKind
from fiscus.model.records import EntryBody

UNREADABLE = Code("JOURNAL-BODY-01", "a journal entry cannot be decoded")

Shape = TypeVar("Shape", EntryBody, BodyExtract, AccountedDocument, Statement)

_encoder = msgspec.json.Encoder(decimal_format="string")
_decoder = msgspec.json.Decoder(EntryBody)
_extracts = msgspec.json.Decoder(BodyExtract)
_accounted = msgspec.json.Decoder(AccountedDocument)
_statements = msgspec.json.Decoder(Statement)


def encode(body: EntryBody | Statement) -> bytes:
    return _encoder.encode(body)


def decode(kind: str, stored: bytes) -> EntryBody:
    """Every kind released so far shares one shape of body; its version is for the day they part."""
    return _read(_decoder, kind, stored)


def extract(kind: str, stored: bytes) -> BodyExtract:
    """What files show of a document, in half the time; the rest of it is not even looked at."""
    return _read(_extracts, kind, stored)


def accounted(kind: str, stored: bytes) -> AccountedDocument:
    """What the books look at of a document; the rest of it is not even looked at."""
    return _read(_accounted, kind, stored)


def statement(kind: str, stored: bytes) -> Statement:
    """An entry of a chain that is no register's."""
    return _read(_statements, kind, stored)


def _read(decoder: msgspec.json.Decoder[Shape], kind: str, stored: bytes) -> Shape:
    if kind not in _KINDS:
        raise Corrupt(UNREADABLE, f"kind {kind}")
    try:
        return decoder.decode(stored)
    except msgspec.DecodeError as error:
        raise Corrupt(UNREADABLE, str(error)) from error


_KINDS = frozenset(EntryKind) | frozenset(StatementKind)
