"""What a caller wants issued, in neutral words; regimes translate them into their law's."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec


class DocumentKind(StrEnum):
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
    ORDER = "order"


CASH_KINDS = frozenset({DocumentKind.OPENING, DocumentKind.MOVEMENT, DocumentKind.COUNT})
"""What happens to the drawer alone: the float, money put in or taken out, a counted difference."""

NO_TURNOVER = CASH_KINDS | {DocumentKind.ORDER}
"""What sells nothing: the drawer's events, and orders, which a receipt bills later."""


class ClosingType(StrEnum):
    """Shift and daily closings seal a cash period; monthly and annual ones report over those."""

    SHIFT = "shift"
    DAILY = "daily"
    MONTHLY = "monthly"
    ANNUAL = "annual"


class Direction(StrEnum):
    """Which way goods go: sold, or taken back."""

    SALE = "sale"
    RETURN = "return"


class LinePurpose(StrEnum):
    """What a line is for. Only the first four, the tip to the owner and vouchers can bear VAT."""

    SALE = "sale"
    DEPOSIT = "deposit"
    DISCOUNT = "discount"
    SURCHARGE = "surcharge"
    TIP_OWNER = "tip_owner"
    TIP_STAFF = "tip_staff"
    VOUCHER_SOLD = "voucher_sold"
    VOUCHER_REDEEMED = "voucher_redeemed"
    RECEIVABLE_SETTLED = "receivable_settled"
    FLOAT = "float"
    TRANSIT = "transit"
    PAY_IN = "pay_in"
    PAY_OUT = "pay_out"
    OWNER_IN = "owner_in"
    OWNER_OUT = "owner_out"
    WAGE = "wage"
    DIFFERENCE = "difference"


class VoucherKind(StrEnum):
    """What a voucher is good for: one supply, whose tax is known when it is sold, or many."""

    SINGLE = "single"
    MULTIPLE = "multiple"


class PaymentMeans(StrEnum):
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
    """A postal address; `country` is ISO 3166-1 alpha-2, `region` a part of it."""

    street: str
    number: str = ""
    code: str
    city: str
    country: str
    region: str = ""

    def line(self) -> str:
        return f"{self.street} {self.number}".strip()


