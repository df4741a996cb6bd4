"""What is said before something happens: a sale, an export, an event …"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from fiscus.api.families.unified.wire.envelope import Reference7
from fiscus.api.families.unified.wire.scalars import (
    Counter4,
    Given,
    Moment,
    RecordType,
    Text32,
    Text64,
    Text128,
    Wire,
)
from fiscus.api.families.unified.wire.transactions import (
    Creator,
    Details,
    RecordReference,
    TransactionCreateContent,
)


class TransactionIntention(Wire):
    type: Literal["TRANSACTION"]
    details: Given[Details] = None


class EventIntention(Wire):
    type: Literal["EVENT"]
    code: Text32
    description: Text128
    occurred_at: Given[Moment] = None
    details: Given[Details] = None


class MomentRange(Wire):
    start: Moment
    end: Moment


class RecordFilter(Wire):
    type: Literal["SYSTEM_RECORD"]
    value: RecordType


class ExportIntention(Wire):
    type: Literal["EXPORT"]
    range: MomentRange
    filters: Given[Annotated[list[RecordFilter], Field(min_length=1, max_length=1)]] = None
    details: Given[Details] = None


class DuplicateIntention(Wire):
    """`number` says which reprint this is."""

    type: Literal["DUPLICATE"]
    record: RecordReference
    number: Counter4
    reason: Text128
    details: Given[Details] = None


ReplayableIntention = Annotated[
    TransactionIntention | EventIntention | ExportIntention | DuplicateIntention,
    Field(discriminator="type"),
]


class ReplayedIntentionContent(Wire):
    type: Literal["INTENTION"]
    system: Reference7
    operation: ReplayableIntention


class ReplayIntention(Wire):
    """Something that happened while the system was offline."""

    type: Literal["REPLAY"]
    recorded_at: Moment
    seed: Text64
    record: Reference7
    content: Annotated[
        ReplayedIntentionContent | TransactionCreateContent, Field(discriminator="type")
    ]


class UploadContent(Wire):
    type: Literal["application/json", "application/xml", "application/pdf", "application/zip"]
    data: Annotated[str, StringConstraints(max_length=65536)]


class UploadDetails(Wire):
    creators: Annotated[list[Creator], Field(min_length=1, max_length=1)]
    training: Given[bool] = None


class UploadIntention(Wire):
    type: Literal["UPLOAD"]
    content: UploadContent
    purpose: Literal["PEPPOL_PROOF_OF_OWNERSHIP"]
    details: Given[UploadDetails] = None


class ClosingIntention(Wire):
    """Close the system's period: the record of the closing uses this intention."""

    type: Literal["CLOSING"]
    period: Literal["DAILY", "MONTHLY", "YEARLY"]


IntentionOperation = Annotated[
    TransactionIntention
    | EventIntention
    | ExportIntention
    | DuplicateIntention
    | ReplayIntention
    | UploadIntention
    | ClosingIntention,
    Field(discriminator="type"),
]


class IntentionCreateContent(Wire):
    type: Literal["INTENTION"]
    system: Reference7
    operation: IntentionOperation
