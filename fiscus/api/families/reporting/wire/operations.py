"""Operations: what is sold, returned and exchanged, and what happens to the cash drawer."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, StringConstraints, TypeAdapter, WithJsonSchema

from fiscus.api.families.reporting.wire.envelope import List
from fiscus.api.families.reporting.wire.lists import PeriodQuery
from fiscus.api.families.reporting.wire.people import KnownCustomer, Operator
from fiscus.api.families.reporting.wire.scalars import (
    EXTENSION,
    Currency,
    LocationId,
    Moment,
    Money,
    MoneyNotNegative,
    Price,
    Rate,
    RegisterId,
    SessionId,
    Text50,
    Text60,
    Text64,
    Text128,
    Text255,
    Text1024,
    Wire,
)

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""An id in a request: whether there is such a thing is answered with `not_found`."""

Source = Literal["POS", "ONLINE"]
Status = Literal["open", "completed", "voided"]
Goods = Literal["sale", "return", "exchange"]
Ordered = Literal["order"]
Event = Literal["session_open", "session_cash_adjustment", "session_cash_count", "session_close"]

QUANTITY = r"^-?[0-9]{1,9}(\.[0-9]{1,6})?$"
Quantity = Annotated[
    Decimal,
    Field(strict=False, max_digits=15, decimal_places=6),
    WithJsonSchema(
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": QUANTITY}], "examples": [2]}
    ),
]
"""A JSON number, as the contract shows it, or a text; never a binary fraction in our hands."""

NOT_ZERO = r"^-?([1-9][0-9]{0,11}\.[0-9]{2}|0\.([1-9][0-9]|0[1-9]))$"
NotZero = Annotated[Money, StringConstraints(pattern=NOT_ZERO)]


class Tax(Wire):
    name: Text255
    rate: Rate
    tax_amount: Money


class ArticleGroup(Wire):
    """The merchant's own group of articles."""

    id: Annotated[Text64, Field(examples=["12"])]
    name: Annotated[Text128 | None, Field(examples=["Heißgetränke"])] = None


Gtin = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{8,14}$"),
    Field(description="The number under the bar code.", examples=["4006381333931"]),
]


class LineComponent(Wire):
    """A part of a composed line, such as a dish of a menu: quantity and amounts are those of the
    whole line, with its sign."""

    title: Text255
    article_number: Annotated[Text64, Field(examples=["4711"])]
    gtin: Gtin | None = None
    article_group: ArticleGroup | None = None
    quantity: Quantity
    total_amount: Money
    taxes: Annotated[list[Tax], Field(min_length=1, max_length=1)]


VoucherPurpose = Literal["single_purpose", "multi_purpose"]


class Voucher(Wire):
    """An extension: the voucher that is sold or given back. One of a `single_purpose` is good for a
    supply whose tax is known, so it is taxed when it is sold, and then needs its number; one that
    is `multi_purpose` bears no tax before it is redeemed."""

    number: Text50 | None = None
    kind: VoucherPurpose | None = None


class RedeemedVoucher(Voucher):
    """The voucher that pays. What it was sold as is known by its number, if it was sold here;
    `rate` is for one of a single purpose that was sold elsewhere."""

    rate: Rate | None = None


TaxCategory = Literal[
    "zero",
    "exempt",
    "export",
    "intra_community",
    "small_business",
    "margin_scheme",
    "not_taxable",
]


class LineItem(Wire):
    """`unit_price` times `quantity` is `total_amount`; all carry the sign of what moves.

    `kind` is an extension: what a line is, if it is not something sold or taken back. A gift card
    bears the tax of what it is good for if that is one thing only, else none, and stands in a line
    of its own; one with a negative amount is redeemed or given back. A deposit bears the rate of
    what it is for. A receivable is what was sold before and left owed, and is paid now: it bears no
    tax. So are the members that say more of an article extensions; a gift card is none.
    """

    title: Text255
    quantity: Quantity
    unit_price: Price
    total_amount: Money
    taxes: Annotated[list[Tax], Field(max_length=10)]
    kind: Annotated[
        Literal["goods", "gift_card", "deposit", "receivable"],
        EXTENSION,
    ] = "goods"
    article_number: Annotated[
        Text64 | None, EXTENSION, Field(description="The merchant's own.", examples=["4711"])
    ] = None
    gtin: Annotated[Gtin | None, EXTENSION] = None
    article_group: Annotated[ArticleGroup | None, EXTENSION] = None
    is_eaten_in: Annotated[
        bool | None,
        EXTENSION,
        Field(description="Whether it is eaten or drunk at the place of the sale."),
    ] = None
    components: Annotated[
        list[LineComponent],
        EXTENSION,
        Field(
            max_length=100,
            description="What the line is composed of. Their amounts add up to the line's, and "
            "their taxes to its taxes, of which it has one for each rate; prices are with tax.",
        ),
    ] = Field(default_factory=list)
    voucher: Annotated[Voucher | None, EXTENSION] = Field(
        default=None, description="For a line of kind `gift_card`: its number, and what it is for."
    )
    tax_category: Annotated[TaxCategory | None, EXTENSION] = Field(
        default=None,
        description="Why the rate of the line's tax is zero. Without it the name of the tax must"
        " tell.",
    )


