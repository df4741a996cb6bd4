"""Keeps the index of documents behind the journal, in small portions, and never in a sale's way.

Each register's chain is read on from where it was left. A portion is made while the database is
only read; one short transaction then writes rows, sums and how far the chain was read, so a crash
leaves nothing double and nothing out. While much is being sealed the index rests nearly all of the
time: it may be behind, and says so.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice

import msgspec
import structlog
from sqlalchemy import Connection, Engine, and_, func, select, update

from fiscus.console.document_rows import INDEXED, DocumentMark, IndexRow, mark_by, row_of
from fiscus.console.document_totals import SalesCount, SalesZone
from fiscus.journal import encode, follow
from fiscus.journal.follow import ChainPosition, FollowedEntry
from fiscus.model.documents import DocumentKind
from fiscus.model.faults import Corrupt, Unavailable
from fiscus.model.kinds import EntryKind
from fiscus.model.places import Location
from fiscus.model.records import EntryBody
from fiscus.regimes import find as regime_of
from fiscus.store.connect import is_postgres, reading, writing
from fiscus.store.insert import replace_many
from fiscus.store.schema import (
    CHAIN,
    DOCUMENT_INDEX,
    ENTRY,
    FOLLOWED,
    LOCATION,
    SALES_TOTAL,
    TAXPAYER,
)

READER = "documents"
"""The name of the index among those who read chains on (`fiscus/journal/follow.py`)."""

PORTION = 100
"""How many documents of a chain are written in one transaction."""

STEP_SECONDS = 0.1
"""For how long portions are written before the index rests."""

IDLE_SECONDS, REST_SECONDS_MAX = 1.0, 30.0
QUIET_SHARE, BUSY_SHARE = 0.25, 0.005
"""Which share of the time the index works: while little is sealed, and while much is."""

BUSY_PER_SECOND = 20
"""So many entries a second and more are much."""

CHAINS_MAX = 10_000

_REFERRING = (EntryKind.DOCUMENT.value, EntryKind.VOID.value)

_log = structlog.get_logger("fiscus.documents")


class IndexPortion(msgspec.Struct, frozen=True, kw_only=True):
    """What the next entries of a chain come to: rows, sums, and the marks that they set on
    documents before them, by the document's id. `upto` is the sequence that was read to."""

    rows: tuple[IndexRow, ...]
    count: SalesCount
    marks: Mapping[str, DocumentMark]
    upto: int


class DocumentIndexer:
    """One thread's way through all chains; `step` gives the seconds until it wants to go on."""

    def __init__(self, engine: Engine, timer: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._timer = timer
        self._heads: dict[str, int] = {}
        self._looked_at: float | None = None
        self._last = ""
        self._is_checked = False

    def step(self) -> float:
        """Read chains on, one portion each, for a moment. What goes wrong in one chain is logged
        and holds no other one up."""
        if not self._is_checked:
            begin_again(self._engine)
            self._is_checked = True
        begun = self._timer()
        with reading(self._engine) as tx:
            found = follow.behind(tx, READER, "register", limit=CHAINS_MAX)
        share = BUSY_SHARE if self._is_busy(found, begun) else QUIET_SHARE
        for position in self._in_turn(found):
            self._read_on(position)
            self._last = position.chain
            if self._timer() - begun >= STEP_SECONDS:
                break
        if not found:
            return IDLE_SECONDS
        spent = self._timer() - begun
        return min(spent * (1 / share - 1), REST_SECONDS_MAX)

    def _read_on(self, position: ChainPosition) -> None:
        try:
            read_on(self._engine, position)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - the other chains are to go on, and each has its own end
            _log.exception("not indexed", register=position.chain, after=position.sequence)

    def _in_turn(self, found: list[ChainPosition]) -> list[ChainPosition]:
        """Beginning behind the chain that was read last: none waits for ever."""
        place = next((at for at, one in enumerate(found) if one.chain > self._last), 0)
        return [*found[place:], *found[:place]]

    def _is_busy(self, found: list[ChainPosition], now: float) -> bool:
        """Whether much was sealed since the last look, by whichever process."""
        grown = sum(one.head - self._heads.get(one.chain, one.head) for one in found)
        since = self._looked_at
        self._heads = {one.chain: one.head for one in found}
        self._looked_at = now
        return since is not None and grown >= BUSY_PER_SECOND * max(now - since, 0.001)


def read_on(engine: Engine, position: ChainPosition) -> int:
    """Index the next portion of a chain; gives how many rows were written. Another process may
    have read on meanwhile: then nothing is."""
    with reading(engine) as tx:
        portion = made(tx, position)
    with writing(engine) as tx:
        _alone(tx, position.organization)
        if not follow.taken(tx, READER, position):
            return 0
        replace_many(tx, DOCUMENT_INDEX, portion.rows)
        _mark(tx, {row.id: row for row in portion.rows}, portion.marks)
        portion.count.write(tx)
        follow.advance(tx, READER, position, portion.upto)
    return len(portion.rows)


def made(tx: Connection, position: ChainPosition, limit: int = PORTION) -> IndexPortion:
    """The next portion of a chain, nothing written. An entry whose body was erased, or cannot be
    read, has no row."""
    with closing(follow.entries(tx, position, INDEXED)) as found:
        entries = list(islice(found, limit))
    zones = _SalesZones(tx)
    read = [(entry, body) for entry in entries if (body := _body(entry)) is not None]
    originals = _originals(tx, [entry for entry, _ in read if entry.kind == EntryKind.VOID])
    rows, count = [], SalesCount()
    marks: dict[str, DocumentMark] = {}
    for entry, body in read:
        zone = zones.of(body.place.location, body.place.taxpayer)
        rows.append(row_of(entry.kind, body, zone.timezone))
        count.add(entry.kind, body, originals.get(entry.refers or ""), zone)
        if entry.refers and entry.kind in _REFERRING and not _is_of_tab(body):
            marks[entry.refers] = marks.get(entry.refers, DocumentMark(0)) | mark_by(entry.kind)
    upto = entries[-1].sequence if len(entries) == limit else position.head
    return IndexPortion(rows=tuple(rows), count=count, marks=marks, upto=upto)


def _body(entry: FollowedEntry) -> EntryBody | None:
    if not entry.body:
        return None
    try:
        return encode.decode(entry.kind, entry.body)
    except Corrupt as trouble:
        # What verifies the journal says so to everybody; the list goes on without it.
        _log.error("not indexed", entry=entry.id, trouble=str(trouble))
        return None


def _is_of_tab(body: EntryBody) -> bool:
    """Whether what it refers to is the first order of its tab, and no document that it corrects."""
    return body.draft is not None and bool(body.draft.tab)


def _originals(tx: Connection, voids: list[FollowedEntry]) -> dict[str, EntryBody]:
    ids = [entry.refers for entry in voids if entry.refers]
    if not ids:
        return {}
    query = select(ENTRY.c.id, ENTRY.c.kind, ENTRY.c.body).where(ENTRY.c.id.in_(ids))
    return {row.id: encode.decode(row.kind, row.body) for row in tx.execute(query) if row.body}


class _SalesZones:
    """The clocks of locations, each read once."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._known: dict[str, SalesZone] = {}

    def of(self, location: str, taxpayer: str) -> SalesZone:
        if location not in self._known:
            self._known[location] = zone_of(self._tx, location, taxpayer)
        return self._known[location]


def zone_of(tx: Connection, location: str, taxpayer: str) -> SalesZone:
    """The clock of a location, as it is set now; of one that is gone, its law's."""
    law = tx.scalar(select(TAXPAYER.c.regime).where(TAXPAYER.c.id == taxpayer))
    content = tx.scalar(select(LOCATION.c.content).where(LOCATION.c.id == location))
    if not law:
        return SalesZone("UTC", "")
    if not content:
        return SalesZone(regime_of(law).timezone, "")
    return SalesZone.of(msgspec.json.decode(content, type=Location), regime_of(law))


def _alone(tx: Connection, organization: str) -> None:
    """One portion of an organization at a time: of a document and of what cancels it in another
    chain, the one that is written later sees the other. SQLite has one writer anyway."""
    if is_postgres(tx):
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"{READER}/{organization}"))))


