"""The only INSERT into the journal."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam

from fiscus.journal import chain, encode, sign
from fiscus.journal.statement import Statement
from fiscus.model.records import EntryBody, Record
from fiscus.model.times import micros_z
from fiscus.signers import Signer
from fiscus.store.insert import insert_many
from fiscus.store.schema import CHAIN, ENTRY

PLAIN = 0
"""The encoding of a body that is stored as it is."""


class ChainHead(msgspec.Struct, kw_only=True):
    """Where a chain ends, held under its lock while a group of entries is made."""

    chain: str
    epoch: int
    sequence: int
    link: str
    entry: str
    at: datetime | None


class JournalKey(msgspec.Struct, frozen=True, kw_only=True):
    """A chain's opened key: its id (the first 32 hex digits of its SHA-256), and the JWS header
    that names it, encoded once."""

    signer: Signer
    id: str
    header: str


class SignedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it goes into the table: its bytes, its link, its signature."""

    stored: bytes
    link: str
    key: str
    signature: str


def extend(head: ChainHead, key: JournalKey, body: EntryBody) -> Record:
    """The next entry of a register's chain: linked and signed. Moves the head; writes nothing."""
    signed = _signed(head, key, body)
    return Record(
        kind=body.kind,
        body=body,
        stored=signed.stored,
        link=signed.link,
        key=signed.key,
        signature=signed.signature,
    )


def append(tx: Connection, records: Sequence[Record], heads: Sequence[ChainHead]) -> None:
    """Write entries and the heads they lead to, in the caller's transaction."""
    if not records:
        return
    insert_many(tx, ENTRY, [_row(record) for record in records])
    tx.execute(_ADVANCE, [_head_row(head) for head in heads])


def state(
    tx: Connection, head: ChainHead, key: JournalKey, body: Statement, organization: str
) -> str:
    """Write the next entry of an organization's chain (empty: of the installation's); gives its
    link."""
    signed = _signed(head, key, body)
    insert_many(tx, ENTRY, [_statement_row(body, organization, signed)])
    tx.execute(_ADVANCE, [_head_row(head)])
    return signed.link


def _signed(head: ChainHead, key: JournalKey, body: EntryBody | Statement) -> SignedEntry:
    assert (body.chain, body.epoch) == (head.chain, head.epoch)
    assert body.sequence == head.sequence + 1
    assert body.previous == head.link
    # In the bytes and in the column it is written with a Z: nobody could mend what is not UTC.
    assert body.at.utcoffset() == timedelta(0)
    stored = encode.encode(body)
    link = chain.link(head.link, body.chain, body.epoch, body.sequence, stored)
    signature = sign.sign(key.signer, key.header, stored)
    head.sequence, head.link, head.entry, head.at = body.sequence, link, body.id, body.at
    return SignedEntry(stored=stored, link=link, key=key.id, signature=signature)


_ADVANCE = (
    CHAIN.update()
    .where(CHAIN.c.id == bindparam("of"))
    .values(
        sequence=bindparam("to"),
        link=bindparam("with"),
        entry=bindparam("last"),
        at=bindparam("when"),
    )
)


def _head_row(head: ChainHead) -> dict[str, Any]:
    assert head.at is not None
    return {
        "of": head.chain,
        "to": head.sequence,
        "with": head.link,
        "last": head.entry,
        "when": micros_z(head.at),
    }


def _row(record: Record) -> tuple[object, ...]:
    """The entry as a row, in the order of the table's columns."""
    body = record.body
    numbered, seal, place = body.numbered, body.seal, body.place
    return (
        body.id,
        body.chain,
        body.epoch,
        body.sequence,
        record.kind,
        record.stored,
        PLAIN,
        None,
        record.link,
        record.key,
        record.signature,
        _stored_time(body.at),
        place.organization,
        place.taxpayer,
        place.location,
        body.intent or None,
        body.refers or None,
        numbered.series if numbered else None,
        numbered.number if numbered else None,
        seal.day.isoformat() if seal else None,
        seal.document_type if seal else None,
        int(body.draft is not None and body.draft.is_training),
        None,
        None,
    )


def _statement_row(body: Statement, organization: str, signed: SignedEntry) -> tuple[object, ...]:
    """The same of a statement, which has no place and takes no number."""
    about = body.rows[0] if body.rows else None
    return (
        body.id,
        body.chain,
        body.epoch,
        body.sequence,
        body.kind,
        signed.stored,
        PLAIN,
        None,
        signed.link,
        signed.key,
        signed.signature,
        _stored_time(body.at),
        organization,
        "",
        "",
        *(None,) * 6,
        0,
        about.key if about else None,
        (about.row or {}).get("version") if about else None,
    )


def _stored_time(at: datetime) -> str:
    """As in the body: RFC 3339 with `Z`, a fraction only when there is one."""
    text = at.isoformat()
    return text.removesuffix("+00:00") + "Z"
