"""Operations: what is sold, returned and exchanged, and what happens to the cash drawer."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, StringConstraints, TypeAdapter, WithJsonSchema

from fiscus.api.reporting.wire.envelope import List
from fiscus.api.reporting.wire.lists import PeriodQuery
from fiscus.api.reporting.wire.scalars import (
    Currency,
    LocationId,
    Moment,
    Money,
    MoneyNotNegative,
    Price,
    Rate,
    RegisterId,
    SessionId,
    Text60,
    Text255,
    Text1024,
    Wire,
)

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""An id in a request: whether there is such a thing is answered with `not_found`."""

Source = Literal["POS", "ONLINE"]
Status = Literal["open", "completed", "voided"]
Goods = Literal["sale", "return", "exchange"]
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


EXTENSION = Field(json_schema_extra={"x-fiscus-extension": True})
"""What the family's own pages do not have."""


class LineItem(Wire):
    """`unit_price` times `quantity` is `total_amount`; all carry the sign of what moves.

    `kind` is an extension: what a line is, if it is not something sold or taken back.
    """

    title: Text255
    quantity: Quantity
    unit_price: Price
    total_amount: Money
    taxes: Annotated[list[Tax], Field(max_length=10)]
    kind: Annotated[
        Literal["goods", "gift_card", "deposit"],
        EXTENSION,
    ] = "goods"


class CartDiscount(Wire):
    description: Text255
    amount: MoneyNotNegative


class ExternalOperation(Wire):
    """A sale that was never told to us, from before a change of systems."""

    description: Text255
    external_operation_id: Text255


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


class Sale(_GoodsMovement):
    type: Literal["sale"]
    cart_level_discounts: Annotated[list[CartDiscount], Field(max_length=100, default_factory=list)]


class Return(_GoodsMovement):
    type: Literal["return"]


class Exchange(_GoodsMovement):
    type: Literal["exchange"]


class _SessionEvent(Wire):
    register_id: Id
    external_id: Text255 | None = None
    note: Text1024 | None = None


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
Operation = GoodsMovement | SessionEvent

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

    `base_amount` is an extension, for cash of another currency: what it was taken for in the
    currency of the operation.
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


class Complete(Wire):
    payments: Annotated[list[Payment], Field(max_length=100)]


class Void(Wire):
    reason: Literal[
        "void_before_completion",
        "customer_abandoned_checkout",
        "operator_cancelled",
        "payment_failed",
    ]


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


class ShownTax(Tax):
    id: str


class ShownLine(LineItem):
    id: str
    taxes: list[ShownTax]  # type: ignore[assignment]


class ShownPayment(Payment):
    id: str


class ShownOperation(Wire):
    """An operation as it is shown; its type says which of the caller's words are there."""

    id: Id
    merchant_id: Id
    location_id: Id | None
    register_id: Id | None
    session_id: Id | None
    type: Goods | Event
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
    void_reason: str | None = None
    opening_balance_amount: Money | None = None
    amount: Money | None = None
    reason: str | None = None
    variance: Money | None = None
    cash_out_amount: Money | None = None
    cash_in_amount: Money | None = None


class Operations(List):
    data: Annotated[list[ShownOperation], Field(max_length=200)]


class OperationsQuery(PeriodQuery):
    location_id: LocationId | None = None
    register_id: RegisterId | None = None
    session_id: SessionId | None = None
    status: Status | None = None
    type: Goods | Event | None = None
    external_id: Text255 | None = None
