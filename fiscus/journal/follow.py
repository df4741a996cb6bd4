"""Reads on where it stopped: for whoever makes something else of the journal's entries, once each.

A reader has a name and keeps, for each chain, the sequence up to which it has read; it moves on in
the transaction that keeps what was made. Entries of one chain come in their order.
"""

from collections.abc import Collection, Generator
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, and_, or_, select

from fiscus.store import stream
from fiscus.store.insert import insert_once
from fiscus.store.schema import CHAIN, ENTRY, FOLLOWED


class FollowedEntry(NamedTuple):
    """What a reader gets of an entry; the fields are columns of its table."""

    id: str
    chain: str
    epoch: int
    sequence: int
    kind: str
    body: bytes
    link: str
    refers: str | None
    is_training: int


COLUMNS = ENTRY.c[FollowedEntry._fields]
"""What `FollowedEntry._make` takes."""


class ChainPosition(msgspec.Struct, frozen=True, kw_only=True):
    """How far a reader is in a chain: up to `sequence` (0: nothing of this epoch yet), while the
    chain ends at `head`."""

    chain: str
    organization: str
    epoch: int
    sequence: int
    head: int


def behind(
    tx: Connection, reader: str, class_: str, organizations: Collection[str] = (), limit: int = 100
) -> list[ChainPosition]:
    """The chains of one class in which there is something new for the reader; of these
    organizations only, none named: of all."""
    query = (
        select(CHAIN, FOLLOWED.c.epoch.label("read_epoch"), FOLLOWED.c.sequence.label("read"))
        .join(
            FOLLOWED,
            and_(FOLLOWED.c.chain == CHAIN.c.id, FOLLOWED.c.reader == reader),
            isouter=True,
        )
        .where(
            CHAIN.c["class"] == class_,
            CHAIN.c.sequence > 0,
            or_(
                FOLLOWED.c.chain.is_(None),
                FOLLOWED.c.epoch != CHAIN.c.epoch,
                FOLLOWED.c.sequence < CHAIN.c.sequence,
            ),
        )
        .order_by(CHAIN.c.id)
        .limit(limit)
    )
    if organizations:
        query = query.where(CHAIN.c.organization.in_(list(organizations)))
    return [
        ChainPosition(
            chain=row.id,
            organization=row.organization,
            epoch=row.epoch,
            sequence=row.read if row.read_epoch == row.epoch else 0,
            head=row.sequence,
        )
        for row in tx.execute(query)
    ]


def taken(tx: Connection, reader: str, position: ChainPosition) -> bool:
    """Hold the place of the reader in that chain until this transaction ends. False if another
    process has read on meanwhile: then nothing is to be made of what was found behind it."""
    at = {"reader": reader, "chain": position.chain}
    tx.execute(insert_once(tx, FOLLOWED).values(**at, epoch=position.epoch, sequence=0))
    row = tx.execute(
        select(FOLLOWED.c.epoch, FOLLOWED.c.sequence)
        .where(FOLLOWED.c.reader == reader, FOLLOWED.c.chain == position.chain)
        .with_for_update()
    ).one()
    sequence = row.sequence if row.epoch == position.epoch else 0
    return bool(sequence == position.sequence)


def entries(
    tx: Connection, position: ChainPosition, kinds: Collection[str]
) -> Generator[FollowedEntry, None, None]:
    """The chain's entries of these kinds behind the position, in order."""
    query = (
        select(*COLUMNS)
        .where(
            ENTRY.c.chain == position.chain,
            ENTRY.c.epoch == position.epoch,
            ENTRY.c.sequence > position.sequence,
            ENTRY.c.sequence <= position.head,
            ENTRY.c.kind.in_(list(kinds)),
        )
        .order_by(ENTRY.c.sequence)
    )
    with stream.some(tx, query) as rows:
        yield from map(FollowedEntry._make, rows)


def advance(tx: Connection, reader: str, position: ChainPosition, sequence: int) -> None:
    """The reader has made what it makes of everything up to this sequence."""
    tx.execute(
        FOLLOWED.update()
        .where(FOLLOWED.c.reader == reader, FOLLOWED.c.chain == position.chain)
        .values(epoch=position.epoch, sequence=sequence)
    )
