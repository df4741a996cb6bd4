"""Reads a record back as it was answered first, for a request that was sent again."""

from sqlalchemy import Connection, select

from fiscus.journal import encode
from fiscus.model.records import Record
from fiscus.store.schema import ENTRY


def record(tx: Connection, id_: str) -> tuple[Record, str] | None:
    """A record as it was answered first, and the id before it; None while its device is being
    asked."""
    row = tx.execute(select(ENTRY).where(ENTRY.c.id == id_)).one_or_none()
    if row is None:
        return None
    before = tx.scalar(
        select(ENTRY.c.id).where(
            ENTRY.c.chain == row.chain,
            ENTRY.c.epoch == row.epoch,
            ENTRY.c.sequence == row.sequence - 1,
        )
    )
    found = Record(
        kind=row.kind,
        body=encode.decode(row.kind, row.body),
        stored=row.body,
        link=row.link,
        key=row.key,
        signature=row.signature,
    )
    return found, before or ""
