"""What the page of one record shows: who may see it, what was said and sealed, what came of it."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from fiscus import formats, regimes
from fiscus.accounting import bookkeeping, entries, frozen
from fiscus.accounting.entry_rows import AccountingEntry
from fiscus.console import document_sums
from fiscus.console.document_sums import DocumentSums
from fiscus.journal import closings, encode, proving, read
from fiscus.journal.proving import EntryProof
from fiscus.journal.read import FoundRecord
from fiscus.model.documents import CASH_KINDS, DocumentKind, Draft
from fiscus.model.faults import Conflict, Missing
from fiscus.model.kinds import EntryKind, StatementKind
from fiscus.model.places import Location, Place, Register, Taxpayer
from fiscus.model.records import EntryBody
from fiscus.model.times import day as day_in
from fiscus.registry import versions
from fiscus.reporting import listing
from fiscus.reporting.listing import ReportView
from fiscus.store.schema import ENTRY

SAID_LINES_MAX = 2_000
"""Of the caller's words: more is shown as text only."""

RELATED_MAX = 100


class RecordViewer(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor may see: an organization's records, of these registers (none: all), of these
    days (None: all)."""

    organization: str
    registers: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None

    def sees(self, body: EntryBody, timezone: str) -> bool:
        if body.place.organization != self.organization:
            return False
        if self.registers and body.register not in self.registers:
            return False
        day = day_of(body, timezone)
        return not (self.first and day < self.first) and not (self.last and day > self.last)


def day_of(body: EntryBody, timezone: str) -> date:
    """The day that a record is of: the document's own, else the one on which it was written."""
    return body.seal.day if body.seal else day_in(body.at, timezone)


class RecordRelation(StrEnum):
    """What another record is to this one."""

    INTENTION = "intention"
    CONCLUDED_BY = "concluded_by"
    CORRECTS = "corrects"
    CORRECTED_BY = "corrected_by"
    CANCELS = "cancels"
    CANCELLED_BY = "cancelled_by"
    TAB = "tab"
    ADDED_BY = "added_by"
    BILLED_BY = "billed_by"
    SETTLES = "settles"
    SETTLED_BY = "settled_by"
    CLOSED_BY = "closed_by"
    ENDS = "ends"
    ENDED_BY = "ended_by"
    ASKED_FOR_BY = "asked_for_by"


class RelatedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record that has to do with this one. `number` and `type`, the law's kind of document, are
    empty where it has none; `at` is when it was written (UTC)."""

    relation: RecordRelation
    id: str
    what: str
    number: str
    type: str
    day: date
    at: datetime
    is_visible: bool


class ChainNeighbour(msgspec.Struct, frozen=True, kw_only=True):
    """The entry before or after in the chain; `previous` is the link that it names."""

    id: str
    what: str
    sequence: int
    previous: str
    link: str
    is_visible: bool


class SaidLine(msgspec.Struct, frozen=True, kw_only=True):
    """A member of what the caller said; `value` is empty for one that has members itself."""

    depth: int
    name: str
    value: str


class BookedPart(msgspec.Struct, frozen=True, kw_only=True):
    """An accounting entry, and the account of each of its lines as the books map it now (empty:
    they have none for it)."""

    entry: AccountingEntry
    accounts: tuple[str, ...]


class DocumentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One record. `what` says in a word what it is; `place` who sold, where and on what as they
    were then; `timezone` the clock of the place. `proof` is None before a checkpoint covers it.
    `papers` are how it can be printed; `sums` is what lies
    between what was sold and the total."""

    found: FoundRecord
    what: str
    place: Place
    timezone: str
    regime_name: str
    day: date
    said: tuple[SaidLine, ...]
    related: tuple[RelatedRecord, ...]
    previous: ChainNeighbour | None
    next: ChainNeighbour | None
    proof: EntryProof | None
    reports: tuple[ReportView, ...]
    booked: tuple[BookedPart, ...]
    papers: tuple[str, ...]
    marks: tuple[str, ...]
    sums: DocumentSums | None

    @property
    def body(self) -> EntryBody:
        return self.found.record.body

    @property
    def draft(self) -> Draft | None:
        return self.body.draft

    @property
    def is_cancelled(self) -> bool:
        return any(one.relation is RecordRelation.CANCELLED_BY for one in self.related)

    @property
    def later(self) -> tuple[RelatedRecord, ...]:
        """What cancelled or corrected it."""
        by = (RecordRelation.CANCELLED_BY, RecordRelation.CORRECTED_BY)
        return tuple(one for one in self.related if one.relation in by)


def find(tx: Connection, viewer: RecordViewer, id_: str) -> tuple[FoundRecord, Place, str]:
    """A record that may be seen, its place and time zone. Raises `Missing`."""
    found = read.one(tx, viewer.organization, id_)
    body = found.record.body
    place = place_of(tx, body)
    timezone = regimes.find(place.taxpayer.regime).timezone_of(place.location)
    if not viewer.sees(body, timezone):
        raise Missing(read.UNKNOWN_RECORD, "record_id")
    return found, place, timezone


def place_of(tx: Connection, body: EntryBody) -> Place:
    """Who sold, where and on what, as they were registered then."""
    at, content = body.place, versions.content
    taxpayer = content(tx, StatementKind.TAXPAYER, at.taxpayer, at.taxpayer_version)
    location = content(tx, StatementKind.LOCATION, at.location, at.location_version)
    register = content(tx, StatementKind.REGISTER, body.register, at.register_version)
    return Place(
        taxpayer=msgspec.json.decode(taxpayer, type=Taxpayer),
        location=msgspec.json.decode(location, type=Location),
        register=msgspec.json.decode(register, type=Register),
    )


def facts(tx: Connection, viewer: RecordViewer, id_: str) -> DocumentFacts:
    """All that the page shows. Raises `Missing`."""
    found, place, timezone = find(tx, viewer, id_)
    body = found.record.body
    regime = regimes.find(place.taxpayer.regime)
    related = tuple(_related(tx, viewer, found, timezone))
    is_void = any(one.relation is RecordRelation.CANCELLED_BY for one in related)
    return DocumentFacts(
        found=found,
        what=what_of(found.record.kind, body),
        place=place,
        timezone=timezone,
        regime_name=regime.name,
        day=day_of(body, timezone),
        said=said_lines(body.said.text) if body.said else (),
        related=related,
        previous=neighbour(tx, viewer, body, -1, timezone),
        next=neighbour(tx, viewer, body, 1, timezone),
        proof=proof(tx, id_),
        reports=tuple(listing.of_record(tx, id_, body.refers)),
        booked=tuple(_booked(tx, body)),
        papers=papers(body),
        marks=(regime.void_print,) if is_void and regime.void_print else (),
        sums=document_sums.of(body),
    )


def what_of(kind: str, body: EntryBody) -> str:
    """One word for what a record is: the kind of the document, or of the entry."""
    entry = EntryKind(kind)
    if entry is EntryKind.DOCUMENT and body.draft is not None:
        return body.draft.kind.value
    if entry is EntryKind.INTENT and body.draft is not None:
        return "intention" if body.draft.kind in _BEGUN_BY_INTENT else body.draft.kind.value
    return _WHATS[entry]


_BEGUN_BY_INTENT = frozenset(DocumentKind) - CASH_KINDS - {DocumentKind.CLOSING}
_WHATS = {
    EntryKind.INTENT: "intention",
    EntryKind.DOCUMENT: "receipt",
    EntryKind.VOID: "cancellation",
    EntryKind.ABORT: "abort",
    EntryKind.REFUSAL: "refusal",
    EntryKind.CLOSING: "closing",
    EntryKind.OUTAGE: "outage",
    EntryKind.RESTORED: "restored",
    EntryKind.EXCHANGED: "exchanged",
}


def proof(tx: Connection, id_: str) -> EntryProof | None:
    """None before the next checkpoint."""
    try:
        return proving.of(tx, id_)
    except Conflict:
        return None


def papers(body: EntryBody) -> tuple[str, ...]:
    """The papers on which something installed prints this record."""
    if body.closing is None or body.draft is None:
        return ()
    try:
        return formats.print_of(body.draft.kind).papers
    except Missing:
        return ()


def printed(body: EntryBody, paper: str) -> bytes:
    """A PDF of the record on that paper. Raises `Missing`."""
    if body.draft is None or paper not in papers(body):
        raise Missing(formats.UNKNOWN_PRINT, "paper")
    return formats.print_of(body.draft.kind).pdf(body, paper)


def said_lines(text: str) -> tuple[SaidLine, ...]:
    """The caller's words, member by member; nothing if they are no JSON."""
    try:
        said = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        return ()
    found: list[SaidLine] = []
    for line in _flat("", said, -1):
        found.append(line)
        if len(found) == SAID_LINES_MAX:
            break
    return tuple(found)


def _flat(name: str, value: Any, depth: int) -> Iterator[SaidLine]:
    members: list[tuple[str, Any]]
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = [(str(place), each) for place, each in enumerate(value, start=1)]
    else:
        yield SaidLine(depth=max(depth, 0), name=name, value=_plain(value))
        return
    if depth >= 0:
        yield SaidLine(depth=depth, name=name, value="" if members else "–")
    for key, each in members:
        yield from _flat(key, each, depth + 1)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "–" if value is None or value == "" else str(value)


def _related(
    tx: Connection, viewer: RecordViewer, found: FoundRecord, timezone: str
) -> Iterator[RelatedRecord]:
    """What it concludes and refers to, and what concluded and refers to it."""
    body = found.record.body

    def shown(relation: RecordRelation, kind: str, other: EntryBody) -> RelatedRecord:
        return RelatedRecord(
            relation=relation,
            id=other.id,
            what=what_of(kind, other),
            number=other.seal.number if other.seal else "",
            type=other.seal.document_type if other.seal else "",
            day=day_of(other, timezone),
            at=other.at,
            is_visible=viewer.sees(other, timezone),
        )

    for id_, relation in _named(found.record.kind, body):
        if one := _entry(tx, ENTRY.c.id == id_, viewer):
            yield shown(relation, *one)
    if one := _entry(tx, ENTRY.c.intent == body.id, viewer):
        yield shown(RecordRelation.CONCLUDED_BY, *one)
    for kind, other in _referring(tx, body.id, viewer):
        yield shown(_referring_as(kind, other), kind, other)
    if (closing := closings.covering(tx, body.id)) is not None and closing.id != body.id:
        yield shown(RecordRelation.CLOSED_BY, EntryKind.CLOSING, closing)


def _named(kind: str, body: EntryBody) -> Iterator[tuple[str, RecordRelation]]:
    if body.intent:
        yield body.intent, RecordRelation.INTENTION
    if body.refers:
        yield body.refers, _refers_as(EntryKind(kind), body)


def _refers_as(kind: EntryKind, body: EntryBody) -> RecordRelation:
    draft = body.draft
    if kind is EntryKind.RESTORED:
        return RecordRelation.ENDS
    if draft is None:
        return RecordRelation.CORRECTS
    if kind is EntryKind.VOID or draft.kind is DocumentKind.CANCELLATION:
        return RecordRelation.CANCELS
    if draft.tab:
        return RecordRelation.TAB
    return (
        RecordRelation.CORRECTS if draft.kind is DocumentKind.CORRECTION else RecordRelation.SETTLES
    )


def _referring_as(kind: str, other: EntryBody) -> RecordRelation:
    if kind == EntryKind.REFUSAL:
        return RecordRelation.ASKED_FOR_BY
    relation = _refers_as(EntryKind(kind), other)
    if relation is RecordRelation.TAB:
        is_order = other.draft is not None and other.draft.kind is DocumentKind.ORDER
        return RecordRelation.ADDED_BY if is_order else RecordRelation.BILLED_BY
    return _OTHER_SIDE[relation]


_OTHER_SIDE = {
    RecordRelation.CORRECTS: RecordRelation.CORRECTED_BY,
    RecordRelation.CANCELS: RecordRelation.CANCELLED_BY,
    RecordRelation.SETTLES: RecordRelation.SETTLED_BY,
    RecordRelation.ENDS: RecordRelation.ENDED_BY,
}


def _entry(tx: Connection, where: Any, viewer: RecordViewer) -> tuple[str, EntryBody] | None:
    query = select(ENTRY.c.kind, ENTRY.c.body).where(
        where, ENTRY.c.organization == viewer.organization
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else (row.kind, encode.decode(row.kind, row.body))


def _referring(tx: Connection, id_: str, viewer: RecordViewer) -> Iterator[tuple[str, EntryBody]]:
    # The index of what it refers to is the one to use: that of organizations has all records.
    is_own = ENTRY.c.organization.concat("") == viewer.organization
    rows = tx.execute(
        select(ENTRY.c.kind, ENTRY.c.body)
        .where(ENTRY.c.refers == id_, is_own)
        .order_by(ENTRY.c.id)
        .limit(RELATED_MAX)
    )
    for row in rows:
        yield row.kind, encode.decode(row.kind, row.body)


def neighbour(
    tx: Connection, viewer: RecordViewer, body: EntryBody, step: int, timezone: str
) -> ChainNeighbour | None:
    """The entry so many steps further in the chain; None if there is none."""
    row = tx.execute(
        select(ENTRY.c.kind, ENTRY.c.body, ENTRY.c.link).where(
            ENTRY.c.chain == body.chain,
            ENTRY.c.epoch == body.epoch,
            ENTRY.c.sequence == body.sequence + step,
            ENTRY.c.organization == viewer.organization,
        )
    ).one_or_none()
    if row is None:
        return None
    other = encode.decode(row.kind, row.body)
    return ChainNeighbour(
        id=other.id,
        what=what_of(row.kind, other),
        sequence=other.sequence,
        previous=other.previous,
        link=row.link,
        is_visible=viewer.sees(other, timezone),
    )


def _booked(tx: Connection, body: EntryBody) -> Iterator[BookedPart]:
    """What the books have made of the record itself."""
    company = body.place.taxpayer
    kept = bookkeeping.find(tx, company)
    if kept is None:
        return
    account_of = frozen.finder(kept[1])
    for entry in entries.of_record(tx, company, body.id):
        found = [account_of(line).account for line in entry.content.lines]
        yield BookedPart(
            entry=entry,
            accounts=tuple(f"{one.code} {one.name}" if one else "" for one in found),
        )
