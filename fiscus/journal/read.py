"""Reads the journal: one record, a page of records, a period, a whole chain as a stream."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, ScalarSelect, Select, func, select

from fiscus.journal import encode
from fiscus.model.faults import Code, Missing
from fiscus.model.kinds import EntryKind
from fiscus.model.records import EntryBody, Record
from fiscus.model.times import Period
from fiscus.store import stream
from fiscus.store.schema import CHAIN, ENTRY, LABEL, SERIES


def present_epoch(chain: str) -> ScalarSelect[int]:
    """The epoch that a chain is in, for a query: sequences are counted within one."""
    return select(CHAIN.c.epoch).where(CHAIN.c.id == chain).scalar_subquery()


_RECORDS = frozenset(kind.value for kind in EntryKind)
"""Entries of registers' chains: what others state is no record, though it has an organization."""

UNKNOWN_RECORD = Code("JOURNAL-FIND-01", "no record with this id is visible to you")


class FoundRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record with what came after it and what its caller attached."""

    record: Record
    previous_id: str
    metadata: str


def one(tx: Connection, organization: str, id_: str) -> FoundRecord:
    """The record of that organization. Raises `Missing`."""
    row = tx.execute(
        _full().where(ENTRY.c.id == id_, ENTRY.c.organization == organization)
    ).one_or_none()
    if row is None or row.kind not in _RECORDS:
        raise Missing(UNKNOWN_RECORD, "record_id")
    return _found(row)


def owned(tx: Connection, id_: str) -> FoundRecord | None:
    """The record with that id, whosever it is: for who has proved to know of it."""
    organization = tx.scalar(select(ENTRY.c.organization).where(ENTRY.c.id == id_))
    try:
        return None if organization is None else one(tx, organization, id_)
    except Missing:
        return None


def page(
    tx: Connection,
    organization: str,
    *,
    after: str,
    limit: int,
    kinds: Collection[str],
    is_wanted: Callable[[Record], bool],
    registers: Collection[str] = (),
    **where: str | None,
) -> list[FoundRecord]:
    """Up to `limit` records in the order of their ids, after the id `after`.

    `kinds` are entry kinds; what tells records of one kind apart is in their bodies, so
    `is_wanted` looks at each. `registers`: only theirs, none: all. `where` are column filters.
    """
    query = _full().where(
        ENTRY.c.organization == organization, ENTRY.c.id > after, ENTRY.c.kind.in_(list(kinds))
    )
    if registers:
        query = query.where(ENTRY.c.chain.in_(list(registers)))
    for column, value in where.items():
        if value is not None:
            query = query.where(ENTRY.c[column] == value)
    found = []
    with stream.some(tx, query.order_by(ENTRY.c.id)) as rows:
        for row in rows:
            candidate = _found(row)
            if is_wanted(candidate.record):
                found.append(candidate)
                if len(found) == limit:
                    break
    return found


def _full() -> Select[Any]:
    """A record, the last one that used or refers to it, its predecessor, its label."""
    later = ENTRY.alias("later")
    before = ENTRY.alias("before")
    concluded_by = select(later.c.id).where(later.c.intent == ENTRY.c.id).scalar_subquery()
    referred_by = (
        select(later.c.id)
        .where(
            later.c.refers == ENTRY.c.id,
            later.c.kind.in_([EntryKind.DOCUMENT.value, EntryKind.VOID.value]),
        )
        .order_by(later.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    previous = (
        select(before.c.id)
        .where(
            before.c.chain == ENTRY.c.chain,
            before.c.epoch == ENTRY.c.epoch,
            before.c.sequence == ENTRY.c.sequence - 1,
        )
        .scalar_subquery()
    )
    label = select(LABEL.c.metadata).where(LABEL.c.entry == ENTRY.c.id).scalar_subquery()
    return select(
        ENTRY.c.kind,
        ENTRY.c.body,
        ENTRY.c.link,
        ENTRY.c.key,
        ENTRY.c.signature,
        concluded_by.label("concluded_by"),
        referred_by.label("referred_by"),
        previous.label("previous_id"),
        label.label("metadata"),
    )


def _found(row: Row[Any]) -> FoundRecord:
    record = Record(
        kind=row.kind,
        body=encode.decode(row.kind, row.body),
        stored=row.body,
        link=row.link,
        key=row.key,
        signature=row.signature,
        used_in=row.concluded_by or row.referred_by or "",
    )
    return FoundRecord(
        record=record, previous_id=row.previous_id or "", metadata=row.metadata or ""
    )


def body(tx: Connection, id_: str) -> EntryBody | None:
    row = tx.execute(select(ENTRY.c.kind, ENTRY.c.body).where(ENTRY.c.id == id_)).one_or_none()
    return encode.decode(row.kind, row.body) if row and row.kind in _RECORDS else None


def newest(
    tx: Connection, organization: str, kinds: Collection[str]
) -> Iterator[tuple[str, EntryBody]]:
    """Records of these kinds as (kind, body), the newest first, as far as they are asked for;
    `organization` empty: of all."""
    query = select(ENTRY.c.kind, ENTRY.c.body).where(ENTRY.c.kind.in_(list(kinds)))
    if organization:
        query = query.where(ENTRY.c.organization == organization)
    with stream.some(tx, query.order_by(ENTRY.c.id.desc())) as rows:
        for row in rows:
            yield row.kind, encode.decode(row.kind, row.body)


def about(tx: Connection, original: str) -> list[tuple[str, EntryBody]]:
    """The documents and voids that refer to a record, oldest first, as (kind, body): corrections of
    it, or what a tab that it began was added and billed with."""
    rows = tx.execute(
        select(ENTRY.c.kind, ENTRY.c.body)
        .where(
            ENTRY.c.refers == original,
            ENTRY.c.kind.in_([EntryKind.DOCUMENT.value, EntryKind.VOID.value]),
        )
        .order_by(ENTRY.c.id)
    )
    return [(row.kind, encode.decode(row.kind, row.body)) for row in rows]


def tab(tx: Connection, first: str) -> list[EntryBody]:
    """The record that began a tab, and what was recorded for it since; nothing without it."""
    begun = body(tx, first)
    return [] if begun is None else [begun, *(later for _, later in about(tx, first))]


def sealed(
    tx: Connection, taxpayer: str, period: Period
) -> Iterator[tuple[EntryBody, EntryBody | None]]:
    """The taxpayer's sealed documents of a period, training left out, each with the cancellation
    that came after it; streamed series by series, by number.

    A series is read along its own index: sorting whole documents would need them all in memory.
    """
    days = ENTRY.c.day.between(period.first.isoformat(), period.last.isoformat())
    numbered = (
        select(ENTRY.c.series, func.min(ENTRY.c.number), func.max(ENTRY.c.number))
        .where(ENTRY.c.taxpayer == taxpayer, days, ENTRY.c.number.is_not(None))
        .group_by(ENTRY.c.series)
    )
    parts = sorted(tx.execute(numbered), key=lambda part: _name(tx, part[0]))
    for series, first, last in parts:
        run = _run(series, first, last).where(days)
        for row in stream.rows(tx, run):
            later = encode.decode(row.void_kind, row.void) if row.void else None
            yield encode.decode(row.kind, row.body), later


def _name(tx: Connection, series: str) -> tuple[str, str]:
    row = tx.execute(
        select(SERIES.c.document_type, SERIES.c.name).where(SERIES.c.id == series)
    ).one()
    return row.document_type, row.name


def _run(series: str, first: int, last: int) -> Select[Any]:
    """The documents of a series between two numbers, each beside its cancellation."""
    void = ENTRY.alias("void")
    is_void = (void.c.refers == ENTRY.c.id) & (void.c.kind == EntryKind.VOID.value)
    return (
        select(
            ENTRY.c.kind,
            ENTRY.c.body,
            void.c.kind.label("void_kind"),
            void.c.body.label("void"),
        )
        .join(void, is_void, isouter=True)
        .where(
            ENTRY.c.series == series,
            ENTRY.c.number.between(first, last),
            ENTRY.c.kind == EntryKind.DOCUMENT.value,
            ENTRY.c.is_training == 0,
        )
        .order_by(ENTRY.c.number)
    )
