"""What the list of documents shows: the search as it was typed and understood, its documents, and
how far behind the index is."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

import msgspec
from sqlalchemy import Connection, select

from fiscus.console import document_index, document_search
from fiscus.console.document_rows import DocumentMark, IndexRow, folded
from fiscus.console.document_search import (
    PAGE,
    TYPED_MAX,
    DocumentFilter,
    DocumentStatus,
    FoundPage,
)
from fiscus.console.typed_amounts import cents_of
from fiscus.model.amounts import CENT
from fiscus.model.documents import DocumentKind
from fiscus.model.times import instant
from fiscus.store.schema import DOCUMENT_INDEX, LOCATION, REGISTER

FIELDS = (
    "number",
    "amount",
    "first",
    "last",
    "customer",
    "text",
    "register",
    "location",
    "kind",
    "status",
)
"""What a person can say of a document, as the form and the address name it."""

FILTERED_DAYS_MAX = 400
"""So many days are looked through for what is not found along an index."""

PLACES_MAX = 500
"""So many registers and locations can be chosen from; of more the first by name."""

NOT_AN_AMOUNT, NOT_A_DAY, BACKWARDS = "amount", "day", "backwards"
TOO_LONG, TOO_MANY_DAYS, UNKNOWN_CHOICE = "long", "days", "choice"
"""What can be wrong with a field."""


class DocumentSight(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor may see: whose documents, of which registers (none: of all), and of which
    days, for the link of an auditor."""

    organization: str
    registers: Collection[str] = ()
    first: date | None = None
    last: date | None = None


class JudgedSearch(msgspec.Struct, frozen=True, kw_only=True):
    """A search as it was understood. `faults` are by field; with any, nothing is looked for.
    `is_default`: nobody chose days, and the last ones are looked through; `is_all_time`: a number
    or a code is looked for whenever it was. `is_outside`: days were chosen that the visitor's link
    does not show."""

    typed: Mapping[str, str]
    wanted: DocumentFilter
    faults: Mapping[str, str]
    is_default: bool
    is_all_time: bool
    is_outside: bool = False


class DocumentLine(msgspec.Struct, frozen=True, kw_only=True):
    """A document in the list. `at` is UTC, `timezone` that of its location; `later` the documents
    that cancelled or corrected it, oldest first, each with the mark that it made."""

    id: str
    at: datetime
    timezone: str
    day: date
    kind: str
    document_type: str
    number: str
    code: str
    gross: Decimal
    currency: str
    customer: str
    register: str
    register_name: str
    location_name: str
    marks: tuple[DocumentMark, ...]
    later: tuple[tuple[str, DocumentMark], ...]


class DocumentsFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the list. `newer` and `older` are places in it, empty at its ends. `behind`: so
    many entries of the journal are not in the index yet, and are not listed (0: all are).
    `is_stopped`: documents beyond these were not looked at for this page."""

    search: JudgedSearch
    lines: tuple[DocumentLine, ...] = ()
    newer: str = ""
    older: str = ""
    behind: int = 0
    is_stopped: bool = False
    has_any: bool = True


def judged(typed: Mapping[str, str], sight: DocumentSight, today: date) -> JudgedSearch:
    """What was typed, understood as a search; all faults at once."""
    said = {name: typed.get(name, "").strip() for name in FIELDS}
    faults = dict(_faults(said))
    first, last = _day(said["first"]), _day(said["last"])
    is_exact, is_default = bool(said["number"]), False
    if not is_exact and not faults:
        if first is None and last is not None:
            first = document_search.window(last)[0]
        elif first is None:
            first, is_default = document_search.window(today)[0], True
        if _is_filtered(said) and ((last or today) - first).days >= FILTERED_DAYS_MAX:
            faults["first"] = TOO_MANY_DAYS
    return JudgedSearch(
        typed=said,
        wanted=DocumentFilter(
            organization=sight.organization,
            registers=sight.registers,
            number=said["number"],
            amount=cents_of(said["amount"]),
            first=max((day for day in (first, sight.first) if day), default=None),
            last=min((day for day in (last, sight.last) if day), default=None),
            customer=folded(said["customer"]),
            words=document_search.terms(said["text"]),
            register=said["register"],
            location=said["location"],
            kind=said["kind"],
            status=DocumentStatus(said["status"]) if _is_status(said["status"]) else None,
        ),
        faults=faults,
        is_default=is_default,
        is_all_time=is_exact and first is None and last is None,
        is_outside=_is_outside(said, sight),
    )


def _faults(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in FIELDS:
        if len(said[name]) > TYPED_MAX:
            yield name, TOO_LONG
    if said["amount"] and cents_of(said["amount"]) is None:
        yield "amount", NOT_AN_AMOUNT
    for name in ("first", "last"):
        if said[name] and _day(said[name]) is None:
            yield name, NOT_A_DAY
    first, last = _day(said["first"]), _day(said["last"])
    if first and last and last < first:
        yield "last", BACKWARDS
    if said["kind"] and said["kind"] not in set(DocumentKind):
        yield "kind", UNKNOWN_CHOICE
    if said["status"] and not _is_status(said["status"]):
        yield "status", UNKNOWN_CHOICE


def _is_outside(said: Mapping[str, str], sight: DocumentSight) -> bool:
    """Whether days were said of which the visitor may not see all."""
    first, last = _day(said["first"]), _day(said["last"])
    days = [day for day in (first, last) if day]
    is_early = sight.first is not None and any(day < sight.first for day in days)
    return is_early or (sight.last is not None and any(day > sight.last for day in days))


def _is_status(text: str) -> bool:
    return text in set(DocumentStatus)


def _is_filtered(said: Mapping[str, str]) -> bool:
    """Whether documents must be looked at one by one."""
    return any(said[name] for name in ("amount", "customer", "text", "location", "kind", "status"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def facts(
    tx: Connection, search: JudgedSearch, *, after: str = "", before: str = "", limit: int = PAGE
) -> DocumentsFacts:
    """A page of the list behind a place (`after`: older ones, `before`: newer ones). Raises
    `Refused` for a place that is none."""
    if search.faults:
        return DocumentsFacts(search=search)
    older, newer = document_search.place_of(after), document_search.place_of(before)
    found = document_search.page(tx, search.wanted, older_than=older, newer_than=newer, limit=limit)
    behind = 0
    if older is None:
        fresh = document_search.fresh(tx, search.wanted.organization, search.wanted.registers)
        behind = 0 if fresh.is_whole else fresh.entries
        if newer is None:
            found = document_search.merged(found, fresh.rows(search.wanted), limit)
    return DocumentsFacts(
        search=search,
        lines=lines(tx, found.rows),
        newer=found.newer.text() if found.newer else "",
        older=found.older.text() if found.older else "",
        is_stopped=found.is_stopped,
        behind=behind,
        has_any=bool(found.rows) or has_any(tx, search.wanted),
    )


def live(tx: Connection, search: JudgedSearch, after: str) -> DocumentsFacts:
    """What came after a document (empty: the newest page), for a list that is open in a browser."""
    if search.faults:
        return DocumentsFacts(search=search)
    if not after:
        return facts(tx, search)
    rows = document_search.since(tx, search.wanted, after)
    fresh = document_search.fresh(tx, search.wanted.organization, search.wanted.registers)
    page = document_search.merged(FoundPage(rows=tuple(rows)), fresh.rows(search.wanted))
    return DocumentsFacts(
        search=search,
        lines=lines(tx, page.rows),
        behind=0 if fresh.is_whole else fresh.entries,
    )


def has_any(tx: Connection, wanted: DocumentFilter) -> bool:
    """Whether the visitor has documents at all, whatever is looked for."""
    mine = select(DOCUMENT_INDEX.c.id).where(DOCUMENT_INDEX.c.organization == wanted.organization)
    if wanted.registers:
        mine = mine.where(DOCUMENT_INDEX.c.register.in_(list(wanted.registers)))
    return tx.scalar(mine.limit(1)) is not None


def lines(tx: Connection, rows: Collection[IndexRow]) -> tuple[DocumentLine, ...]:
    """Rows of the index as they are shown: with names, and with what the journal says of them by
    now."""
    names = PlaceNames(tx)
    later = document_search.made_of(tx, [row.id for row in rows])
    return tuple(_line(row, names, later.get(row.id, {})) for row in rows)


def _line(row: IndexRow, names: "PlaceNames", later: Mapping[str, DocumentMark]) -> DocumentLine:
    marks = DocumentMark(row.marks)
    if row.kind == DocumentKind.ORDER:
        later = {id_: mark for id_, mark in later.items() if mark is DocumentMark.CANCELLED}
    for mark in later.values():
        marks |= mark
    return DocumentLine(
        id=row.id,
        at=instant(row.at),
        timezone=names.timezone(row.location, row.taxpayer),
        day=date.fromisoformat(row.day),
        kind=row.kind,
        document_type=row.document_type,
        number=row.number,
        code=row.code,
        gross=row.gross * CENT,
        currency=row.currency,
        customer=row.customer,
        register=row.register,
        register_name=names.register(row.register),
        location_name=names.location(row.location),
        marks=tuple(mark for mark in DocumentMark if mark & marks),
        later=tuple(later.items()),
    )


class PlaceNames:
    """PlaceNames and clocks of places, each read once."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._registers: dict[str, str] = {}
        self._locations: dict[str, str] = {}
        self._zones: dict[str, str] = {}

    def register(self, id_: str) -> str:
        if id_ not in self._registers:
            query = select(REGISTER.c.content).where(REGISTER.c.id == id_)
            self._registers[id_] = named(self._tx.scalar(query), id_)
        return self._registers[id_]

    def location(self, id_: str) -> str:
        if id_ not in self._locations:
            query = select(LOCATION.c.content).where(LOCATION.c.id == id_)
            self._locations[id_] = named(self._tx.scalar(query), id_)
        return self._locations[id_]

    def timezone(self, location: str, taxpayer: str) -> str:
        if location not in self._zones:
            found = document_index.zone_of(self._tx, location, taxpayer)
            self._zones[location] = found.timezone
        return self._zones[location]


class _NamedThing(msgspec.Struct):
    """The part of a register's or location's content that names it."""

    name: str = ""


def named(content: str | None, id_: str) -> str:
    """What a thing is called; without a name the beginning of its id."""
    name = msgspec.json.decode(content, type=_NamedThing).name if content else ""
    return name or id_[:8]


def choices(tx: Connection, sight: DocumentSight) -> tuple[dict[str, str], dict[str, str]]:
    """The registers and the locations that documents can be narrowed to: names by id."""
    query = select(REGISTER.c.id, REGISTER.c.content, REGISTER.c.location).where(
        REGISTER.c.organization == sight.organization
    )
    if sight.registers:
        query = query.where(REGISTER.c.id.in_(list(sight.registers)))
    found = tx.execute(query.order_by(REGISTER.c.id).limit(PLACES_MAX)).all()
    registers = {row.id: named(row.content, row.id) for row in found}
    names = PlaceNames(tx)
    locations = {id_: names.location(id_) for id_ in dict.fromkeys(row.location for row in found)}
    return _by_name(registers), _by_name(locations)


def _by_name(names: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(names.items(), key=lambda pair: (folded(pair[1]), pair[0])))
