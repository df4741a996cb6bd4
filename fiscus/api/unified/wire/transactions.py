"""What concludes an intention: receipts, invoices, corrections … and the abort."""

from typing import Annotated, Literal

from pydantic import Field

from fiscus.api.unified.wire.entries import Breakdown, Entries, Payments
from fiscus.api.unified.wire.envelope import Properties16
from fiscus.api.unified.wire.parties import Customer, PersonName, Recipients
from fiscus.api.unified.wire.scalars import (
    Amount,
    Counter4,
    Day,
    DocumentId,
    Given,
    Moment,
    Text32,
    Text128,
    Text256,
    Uuid7,
    Wire,
    extension,
)


class RecordReference(Wire):
    """A record, and which of several offline records is meant."""

    id: Uuid7
    offset: Given[Counter4] = None


class Creator(Wire):
    type: Literal["PERSON"]
    label: Text128
    name: Given[PersonName] = None


class Details(Wire):
    creators: Annotated[list[Creator], Field(min_length=1, max_length=1)]
    training: Given[bool] = None
    properties: Given[Properties16] = None


class TotalVat(Wire):
    amount: Amount
    exclusive: Amount
    inclusive: Amount


class DocumentHead(Wire):
    """`number` and `series` are the caller's own words; the legal number is given on issue."""

    number: DocumentId
    series: Given[DocumentId] = None
    text: Given[Text256] = None
    activity_code: Given[Text32] = None
    issued_at: Given[Moment] = None
    operation_date: Given[Day] = None


class Document(DocumentHead):
    total_vat: TotalVat


class ReceiptDocument(Document):
    simplified_invoice: Given[bool] = extension()


class Receipt(Wire):
    type: Literal["RECEIPT"]
    document: ReceiptDocument
    entries: Entries
    payments: Payments
    customer: Given[Customer] = None
    details: Given[Details] = None


class Invoice(Wire):
    type: Literal["INVOICE"]
    document: Document
    entries: Entries
    recipients: Recipients
    payments: Payments
    breakdown: Breakdown
    details: Given[Details] = None


class ProFormaInvoice(Wire):
    type: Literal["PRO_FORMA_INVOICE"]
    document: Document
    entries: Entries
    recipients: Recipients
    breakdown: Given[Breakdown] = None
    details: Given[Details] = None


class DraftReceipt(Wire):
    type: Literal["DRAFT_RECEIPT"]
    document: ReceiptDocument
    entries: Entries
    customer: Given[Customer] = None
    details: Given[Details] = None


class Enrichment(Wire):
    type: Literal["ENRICHMENT"]
    record: RecordReference
    recipients: Recipients
    breakdown: Breakdown
    details: Given[Details] = None


CorrectionData = Annotated[Receipt | Invoice, Field(discriminator="type")]


class Correction(Wire):
    """`record` is the original transaction; `data` what is taken back or added."""

    type: Literal["CORRECTION"]
    record: RecordReference
    data: CorrectionData
    reason: Given[Text128] = None
    details: Given[Details] = None


class Cancellation(Wire):
    type: Literal["CANCELLATION"]
    record: RecordReference
    reason: Given[Text128] = None
    details: Given[Details] = None


class ProofOfPayment(Wire):
    type: Literal["PROOF_OF_PAYMENT"]
    record: RecordReference
    payments: Payments
    details: Given[Details] = None


class Abort(Wire):
    type: Literal["ABORT"]
    details: Given[Details] = None


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
