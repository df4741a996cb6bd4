"""Makes entries of what was sealed: of one document, or of all documents of a closing together.

The lines of a sale are one entry, each movement, difference and kind of payment one more, all of
them against the clearing account, which ends at 0.00 over one document and over one closing. Ids
follow from the record, so whoever makes the same entries again makes the same ids.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

import msgspec

from fiscus.accounting.entry_rows import (
    EntryRow,
    StoredContent,
    StoredLine,
    cents,
    entry_id,
    made_row,
)
from fiscus.model.accounts import AccountedDocument, Booking, BookingRole
from fiscus.model.amounts import ZERO
from fiscus.model.documents import Party
from fiscus.model.faults import Code, Corrupt
from fiscus.model.times import day

UNBALANCED = Code("BOOKS-MAKE-01", "the bookings of a sealed record do not add up to zero")

SALE = "sale"
SALE_RETURN = "sale_return"
PAYMENT = "payment"
MOVEMENT = "movement"
DIFFERENCE = "difference"

_RANKS: Mapping[BookingRole, int] = {
    BookingRole.SALE: 0,
    BookingRole.MOVEMENT: 1,
    BookingRole.DIFFERENCE: 2,
    BookingRole.SETTLEMENT: 3,
}
"""The order in which their entries are made; the first entry covers the documents."""

_SUB_TYPES: Mapping[BookingRole, str] = {
    BookingRole.SALE: SALE,
    BookingRole.MOVEMENT: MOVEMENT,
    BookingRole.DIFFERENCE: DIFFERENCE,
    BookingRole.SETTLEMENT: PAYMENT,
}


class EntryOrigin(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What entries are made of: the sealed record with its register and hash, the day they are
    booked on, and the moment (UTC) it was performed. `reversed_record` is the document that is
    taken back by entries of its own (empty: none), `currency` what needs no mark in a part."""

    company: str
    organization: str
    record: str
    register: str
    link: str
    day: date
    performed_at: datetime
    reference: str
    made_at: datetime
    currency: str = "EUR"
    partner: str = ""
    partner_tax_number: str = ""
    reversed_record: str = ""


class LineKey(NamedTuple):
    """What is added up in one line."""

    key: str
    tax_code: str
    percentage: Decimal


class LineSum:
    """What a line comes to, in whole cents; what is not VAT of it is net."""

    __slots__ = ("amount", "vat")

    def __init__(self, amount: int, vat: int) -> None:
        self.amount, self.vat = amount, vat

    def __bool__(self) -> bool:
        """A cent between net and VAT is something, too."""
        return bool(self.amount or self.vat)


class BookingSums:
    """Bookings of one document or of many, added up by part of the books; signed."""

    def __init__(self, currency: str = "EUR") -> None:
        self.currency = currency
        self.documents = 0
        self._parts: dict[tuple[str, BookingRole, str], dict[LineKey, LineSum]] = {}

    def add(self, bookings: Iterable[Booking], currency: str, *, sign: int = 1) -> None:
        """What one document books; `sign` is -1 if it is taken back."""
        self.documents += 1
        for booking in bookings:
            role = booking.role
            part = (currency, role, "" if role is BookingRole.SALE else booking.key)
            lines = self._parts.setdefault(part, {})
            key = LineKey(booking.key, booking.tax_code, booking.percentage)
            amount = sign * cents(booking.amount)
            vat = sign * cents(booking.vat) if booking.vat else 0
            total = lines.get(key)
            if total is None:
                lines[key] = LineSum(amount, vat)
            else:
                total.amount += amount
                total.vat += vat

    def rows(self, origin: EntryOrigin) -> list[EntryRow]:
        """One entry for each part that comes to something; if none does, one that is 0.00: what
        was sealed is covered by an entry in any case."""
        ordered = sorted(self._parts, key=self._order)
        filled = [part for part in ordered if any(self._parts[part].values())]
        if not filled:
            return [self._row(origin, part, zero=True) for part in ordered[:1]]
        return [self._row(origin, part) for part in filled]

    def _order(self, part: tuple[str, BookingRole, str]) -> tuple[bool, str, int, str]:
        currency, role, key = part
        return currency != self.currency, currency, _RANKS[role], key

    def _row(
        self, origin: EntryOrigin, part: tuple[str, BookingRole, str], *, zero: bool = False
    ) -> EntryRow:
        currency, role, key = part
        name = self._name(currency, role, key)
        lines = _lines(self._parts[part], with_zeros=zero)
        amount = sum([line.amount for line in lines])
        is_return = role is BookingRole.SALE and amount > 0
        content = StoredContent(
            lines=lines,
            link=origin.link,
            documents=self.documents,
            partner=origin.partner,
            partner_tax_number=origin.partner_tax_number,
        )
        return made_row(
            entry_id(origin.company, origin.record, name),
            origin.company,
            origin.organization,
            origin.record,
            name,
            origin.register,
            origin.day,
            origin.performed_at,
            SALE_RETURN if is_return else _SUB_TYPES[role],
            origin.reference,
            amount,
            currency,
            content,
            _reversed(origin, name),
            origin.made_at,
        )

    def _name(self, currency: str, role: BookingRole, key: str) -> str:
        name = f"{role}/{key}" if key else str(role)
        return name if currency == self.currency else f"{name}@{currency}"


def _reversed(origin: EntryOrigin, name: str) -> str:
    if not origin.reversed_record:
        return ""
    return entry_id(origin.company, origin.reversed_record, name)


def _lines(sums: Mapping[LineKey, LineSum], *, with_zeros: bool) -> tuple[StoredLine, ...]:
    lines = [
        StoredLine(
            key=key,
            amount=total.amount,
            net=total.amount - total.vat,
            vat=total.vat,
            tax_code=tax_code,
            percentage=percentage,
        )
        for (key, tax_code, percentage), total in sorted(sums.items(), key=_key)
        if with_zeros or total
    ]
    return tuple(lines)


_key = itemgetter(0)


def is_named(document: AccountedDocument) -> bool:
    """Whether it was sold to a customer who is identified: such a document stays single."""
    buyer = buyer_of(document)
    return bool(buyer.name or buyer.tax_number)


def buyer_of(document: AccountedDocument) -> Party:
    draft = document.draft
    return (draft.buyer if draft else None) or _NOBODY


_NOBODY = Party()


def day_of(document: AccountedDocument, timezone: str) -> date:
    """The day a record is booked on: the one it was sealed with, else the day it was entered."""
    return document.seal.day if document.seal else day(document.at, timezone)


def performed_at(document: AccountedDocument) -> datetime:
    """When it happened, as the document itself tells, else when it was entered."""
    said = document.draft.issued_at if document.draft else None
    return said or document.at


def reference_of(document: AccountedDocument) -> str:
    """The number of a document; of what takes no number, the caller's own reference."""
    if document.seal and document.seal.number:
        return document.seal.number
    return document.draft.reference if document.draft else ""


def currency_of(document: AccountedDocument) -> str:
    return document.draft.currency if document.draft else "EUR"


def expect_balanced(record: str, bookings: tuple[Booking, ...]) -> None:
    """Raises `Corrupt` unless debit and credit are the same."""
    if sum([each.amount for each in bookings], ZERO):
        raise Corrupt(UNBALANCED, record)
