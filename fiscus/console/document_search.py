"""Finds documents: a page of the index by what an accountant knows of one, newest first; and the
few newest that are not in the index yet, straight from the journal."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    literal_column,
    or_,
    select,
    tuple_,
)

from fiscus.console import document_index
from fiscus.console.document_index import IndexPortion
from fiscus.console.document_rows import (
    DocumentMark,
    IndexRow,
    folded,
    mark_by,
    number_key,
)
from fiscus.journal import follow
from fiscus.model.faults import Code, Refused
from fiscus.model.kinds import EntryKind
from fiscus.store.schema import DOCUMENT_INDEX, ENTRY
from fiscus.store.search_schema import MARKED, NAMED

BAD_CURSOR = Code(
    "CONSOLE-DOCUMENTS-01", "this is no place in the list of documents: begin with its first page"
)

PAGE = 50
DAYS_DEFAULT = 31
"""Without days said, texts and amounts are looked for in so many days up to today."""

TERMS_MAX, TYPED_MAX = 8, 200
EXACT_MAX, SINCE_MAX = 500, 500
LOOKED_MAX, LOOKED_NARROW_MAX = 10_000, 50_000
"""So many documents are looked through for a page: where each must be read, and where an index
holds what is looked for (customers, states)."""

FRESH_MAX = 200
"""So many entries that are not in the index yet are read from the journal for a page."""

CHAINS_MAX = 10_000


class DocumentStatus(StrEnum):
    """What can be asked of a document: whether it is practice, was cancelled, was corrected, was
    refused, or lacks the law's signature."""

    TRAINING = "training"
    CANCELLED = "cancelled"
    CORRECTED = "corrected"
    REFUSED = "refused"
    UNSIGNED = "unsigned"

    @property
    def mark(self) -> DocumentMark:
        return DocumentMark[self.name]


class DocumentFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which documents; what is empty does not narrow. `registers` are those that the visitor may
    see (none: all), `number` a legal number, an ATCUD or the record's id, `amount` cents without a
    sign, `customer` and `words` are folded. Days are included."""

    organization: str
    registers: Collection[str] = ()
    number: str = ""
    amount: int | None = None
    first: date | None = None
    last: date | None = None
    customer: str = ""
    words: tuple[str, ...] = ()
    register: str = ""
    location: str = ""
    kind: str = ""
    status: DocumentStatus | None = None

    @property
    def is_looked_for(self) -> bool:
        """Whether documents must be looked at one by one."""
        said = (self.amount is not None, self.customer, self.words, self.location, self.kind)
        return not self.number and (any(said) or self.status is not None)


class DocumentPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the list: the document's day and id."""

    day: str
    id: str

    def text(self) -> str:
        return f"{self.day}.{self.id}"


class FoundPage(msgspec.Struct, frozen=True, kw_only=True):
    """Documents, newest first, and the places behind which newer and older ones are looked for
    (None: there are none). `is_stopped`: more is there, but enough was looked through for a
    page."""

    rows: tuple[IndexRow, ...]
    newer: DocumentPlace | None = None
    older: DocumentPlace | None = None
    is_stopped: bool = False


class FreshDocuments(msgspec.Struct, frozen=True, kw_only=True):
    """What the index lacks: `entries` so many at most, of which `portions` is what they come to
    (none if they are too many to be read)."""

    entries: int
    portions: tuple[IndexPortion, ...] = ()

    @property
    def is_whole(self) -> bool:
        return self.entries <= FRESH_MAX

    def rows(self, wanted: DocumentFilter) -> list[IndexRow]:
        """Those of its documents that are wanted, newest first."""
        found = [row for one in self.portions for row in one.rows if fits(row, wanted)]
        return sorted(found, key=_newest, reverse=True)


def place_of(text: str) -> DocumentPlace | None:
    """The inverse of `DocumentPlace.text`; None for the empty text. Raises `Refused`."""
    if not text:
        return None
    day, _, id_ = text.partition(".")
    try:
        place = DocumentPlace(day=date.fromisoformat(day).isoformat(), id=str(UUID(id_)))
    except ValueError:
        raise Refused(BAD_CURSOR, "after") from None
    if place.text() != text:
        raise Refused(BAD_CURSOR, "after")
    return place


def terms(text: str) -> tuple[str, ...]:
    """What was typed, as words that are all looked for."""
    return tuple(folded(text[:TYPED_MAX]).split()[:TERMS_MAX])


def window(today: date) -> tuple[date, date]:
    """The days that are looked at if none is said."""
    return today - timedelta(days=DAYS_DEFAULT - 1), today


