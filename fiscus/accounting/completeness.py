"""Proves that the books say what the journal says: every document of a period is covered by one
entry, revenue and VAT by rate are the same to the cent, and the clearing account is at zero.

Revenue is counted here from what was sealed, and not by the law's bookings: a fault of a law's
bookings shows as a difference. A closing's entries cover all its documents, so a closing that
lies partly in the period is compared whole.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from fiscus.accounting import derive, making, period_records
from fiscus.accounting.bookkeeping import NO_BOOKS
from fiscus.accounting.books import CompanyBooks, find
from fiscus.accounting.entry_rows import AccountingEntry, entry_of
from fiscus.accounting.mapping import Coverage
from fiscus.accounting.turnover import Rate, turnover
from fiscus.journal import encode
from fiscus.model.accounts import AccountedDocument
from fiscus.model.amounts import ZERO
from fiscus.model.faults import Missing
from fiscus.model.kinds import EntryKind
from fiscus.model.times import Period
from fiscus.store import stream
from fiscus.store.accounting_schema import ACCOUNTED, ACCOUNTING_ENTRY, FOLLOWED
from fiscus.store.schema import CLOSING, ENTRY

IDS_MAX = 100
"""How many ids a list of the report names."""


class FoundRecords(msgspec.Struct, frozen=True, kw_only=True):
    """Records of one kind: how many there are, and the ids of the first `IDS_MAX`."""

    count: int = 0
    ids: tuple[str, ...] = ()


class RateTotal(msgspec.Struct, frozen=True, kw_only=True):
    """Revenue and VAT under one tax, in the journal and in the books; what is sold is positive."""

    tax_code: str
    percentage: Decimal
    journal_net: Decimal
    journal_vat: Decimal
    books_net: Decimal
    books_vat: Decimal

    @property
    def is_same(self) -> bool:
        return (self.journal_net, self.journal_vat) == (self.books_net, self.books_vat)


class CompletenessReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the documents of a period, both days included.

    `documents` bear money and are to be booked; of them `covered` have their entry, and the others
    are in one of `missing` (must not be), `not_closed` (their closing comes later) or `not_read`
    (the journal was not read on to there yet). `without_money` bear nothing, `before` were sealed
    before the first day that is booked. `double` have entries of their own and are in a closing's
    as well, or a closing's entry says another number of documents than it covers. `unbalanced` are
    the records whose entries leave something on the clearing account. `derived_to` is up to when
    the journal was read.
    """

    company: str
    first: date
    last: date
    derived_to: datetime | None
    documents: int
    covered: int
    without_money: int
    before: int
    missing: FoundRecords
    not_closed: FoundRecords
    not_read: FoundRecords
    double: FoundRecords
    unbalanced: FoundRecords
    rates: tuple[RateTotal, ...]

    @property
    def is_right(self) -> bool:
        """Nothing is missing, double or different; something may still be on its way."""
        wrong = (self.missing, self.double, self.unbalanced)
        return not any(each.count for each in wrong) and all(each.is_same for each in self.rates)

    @property
    def is_complete(self) -> bool:
        """Everything is there, and right."""
        return self.is_right and self.covered == self.documents


def report(tx: Connection, company: str, first: date, last: date) -> CompletenessReport:
    """The report of a company's period. Raises `Missing` if it keeps no books here."""
    its_books = find(tx, company)
    if its_books is None:
        raise Missing(NO_BOOKS, company)
    proof = _Proof(tx, its_books)
    for row in period_records.of(tx, company, Period(first=first, last=last), its_books.law):
        proof.record(row)
    proof.end()
    return CompletenessReport(
        company=company,
        first=first,
        last=last,
        derived_to=derive.derived_to(tx, company),
        documents=proof.documents,
        covered=proof.covered,
        without_money=proof.without_money,
        before=proof.before,
        missing=proof.missing.found(),
        not_closed=proof.not_closed.found(),
        not_read=proof.not_read.found(),
        double=proof.double.found(),
        unbalanced=proof.unbalanced.found(),
        rates=tuple(proof.rates()),
    )


class _Ids:
    """Counts, and keeps the first ids."""

    def __init__(self) -> None:
        self._count, self._ids = 0, list[str]()

    def add(self, id_: str) -> None:
        self._count += 1
        if len(self._ids) < IDS_MAX:
            self._ids.append(id_)

    def found(self) -> FoundRecords:
        return FoundRecords(count=self._count, ids=tuple(self._ids))


class _Totals:
    """Revenue and VAT of one rate on both sides."""

    def __init__(self) -> None:
        self.journal_net = self.journal_vat = self.books_net = self.books_vat = ZERO