class Party(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The other side of a sale, as far as the caller named it: `tax_number` as such, with or
    without the prefix of its country, `vat_number` one that the caller calls a number for trade
    between member states, `code` whatever the caller calls it by, `sort` the caller's word for what
    sort of buyer it is; `is_staff`: one of the caller's own people; `is_foreign`: whether it is
    from abroad, if the caller says so."""

    name: str = ""
    tax_number: str = ""
    code: str = ""
    is_business: bool = False
    is_staff: bool = False
    is_foreign: bool | None = None
    address: Address | None = None
    vat_number: str = ""
    sort: str = ""

    def contradicts_address(self, home: str) -> bool:
        """Whether the buyer is said to be from the country `home` and lives elsewhere, or the other
        way round."""
        if self.is_foreign is None or self.address is None:
            return False
        return self.is_foreign is (self.address.country == home)


RATE_ALONE = "RATE"
"""The code of a rate whose caller names its percentage only: the law finds its own code."""


class StatedVat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
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


class StatedShare(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a document comes to under one tax, as the caller states it. `code`, `region` and the
    `reason` of an exemption are empty and amounts None where the caller does not say them."""

    percentage: Decimal = Decimal(0)
    code: str = ""
    region: str = ""
    reason: str = ""
    is_exempt: bool = False
    amount: Decimal | None = None
    exclusive: Decimal | None = None
    inclusive: Decimal | None = None


class LinePart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a composed line, such as a dish of a menu. `quantity` and the amounts of `vat` are
    those of the whole line; the other members say of the part what they say of a line."""

    text: str
    quantity: Decimal
    vat: StatedVat
    product: str = ""
    gtin: str = ""
    product_group: str = ""
    product_group_name: str = ""


SEVERAL_RATES = "SEVERAL"
"""The code of a line whose parts stand under several rates: its amounts are their sums, its
percentage says nothing."""


class DraftLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. `unit_price` is gross, `unit_net` the same without VAT, if the caller says it;
    `number` is the print order, and in a correction the number of the original line it corrects
    (empty if the caller gave none); `serial` the serial number of the thing that is sold.
    `paid_by`: the caller said it as a payment by these means, and it is no payment to the law (a
    voucher).

    `product` is the caller's article number, `gtin` the one that its package bears;
    `product_group` and `product_group_name` are the caller's group of articles; `is_eaten_in`:
    whether it is eaten or drunk where it is sold (None: nobody said). `parts` is what it is
    composed of, each under a rate of its own. `voucher` is the number of the voucher that a line
    sells or redeems, `voucher_kind` what that one is good for (None: nobody said).
    """

    direction: Direction
    text: str
    quantity: Decimal
    unit_price: Decimal
    vat: StatedVat
    number: str = ""
    measure: str = ""
    discount: Decimal = Decimal(0)
    surcharge: Decimal = Decimal(0)
    is_service: bool = False
    is_voucher: bool = False
    is_gift: bool = False
    product: str = ""
    purpose: LinePurpose = LinePurpose.SALE
    paid_by: PaymentMeans | None = None
    gtin: str = ""
    product_group: str = ""
    product_group_name: str = ""
    is_eaten_in: bool | None = None
    parts: tuple[LinePart, ...] = ()
    voucher: str = ""
    voucher_kind: VoucherKind | None = None
    unit_net: Decimal | None = None
    serial: str = ""


class Payment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`amount` is in the document's currency; money given back is negative. Cash of another
    currency names it in `currency` and says how much of it in `foreign_amount`. `discount` is what
    need not be paid if it is paid in time."""

    means: PaymentMeans
    amount: Decimal
    name: str = ""
    on: date | None = None
    currency: str = ""
    foreign_amount: Decimal | None = None
    discount: Decimal | None = None


class DeliveryPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where goods go, if not to the buyer's own address, to whom there, and on which day."""

    address: Address
    name: str = ""
    on: date | None = None


class Discount(msgspec.Struct, frozen=True, kw_only=True):
    """A discount on the whole document, gross and positive; the law says how rates share it."""

    text: str
    amount: Decimal


class StatedTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Document totals as stated by the caller: net, VAT, gross."""

    exclusive: Decimal
    amount: Decimal
    inclusive: Decimal


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A document as the caller wants it, before the law adds number, seal and signature.

    `series` and `reference` are the caller's own words for its numbering; the legal number is
    given by `issuing/numbering.py`. `refers_to` is the record that is corrected or cancelled;
    `external_reference` names a document outside our data instead, `external_on` its date. Lines
    carry positive amounts, `direction` tells which way they go. A closing has a `closing` type and
    nothing else; it `is_report` if it seals no period of its own but adds up closings that were
    made already. `is_exchange`: a correction that takes goods back for others; `is_full_reversal`:
    one that takes back the whole document it refers to. `operator` is the till's code of the person
    who did it, `operator_name` that person's name. `breakdown` is what the caller says that each
    tax comes to, `order_references` the documents of the buyer's or the seller's from which this
    one follows.

    `groups` are the tables, rooms or order numbers that it is for. `tab` is the record of the first
    order of the tab that an order adds to, or a receipt bills; empty for the first order itself.
    Lines of an order that are returned take back what was ordered before.
    """

    kind: DocumentKind
    series: str = ""
    reference: str = ""
    issued_at: datetime | None = None
    supplied_on: date | None = None
    is_simplified: bool = False
    is_training: bool = False
    lines: tuple[DraftLine, ...] = ()
    payments: tuple[Payment, ...] = ()
    buyer: Party | None = None
    totals: StatedTotals | None = None
    currency: str = "EUR"
    refers_to: str = ""
    external_reference: str = ""
    external_on: date | None = None
    external_text: str = ""
    discounts: tuple[Discount, ...] = ()
    closing: ClosingType | None = None
    is_report: bool = False
    is_exchange: bool = False
    reason: str = ""
    operator: str = ""
    text: str = ""
    activity: str = ""
    groups: tuple[str, ...] = ()
    tab: str = ""
    properties: Mapping[str, str] = {}
    operator_name: str = ""
    is_full_reversal: bool = False
    breakdown: tuple[StatedShare, ...] = ()
    order_references: tuple[str, ...] = ()
    payment_terms: str = ""
    delivery: DeliveryPlace | None = None
