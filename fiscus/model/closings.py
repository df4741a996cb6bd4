"""What a closing counted: stored when it was made, with the master data of that time."""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from fiscus.model.documents import ClosingType, PaymentMeans
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


class TenderTotal(msgspec.Struct, frozen=True, kw_only=True):
    """What customers paid by one means, in the callers' words and not the law's; signed."""

    means: PaymentMeans
    amount: Decimal


class ClosingGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A number of documents and what they come to, signed."""

    count: int = 0
    gross: Decimal = ZERO
    vat: Decimal = ZERO


NO_ORDERS = ClosingGroup()
"""This very value is left out where a closing is stored."""


class ClosingDevice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
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
    The three groups are what callers said that their documents come to. `payments` is all that was
    paid and moved in the drawer, in the law's words; `tenders` what customers paid, vouchers and
    what they owe among it: it adds up to the groups (empty: made before tenders were counted).
    `unclosed` are the records, of other registers, that documents of the period refer to and that
    no closing covered then: what was sealed goes on to say so when they are closed.
    `since` and `until` are UTC; `day` is the business day in the location's zone. Cash: `opening`
    float, `cash_in` and `cash_out` moved, `expected` in the drawer, `difference` counted minus
    expected (None: not counted). `unsigned` are the intentions of documents without a signature.
    `checkpoint_size` and the first 16 characters of its `checkpoint_root` are of the newest
    checkpoint of the journal's log then, `fingerprint` is the installation's: on paper they are a
    witness. `orders` are in no total: what is ordered is turnover when it is billed;
    `open_tabs` are the first orders (records) of those that were not billed whole by then.
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
    sales: ClosingGroup = ClosingGroup()
    returns: ClosingGroup = ClosingGroup()
    exchanges: ClosingGroup = ClosingGroup()
    voids: int = 0
    orders: ClosingGroup = NO_ORDERS
    opening: Decimal = ZERO
    cash_in: Decimal = ZERO
    cash_out: Decimal = ZERO
    expected: Decimal = ZERO
    difference: Decimal | None = None
    cases: tuple[CaseTotal, ...] = ()
    taxes: tuple[TaxTotal, ...] = ()
    payments: tuple[PaymentTotal, ...] = ()
    tenders: tuple[TenderTotal, ...] = ()
    unclosed: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()
    devices: tuple[ClosingDevice, ...] = ()
    place: Place
    session: str = ""
    checkpoint_size: int = 0
    checkpoint_root: str = ""
    fingerprint: str = ""
    open_tabs: tuple[str, ...] = ()

    @property
    def gross(self) -> Decimal:
        return self.sales.gross + self.returns.gross + self.exchanges.gross

    @property
    def vat(self) -> Decimal:
        return self.sales.vat + self.returns.vat + self.exchanges.vat