def page(
    tx: Connection,
    wanted: DocumentFilter,
    *,
    older_than: DocumentPlace | None = None,
    newer_than: DocumentPlace | None = None,
    limit: int = PAGE,
) -> FoundPage:
    """Up to `limit` documents behind a place, in one of both directions, or the newest. What no
    index tells is looked for in so many documents at most (`LOOKED_MAX`)."""
    row, bounds = DOCUMENT_INDEX.c, _Bounds(older_than=older_than, newer_than=newer_than)
    stop = bounds.stop(tx, wanted) if wanted.is_looked_for else None
    query = bounds.within(_narrowed(tx, select(row.day, row.id), wanted))
    if stop is not None:
        query = query.where(bounds.up_to(stop))
    found = [DocumentPlace(day=day, id=id_) for day, id_ in tx.execute(query.limit(limit + 1))]
    rows, is_more = _rows(tx, [place.id for place in found[:limit]]), len(found) > limit
    further = found[limit - 1] if is_more else stop
    back = found[0] if found else None
    is_stopped = stop is not None and not is_more
    if newer_than is not None:
        return FoundPage(rows=rows, newer=further, older=back, is_stopped=is_stopped)
    newer = back if older_than is not None else None
    return FoundPage(rows=rows, newer=newer, older=further, is_stopped=is_stopped)


