"""The only INSERT into the journal."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam

from fiscus.journal import chain, encode, sign
from fiscus.model.kinds import EntryKind
from fiscus.model.records import Body, Record
from fiscus.model.times import micros_z
from fiscus.signers import Signer
from fiscus.store.insert import insert_many
from fiscus.store.schema import CHAIN, ENTRY


class Head(msgspec.Struct, kw_only=True):
    """Where a register's chain ends, held under its lock while a group of entries is made."""

    register: str
    sequence: int
    link: str
    entry: str
    at: datetime | None


class JournalKey(msgspec.Struct, frozen=True, kw_only=True):
    """A register's opened journal key, and its JWS header, encoded once."""

    signer: Signer
    serial: str
    header: str


def extend(head: Head, key: JournalKey, kind: EntryKind, body: Body) -> Record:
    """The next entry of the chain: linked and signed. Moves the head; writes nothing."""
    assert body.register == head.register
    assert body.sequence == head.sequence + 1
    assert body.previous == head.link
    # In the bytes and in the column it is written with a Z: nobody could mend what is not UTC.
    assert body.at.utcoffset() == timedelta(0)
    stored = encode.encode(body)
    link = chain.link(head.link, body.sequence, kind, stored)
    record = Record(
        kind=kind.value,
        body=body,
        stored=stored,
        link=link,
        signature=sign.sign(key.signer, key.header, stored),
    )
    head.sequence, head.link, head.entry, head.at = body.sequence, link, body.id, body.at
    return record


def append(tx: Connection, records: Sequence[Record], heads: Sequence[Head]) -> None:
    """Write entries and the heads they lead to, in the caller's transaction."""
    if not records:
        return
    insert_many(tx, ENTRY, [_row(record) for record in records])
    tx.execute(_ADVANCE, [_head_row(head) for head in heads])


_ADVANCE = (
    CHAIN.update()
    .where(CHAIN.c.register == bindparam("of"))
    .values(
        sequence=bindparam("to"),
        link=bindparam("with"),
        entry=bindparam("last"),
        at=bindparam("when"),
    )
)


def _head_row(head: Head) -> dict[str, Any]:
    assert head.at is not None
    return {
        "of": head.register,
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
        body.register,
        body.sequence,
        record.kind,
        record.stored,
        record.link,
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
    )


def _stored_time(at: datetime) -> str:
    """As in the body: RFC 3339 with `Z`, a fraction only when there is one."""
    text = at.isoformat()
    return text.removesuffix("+00:00") + "Z"
