"""Makes what one transaction of the books writes, of the next records of a register's chain."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, and_, select

from fiscus.accounting import making
from fiscus.accounting.books import CompanyBooks
from fiscus.accounting.entry_rows import EntryRow
from fiscus.accounting.making import BookingSums, EntryOrigin
from fiscus.accounting.mapping import Coverage
from fiscus.journal import encode, follow
from fiscus.journal.follow import FollowedEntry
from fiscus.model.accounts import AccountedDocument, Booking
from fiscus.model.closings import Closing
from fiscus.model.kinds import EntryKind
from fiscus.store import stream
from fiscus.store.accounting_schema import ACCOUNTED, ACCOUNTING_ENTRY, FOLLOWED
from fiscus.store.schema import CHAIN, ENTRY

_SINGLE = (EntryKind.DOCUMENT.value, EntryKind.VOID.value)


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """What is written in one transaction: rows of entries, which entry covers which record, and up
    to where the chain was read. `is_last`: nothing is left in it that can be read now."""

    entries: list[EntryRow]
    accounted: list[tuple[str, str]]
    upto: int
    is_last: bool


class NotReadYet(Exception):
    """A cancellation whose document stands in another chain that was not read up to there."""


class BookedRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sealed record with what it books. For a cancellation, `document` is the one it cancels,
    `sign` is -1, and `is_reversal` says that this one has entries of its own."""

    id: str
    link: str
    own: AccountedDocument
    document: AccountedDocument
    bookings: tuple[Booking, ...]
    sign: int = 1
    is_reversal: bool = False