class _Proof:
    """Goes through the records of a period once, then through the closings that cover them."""

    def __init__(self, tx: Connection, its_books: CompanyBooks) -> None:
        law = its_books.law
        assert law.accounting is not None
        self._tx, self._books = tx, its_books
        self._bookings, self._timezone = law.accounting.bookings, law.timezone
        self._read_to = _read_to(tx, its_books.reader)
        self._closings: set[str] = set()
        self._rates: dict[Rate, _Totals] = {}
        self._singles: list[str] = []
        self.documents = self.covered = self.without_money = self.before = 0
        self.missing, self.not_closed, self.not_read = _Ids(), _Ids(), _Ids()
        self.double, self.unbalanced = _Ids(), _Ids()

    def record(self, row: Row[Any]) -> None:
        """A document or cancellation of the period, with the record of the entry that covers it."""
        document = self._document(row)
        if row.origin is None:
            self._uncovered(row, document)
            return
        self.documents += 1
        self.covered += 1
        if row.origin != row.id:
            self._closings.add(row.origin)
            if self._own_entries(row.id):
                self.double.add(row.id)
            return
        self._journal(document, _sign(row))
        self._singles.append(row.id)
        if len(self._singles) == stream.ROWS:
            self._compare_singles()

    def end(self) -> None:
        """After the last record."""
        self._compare_singles()
        for closing in sorted(self._closings):
            self._compare_closing(closing)

    def rates(self) -> Iterator[RateTotal]:
        for rate, totals in sorted(self._rates.items(), key=lambda each: each[0]):
            yield RateTotal(
                tax_code=rate.tax_code,
                percentage=rate.percentage,
                journal_net=totals.journal_net,
                journal_vat=totals.journal_vat,
                books_net=totals.books_net,
                books_vat=totals.books_vat,
            )

    def _document(self, row: Row[Any]) -> AccountedDocument:
        """What is booked: of a cancellation the document that it cancels."""
        if row.kind != EntryKind.VOID:
            return encode.accounted(row.kind, row.body)
        original = self._tx.execute(
            select(*ENTRY.c["kind", "body"]).where(ENTRY.c.id == row.refers)
        ).one()
        return encode.accounted(original.kind, original.body)

    def _uncovered(self, row: Row[Any], document: AccountedDocument) -> None:
        if not self._books.has(making.day_of(document, self._timezone)):
            self.before += 1
            return
        if not self._bookings(document):
            self.without_money += 1
            return
        self.documents += 1
        if self._read_to.get(row.chain, (0, 0)) < (row.epoch, row.sequence):
            self.not_read.add(row.id)
        elif self._is_closed(row):
            self.missing.add(row.id)
        else:
            self.not_closed.add(row.id)

    def _is_closed(self, row: Row[Any]) -> bool:
        """Whether a sealed closing that was read covers it, or none has to."""
        since = derive.period_start(self._tx, row.chain, row.epoch, row.sequence - 1)
        if self._books.coverage(since) is Coverage.PER_DOCUMENT:
            return True
        found = self._tx.execute(
            select(*ENTRY.c["epoch", "sequence"])
            .join(CLOSING, CLOSING.c.id == ENTRY.c.id)
            .where(
                CLOSING.c.register == row.chain,
                CLOSING.c.is_sealed == 1,
                CLOSING.c.first_sequence <= row.sequence,
                CLOSING.c.last_sequence >= row.sequence,
                ENTRY.c.epoch == row.epoch,
            )
        ).first()
        return found is not None and self._read_to[row.chain] >= (found.epoch, found.sequence)

    def _journal(self, document: AccountedDocument, sign: int) -> None:
        for rate, (net, vat) in turnover(document):
            totals = self._rates.setdefault(rate, _Totals())
            totals.journal_net += sign * net
            totals.journal_vat += sign * vat

    def _own_entries(self, record: str) -> bool:
        query = select(ACCOUNTING_ENTRY.c.id).where(ACCOUNTING_ENTRY.c.record == record)
        return self._tx.scalar(query.limit(1)) is not None

    def _compare_singles(self) -> None:
        """Add what the books say of records that have entries of their own."""
        query = select(ACCOUNTING_ENTRY).where(ACCOUNTING_ENTRY.c.record.in_(self._singles))
        clearing = dict.fromkeys(self._singles, ZERO)
        for row in self._tx.execute(query):
            entry = entry_of(row)
            clearing[entry.record] += entry.amount
            self._entry(entry)
        for record, rest in clearing.items():
            if rest:
                self.unbalanced.add(record)
        self._singles.clear()

    def _compare_closing(self, closing: str) -> None:
        """Add both sides of a closing: all documents it covers, and its entries."""
        entries = [
            entry_of(row)
            for row in self._tx.execute(
                select(ACCOUNTING_ENTRY).where(ACCOUNTING_ENTRY.c.record == closing)
            )
        ]
        query = (
            select(*ENTRY.c["id", "kind", "body", "refers"])
            .join(ACCOUNTED, ACCOUNTED.c.record == ENTRY.c.id)
            .where(ACCOUNTED.c.entry.in_([entry.id for entry in entries]))
        )
        count = 0
        for row in stream.rows(self._tx, query):
            count += 1
            self._journal(self._document(row), _sign(row))
        if any(entry.content.documents != count for entry in entries):
            self.double.add(closing)
        if sum((entry.amount for entry in entries), ZERO):
            self.unbalanced.add(closing)
        for entry in entries:
            self._entry(entry)

    def _entry(self, entry: AccountingEntry) -> None:
        for line in entry.content.lines:
            if line.tax_code:
                totals = self._rates.setdefault(Rate(line.tax_code, line.percentage), _Totals())
                totals.books_net -= line.net
                totals.books_vat -= line.vat


def _sign(row: Row[Any]) -> int:
    return -1 if row.kind == EntryKind.VOID else 1


def _read_to(tx: Connection, reader: str) -> dict[str, tuple[int, int]]:
    """Epoch and sequence up to which each chain was read."""
    rows = tx.execute(select(FOLLOWED).where(FOLLOWED.c.reader == reader))
    return {row.chain: (row.epoch, row.sequence) for row in rows}
