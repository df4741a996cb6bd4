"""Counts sealed documents for a closing. Pure: it reads bodies of records, no database.

How a document counts, for every country:

- every sealed entry counts in `documents`, aborts and training too: so many operations an export
  of the period writes; a training document enters nothing else, but is named if it is unsigned;
- orders are added up apart and enter nothing else: what was ordered is turnover when it is billed;
- all lines count by business case; turnover by tax leaves out what happens to the drawer alone,
  and the lines to which the law gave no tax type (vouchers, tips to staff, money moved);
- amounts are signed: what lowers turnover, and money given back, is negative;
- a document is worth what its caller says: a voucher that it was paid with, and what is still
  owed, lower the law's total and not this one; they are counted among what customers paid;
- an exchange is neither a sale nor a return;
- a cancelled document is taken out again where it was counted; one of an earlier period (or of
  another register) counts with its opposite amounts: a cancelled sale among the returns;
- where the law assesses no lines or no payments, those of the draft count.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from fiscus.issuing import paid
from fiscus.model.closings import (
    NO_ORDERS,
    CaseTotal,
    Closing,
    ClosingGroup,
    PaymentTotal,
    TaxTotal,
    TenderTotal,
)
from fiscus.model.documents import (
    CASH_KINDS,
    Direction,
    DocumentKind,
    Draft,
    LinePurpose,
    PaymentMeans,
)
from fiscus.model.kinds import SEALED, EntryKind
from fiscus.model.records import AssessedLine, EntryBody

ZERO = Decimal(0)

TURNOVER = frozenset(
    {
        LinePurpose.SALE,
        LinePurpose.DEPOSIT,
        LinePurpose.DISCOUNT,
        LinePurpose.SURCHARGE,
        LinePurpose.TIP_OWNER,
    }
)
"""What may bear VAT, where no law has assessed the line."""

CaseKey = tuple[str, str, Decimal]
TaxKey = tuple[str, Decimal]
PaymentKey = tuple[bool, str, str, str]


class CountedTotals(msgspec.Struct, frozen=True, kw_only=True):
    """The pieces of a `Closing` that are counted, under the same names. `since` is the time of the
    first entry, `latest_at` that of the last document (None: there is none)."""

    first_sequence: int
    last_sequence: int
    first_receipt: str
    last_receipt: str
    since: datetime | None
    latest_at: datetime | None
    documents: int
    sales: ClosingGroup
    returns: ClosingGroup
    exchanges: ClosingGroup
    voids: int
    orders: ClosingGroup
    opening: Decimal
    cash_in: Decimal
    cash_out: Decimal
    expected: Decimal
    difference: Decimal | None
    cases: tuple[CaseTotal, ...]
    taxes: tuple[TaxTotal, ...]
    payments: tuple[PaymentTotal, ...]
    tenders: tuple[TenderTotal, ...]
    unsigned: tuple[str, ...]


class _CountedLine(NamedTuple):
    """A line under one rate; amounts signed."""

    case: str
    tax_code: str
    percentage: Decimal
    net: Decimal
    vat: Decimal
    is_turnover: bool


class _Tally:
    """A number of documents and what they come to."""

    __slots__ = ("count", "gross", "vat")

    def __init__(self) -> None:
        self.count, self.gross, self.vat = 0, ZERO, ZERO

    def add(self, count: int, gross: Decimal, vat: Decimal) -> None:
        self.count += count
        self.gross += gross
        self.vat += vat

    def take(self, other: "_Tally | ClosingGroup") -> None:
        self.add(other.count, other.gross, other.vat)

    def group(self) -> ClosingGroup:
        return ClosingGroup(count=self.count, gross=self.gross, vat=self.vat)


class _Sums:
    """Totals by case, by tax and by payment, for documents and for whole closings."""

    __slots__ = ("cases", "foreign", "payments", "taxes", "tenders")

    def __init__(self) -> None:
        self.cases: dict[CaseKey, tuple[Decimal, Decimal]] = {}
        self.taxes: dict[TaxKey, tuple[Decimal, Decimal]] = {}
        self.payments: dict[PaymentKey, Decimal] = {}
        self.foreign: dict[PaymentKey, Decimal] = {}
        self.tenders: dict[PaymentMeans, Decimal] = {}

    def case(self, key: CaseKey, net: Decimal, vat: Decimal) -> None:
        before = self.cases.get(key, (ZERO, ZERO))
        self.cases[key] = before[0] + net, before[1] + vat

    def tax(self, key: TaxKey, net: Decimal, vat: Decimal) -> None:
        before = self.taxes.get(key, (ZERO, ZERO))
        self.taxes[key] = before[0] + net, before[1] + vat

    def payment(self, key: PaymentKey, amount: Decimal, foreign: Decimal | None) -> None:
        self.payments[key] = self.payments.get(key, ZERO) + amount
        if foreign is not None:
            self.foreign[key] = self.foreign.get(key, ZERO) + foreign

    def tender(self, means: PaymentMeans, amount: Decimal) -> None:
        self.tenders[means] = self.tenders.get(means, ZERO) + amount

    def merge(self, other: "_Sums") -> None:
        for case, (net, vat) in other.cases.items():
            self.case(case, net, vat)
        for tax, (net, vat) in other.taxes.items():
            self.tax(tax, net, vat)
        for payment, amount in other.payments.items():
            self.payment(payment, amount, other.foreign.get(payment))
        for means, amount in other.tenders.items():
            self.tender(means, amount)

    def case_totals(self) -> tuple[CaseTotal, ...]:
        return tuple(
            CaseTotal(case=case, tax_code=code, percentage=percentage, net=net, vat=vat)
            for (case, code, percentage), (net, vat) in sorted(self.cases.items())
        )

    def tax_totals(self) -> tuple[TaxTotal, ...]:
        return tuple(
            TaxTotal(tax_code=code, percentage=percentage, net=net, vat=vat)
            for (code, percentage), (net, vat) in sorted(self.taxes.items())
        )

    def payment_totals(self) -> tuple[PaymentTotal, ...]:
        return tuple(
            PaymentTotal(
                type=key[1],
                amount=amount,
                name=key[2],
                currency=key[3],
                foreign_amount=self.foreign.get(key),
                is_cash=not key[0],
            )
            for key, amount in sorted(self.payments.items())
        )

    def tender_totals(self) -> tuple[TenderTotal, ...]:
        found = sorted(self.tenders.items())
        return tuple(TenderTotal(means=means, amount=amount) for means, amount in found)


@dataclass(kw_only=True, slots=True)
class PeriodCount:
    """What has been counted of one register's period so far, in the order of the journal.

    The period begins with `first_sequence`; everything up to `counted_to` is in it. A part of a
    period may be counted by itself and merged: it begins at `counted_to + 1` of the part before,
    and knows the whole period's `first_sequence`. `signers` are the serials of the devices that
    signed, `corrected` the records that documents refer to, `tabs` the orders and receipts of each
    tab, by the record of its first order.
    """

    register: str
    first_sequence: int
    counted_to: int
    documents: int = 0
    voids: int = 0
    first_receipt: str = ""
    last_receipt: str = ""
    since: datetime | None = None
    latest_at: datetime | None = None
    opening: Decimal = ZERO
    cash_in: Decimal = ZERO
    cash_out: Decimal = ZERO
    expected: Decimal = ZERO
    difference: Decimal | None = None
    unsigned: list[str] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    signers: set[str] = field(default_factory=set)
    tabs: dict[str, list[Draft]] = field(default_factory=dict)
    _sales: _Tally = field(default_factory=_Tally)
    _returns: _Tally = field(default_factory=_Tally)
    _exchanges: _Tally = field(default_factory=_Tally)
    _orders: _Tally = field(default_factory=_Tally)
    _sums: _Sums = field(default_factory=_Sums)

    def add(self, kind: str, body: EntryBody, original: EntryBody | None = None) -> None:
        """The next sealed entry. For a `VOID`, `original` is the document it cancels."""
        assert kind in SEALED
        assert body.register == self.register
        assert body.sequence > self.counted_to
        self.counted_to = body.sequence
        self.documents += 1
        self.first_receipt = self.first_receipt or body.intent
        self.last_receipt = body.intent
        self.since = self.since or body.at
        if body.seal is not None and body.seal.outage:
            self.unsigned.append(body.intent)
        if body.seal is not None and body.seal.signing is not None:
            self.signers.add(body.seal.signing.serial)
        if body.draft is not None and body.draft.refers_to:
            self.corrected.append(body.draft.refers_to)
        if body.draft is None or body.draft.is_training:
            return
        if body.draft.tab or body.draft.kind is DocumentKind.ORDER:
            self.tabs.setdefault(body.draft.tab or body.id, []).append(body.draft)
        if kind == EntryKind.DOCUMENT:
            self.latest_at = body.at
            self._count(body, is_taken_out=False, is_opposite=False)
            return
        self.voids += 1
        if kind == EntryKind.VOID and original is not None and _counts(original):
            is_here = (
                original.register == self.register and original.sequence >= self.first_sequence
            )
            self._count(original, is_taken_out=is_here, is_opposite=not is_here)

    def _count(self, body: EntryBody, *, is_taken_out: bool, is_opposite: bool) -> None:
        """One document: its group, its lines, its payments; with the opposite sign if cancelled."""
        draft = body.draft
        assert draft is not None
        lines = list(_lines(body, draft))
        gross, vat = _worth(body, draft, lines)
        sign = -1 if is_taken_out or is_opposite else 1
        if draft.kind is DocumentKind.ORDER:
            self._orders.add(sign, sign * gross, sign * vat)
            return
        if draft.kind not in CASH_KINDS:
            beside = list(paid.beside(body, draft))
            said = gross + sum((amount for _, amount in beside), ZERO)
            is_return = draft.kind is DocumentKind.CORRECTION or said < 0
            tally = self._tally(draft, is_return=is_return != is_opposite)
            tally.add(-1 if is_taken_out else 1, sign * said, sign * vat)
            legs = [(one.means, amount) for one, amount in paid.given(draft, gross)]
            for means, amount in (*legs, *beside):
                self._sums.tender(means, sign * amount)
        for line in lines:
            net, tax = sign * line.net, sign * line.vat
            self._sums.case((line.case, line.tax_code, line.percentage), net, tax)
            if line.is_turnover and draft.kind not in CASH_KINDS:
                self._sums.tax((line.tax_code, line.percentage), net, tax)
        cash = ZERO
        for leg in paid.payments(body, draft, gross):
            key = (not leg.is_cash, leg.type, leg.name, leg.currency or draft.currency)
            foreign = None if leg.foreign_amount is None else sign * leg.foreign_amount
            self._sums.payment(key, sign * leg.amount, foreign)
            cash += sign * leg.amount if leg.is_cash else ZERO
        self._move_cash(draft.kind, cash)

    def _tally(self, draft: Draft, *, is_return: bool) -> _Tally:
        if draft.is_exchange:
            return self._exchanges
        return self._returns if is_return else self._sales

    def _move_cash(self, kind: DocumentKind, cash: Decimal) -> None:
        """What the document did to the drawer. A counted difference is known, not expected."""
        if kind is DocumentKind.COUNT:
            self.difference = (self.difference or ZERO) + cash
            return
        self.expected += cash
        if kind is DocumentKind.OPENING:
            self.opening += cash
        elif kind is DocumentKind.MOVEMENT and cash > 0:
            self.cash_in += cash
        elif kind is DocumentKind.MOVEMENT:
            self.cash_out += cash

    def merge(self, later: "PeriodCount") -> None:
        """Take in the part of the same period that follows directly."""
        assert (later.register, later.first_sequence) == (self.register, self.first_sequence)
        self.counted_to = max(self.counted_to, later.counted_to)
        self.documents += later.documents
        self.voids += later.voids
        self.first_receipt = self.first_receipt or later.first_receipt
        self.last_receipt = later.last_receipt or self.last_receipt
        self.since = self.since or later.since
        self.latest_at = later.latest_at or self.latest_at
        self.opening += later.opening
        self.cash_in += later.cash_in
        self.cash_out += later.cash_out
        self.expected += later.expected
        if later.difference is not None:
            self.difference = (self.difference or ZERO) + later.difference
        self.unsigned += later.unsigned
        self.corrected += later.corrected
        self.signers |= later.signers
        self._sales.take(later._sales)
        self._returns.take(later._returns)
        self._exchanges.take(later._exchanges)
        self._orders.take(later._orders)
        for tab, drafts in later.tabs.items():
            self.tabs[tab] = [*self.tabs.get(tab, ()), *drafts]
        self._sums.merge(later._sums)

    def totals(self) -> CountedTotals:
        return CountedTotals(
            first_sequence=self.first_sequence,
            last_sequence=self.counted_to,
            first_receipt=self.first_receipt,
            last_receipt=self.last_receipt,
            since=self.since,
            latest_at=self.latest_at,
            documents=self.documents,
            sales=self._sales.group(),
            returns=self._returns.group(),
            exchanges=self._exchanges.group(),
            voids=self.voids,
            orders=_ordered(self._orders),
            opening=self.opening,
            cash_in=self.cash_in,
            cash_out=self.cash_out,
            expected=self.expected,
            difference=self.difference,
            cases=self._sums.case_totals(),
            taxes=self._sums.tax_totals(),
            payments=self._sums.payment_totals(),
            tenders=self._sums.tender_totals(),
            unsigned=tuple(self.unsigned),
        )


def _ordered(orders: _Tally) -> ClosingGroup:
    return orders.group() if orders.count else NO_ORDERS


def _counts(body: EntryBody) -> bool:
    return body.draft is not None and not body.draft.is_training and not body.faults


def _lines(body: EntryBody, draft: Draft) -> Iterator[_CountedLine]:
    if body.seal is not None and body.seal.lines:
        yield from (_assessed(line) for line in body.seal.lines)
        return
    for line in draft.lines:
        sign = -1 if line.direction is Direction.RETURN else 1
        yield _CountedLine(
            case=line.purpose.value,
            tax_code=line.vat.code,
            percentage=line.vat.percentage,
            net=sign * line.vat.exclusive,
            vat=sign * line.vat.amount,
            is_turnover=line.purpose in TURNOVER,
        )


def _assessed(line: AssessedLine) -> _CountedLine:
    return _CountedLine(
        case=line.case,
        tax_code=line.tax_code,
        percentage=line.percentage,
        net=-line.net if line.is_debit else line.net,
        vat=-line.vat if line.is_debit else line.vat,
        is_turnover=line.tax_type != "",
    )


def _worth(body: EntryBody, draft: Draft, lines: list[_CountedLine]) -> tuple[Decimal, Decimal]:
    """Gross and VAT as the document states them, signed as its lines are: some laws print what is
    given back without a sign."""
    total = sum((line.net + line.vat for line in lines), ZERO)
    if body.seal is not None:
        gross, vat = body.seal.gross, body.seal.vat
    elif draft.totals is not None:
        gross, vat = draft.totals.inclusive, draft.totals.amount
    else:
        gross, vat = total, sum((line.vat for line in lines), ZERO)
    if gross > 0 > total:
        gross, vat = -gross, -vat
    return gross, vat


def summed(closings: Iterable[Closing]) -> CountedTotals:
    """Adds up closings that follow each other, for a report over them.

    The drawer adds up too: each session begins with a float of its own, and only the sum of all
    of them stands beside the sum of what was paid in cash.
    """
    sums, sales, returns, exchanges, orders = _Sums(), _Tally(), _Tally(), _Tally(), _Tally()
    is_tendered = True
    first: Closing | None = None
    last: Closing | None = None
    documents, voids = 0, 0
    opening, cash_in, cash_out, expected = ZERO, ZERO, ZERO, ZERO
    difference: Decimal | None = None
    receipts: list[str] = []
    unsigned: list[str] = []
    for one in closings:
        first, last = first or one, one
        documents, voids = documents + one.documents, voids + one.voids
        opening, expected = opening + one.opening, expected + one.expected
        cash_in, cash_out = cash_in + one.cash_in, cash_out + one.cash_out
        if one.difference is not None:
            difference = (difference or ZERO) + one.difference
        sales.take(one.sales)
        returns.take(one.returns)
        exchanges.take(one.exchanges)
        orders.take(one.orders)
        is_tendered &= bool(one.tenders) or not one.sales.count + one.returns.count
        _add_up(sums, one)
        receipts += [receipt for receipt in (one.first_receipt, one.last_receipt) if receipt]
        receipts = [receipts[0], receipts[-1]] if receipts else []
        unsigned += one.unsigned
    assert first is not None
    assert last is not None
    return CountedTotals(
        first_sequence=first.first_sequence,
        last_sequence=last.last_sequence,
        first_receipt=receipts[0] if receipts else "",
        last_receipt=receipts[-1] if receipts else "",
        since=first.since,
        latest_at=last.until,
        documents=documents,
        sales=sales.group(),
        returns=returns.group(),
        exchanges=exchanges.group(),
        voids=voids,
        orders=_ordered(orders),
        opening=opening,
        cash_in=cash_in,
        cash_out=cash_out,
        expected=expected,
        difference=difference,
        cases=sums.case_totals(),
        taxes=sums.tax_totals(),
        payments=sums.payment_totals(),
        tenders=sums.tender_totals() if is_tendered else (),
        unsigned=tuple(unsigned),
    )


def _add_up(sums: _Sums, one: Closing) -> None:
    for case in one.cases:
        sums.case((case.case, case.tax_code, case.percentage), case.net, case.vat)
    for tax in one.taxes:
        sums.tax((tax.tax_code, tax.percentage), tax.net, tax.vat)
    for leg in one.payments:
        key = (not leg.is_cash, leg.type, leg.name, leg.currency)
        sums.payment(key, leg.amount, leg.foreign_amount)
    for tender in one.tenders:
        sums.tender(tender.means, tender.amount)
