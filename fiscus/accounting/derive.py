"""Derives accounting entries of what was sealed, behind the sale and never in its transaction.

Each register's chain is read on from where it was left. What is to be written is made while the
database is only read; one short transaction then writes the entries, which records they cover, and
how far the chain was read. A crash leaves nothing double and nothing out.

A record that a closing covers and no entry yet is booked with that closing, whatever was said of
coverage meanwhile: so a changed coverage books nothing twice, and leaves nothing out.
"""

from contextlib import closing as closed_after
from datetime import UTC, datetime
from itertools import islice

import structlog
from sqlalchemy import Connection, Engine, and_, func, literal, literal_column, or_, select

from fiscus.accounting import books
from fiscus.accounting.books import CompanyBooks
from fiscus.accounting.entries import insert_rows
from fiscus.accounting.mapping import Coverage
from fiscus.accounting.portions import NotReadYet, Portion, PortionMaker
from fiscus.journal import follow
from fiscus.journal.follow import ChainPosition
from fiscus.model.faults import Unavailable
from fiscus.model.kinds import EntryKind
from fiscus.model.times import Clock, instant
from fiscus.store.accounting_schema import ACCOUNTED, BOOKKEEPING, FOLLOWED
from fiscus.store.connect import reading, writing
from fiscus.store.insert import insert_many
from fiscus.store.schema import CHAIN, CLOSING, ENTRY, REGISTER

IDLE_SECONDS = 2.0
"""How long nothing is looked for when everything was read."""

RECORDS_MAX = 1_000
"""How many records of a chain are booked at a time, where each is booked by itself."""

_BOOKED = (EntryKind.DOCUMENT.value, EntryKind.VOID.value, EntryKind.CLOSING.value)

_log = structlog.get_logger("fiscus.books")


def step(engine: Engine, clock: Clock) -> float:
    """Read each chain on by one portion; gives the seconds until there may be more. What goes
    wrong in one chain is logged and holds no other one up."""
    with reading(engine) as tx:
        found = behind(tx)
    for company, position in found:
        try:
            read_on(engine, clock, company, position)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - the other chains are to go on, and each has its own end
            _log.exception("cannot be booked", register=position.chain, after=position.sequence)
    if not found:
        return IDLE_SECONDS
    with reading(engine) as tx:
        left = behind(tx)
    # What waited for another chain may be booked as soon as that one was read on.
    return 0.0 if left and left != found else IDLE_SECONDS


def behind(tx: Connection, company: str = "") -> list[tuple[str, ChainPosition]]:
    """The companies that keep books (or that one), with each chain in which there is something
    new."""
    reader = literal("books/") + BOOKKEEPING.c.id
    query = (
        select(
            BOOKKEEPING.c.id.label("company"),
            *CHAIN.c["id", "organization", "epoch", "sequence"],
            FOLLOWED.c.epoch.label("read_epoch"),
            FOLLOWED.c.sequence.label("read"),
        )
        .join(REGISTER, REGISTER.c.taxpayer == BOOKKEEPING.c.id)
        .join(CHAIN, CHAIN.c.id == REGISTER.c.id)
        .join(
            FOLLOWED,
            and_(FOLLOWED.c.chain == CHAIN.c.id, FOLLOWED.c.reader == reader),
            isouter=True,
        )
        .where(
            CHAIN.c.sequence > 0,
            or_(
                FOLLOWED.c.chain.is_(None),
                FOLLOWED.c.epoch != CHAIN.c.epoch,
                FOLLOWED.c.sequence < CHAIN.c.sequence,
            ),
        )
        .order_by(CHAIN.c.id)
    )
    if company:
        query = query.where(BOOKKEEPING.c.id == company)
    return [
        (
            row.company,
            ChainPosition(
                chain=row.id,
                organization=row.organization,
                epoch=row.epoch,
                sequence=row.read if row.read_epoch == row.epoch else 0,
                head=row.sequence,
            ),
        )
        for row in tx.execute(query)
    ]


