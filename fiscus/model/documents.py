"""What a caller wants issued, in neutral words; regimes translate them into their law's."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """The neutral kinds of documents and acts. Regimes say which of them they know."""

    RECEIPT = "receipt"
    INVOICE = "invoice"
    CORRECTION = "correction"
    CANCELLATION = "cancellation"
    ABORT = "abort"
    OPENING = "opening"
    MOVEMENT = "movement"
    COUNT = "count"
    CLOSING = "closing"


CASH_KINDS = frozenset({Kind.OPENING, Kind.MOVEMENT, Kind.COUNT})
"""What happens to the drawer alone: the float, money put in or taken out, a counted difference."""


class ClosingType(StrEnum):
    """Shift and daily closings seal a cash period; monthly and annual ones report over those."""

    SHIFT = "shift"
    DAILY = "daily"
    MONTHLY = "monthly"
    ANNUAL = "annual"


class Direction(StrEnum):
    SALE = "sale"
    RETURN = "return"


class Purpose(StrEnum):
    """What a line is for. Only the first four and the tip to the owner can bear VAT."""

    SALE = "sale"
    DEPOSIT = "deposit"
    DISCOUNT = "discount"
    SURCHARGE = "surcharge"
    TIP_OWNER = "tip_owner"
    TIP_STAFF = "tip_staff"
    VOUCHER_SOLD = "voucher_sold"
    VOUCHER_REDEEMED = "voucher_redeemed"
    FLOAT = "float"
    TRANSIT = "transit"
    PAY_IN = "pay_in"
    PAY_OUT = "pay_out"
    OWNER_IN = "owner_in"
    OWNER_OUT = "owner_out"
    WAGE = "wage"
    DIFFERENCE = "difference"


class Means(StrEnum):
    """How something was paid."""

    CASH = "cash"
    CARD_CREDIT = "card_credit"
    CARD_DEBIT = "card_debit"
    CARD_PREPAID = "card_prepaid"
    CARD_GIFT = "card_gift"
    CARD_TICKET = "card_ticket"
    ONLINE = "online"
    TRANSFER = "transfer"
    VOUCHER_SINGLE = "voucher_single"
    VOUCHER_MULTIPLE = "voucher_multiple"
    OTHER = "other"
    OUTSTANDING = "outstanding"


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A postal address; `country` is ISO 3166-1 alpha-2."""

    street: str
    number: str = ""
    code: str
    city: str
    country: str

    def line(self) -> str:
        return f"{self.street} {self.number}".strip()


class Party(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The other side of a sale, as far as the caller named it."""

    name: str = ""
    tax_number: str = ""
    code: str = ""
    is_business: bool = False
    address: Address | None = None


class Vat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The VAT of a line as the caller states it; an exempt line has an exemption code for a rate.

    Amounts are in the document's currency: `exclusive` net, `amount` VAT, `inclusive` gross.
    """

    code: str
    is_exempt: bool = False
    percentage: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    exclusive: Decimal
    inclusive: Decimal
    region: str = ""
    reason: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. `unit_price` is gross; `number` is the print order, and in a correction
    the number of the original line it corrects (empty if the caller gave none)."""

    direction: Direction
    text: str
    quantity: Decimal
    unit_price: Decimal
    vat: Vat
    number: str = ""
    measure: str = ""
    discount: Decimal = Decimal(0)
    surcharge: Decimal = Decimal(0)
    is_service: bool = False
    is_voucher: bool = False
    is_gift: bool = False
    product: str = ""
    purpose: Purpose = Purpose.SALE


class Payment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`amount` is in the document's currency; money given back is negative. Cash of another
    currency names it in `currency` and says how much of it in `foreign_amount`."""

    means: Means
    amount: Decimal
    name: str = ""
    on: date | None = None
    currency: str = ""
    foreign_amount: Decimal | None = None


class Discount(msgspec.Struct, frozen=True, kw_only=True):
    """A discount on the whole document, gross and positive; the law says how rates share it."""

    text: str
    amount: Decimal


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Document totals as stated by the caller: net, VAT, gross."""

    exclusive: Decimal
    amount: Decimal
    inclusive: Decimal


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A document as the caller wants it, before the law adds number, seal and signature.

    `series` and `reference` are the caller's own words for its numbering; the legal number is
    given by `issuing/numbering.py`. `refers_to` is the record that is corrected or cancelled;
    `external_reference` names a document outside our data instead. Lines carry positive amounts,
    `direction` tells which way they go. A closing has a `closing` type and nothing else; it
    `is_report` if it seals no period of its own but adds up closings that were made already.
    """

    kind: Kind
    series: str = ""
    reference: str = ""
    issued_at: datetime | None = None
    supplied_on: date | None = None
    is_simplified: bool = False
    is_training: bool = False
    lines: tuple[Line, ...] = ()
    payments: tuple[Payment, ...] = ()
    buyer: Party | None = None
    totals: Totals | None = None
    currency: str = "EUR"
    refers_to: str = ""
    external_reference: str = ""
    external_text: str = ""
    discounts: tuple[Discount, ...] = ()
    closing: ClosingType | None = None
    is_report: bool = False
    reason: str = ""
    operator: str = ""
    text: str = ""
    activity: str = ""
    properties: Mapping[str, str] = {}
