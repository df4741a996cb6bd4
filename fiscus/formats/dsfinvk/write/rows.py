"""What the writer writes: cash point closings and the operations in them, in neutral words.

Amounts are Decimals, instants are UTC; `timezone` says in which zone they are spelled. Words the
law prescribes (types of receipts, business cases, payments, references) stand as it spells them.
Countries are ISO 3166-1 alpha-3.
"""

from datetime import date, datetime
from decimal import Decimal

import msgspec


class RegisteredSeat(msgspec.Struct, frozen=True, kw_only=True):
    """Who sits where: a taxpayer, one of its locations, or a principal it sells for."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str
    tax_number: str = ""
    vat_id: str = ""


class Agency(RegisteredSeat, frozen=True, kw_only=True):
    """A principal in whose name something is sold. 0 is the taxpayer itself and never listed."""

    id: int


class RegisterHardware(msgspec.Struct, frozen=True, kw_only=True):
    """The register as a thing. `serial` is the client id the TSE knows it by."""

    serial: str
    brand: str = ""
    model: str = ""
    software: str = ""
    software_version: str = ""
    currency: str = "EUR"
    is_without_vat: bool = False


class Terminal(msgspec.Struct, frozen=True, kw_only=True):
    """A further device that records into the same register."""

    id: str
    serial: str
    brand: str = ""
    model: str = ""
    software: str = ""
    software_version: str = ""


class TseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A TSE as it was at the closing. `public_key` and `certificate` (DER) are base64."""

    id: int
    serial: str
    algorithm: str
    time_format: str
    public_key: str
    certificate: str
    encoding: str = "UTF-8"


class VatRow(msgspec.Struct, frozen=True, kw_only=True):
    """A VAT key that the closing uses, with its rate."""

    key: int
    percentage: Decimal
    text: str


class BusinessCase(msgspec.Struct, frozen=True, kw_only=True):
    """The sum of all lines of one kind in a closing."""

    type: str
    vat_key: int
    gross: Decimal
    net: Decimal
    vat: Decimal
    name: str = ""
    agency: int = 0


class PaymentTotalRow(msgspec.Struct, frozen=True, kw_only=True):
    """All payments of one kind in a closing."""

    type: str
    amount: Decimal
    name: str = ""


class CashTotal(msgspec.Struct, frozen=True, kw_only=True):
    """The cash of one currency, in that currency."""

    currency: str
    amount: Decimal


class CashPointClosing(msgspec.Struct, frozen=True, kw_only=True):
    """One closing with its number, its master data and its totals, all as kept when it was made."""

    register: str
    number: int
    created_at: datetime
    timezone: str = "UTC"
    booking_day: date | None = None
    version: str = "2.4"
    first_receipt: str
    last_receipt: str
    taxpayer: RegisteredSeat
    location: RegisteredSeat
    hardware: RegisterHardware
    paid: Decimal
    paid_cash: Decimal
    terminals: tuple[Terminal, ...] = ()
    agencies: tuple[Agency, ...] = ()
    devices: tuple[TseRow, ...] = ()
    vat_rates: tuple[VatRow, ...] = ()
    business_cases: tuple[BusinessCase, ...] = ()
    payments: tuple[PaymentTotalRow, ...] = ()
    cash: tuple[CashTotal, ...] = ()


class VatAmount(msgspec.Struct, frozen=True, kw_only=True):
    """What one VAT key has of a receipt or of a line: gross is net plus VAT exactly."""

    key: int
    gross: Decimal
    net: Decimal
    vat: Decimal


class PricePart(msgspec.Struct, frozen=True, kw_only=True):
    """How the price of a line came about: a base amount, a discount, an extra amount."""

    type: str
    vat_key: int
    gross: Decimal
    net: Decimal
    vat: Decimal


class SubItem(msgspec.Struct, frozen=True, kw_only=True):
    """One component of a composed article."""

    product: str
    quantity: Decimal
    vat_key: int
    name: str = ""
    gtin: str = ""
    group_id: str = ""
    group: str = ""
    factor: Decimal | None = None
    unit: str = ""
    gross: Decimal | None = None
    net: Decimal | None = None
    vat: Decimal | None = None


class LineRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an operation: `type` is its business case, `is_void` a line taken back."""

    number: str
    text: str
    type: str
    name: str = ""
    voucher: str = ""
    terminal: str = ""
    is_eaten_in: bool | None = False
    is_void: bool = False
    agency: int = 0
    product: str = ""
    gtin: str = ""
    group_id: str = ""
    group: str = ""
    quantity: Decimal | None = None
    factor: Decimal | None = None
    unit: str = ""
    unit_gross: Decimal | None = None
    amounts: tuple[VatAmount, ...] = ()
    price_parts: tuple[PricePart, ...] = ()
    sub_items: tuple[SubItem, ...] = ()


class PaymentRow(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` is in the register's currency; `foreign_amount` in the one that was handed over."""

    type: str
    amount: Decimal
    name: str = ""
    currency: str = "EUR"
    foreign_amount: Decimal | None = None


class TseTransactionRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a TSE made of the operation; with an `outage` there is nothing else to tell."""

    device: int
    outage: str = ""
    number: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    process_type: str = ""
    counter: int | None = None
    signature: str = ""
    process_data: str = ""


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """Leads to another operation (with its closing) or to a document outside the system."""

    type: str
    receipt: str
    line: str = ""
    name: str = ""
    register: str = ""
    closing: int | None = None
    closed_at: datetime | None = None
    timezone: str = "UTC"


class BuyerRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who bought, as the receipt names the buyer."""

    name: str = ""
    id: str = ""
    type: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    vat_id: str = ""


NOBODY = BuyerRow()


class OperationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of a closing: a receipt, or anything else that was recorded and signed."""

    id: str
    number: int
    type: str
    started_at: datetime
    finished_at: datetime
    timezone: str = "UTC"
    operator: str
    gross: Decimal
    name: str = ""
    terminal: str = ""
    is_reversal: bool = False
    operator_name: str = ""
    customer: BuyerRow = NOBODY
    note: str = ""
    lines: tuple[LineRow, ...] = ()
    payments: tuple[PaymentRow, ...] = ()
    vat_totals: tuple[VatAmount, ...] = ()
    signings: tuple[TseTransactionRow, ...] = ()
    groups: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
