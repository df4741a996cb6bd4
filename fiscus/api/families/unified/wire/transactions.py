"""What concludes an intention: receipts, invoices, corrections … and the abort."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic.config import JsonDict

from fiscus.api.families.unified.wire.entries import Breakdown, Entries, Payments
from fiscus.api.families.unified.wire.envelope import Properties16
from fiscus.api.families.unified.wire.parties import Customer, PersonName, Recipients
from fiscus.api.families.unified.wire.scalars import (
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
    """`number` and `series` are the caller's own words; the legal number is given on issue. Where a
    law numbers each series, a `number` of bare digits, or of the series and a number behind it,
    must be the next one."""

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


ForeignNumber = Annotated[
    str,
    StringConstraints(min_length=1, max_length=60),
    WithJsonSchema(
        {"type": "string", "description": "As it was printed, with 60 characters at most."}
    ),
]
"""2026-06-01 published a narrower pattern, into which no whole number fits; its schema must not
state bounds that were not there."""


class PrecedingDocument(Wire):
    """A document of another program: its whole number, as it was printed (`FT A/12`), and the day
    it bears."""

    number: ForeignNumber
    issued_at: Day


NAMES_ONE: JsonDict = {
    "anyOf": [
        {"required": [name], "properties": {name: {}}} for name in ("record", "preceding_document")
    ]
}
NAMES_NONE = "names neither the record that it corrects nor a preceding document"


class Correction(Wire):
    """`record` is the original transaction; `data` what is taken back or added. A document that
    another program issued has no record here: `preceding_document`, an extension, names it."""

    model_config = ConfigDict(json_schema_extra=NAMES_ONE)

    type: Literal["CORRECTION"]
    record: Given[RecordReference] = None
    preceding_document: Given[PrecedingDocument] = extension()
    data: CorrectionData
    reason: Given[Text128] = None
    details: Given[Details] = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if self.record is None and self.preceding_document is None:
            raise ValueError(NAMES_NONE)
        return self


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
