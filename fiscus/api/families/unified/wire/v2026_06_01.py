"""The shapes of 2026-06-01 that differ: totals, prices, the typed breakdown, the parties."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from fiscus.api.families.unified.wire.countries import Country
from fiscus.api.families.unified.wire.entries import (
    CardPayment,
    CashPayment,
    EntryDetails,
    EntryValue,
    ExemptionCode,
    FiscalLocation,
    OnlinePayment,
    OtherPayment,
    PaymentDetails,
    Product,
    RateCode,
    Vat,
    VoucherPayment,
)
from fiscus.api.families.unified.wire.envelope import Metadata, Reference7
from fiscus.api.families.unified.wire.intentions import (
    ClosingIntention,
    DuplicateIntention,
    EventIntention,
    ExportIntention,
    ReplayedIntentionContent,
    TransactionIntention,
    UploadIntention,
)
from fiscus.api.families.unified.wire.parties import (
    Address,
    Customer,
    Identification,
    Origin,
    PeppolInvoicing,
    PersonName,
)
from fiscus.api.families.unified.wire.scalars import (
    Amount,
    Day,
    Email,
    Given,
    Moment,
    Percentage,
    Text32,
    Text64,
    Text128,
    Text256,
    Text1024,
    VatNumber,
    Wire,
    extension,
)
from fiscus.api.families.unified.wire.transactions import (
    NAMES_NONE,
    Abort,
    Cancellation,
    Details,
    DocumentHead,
    PrecedingDocument,
    RecordReference,
    TotalVat,
)

RoutingId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,32}$")]
Text20 = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Text30 = Annotated[str, StringConstraints(min_length=1, max_length=30)]


class Price(Wire):
    """The price of one unit, with and without VAT, before the discount: `quantity` times
    `inclusive` is the entry, less `discount`, plus `surcharge`."""

    inclusive: Amount
    exclusive: Amount


class Unit(Wire):
    quantity: Amount
    measure: Given[Text32] = None
    factor: Given[Amount] = None
    price: Price


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


class Entry(Wire):
    type: Literal["SALE", "RETURN", "VOUCHER"]
    data: Annotated[Item | Group, Field(discriminator="type")]
    details: EntryDetails


Entries = Annotated[list[Entry], Field(min_length=1, max_length=1000)]


class RatedBreakdown(Wire):
    type: Literal["VAT_RATE"]
    code: RateCode
    percentage: Percentage
    amount: Amount
    exclusive: Amount
    inclusive: Amount
    fiscal_location: Given[FiscalLocation] = None


class ExemptBreakdown(Wire):
    type: Literal["VAT_EXEMPTION"]
    code: ExemptionCode
    exclusive: Amount
    reason: Given[Text128] = None


BreakdownItem = Annotated[RatedBreakdown | ExemptBreakdown, Field(discriminator="type")]
Breakdown = Annotated[list[BreakdownItem], Field(min_length=1, max_length=100)]


class Totals(Wire):
    vat: TotalVat


class References(Wire):
    buyer: Given[RoutingId] = None
    project: Given[RoutingId] = None
    contract: Given[RoutingId] = None
    purchase_order: Given[RoutingId] = None
    despatch_advice: Given[RoutingId] = None
    tender: Given[RoutingId] = None
    buyer_routing: Given[RoutingId] = None
    preceding_document: Given[PrecedingDocument] = None


class Document(DocumentHead):
    payment_terms: Given[Text1024] = None
    references: Given[References] = None


class ReceiptDocument(Document):
    simplified_invoice: Given[bool] = None


class Shipping(Wire):
    address: Address
    date: Given[Day] = None
    name: Given[Text256] = None


class EmailInvoicing(Wire):
    type: Literal["EMAIL"]
    email: Email
    format: Given[Literal["ZUGFERD_V2", "XRECHNUNG_V3"]] = None


class SdiInvoicing(Wire):
    type: Literal["SDI"]
    destination_code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{7}$")]
    pec: Given[Email] = None


Invoicing = Annotated[PeppolInvoicing | EmailInvoicing | SdiInvoicing, Field(discriminator="type")]


class ConsumerRecipient(Wire):
    type: Literal["CONSUMER"]
    name: PersonName
    address: Address
    shipping: Given[Shipping] = None
    identification: Given[Identification] = None
    origin: Given[Origin] = None
    invoicing: Given[Invoicing] = None


class BusinessRecipient(Wire):
    type: Literal["BUSINESS"]
    name: Text128
    address: Address
    shipping: Given[Shipping] = None
    identification: Identification
    origin: Given[Origin] = None
    invoicing: Given[Invoicing] = None
    buyer_id: Given[Text30] = None
    company_id: Given[Text20] = None


Recipient = Annotated[ConsumerRecipient | BusinessRecipient, Field(discriminator="type")]
Recipients = Annotated[list[Recipient], Field(min_length=1, max_length=100)]


class Seller(Wire):
    """Whom to ask about an invoice: at least one of the three."""

    name: Given[Text256] = None
    phone: Given[Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{1,14}$")]] = None
    email: Given[Email] = None

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("at least one member is needed")
        return self


class TaxRepresentative(Wire):
    name: Text256
    vat_number: VatNumber
    country: Country


class Instruction(Wire):
    """How an outstanding amount will be paid; its further members are not checked."""

    model_config = ConfigDict(extra="allow")

    type: Literal["CREDIT_TRANSFER", "DIRECT_DEBIT", "UNKNOWN"]


class OutstandingPayment(Wire):
    type: Literal["OUTSTANDING"]
    details: PaymentDetails
    concept: Literal["GOOD", "SERVICE", "INVOICE"]
    instruction: Given[Instruction] = None


Payment = Annotated[
    CashPayment | CardPayment | OnlinePayment | OtherPayment | OutstandingPayment | VoucherPayment,
    Field(discriminator="type"),
]
Payments = Annotated[list[Payment], Field(min_length=1, max_length=10)]


class Receipt(Wire):
    type: Literal["RECEIPT"]
    document: ReceiptDocument
    totals: Totals
    entries: Entries
    payments: Payments
    breakdown: Breakdown
    customer: Given[Customer] = None
    details: Given[Details] = None


class Invoice(Wire):
    type: Literal["INVOICE"]
    document: Document
    totals: Totals
    entries: Entries
    recipients: Recipients
    payments: Payments
    breakdown: Breakdown
    seller: Given[Seller] = None
    tax_representative: Given[TaxRepresentative] = None
    details: Given[Details] = None


class ProFormaInvoice(Wire):
    type: Literal["PRO_FORMA_INVOICE"]
    document: Document
    totals: Totals
    entries: Entries
    recipients: Recipients
    breakdown: Breakdown
    details: Given[Details] = None


class DraftReceipt(Wire):
    type: Literal["DRAFT_RECEIPT"]
    document: ReceiptDocument
    totals: Totals
    entries: Entries
    breakdown: Breakdown
    customer: Given[Customer] = None
    details: Given[Details] = None


class Enrichment(Wire):
    type: Literal["ENRICHMENT"]
    record: RecordReference
    recipients: Recipients
    breakdown: Breakdown
    details: Given[Details] = None


class Correction(Wire):
    """`record` is the original transaction; `data` what is taken back or added. A document that
    another program issued is the `preceding_document` of the references of its `data`, or stands
    here, as in 2026-05-04."""

    type: Literal["CORRECTION"]
    record: Given[RecordReference] = None
    preceding_document: Given[PrecedingDocument] = extension()
    data: Annotated[Receipt | Invoice, Field(discriminator="type")]
    reason: Given[Text128] = None
    details: Given[Details] = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        references = self.data.document.references
        is_among_references = references is not None and references.preceding_document is not None
        if not (self.record or self.preceding_document or is_among_references):
            raise ValueError(NAMES_NONE)
        return self


class ProofOfPayment(Wire):
    type: Literal["PROOF_OF_PAYMENT"]
    record: RecordReference
    payments: Payments
    details: Given[Details] = None


class OpeningIntention(Wire):
    type: Literal["OPENING"]


TransactionOperation = Annotated[
    Receipt
    | Invoice
    | ProFormaInvoice
    | DraftReceipt
    | Enrichment
    | Correction
    | Cancellation
    | ProofOfPayment
    | Abort,
    Field(discriminator="type"),
]


class TransactionCreateContent(Wire):
    """`record` is the intention this transaction concludes."""

    type: Literal["TRANSACTION"]
    record: RecordReference
    operation: TransactionOperation


class ReplayIntention(Wire):
    """Something that happened while the system was offline."""

    type: Literal["REPLAY"]
    recorded_at: Moment
    seed: Text64
    record: Reference7
    content: Annotated[
        ReplayedIntentionContent | TransactionCreateContent, Field(discriminator="type")
    ]


IntentionOperation = Annotated[
    TransactionIntention
    | EventIntention
    | ExportIntention
    | DuplicateIntention
    | ReplayIntention
    | UploadIntention
    | OpeningIntention
    | ClosingIntention,
    Field(discriminator="type"),
]


class IntentionCreateContent(Wire):
    type: Literal["INTENTION"]
    system: Reference7
    operation: IntentionOperation


class RecordCreate(Wire):
    content: Annotated[
        IntentionCreateContent | TransactionCreateContent, Field(discriminator="type")
    ]
    metadata: Given[Metadata] = None


CREATE_RECORD = TypeAdapter(RecordCreate)
