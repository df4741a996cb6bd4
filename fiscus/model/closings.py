"""What a closing counted: stored when it was made, with the master data of that time."""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from fiscus.model.documents import ClosingType
from fiscus.model.places import Place

ZERO = Decimal(0)


class CaseTotal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All lines of one business case under one tax code; signed, gross is net plus VAT."""

    case: str
    tax_code: str
    percentage: Decimal
    net: Decimal
    vat: Decimal


class TaxTotal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Turnover under one tax code; signed, gross is net plus VAT."""

    tax_code: str
    percentage: Decimal
    net: Decimal
    vat: Decimal


class PaymentTotal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All payments of one type, name and currency; `amount` in the register's currency."""

    type: str
    amount: Decimal
    name: str = ""
    currency: str = ""
    foreign_amount: Decimal | None = None
    is_cash: bool = False


class Group(msgspec.Struct, frozen=True, kw_only=True):
    count: int = 0
    gross: Decimal = ZERO
    vat: Decimal = ZERO


class Device(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A foreign device of the period. `serial` is hex, `public_key` (uncompressed point) and
    `certificate` (DER) are base64; what an `is_test` device signed is never legally valid."""

    serial: str
    client: str
    algorithm: str
    time_format: str
    public_key: str
    certificate: str
    is_test: bool = False


class Closing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Totals of a period of one register; amounts signed, in `currency`.

    `number` is the Z number if `is_sealed`, else the number of the report, which then covers the
    Z numbers `first_z` to `last_z`. `first_sequence` and `last_sequence` bound the journal entries
    counted; `first_receipt` and `last_receipt` are the intentions of the first and last document.
    `since` and `until` are UTC; `day` is the business day in the location's zone. Cash: `opening`
    float, `cash_in` and `cash_out` moved, `expected` in the drawer, `difference` counted minus
    expected (None: not counted). `unsigned` are the intentions of documents without a signature.
    """

    type: ClosingType
    number: int
    is_sealed: bool
    first_z: int
    last_z: int
    first_sequence: int = 0
    last_sequence: int = 0
    first_receipt: str = ""
    last_receipt: str = ""
    since: datetime
    until: datetime
    day: date
    timezone: str
    currency: str
    documents: int = 0
    sales: Group = Group()
    returns: Group = Group()
    voids: int = 0
    opening: Decimal = ZERO
    cash_in: Decimal = ZERO
    cash_out: Decimal = ZERO
    expected: Decimal = ZERO
    difference: Decimal | None = None
    cases: tuple[CaseTotal, ...] = ()
    taxes: tuple[TaxTotal, ...] = ()
    payments: tuple[PaymentTotal, ...] = ()
    unsigned: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    place: Place
    session: str = ""