class _Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Between which places a page is looked for, and in which direction."""

    older_than: DocumentPlace | None
    newer_than: DocumentPlace | None

    def within(self, query: Select[Any]) -> Select[Any]:
        row = DOCUMENT_INDEX.c
        if self.newer_than is not None:
            query = query.where(tuple_(self.newer_than.day, self.newer_than.id) < _ORDER)
            return query.order_by(row.day, row.id)
        if self.older_than is not None:
            query = query.where(tuple_(self.older_than.day, self.older_than.id) > _ORDER)
        return query.order_by(row.day.desc(), row.id.desc())

    def up_to(self, stop: DocumentPlace) -> ColumnElement[bool]:
        place = tuple_(stop.day, stop.id)
        return place >= _ORDER if self.newer_than is not None else place <= _ORDER

    def stop(self, tx: Connection, wanted: DocumentFilter) -> DocumentPlace | None:
        """The last document that is looked at; None if there are not so many."""
        row = DOCUMENT_INDEX.c
        query = select(row.day, row.id).where(*_places(wanted))
        is_narrow = bool(wanted.customer or wanted.status)
        if is_narrow:
            query = query.where(_NAMED if wanted.customer else _MARKED)
        count = LOOKED_NARROW_MAX if is_narrow else LOOKED_MAX
        found = tx.execute(self.within(query).offset(count - 1).limit(2)).all()
        if len(found) < 2:
            return None
        return DocumentPlace(day=found[0].day, id=found[0].id)


def _rows(tx: Connection, ids: Collection[str]) -> tuple[IndexRow, ...]:
    """These documents, newest first. They were found along an index, where that is possible, which
    is much smaller than the rows."""
    if not ids:
        return ()
    query = select(*DOCUMENT_INDEX.c).where(DOCUMENT_INDEX.c.id.in_(list(ids)))
    return tuple(
        sorted((IndexRow._make(row) for row in tx.execute(query)), key=_newest, reverse=True)
    )


def since(tx: Connection, wanted: DocumentFilter, id_: str, limit: int = PAGE) -> list[IndexRow]:
    """Documents that came after an id, newest first; also those of the minute before it: chains
    are indexed one after the other, and what is listed already is told by its id."""
    newest_ids = (
        select(DOCUMENT_INDEX.c.id)
        .where(
            DOCUMENT_INDEX.c.organization == wanted.organization,
            DOCUMENT_INDEX.c.id > _minute_before(id_),
        )
        .order_by(DOCUMENT_INDEX.c.id.desc())
        .limit(SINCE_MAX)
    )
    query = _narrowed(tx, select(*DOCUMENT_INDEX.c), wanted)
    query = query.where(DOCUMENT_INDEX.c.id.in_(list(tx.scalars(newest_ids))))
    newest = query.order_by(DOCUMENT_INDEX.c.day.desc(), DOCUMENT_INDEX.c.id.desc())
    return [IndexRow._make(row) for row in tx.execute(newest.limit(limit))]


def _minute_before(id_: str) -> str:
    """An id is a UUID of version 7: its first 48 bits are milliseconds."""
    milliseconds = max(0, (UUID(id_).int >> 80) - 60_000)
    return str(UUID(int=milliseconds << 80))


def fresh(tx: Connection, organization: str, registers: Collection[str] = ()) -> FreshDocuments:
    """What of the visible chains is not in the index yet (no register named: of all)."""
    behind = follow.behind(tx, document_index.READER, "register", (organization,), limit=CHAINS_MAX)
    visible = [one for one in behind if not registers or one.chain in registers]
    entries = sum(one.head - one.sequence for one in visible)
    if entries > FRESH_MAX:
        return FreshDocuments(entries=entries)
    portions = (document_index.made(tx, one, FRESH_MAX + 1) for one in visible)
    return FreshDocuments(entries=entries, portions=tuple(portions))


def _newest(row: IndexRow) -> tuple[str, str]:
    return row.day, row.id


def merged(page: FoundPage, fresh: Sequence[IndexRow], limit: int = PAGE) -> FoundPage:
    """The first page with documents from the journal in their places."""
    known = {row.id: row for row in (*page.rows, *fresh)}
    rows = sorted(known.values(), key=_newest, reverse=True)
    if len(rows) <= limit:
        return FoundPage(
            rows=tuple(rows), newer=page.newer, older=page.older, is_stopped=page.is_stopped
        )
    return FoundPage(rows=tuple(rows[:limit]), newer=page.newer, older=place_in(rows[limit - 1]))


def place_in(row: IndexRow) -> DocumentPlace:
    """Where a document stands in the list."""
    return DocumentPlace(day=row.day, id=row.id)


def made_of(tx: Connection, ids: Collection[str]) -> dict[str, dict[str, DocumentMark]]:
    """What later entries made of these documents as the journal has it now: for each document the
    ids of those entries, and the mark."""
    found: dict[str, dict[str, DocumentMark]] = {}
    if not ids:
        return found
    query = select(ENTRY.c.refers, ENTRY.c.id, ENTRY.c.kind).where(
        ENTRY.c.refers.in_(list(ids)),
        ENTRY.c.kind.in_([EntryKind.DOCUMENT.value, EntryKind.VOID.value]),
    )
    for row in tx.execute(query.order_by(ENTRY.c.id)):
        found.setdefault(row.refers, {})[row.id] = mark_by(row.kind)
    return found


def _narrowed(tx: Connection, query: Select[Any], wanted: DocumentFilter) -> Select[Any]:
    query = query.where(*_conditions(wanted))
    if wanted.number:
        query = query.where(DOCUMENT_INDEX.c.id.in_(_exact(tx, wanted)))
    return query


def _exact(tx: Connection, wanted: DocumentFilter) -> list[str]:
    """The documents of a number, a code or an id, each found along its own index, over all time."""
    row, key = DOCUMENT_INDEX.c, number_key(wanted.number)
    found: dict[str, None] = {}
    for same in (row.number_key == key, row.code_key == key, row.id == key):
        mine = and_(row.organization == wanted.organization, same)
        found |= dict.fromkeys(tx.scalars(select(row.id).where(mine).limit(EXACT_MAX)))
    return list(found)


# Written out just so, that the planner sees that the indexes over these documents serve. (With a
# type said, SQLAlchemy writes `… = 1` for SQLite, which then does not.)
_NAMED: ColumnElement[bool] = literal_column(f"({NAMED})")
_MARKED: ColumnElement[bool] = literal_column(f"({MARKED})")
_ORDER = tuple_(DOCUMENT_INDEX.c.day, DOCUMENT_INDEX.c.id)


def _places(wanted: DocumentFilter) -> Iterator[ColumnElement[bool]]:
    """What the indexes of places and days tell."""
    row = DOCUMENT_INDEX.c
    yield row.organization == wanted.organization
    if wanted.registers:
        yield row.register.in_(list(wanted.registers))
    if wanted.register:
        yield row.register == wanted.register
    if wanted.first is not None:
        yield row.day >= wanted.first.isoformat()
    if wanted.last is not None:
        yield row.day <= wanted.last.isoformat()


def _conditions(wanted: DocumentFilter) -> Iterator[ColumnElement[bool]]:
    row = DOCUMENT_INDEX.c
    yield from _places(wanted)
    if wanted.location:
        yield row.location == wanted.location
    if wanted.kind:
        yield row.kind == wanted.kind
    if wanted.amount is not None:
        yield or_(row.gross == wanted.amount, row.gross == -wanted.amount)
    if wanted.customer:
        yield _NAMED
        yield row.customer_key.contains(wanted.customer, autoescape=True)
    for term in wanted.words:
        yield row.words.contains(term, autoescape=True)
    if wanted.status is not None:
        yield _MARKED
        yield row.marks.op("&")(int(wanted.status.mark)) != 0


def fits(row: IndexRow, wanted: DocumentFilter) -> bool:
    """The same of a row that is not in the database."""
    key = number_key(wanted.number)
    return (
        row.organization == wanted.organization
        and (not wanted.registers or row.register in wanted.registers)
        and wanted.register in ("", row.register)
        and wanted.location in ("", row.location)
        and (wanted.first is None or row.day >= wanted.first.isoformat())
        and (wanted.last is None or row.day <= wanted.last.isoformat())
        and wanted.kind in ("", row.kind)
        and (wanted.amount is None or abs(row.gross) == wanted.amount)
        and wanted.customer in row.customer_key
        and all(term in row.words for term in wanted.words)
        and (wanted.status is None or bool(row.marks & wanted.status.mark))
        and (not wanted.number or key in (row.number_key, row.code_key, row.id))
    )
