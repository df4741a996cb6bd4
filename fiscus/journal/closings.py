"""Finds closings, and what they cover; a row beside the entry answers without reading bodies."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal_column, select

from fiscus.journal import encode
from fiscus.journal.read import present_epoch
from fiscus.model.documents import ClosingType
from fiscus.model.extracts import BodyExtract
from fiscus.model.faults import Code, Missing
from fiscus.model.kinds import SEALED, EntryKind
from fiscus.model.records import EntryBody
from fiscus.model.times import micros_z
from fiscus.store import stream
from fiscus.store.schema import CLOSING, ENTRY

UNKNOWN_CLOSING = Code("JOURNAL-CLOSING-01", "no closing with this id is visible to you")

# Written out, so that the planner sees that the partial index over sealed closings serves.
_IS_SEALED = CLOSING.c.is_sealed == literal_column("1")

_BODIES = select(ENTRY.c.kind, ENTRY.c.body).join(CLOSING, CLOSING.c.id == ENTRY.c.id)

_SEALED = sorted(SEALED)
_AT_ONCE = 500


def row(body: EntryBody) -> dict[str, Any]:
    """The row by which a closing is found: written in the transaction that appends its entry."""
    closing = body.closing
    assert closing is not None
    return {
        "id": body.id,
        "organization": body.place.organization,
        "taxpayer": body.place.taxpayer,
        "register": body.register,
        "type": closing.type.value,
        "is_sealed": int(closing.is_sealed),
        "number": closing.number,
        "last_z": closing.last_z,
        "first_sequence": closing.first_sequence,
        "last_sequence": closing.last_sequence,
        "since": micros_z(closing.since),
        "until": micros_z(closing.until),
        "day": closing.day.isoformat(),
        "session": closing.session or None,
    }


def one(tx: Connection, organization: str, id_: str) -> EntryBody:
    """The closing of that organization. Raises `Missing`."""
    found = _first(tx, _BODIES.where(CLOSING.c.id == id_, CLOSING.c.organization == organization))
    if found is None:
        raise Missing(UNKNOWN_CLOSING)
    return found


def of(
    tx: Connection,
    organization: str,
    *,
    register: str | None = None,
    type: ClosingType | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    after: str,
    limit: int,
) -> list[EntryBody]:
    """Up to `limit` closings in the order of their ids, after the id `after`; `start` and `end`
    bound the end of the period, both included."""
    query = _BODIES.where(CLOSING.c.organization == organization, CLOSING.c.id > after)
    if register is not None:
        query = query.where(CLOSING.c.register == register)
    if type is not None:
        query = query.where(CLOSING.c.type == type)
    if start is not None:
        query = query.where(CLOSING.c.until >= micros_z(start))
    if end is not None:
        query = query.where(CLOSING.c.until <= micros_z(end))
    rows = tx.execute(query.order_by(CLOSING.c.id).limit(limit))
    return [encode.decode(row.kind, row.body) for row in rows]


def last(
    tx: Connection, register: str, *, sealed: bool, type: ClosingType | None = None
) -> EntryBody | None:
    """The register's newest sealed closing, or its newest report; of one type if that is said."""
    query = _BODIES.where(CLOSING.c.register == register)
    if type is not None:
        query = query.where(CLOSING.c.type == type)
    if sealed:
        return _first(tx, query.where(_IS_SEALED).order_by(CLOSING.c.last_z.desc()))
    query = query.where(CLOSING.c.is_sealed == 0)
    return _first(tx, query.order_by(ENTRY.c.sequence.desc()))


def reported_to(tx: Connection, register: str, type_: ClosingType) -> int:
    """The last Z number that a closing of this type covers, sealed or report; 0 if none does."""
    found = tx.scalar(
        select(func.max(CLOSING.c.last_z)).where(
            CLOSING.c.register == register, CLOSING.c.type == type_
        )
    )
    return found or 0


def last_report(tx: Connection, register: str, type_: ClosingType) -> int:
    """The number of the register's newest report of this type; 0 if there is none."""
    found = tx.scalar(
        select(func.max(CLOSING.c.number)).where(
            CLOSING.c.register == register, CLOSING.c.type == type_, CLOSING.c.is_sealed == 0
        )
    )
    return found or 0


def sealed_between(tx: Connection, register: str, after_z: int, upto: int) -> Iterator[EntryBody]:
    """The sealed closings with Z numbers after `after_z`, up to and with `upto`, in that order."""
    query = _BODIES.where(
        CLOSING.c.register == register,
        _IS_SEALED,
        CLOSING.c.last_z > after_z,
        CLOSING.c.last_z <= upto,
    )
    return _stream(tx, query.order_by(CLOSING.c.last_z))