class CartDiscount(Wire):
    description: Text255
    amount: MoneyNotNegative


class ExternalOperation(Wire):
    """A sale that was never told to us, from before a change of systems."""

    description: Text255
    external_operation_id: Text255


Table = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=r"\S")]
Tables = Annotated[
    list[Table],
    Field(
        max_length=20,
        default_factory=list,
        description="The tables, rooms or order numbers that it is for, as guests and staff call "
        "them. The audit file names them with the operation.",
        json_schema_extra={"x-fiscus-extension": True},
    ),
]
TabId = Annotated[Id, Field(examples=["tab_019a8e3c6f5b7d2a9c41e07f3b8d5a60"])]

Served = Annotated[
    Operator | None, EXTENSION, Field(description="Who did it; not sent: nobody is named.")
]


class _GoodsMovement(Wire):
    """What the three movements of goods share. Amounts carry the sign of what moves."""

    source: Source
    currency: Currency
    pretax_amount: Money
    tax_amount: Money
    tip_amount: Money = "0.00"
    total_amount: Money
    line_items: Annotated[list[LineItem], Field(min_length=1, max_length=1000)]
    register_id: Id | None = None
    external_id: Text255 | None = None
    note: Text1024 | None = None
    related_operation_id: Id | None = None
    external_related_operation: ExternalOperation | None = None
    tables: Tables
    operator: Served = None
    customer: Annotated[KnownCustomer | None, EXTENSION] = None
    is_training: Annotated[
        bool,
        EXTENSION,
        Field(description="A practice: recorded and signed as such, and in no total."),
    ] = False


class Sale(_GoodsMovement):
    """`tab_id` is an extension: the sale bills what was ordered on this tab. All of its goods and
    deposits were ordered before and are not billed yet; several sales may share a tab. Empties that
    come back, gift cards and the tip need no order."""

    type: Literal["sale"]
    tab_id: Annotated[TabId | None, EXTENSION] = None
    cart_level_discounts: Annotated[list[CartDiscount], Field(max_length=100, default_factory=list)]


FullReversal = Annotated[
    bool,
    EXTENSION,
    Field(
        description="The related operation is taken back as a whole, as if it had never been: each "
        "line and discount with its quantity and amount, nothing else, and nothing of it before."
    ),
]


class Return(_GoodsMovement):
    """`cart_level_discounts` is an extension: what of them is taken back with the goods, not
    negative as in the sale."""

    type: Literal["return"]
    cart_level_discounts: Annotated[list[CartDiscount], EXTENSION, Field(max_length=100)] = Field(
        default_factory=list
    )
    is_full_reversal: FullReversal = False


class Exchange(_GoodsMovement):
    type: Literal["exchange"]
    is_full_reversal: FullReversal = False


class OrderLine(LineItem):
    """A negative `quantity` takes back what was ordered before, at the price of then."""

    kind: Literal["goods", "deposit"] = "goods"


class Order(Wire):
    """An extension: what is ordered at a table, hours before it is paid. It is completed when it is
    created, and signed for itself. Without `tab_id` it begins a tab and names its `tables`; with
    it, it adds to that tab, and `tables` are named only where the guests have moved. A sale that
    names the tab bills it. Prices are with tax, unless the three amounts say otherwise: all of them
    are stated, or none."""

    type: Ordered
    register_id: Id
    currency: Currency | None = None
    line_items: Annotated[list[OrderLine], Field(min_length=1, max_length=1000)]
    pretax_amount: Money | None = None
    tax_amount: Money | None = None
    total_amount: Money | None = None
    tables: Tables
    tab_id: TabId | None = None
    external_id: Text255 | None = None
    note: Text1024 | None = None
    operator: Served = None


class _SessionEvent(Wire):
    register_id: Id
    external_id: Text255 | None = None
    note: Text1024 | None = None
    operator: Served = None


class SessionOpen(_SessionEvent):
    type: Literal["session_open"]
    currency: Currency
    opening_balance_amount: MoneyNotNegative


class SessionCashAdjustment(_SessionEvent):
    """`amount` is signed: money put in, or taken out (negative). `reason` is one of the words that
    we know, or free text."""

    type: Literal["session_cash_adjustment"]
    amount: Annotated[NotZero, Field(validation_alias=AliasChoices("amount", "adjustment_amount"))]
    reason: Text255
    currency: Currency | None = None


class SessionCashCount(_SessionEvent):
    """`variance` is what was counted minus what was expected."""

    type: Literal["session_cash_count"]
    variance: Annotated[Money, Field(validation_alias=AliasChoices("variance", "variance_amount"))]
    currency: Currency | None = None


class SessionClose(_SessionEvent):
    """At most one of the two: what is taken to the safe at the end, or left for the next shift."""

    type: Literal["session_close"]
    cash_out_amount: MoneyNotNegative | None = None
    cash_in_amount: MoneyNotNegative | None = None
    currency: Currency | None = None


