"""The companions of a record, beyond the contract's own schemas: what the law made of a document,
and the proof that a record is in the log."""

from typing import Annotated

from pydantic import Field

from fiscus.api.families.unified.wire.envelope import Reference7
from fiscus.api.families.unified.wire.records import QrText
from fiscus.api.families.unified.wire.scalars import Day, Given, Moment, Wire

Lines = Annotated[list[str], Field(description="To be printed as they are, in this order.")]


class SealedTotals(Wire):
    """What was sealed and must be printed: net, VAT and gross, with two decimals."""

    exclusive: str
    amount: str
    inclusive: str


class SealedTax(Wire):
    """What the document comes to under one tax of one region; all of them make the totals."""

    region: str
    type: str
    code: str
    percentage: str
    exclusive: str
    amount: str


class SealedWarning(Wire):
    """The document stands, but something is to be done: `remedy` says what."""

    code: str
    text: str
    remedy: str
    law: str


class SealedDevice(Wire):
    """What the signing device made of the document, where the law wants one; times are UTC, as it
    logged them."""

    serial: Annotated[str, Field(description="Hexadecimal; to be printed where the law says so.")]
    client: Annotated[str, Field(description="As which the device knows the system.")]
    transaction: Annotated[int, Field(ge=0, description="The number of its transaction.")]
    counter: Annotated[int, Field(ge=0, description="The counter of its signature.")]
    started_at: str
    finished_at: str
    signature: Annotated[str, Field(description="In base64.")]
    algorithm: str
    time_format: str
    public_key: Annotated[str, Field(description="In base64.")]
    process_type: str
    process_data: str


Outage = Annotated[
    str, Field(description="Why the signing device has not signed: to be printed on the document.")
]


ReceiptUrl = Annotated[
    str,
    Field(
        description="The address of a page for the customer: to be printed or shown beside the "
        "legal code, never instead of it. It is there where the service has a public address and "
        "the organization has not switched these pages off.",
    ),
]


class SealedContent(Wire):
    """`number` is the legal number; `atcud` is there in Portugal, `device` or `outage` where a
    device must sign."""

    record: Reference7
    number: str
    type: str
    issued_on: Day
    atcud: Given[str] = None
    total_vat: SealedTotals
    taxes: list[SealedTax]
    prints: Lines
    qr_code: Given[QrText] = None
    receipt_url: Given[ReceiptUrl] = None
    device: Given[SealedDevice] = None
    outage: Given[Outage] = None
    warnings: list[SealedWarning]


class SealedDocument(Wire):
    content: SealedContent


class ProofWitness(Wire):
    """Who has cosigned the checkpoint of the proof; without `signed_at` it tells no time."""

    name: str
    signed_at: Given[Moment] = None


class RecordProofContent(Wire):
    """Where the record stands in the log of all records."""

    record: Reference7
    link: Annotated[
        str,
        Field(
            pattern="^[0-9a-f]{64}$",
            description="The record's link; the leaf of the log is SHA-256(0x00 ‖ link).",
        ),
    ]
    origin: Annotated[str, Field(description="The name of the log.")]
    index: Annotated[int, Field(ge=0, description="The place of the record's leaf in the log.")]
    size: Annotated[int, Field(ge=1, description="How many leaves the checkpoint covers.")]
    witnesses: Annotated[
        list[ProofWitness], Field(description="Who has cosigned the checkpoint, by their names.")
    ]
    proof: Annotated[
        str,
        Field(
            description="To be kept, and checked without this service: a text in the form "
            "c2sp.org/tlog-proof@v1."
        ),
    ]


class RecordProof(Wire):
    content: RecordProofContent