class PortionMaker:
    """Collects entries, and which records they cover."""

    def __init__(self, tx: Connection, its_books: CompanyBooks, at: datetime) -> None:
        law = its_books.law
        assert law.accounting is not None, "a company keeps books only under a law that tells them"
        self._tx, self._books, self._at = tx, its_books, at
        self._bookings, self._timezone = law.accounting.bookings, law.timezone
        self._entries: list[EntryRow] = []
        self._accounted: list[tuple[str, str]] = []
        self._made: set[str] = set()

    def portion(self, upto: int, *, is_last: bool) -> Portion:
        return Portion(entries=self._entries, accounted=self._accounted, upto=upto, is_last=is_last)

    def singles(self, rows: Sequence[FollowedEntry]) -> None:
        """Records that are each booked by themselves; reports among them book nothing."""
        covered = self._covered(row.id for row in rows)
        for row in rows:
            if row.kind in _SINGLE and not row.is_training and row.id not in covered:
                record = self._read(row)
                if record is not None:
                    self._single(record)

    def closing(self, row: FollowedEntry, coverage: Coverage) -> None:
        """All that a closing covers and no entry yet: by themselves or together, as is said for
        its period; documents of a named customer and what takes back an entry always by
        themselves."""
        body = encode.decode(row.kind, row.body)
        closing = body.closing
        assert closing is not None, "a closing says what it counted"
        sums, summed = BookingSums(closing.currency), list[str]()
        for each in self._uncovered(row, closing):
            record = self._read(each)
            if record is None:
                continue
            if coverage is Coverage.PER_DOCUMENT or record.is_reversal or _is_named(record):
                self._single(record)
            else:
                currency = making.currency_of(record.document)
                sums.add(record.bookings, currency, sign=record.sign)
                summed.append(record.id)
        if summed:
            self._keep(sums.rows(self._of_closing(row, closing)), summed)

    def _read(self, row: FollowedEntry) -> BookedRecord | None:
        """None: it books nothing, or is of a day that is not booked."""
        own = document = encode.accounted(row.kind, row.body)
        is_void = row.kind == EntryKind.VOID
        sign, is_reversal = 1, False
        if is_void:
            original = self._original(row)
            document = encode.accounted(original.kind, original.body)
            sign, is_reversal = -1, self._has_own_entries(original)
        if not self._books.has(making.day_of(document, self._timezone)):
            return None
        bookings = self._bookings(document)
        making.expect_balanced(row.id, bookings)
        if not bookings:
            return None
        return BookedRecord(
            id=row.id,
            link=row.link,
            own=own,
            document=document,
            bookings=bookings,
            sign=sign,
            is_reversal=is_reversal,
        )

    def _single(self, record: BookedRecord) -> None:
        currency = making.currency_of(record.document)
        sums = BookingSums(currency)
        sums.add(record.bookings, currency, sign=record.sign)
        self._keep(sums.rows(self._of_record(record)), [record.id])
        self._made.add(record.id)

    def _keep(self, entries: list[EntryRow], records: Sequence[str]) -> None:
        self._entries += entries
        first = entries[0][0]
        self._accounted += [(record, first) for record in records]

    def _of_record(self, record: BookedRecord) -> EntryOrigin:
        own, document = record.own, record.document
        buyer = making.buyer_of(document)
        return EntryOrigin(
            company=self._books.company,
            organization=self._books.organization,
            record=record.id,
            register=own.chain,
            link=record.link,
            day=making.day_of(own, self._timezone),
            performed_at=making.performed_at(own),
            reference=making.reference_of(document),
            made_at=self._at,
            partner=buyer.name,
            partner_tax_number=buyer.tax_number,
            reversed_record=document.id if record.is_reversal else "",
        )

    def _of_closing(self, row: FollowedEntry, closing: Closing) -> EntryOrigin:
        return EntryOrigin(
            company=self._books.company,
            organization=self._books.organization,
            record=row.id,
            register=row.chain,
            link=row.link,
            day=closing.day,
            performed_at=closing.until,
            reference=f"Z{closing.number}",
            made_at=self._at,
        )

    def _original(self, void: FollowedEntry) -> FollowedEntry:
        """The document that is cancelled. Raises `NotReadYet` if it may still get its entry."""
        query = select(*follow.COLUMNS).where(ENTRY.c.id == void.refers)
        original = FollowedEntry._make(self._tx.execute(query).one())
        if original.chain != void.chain and not self._was_read(original):
            raise NotReadYet(void.id)
        return original

    def _was_read(self, entry: FollowedEntry) -> bool:
        query = (
            select(FOLLOWED.c.epoch, FOLLOWED.c.sequence, CHAIN.c.epoch.label("present"))
            .join(CHAIN, CHAIN.c.id == FOLLOWED.c.chain)
            .where(FOLLOWED.c.chain == entry.chain, FOLLOWED.c.reader == self._books.reader)
        )
        at = self._tx.execute(query).one_or_none()
        if at is None:
            return False
        return entry.epoch < at.present or (at.epoch, at.sequence) >= (entry.epoch, entry.sequence)

    def _has_own_entries(self, original: FollowedEntry) -> bool:
        """Whether a document was booked by itself, so that what takes it back is, too."""
        if original.id in self._made:
            return True
        query = select(ACCOUNTING_ENTRY.c.id).where(
            ACCOUNTING_ENTRY.c.record == original.id,
            ACCOUNTING_ENTRY.c.company == self._books.company,
        )
        return self._tx.scalar(query.limit(1)) is not None

    def _covered(self, records: Iterator[str]) -> set[str]:
        query = select(ACCOUNTED.c.record).where(ACCOUNTED.c.record.in_(list(records)))
        return set(self._tx.scalars(query))

    def _uncovered(self, row: FollowedEntry, closing: Closing) -> Iterator[FollowedEntry]:
        """The documents and cancellations that a closing counted and no entry covers, in the order
        of the journal."""
        query = (
            select(*follow.COLUMNS)
            .join(ACCOUNTED, ACCOUNTED.c.record == ENTRY.c.id, isouter=True)
            .where(
                and_(ENTRY.c.chain == row.chain, ENTRY.c.epoch == row.epoch),
                ENTRY.c.sequence.between(closing.first_sequence, closing.last_sequence),
                ENTRY.c.kind.in_(_SINGLE),
                ENTRY.c.is_training == 0,
                ACCOUNTED.c.record.is_(None),
            )
            .order_by(ENTRY.c.sequence)
        )
        return map(FollowedEntry._make, stream.rows(self._tx, query))


def _is_named(record: BookedRecord) -> bool:
    return making.is_named(record.document)