def in_window(
    tx: Connection, register: str, since: datetime, until: datetime
) -> Iterator[EntryBody]:
    """The sealed closings made in a window of time, both ends included, by Z number.

    Both, because a caller's window often ends with the last second of a day: a closing made in
    it would else be in no export at all.
    """
    query = _BODIES.where(
        CLOSING.c.register == register,
        _IS_SEALED,
        CLOSING.c.until.between(micros_z(since), micros_z(until)),
    )
    return _stream(tx, query.order_by(CLOSING.c.last_z))


def of_session(tx: Connection, register: str, session: str) -> EntryBody | None:
    """The closing that sealed a cash session of the register; None while it is not closed."""
    return _first(
        tx,
        _BODIES.where(CLOSING.c.register == register, CLOSING.c.session == session)
        .where(_IS_SEALED)
        .order_by(CLOSING.c.last_z.desc()),
    )


def covering(tx: Connection, id_: str) -> EntryBody | None:
    """The sealed closing that covers a record, named by its own id or by its intention's; None
    while it is not closed, and for what no closing covers (intentions left open, refusals …)."""
    record = tx.execute(
        select(ENTRY.c.chain, ENTRY.c.sequence)
        .where((ENTRY.c.id == id_) | (ENTRY.c.intent == id_), ENTRY.c.kind.in_(_SEALED))
        .limit(1)
    ).one_or_none()
    if record is None:
        return None
    # The newest that begins before it: what is asked for is mostly of late.
    return _first(
        tx,
        _BODIES.where(
            CLOSING.c.register == record.chain,
            _IS_SEALED,
            CLOSING.c.first_sequence <= record.sequence,
            CLOSING.c.last_sequence >= record.sequence,
        ).order_by(CLOSING.c.last_z.desc()),
    )


def uncovered(tx: Connection, register: str, records: Collection[str]) -> tuple[str, ...]:
    """Which of these records stand in other registers' chains, and in no sealed closing yet; in the
    order of their ids."""
    closing_of_it = select(CLOSING.c.id).where(
        CLOSING.c.register == ENTRY.c.chain,
        _IS_SEALED,
        CLOSING.c.first_sequence <= ENTRY.c.sequence,
        CLOSING.c.last_sequence >= ENTRY.c.sequence,
    )
    found: list[str] = []
    wanted = sorted(set(records))
    for at in range(0, len(wanted), _AT_ONCE):
        query = select(ENTRY.c.id).where(
            ENTRY.c.id.in_(wanted[at : at + _AT_ONCE]),
            ENTRY.c.chain != register,
            ~closing_of_it.exists(),
        )
        found += sorted(tx.scalars(query))
    return tuple(found)


def covered(tx: Connection, body: EntryBody) -> Iterator[BodyExtract]:
    """What files show of the sealed documents that a closing covers, in the order of the journal;
    streamed."""
    closing = body.closing
    assert closing is not None, "a closing says what it counted"
    query = (
        select(ENTRY.c.kind, ENTRY.c.body)
        .where(
            ENTRY.c.epoch == body.epoch,
            _sealed(body.register, closing.first_sequence, closing.last_sequence),
        )
        .order_by(ENTRY.c.sequence)
    )
    return (encode.extract(kind, stored) for kind, stored in stream.rows(tx, query))


def counted(
    tx: Connection, register: str, first: int, last: int
) -> Iterator[tuple[EntryKind, EntryBody, EntryBody | None]]:
    """The register's sealed documents of these sequences of its present epoch, both included, in
    their order; streamed, a cancellation with the document it cancels."""
    original = ENTRY.alias("original")
    is_cancelled = (original.c.id == ENTRY.c.refers) & (ENTRY.c.kind == EntryKind.VOID)
    query = (
        select(
            ENTRY.c.kind,
            ENTRY.c.body,
            original.c.kind.label("original_kind"),
            original.c.body.label("original"),
        )
        .join(original, is_cancelled, isouter=True)
        .where(ENTRY.c.epoch == present_epoch(register), _sealed(register, first, last))
        .order_by(ENTRY.c.sequence)
    )
    for row in stream.rows(tx, query):
        before = encode.decode(row.original_kind, row.original) if row.original else None
        yield EntryKind(row.kind), encode.decode(row.kind, row.body), before


def _sealed(register: str, first: int, last: int) -> ColumnElement[bool]:
    """The register's sealed documents of these sequences, both included."""
    return and_(
        ENTRY.c.chain == register,
        ENTRY.c.sequence.between(first, last),
        ENTRY.c.kind.in_(_SEALED),
    )


def _first(tx: Connection, query: Select[Any]) -> EntryBody | None:
    row = tx.execute(query.limit(1)).one_or_none()
    return encode.decode(row.kind, row.body) if row else None


def _stream(tx: Connection, query: Select[Any]) -> Iterator[EntryBody]:
    for row in stream.rows(tx, query):
        yield encode.decode(row.kind, row.body)
