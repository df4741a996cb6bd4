"""Entries of the books as files for accounting programs show them: every account is resolved."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

import msgspec

from fiscus.model.accounts import ChartAccount


class BookedTax(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The VAT within a line: `amount` signed as the line is; `account` where it is owed."""

    code: str
    percentage: Decimal
    amount: Decimal
    account: str = ""
    posting_key: str = ""


class BookedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One amount on one account against the entry's contra account. `amount` is signed, debit
    positive, in the entry's currency, with the VAT in it; `net` is without it."""

    id: str
    account: str
    amount: Decimal
    net: Decimal
    tax: BookedTax | None = None
    text: str = ""


class BookedEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An accounting entry with its accounts. `reference` is the number of the document or closing,
    `sub_type` one of sale, sale_return, payment, movement, difference, or what a caller said;
    `contra` the account against which all lines stand; `record` the id of the sealed record and
    `link` its hash in the journal (both empty for what a caller entered); `reverses` the id of the
    entry that this one takes back; `partner` and `partner_tax_number` a customer that was named."""

    id: str
    day: date
    reference: str
    sub_type: str
    currency: str
    contra: str
    lines: tuple[BookedLine, ...]
    note: str = ""
    record: str = ""
    link: str = ""
    reverses: str = ""
    partner: str = ""
    partner_tax_number: str = ""


class BookBatch(msgspec.Struct, frozen=True, kw_only=True):
    """What one file job writes: entries of one company, in the order of their days, then ids.

    `entries()` streams and may be called again. `accounts` are those of the company's chart by
    code; `chart` its name (`SKR03`). `first` and `last` bound the days of all entries. `settings`
    are the company's own for this format, by name. `written_at` is UTC: when the job was made, so
    that writing again gives the same bytes.
    """

    job: str
    company: str
    tax_number: str
    country: str
    currency: str
    chart: str
    accounts: Mapping[str, ChartAccount]
    first: date
    last: date
    settings: Mapping[str, str]
    written_at: datetime
    entries: Callable[[], Iterator[BookedEntry]]


class BookFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file: its name with extension, and its bytes as a stream that is read once."""

    name: str
    blocks: Iterator[bytes]


class BookWarning(msgspec.Struct, frozen=True, kw_only=True):
    """A value of an entry that a format had to change: which field, how it was, how it is."""

    code: str
    text: str
    field: str
    said: str
    written: str