def read_on(engine: Engine, clock: Clock, company: str, position: ChainPosition) -> bool:
    """Book the next portion of a chain; gives whether there is more to be read now."""
    with reading(engine) as tx:
        its_books = books.find(tx, company)
        portion = made(tx, its_books, position, clock()) if its_books else None
    if its_books is None or portion is None:
        return False
    return write(engine, its_books.reader, position, portion)


def write(engine: Engine, reader: str, position: ChainPosition, portion: Portion) -> bool:
    """Write a portion, unless another process has read on from there meanwhile."""
    if portion.upto <= position.sequence:
        return False
    with writing(engine) as tx:
        if not follow.taken(tx, reader, position):
            return True
        insert_rows(tx, portion.entries)
        insert_many(tx, ACCOUNTED, portion.accounted, once=True)
        follow.advance(tx, reader, position, portion.upto)
    return not portion.is_last


def made(tx: Connection, its_books: CompanyBooks, position: ChainPosition, at: datetime) -> Portion:
    """The next portion of a chain: records that are booked by themselves, up to a closing or up to
    `RECORDS_MAX`; or one closing with all that it covers."""
    began = period_start(tx, position.chain, position.epoch, position.sequence)
    coverage = its_books.coverage(began)
    kinds = _BOOKED if coverage is Coverage.PER_DOCUMENT else (EntryKind.CLOSING.value,)
    with closed_after(follow.entries(tx, position, kinds)) as rows:
        some = list(islice(rows, RECORDS_MAX))
    closings = _sealed(tx, [row.id for row in some if row.kind == EntryKind.CLOSING])
    first = next((place for place, row in enumerate(some) if row.id in closings), len(some))
    maker = PortionMaker(tx, its_books, at)
    try:
        if first == 0 and some:
            maker.closing(some[0], coverage)
            return maker.portion(some[0].sequence, is_last=False)
        maker.singles(some[:first])
    except NotReadYet:
        return maker.portion(position.sequence, is_last=True)
    if first < len(some):
        return maker.portion(some[first].sequence - 1, is_last=False)
    if len(some) == RECORDS_MAX:
        return maker.portion(some[-1].sequence, is_last=False)
    return maker.portion(position.head, is_last=True)


def period_start(tx: Connection, chain: str, epoch: int, sequence: int) -> datetime | None:
    """When the last closing up to that place of a chain was sealed; None: there is none."""
    is_before = or_(
        ENTRY.c.epoch < epoch, and_(ENTRY.c.epoch == epoch, ENTRY.c.sequence <= sequence)
    )
    found = tx.scalar(
        select(ENTRY.c.at)
        .join(CLOSING, CLOSING.c.id == ENTRY.c.id)
        .where(CLOSING.c.register == chain, CLOSING.c.is_sealed == literal_column("1"), is_before)
        .order_by(CLOSING.c.last_z.desc())
        .limit(1)
    )
    return instant(found) if found else None


def _sealed(tx: Connection, ids: list[str]) -> set[str]:
    """Those of these closings that seal a period; the others are reports over sealed ones."""
    if not ids:
        return set()
    query = select(CLOSING.c.id).where(CLOSING.c.id.in_(ids), CLOSING.c.is_sealed == 1)
    return set(tx.scalars(query))


def derived_to(tx: Connection, company: str) -> datetime | None:
    """Up to when everything that was sealed was read for the books of a company; None: nothing was
    read yet, or there are no books."""
    waiting = [position for its, position in behind(tx, company) if its == company]
    if waiting:
        return min((_last_read(tx, each) for each in waiting), key=_or_never)
    found = tx.scalar(
        select(func.max(CHAIN.c.at))
        .join(FOLLOWED, FOLLOWED.c.chain == CHAIN.c.id)
        .where(FOLLOWED.c.reader == books.reader_of(company))
    )
    return instant(found) if found else None


def _last_read(tx: Connection, position: ChainPosition) -> datetime | None:
    """The instant of the last entry of a chain that was read; None: none was."""
    found = tx.scalar(
        select(ENTRY.c.at).where(
            ENTRY.c.chain == position.chain,
            ENTRY.c.epoch == position.epoch,
            ENTRY.c.sequence == position.sequence,
        )
    )
    return instant(found) if found else None


def _or_never(at: datetime | None) -> datetime:
    return at or datetime.min.replace(tzinfo=UTC)
