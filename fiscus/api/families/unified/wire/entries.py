"""What was sold, with its VAT, and how it was paid."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from fiscus.api.families.unified.wire.countries import Country
from fiscus.api.families.unified.wire.envelope import Properties16, Properties32
from fiscus.api.families.unified.wire.scalars import (
    Amount,
    Counter4,
    Day,
    Given,
    MaskedNumber,
    Percentage,
    Text32,
    Text64,
    Text128,
    Text256,
    Wire,
    extension,
)

# fmt: off
RateCode = Literal[
    "STANDARD", "REDUCED_1", "REDUCED_2", "REDUCED_3", "REDUCED_4", "REDUCED_5", "REDUCED_6",
    "REDUCED_7", "REDUCED_8", "REDUCED_9", "REDUCED_10", "REDUCED_11",
]
ExemptionCode = Literal[
    "CAUSE_1", "CAUSE_2", "CAUSE_3", "CAUSE_4", "CAUSE_5", "CAUSE_6", "CAUSE_7", "CAUSE_8",
    "CAUSE_9", "CAUSE_10", "CAUSE_11", "CAUSE_12", "CAUSE_13", "CAUSE_14", "CAUSE_15", "CAUSE_16",
    "CAUSE_17", "CAUSE_18", "CAUSE_19", "CAUSE_20", "CAUSE_21", "CAUSE_22", "CAUSE_23", "CAUSE_24",
    "CAUSE_25", "CAUSE_26", "CAUSE_27", "CAUSE_28", "CAUSE_29", "CAUSE_30", "CAUSE_31",
    "NOT_SUBJECT", "NOT_TAXABLE",
]
# fmt: on


class FiscalLocation(Wire):
    """An extension: where a line is taxed, if not where the system stands."""

    country: Country
    region: Given[Text64] = None


class RatedVat(Wire):
    type: Literal["VAT_RATE"]
    code: RateCode
    percentage: Percentage
    amount: Amount
    exclusive: Amount
    inclusive: Amount
    fiscal_location: Given[FiscalLocation] = extension()


class ExemptVat(Wire):
    type: Literal["VAT_EXEMPTION"]
    code: ExemptionCode
    reason: Given[Text128] = extension()


Vat = Annotated[RatedVat | ExemptVat, Field(discriminator="type")]


class ProductDetails(Wire):
    name: Text256
    brand: Given[Text128] = None
    model: Given[Text128] = None
    serial: Given[Text256] = None
    label: Given[Text256] = None
    batch: Given[Text128] = None
    date_of_entry: Given[Day] = None
    date_of_production: Given[Day] = None


class _Product(Wire):
    details: ProductDetails


class Gtin8(_Product):
    type: Literal["GTIN-8"]
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]


class Gtin12(_Product):
    type: Literal["GTIN-12"]
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]


class Gtin13(_Product):
    type: Literal["GTIN-13"]
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{13}$")]


class Gtin14(_Product):
    type: Literal["GTIN-14"]
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$")]


class Mpn(_Product):
    type: Literal["MPN"]
    number: Text128


class Sku(_Product):
    """The contract wants 8 to 12 characters; shorter numbers are common and accepted."""

    type: Literal["SKU"]
    number: Annotated[
        str,
        StringConstraints(
            min_length=1, max_length=12, pattern=r"^[A-Za-z0-9]+([A-Za-z0-9\-_/.+:;]+)*$"
        ),
    ]


class OtherProduct(_Product):
    type: Literal["OTHER"]
    number: Text128
    code: Given[Annotated[str, StringConstraints(min_length=1, max_length=20)]] = None


Product = Annotated[
    Gtin8 | Gtin12 | Gtin13 | Gtin14 | Mpn | Sku | OtherProduct, Field(discriminator="type")
]


class Unit(Wire):
    """`price` is that of one unit, VAT included and before the discount: `quantity` times `price`
    is the entry, less `discount`, plus `surcharge`."""

    quantity: Amount
    measure: Given[Text32] = None
    factor: Given[Amount] = None
    price: Amount


class EntryValue(Wire):
    base: Amount
    discount: Given[Amount] = None
    surcharge: Given[Amount] = None


class Item(Wire):
    type: Literal["ITEM"]
    text: Text256
    unit: Unit
    value: EntryValue
    vat: Vat
    product: Given[Product] = None


class Group(Wire):
    """Several items sold as one line: all their amounts together are the group's. Under several
    taxes it is recorded as a line under each, and named by its items."""

    type: Literal["GROUP"]
    text: Text256
    unit: Unit
    value: EntryValue
    vat: Vat
    items: Annotated[list[Item], Field(min_length=1, max_length=10)]


class EntryDetails(Wire):
    concept: Literal["GOOD", "SERVICE"]
    purpose: Literal["STANDARD", "GIFT"] = "STANDARD"
    description: Given[Text256] = None
    regulatory: Given[Text256] = None
    label: Given[Text256] = None
    number: Given[Counter4] = None
    properties: Given[Properties32] = None


class Entry(Wire):
    type: Literal["SALE", "RETURN", "VOUCHER"]
    data: Annotated[Item | Group, Field(discriminator="type")]
    details: EntryDetails


Entries = Annotated[list[Entry], Field(min_length=1, max_length=1000)]


class BreakdownItem(Wire):
    percentage: Percentage
    amount: Amount


Breakdown = Annotated[list[BreakdownItem], Field(min_length=1, max_length=100)]


class PaymentDetails(Wire):
    amount: Amount
    currency: Given[Literal["EUR"]] = None
    date: Given[Day] = None
    discount: Given[Amount] = None
    properties: Given[Properties16] = None


class CashPayment(Wire):
    type: Literal["CASH"]
    details: PaymentDetails


class CardPayment(Wire):
    type: Literal["CARD"]
    details: PaymentDetails
    number: MaskedNumber
    kind: Literal["CREDIT", "DEBIT", "PREPAID", "GIFT", "TICKET"]


class OnlinePayment(Wire):
    type: Literal["ONLINE"]
    details: PaymentDetails
    name: Text128


class OtherPayment(Wire):
    type: Literal["OTHER"]
    details: PaymentDetails
    name: Given[Text128] = None


class OutstandingPayment(Wire):
    type: Literal["OUTSTANDING"]
    details: PaymentDetails
    concept: Literal["GOOD", "SERVICE"]


class VoucherPayment(Wire):
    type: Literal["VOUCHER"]
    details: PaymentDetails
    number: MaskedNumber
    kind: Literal["SINGLE", "MULTIPLE"]


Payment = Annotated[
    CashPayment | CardPayment | OnlinePayment | OtherPayment | OutstandingPayment | VoucherPayment,
    Field(discriminator="type"),
]
Payments = Annotated[list[Payment], Field(min_length=1, max_length=10)]
