"""What a law says of a document to the books: amounts under keys, which each company maps to the
accounts of its own chart.

A booking is signed as its account sees it: debit is positive, credit negative. All bookings of one
document add up to zero.

There are many of these values for a moment each, and no circles among them: the collector need not
look at them (`gc=False`).
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from fiscus.model.documents import Direction, DocumentKind, LinePurpose, Party, Payment, StatedVat


class Bearing(StrEnum):
    """What documents of one type mean to the books: revenue (and what takes it back), a payment of
    what was owed, or nothing."""

    REVENUE = "revenue"
    PAYMENT = "payment"
    NEITHER = "neither"


class BookingRole(StrEnum):
    """`SALE`: what stands in the lines of a document; `SETTLEMENT`: how it was paid, or that it is
    owed; `MOVEMENT`: cash put into the drawer or taken out; `DIFFERENCE`: counted cash that is
    more or less than it should be."""

    SALE = "sale"
    SETTLEMENT = "settlement"
    MOVEMENT = "movement"
    DIFFERENCE = "difference"


class Booking(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One amount of a document under one key of the law (`case/Umsatz/19`).

    `amount` is signed, debit positive, in whole cents of the document's currency; it is `net` plus
    `vat`, which are signed alike. `tax_code` and `percentage` are the law's; an empty code: it
    bears no VAT.
    """

    role: BookingRole
    key: str
    amount: Decimal
    net: Decimal
    vat: Decimal = Decimal(0)
    tax_code: str = ""
    percentage: Decimal = Decimal(0)


class AccountedDraftLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of a draft's line: what counts where the law assesses no lines."""

    direction: Direction
    vat: StatedVat
    purpose: LinePurpose = LinePurpose.SALE
    is_voucher: bool = False


class AccountedDraft(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of a draft: what it was, who bought, how it was paid."""

    kind: DocumentKind
    is_training: bool = False
    lines: tuple[AccountedDraftLine, ...] = ()
    payments: tuple[Payment, ...] = ()
    buyer: Party | None = None
    currency: str = "EUR"
    issued_at: datetime | None = None
    reference: str = ""


class AccountedLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of an assessed line; the fields say what they say in `AssessedLine`."""

    net: Decimal
    vat: Decimal
    tax_type: str
    tax_code: str
    percentage: Decimal
    region: str = ""
    case: str = ""
    is_debit: bool = False
    is_service: bool = False


class AccountedTax(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of a document's share under one tax; the fields say what they say in `TaxShare`."""

    region: str
    tax_type: str
    tax_code: str
    percentage: Decimal
    net: Decimal
    vat: Decimal


class AccountedPayment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of an assessed payment; the fields say what they say in `AssessedPayment`."""

    type: str
    amount: Decimal
    name: str = ""
    is_cash: bool = False


class AccountedSeal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of a seal: number, day, totals, lines and payments in the law's words."""

    number: str
    document_type: str
    day: date
    net: Decimal
    vat: Decimal
    gross: Decimal
    lines: tuple[AccountedLine, ...] = ()
    taxes: tuple[AccountedTax, ...] = ()
    payments: tuple[AccountedPayment, ...] = ()
    code: str = ""
    facts: Mapping[str, str] = {}


class AccountedDocument(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The part of an entry's body that the books look at, decoded from the same stored bytes; all
    fields are those of `EntryBody`."""

    id: str
    kind: str
    chain: str
    sequence: int
    at: datetime
    intent: str = ""
    refers: str = ""
    draft: AccountedDraft | None = None
    seal: AccountedSeal | None = None


class ChartAccount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account of a chart. `is_automatic`: the accounting program takes the VAT out of what is
    booked there by itself. `identifier`: what the accounting system calls it, if not by code."""

    code: str
    name: str
    is_automatic: bool = False
    identifier: str = ""


class ChartTax(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tax of a chart: `code` as the accountant calls it, `account` where the VAT is owed,
    `posting_key` what DATEV calls a BU-Schlüssel (four digits, empty: none)."""

    code: str
    name: str
    percentage: Decimal
    account: str = ""
    posting_key: str = ""


class ChartRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which account stands for a key. A part of the pattern between slashes may be `*`: any.
    `tax` is the code of a `ChartTax`, empty: it bears none. `doubt`: what the accountant must
    be asked before it is used; items booked by it bear a warning."""

    key: str
    account: str
    tax: str = ""
    doubt: str = ""


class StarterChart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart to begin with, as a law suggests it: it becomes the company's own mapping, and is the
    accountant's from then on. `code` is the chart's name (`SKR03`). `unmapped`: keys of the law
    that have no account on purpose, because none can be known; each with what must be decided."""

    code: str
    name: str
    sources: tuple[str, ...]
    accounts: tuple[ChartAccount, ...]
    taxes: tuple[ChartTax, ...]
    rules: tuple[ChartRule, ...]
    unmapped: Mapping[str, str] = {}