def _mark(tx: Connection, rows: Mapping[str, IndexRow], marks: Mapping[str, DocumentMark]) -> None:
    """Set what later entries made of documents: of those before this portion by its own entries,
    and of those in it by entries that were indexed already."""
    wanted: dict[str, DocumentMark] = dict(marks)
    for refers, kind in _later(tx, rows):
        wanted[refers] = wanted.get(refers, DocumentMark(0)) | mark_by(kind)
    if not wanted:
        return
    orders = {id_ for id_, row in rows.items() if row.kind == DocumentKind.ORDER}
    for id_, mark in wanted.items():
        if id_ not in orders:
            now = DOCUMENT_INDEX.c.marks
            tx.execute(
                update(DOCUMENT_INDEX)
                .where(DOCUMENT_INDEX.c.id == id_)
                .values(marks=now.op("|")(int(mark)))
            )


def _later(tx: Connection, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Which of these documents others refer to, with the kinds of those."""
    wanted = list(ids)
    if not wanted:
        return
    query = select(ENTRY.c.refers, ENTRY.c.kind).where(
        ENTRY.c.refers.in_(wanted), ENTRY.c.kind.in_(_REFERRING)
    )
    for row in tx.execute(query):
        yield row.refers, row.kind


def forget(tx: Connection, organization: str = "") -> None:
    """Drop the index of an organization (none named: of all): it is made again from the journal."""
    chains = select(CHAIN.c.id)
    if organization:
        chains = chains.where(CHAIN.c.organization == organization)
    for table in (DOCUMENT_INDEX, SALES_TOTAL):
        gone = table.delete()
        tx.execute(gone.where(table.c.organization == organization) if organization else gone)
    tx.execute(FOLLOWED.delete().where(FOLLOWED.c.reader == READER, FOLLOWED.c.chain.in_(chains)))


def begin_again(engine: Engine) -> list[str]:
    """Have chains read from their beginning whose rows are lost; gives these chains. Looked at
    when the service starts."""
    has_rows = select(DOCUMENT_INDEX.c.id).where(DOCUMENT_INDEX.c.register == FOLLOWED.c.chain)
    has_entries = select(ENTRY.c.id).where(
        and_(
            ENTRY.c.chain == FOLLOWED.c.chain,
            ENTRY.c.epoch == FOLLOWED.c.epoch,
            ENTRY.c.sequence <= FOLLOWED.c.sequence,
            ENTRY.c.kind.in_(INDEXED),
            ENTRY.c.digest.is_(None),
        )
    )
    lost = select(FOLLOWED.c.chain).where(
        FOLLOWED.c.reader == READER, ~has_rows.exists(), has_entries.exists()
    )
    with reading(engine) as tx:
        chains = list(tx.scalars(lost))
    if chains:
        with writing(engine) as tx:
            for chain in chains:
                tx.execute(SALES_TOTAL.delete().where(SALES_TOTAL.c.register == chain))
                tx.execute(
                    FOLLOWED.delete().where(FOLLOWED.c.reader == READER, FOLLOWED.c.chain == chain)
                )
    return chains