GoodsMovement = Sale | Return | Exchange
SessionEvent = SessionOpen | SessionCashAdjustment | SessionCashCount | SessionClose
Operation = GoodsMovement | Order | SessionEvent

CREATE: TypeAdapter[Operation] = TypeAdapter(Annotated[Operation, Field(discriminator="type")])

Method = Literal[
    "cash",
    "card",
    "voucher",
    "gift_card",
    "bank_transfer",
    "digital_wallet",
    "store_credit",
    "other",
]
PaymentStatus = Literal["pending", "authorized", "captured", "failed", "voided", "refunded"]


class Payment(Wire):
    """One leg of a payment; money given back is negative.

    Only what is `captured` is money received. What is `pending`, `authorized` or was `refunded`
    again is owed; it is paid later by a sale with a line of kind `receivable`. What `failed` or was
    `voided` counts for nothing.

    `base_amount` is an extension, for cash of another currency: what it was taken for in the
    currency of the operation. `voucher` is one too, for the methods `gift_card`, `voucher` and
    `store_credit`.
    """

    payment_id: Text255 | None = None
    method: Method
    status: PaymentStatus
    amount: Money
    currency: Currency
    processor: Text60 | None = None
    processor_reference: Text255 | None = None
    card_brand: Text60 | None = None
    processed_at: Moment | None = None
    gift_card_id: Text255 | None = None
    base_amount: Annotated[Money | None, EXTENSION] = None
    voucher: Annotated[RedeemedVoucher | None, EXTENSION] = None


class Complete(Wire):
    """`operator`: who concludes it, if that is not who began it."""

    payments: Annotated[list[Payment], Field(max_length=100)]
    operator: Served = None


class Void(Wire):
    """`operator`: who concludes it, if that is not who began it."""

    reason: Literal[
        "void_before_completion",
        "customer_abandoned_checkout",
        "operator_cancelled",
        "payment_failed",
    ]
    operator: Served = None


class StartEvent(Wire):
    signed_at: Moment


class EndEvent(Wire):
    signed_at: Moment
    transaction_counter: int
    signature: str


class Verification(Wire):
    qr_data: str


class Outage(Wire):
    """An extension: the device was out, and the law let the operation go without a signature."""

    reason: str


class FiscalInformation(Wire):
    """What the law's device made of it. While an operation is open only its start is known."""

    regime: str
    document_number: str | None
    document_type: str | None
    tss_serial_number: str | None
    pos_client_serial_number: str | None
    signature_algorithm: str | None
    time_format: str | None
    start_event: StartEvent | None
    end_event: EndEvent | None
    verification: Verification | None
    outage: Annotated[Outage | None, EXTENSION] = None
    prints: Annotated[list[str], EXTENSION] = Field(
        default_factory=list,
        description="The lines that the law wants on the receipt, besides what was sold; in an "
        "outage also the sentence that says so.",
    )
    receipt_url: Annotated[str | None, EXTENSION] = Field(
        default=None,
        description="The address of a page for the customer: to be printed or shown beside the "
        "legal code, never instead of it. It is there where the service has a public address and "
        "the organization has not switched these pages off.",
    )


class ShownTax(Tax):
    id: str


class ShownLine(LineItem):
    id: str
    taxes: list[ShownTax]  # type: ignore[assignment]


class ShownPayment(Payment):
    id: str


class ShownOperation(Wire):
    """An operation as it is shown; its type says which of the caller's words are there. Extensions
    are shown if they were sent; `operator` is who did the last of it."""

    id: Id
    merchant_id: Id
    location_id: Id | None
    register_id: Id | None
    session_id: Id | None
    type: Goods | Ordered | Event
    source: Source
    status: Status
    resource_version: int
    currency: Currency
    created_at: Moment
    updated_at: Moment
    external_id: str | None
    note: str | None
    fiscal_information: FiscalInformation | None
    pretax_amount: Money | None = None
    tax_amount: Money | None = None
    tip_amount: Money | None = None
    total_amount: Money | None = None
    line_items: list[ShownLine] | None = None
    cart_level_discounts: list[CartDiscount] | None = None
    related_operation_id: str | None = None
    external_related_operation: ExternalOperation | None = None
    payments: list[ShownPayment] | None = None
    tables: Annotated[list[Table] | None, EXTENSION] = None
    tab_id: Annotated[TabId | None, EXTENSION] = None
    void_reason: str | None = None
    opening_balance_amount: Money | None = None
    amount: Money | None = None
    reason: str | None = None
    variance: Money | None = None
    cash_out_amount: Money | None = None
    cash_in_amount: Money | None = None
    operator: Served = None
    customer: Annotated[KnownCustomer | None, EXTENSION] = None
    is_training: Annotated[bool | None, EXTENSION] = None
    is_full_reversal: Annotated[bool | None, EXTENSION] = None


class Operations(List):
    data: Annotated[list[ShownOperation], Field(max_length=200)]


class OperationsQuery(PeriodQuery):
    location_id: LocationId | None = None
    register_id: RegisterId | None = None
    session_id: SessionId | None = None
    status: Status | None = None
    type: Goods | Ordered | Event | None = None
    external_id: Text255 | None = None
