"""Records: what is sent to make one, and how one is shown."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from fiscus.api.families.unified.wire.envelope import Metadata, Page, Reference7
from fiscus.api.families.unified.wire.intentions import IntentionCreateContent
from fiscus.api.families.unified.wire.reports import RecordReport
from fiscus.api.families.unified.wire.scalars import (
    Counter8,
    Given,
    IntegrityData,
    Moment,
    RecordType,
    Text64,
    Text128,
    Uuid7,
    Wire,
    extension,
)
from fiscus.api.families.unified.wire.systems import Logs
from fiscus.api.families.unified.wire.transactions import TransactionCreateContent

QrText = Annotated[str, StringConstraints(max_length=1024)]
"""The reference says 256; three tax regions on one document already need more."""

RecordCreateContent = Annotated[
    IntentionCreateContent | TransactionCreateContent, Field(discriminator="type")
]
Location = Literal["SERVICE", "ARCHIVE"]


class RecordCreate(Wire):
    content: RecordCreateContent
    metadata: Given[Metadata] = None


class RecordUpdateContent(Wire):
    """Nothing of a record can be changed."""


class RecordUpdate(Wire):
    """Only the metadata of a record changes."""

    content: Given[RecordUpdateContent] = None
    metadata: Given[Metadata] = None


class Content(Wire):
    """Bytes in base64. The reference stops at 65536 characters; a thousand lines need more."""

    type: Literal["application/json", "application/xml", "application/pdf", "application/zip"]
    data: str


class Integrity(Wire):
    """A JWS with detached payload over the artifact beside it, in base64."""

    type: Literal["application/jose"]
    data: IntegrityData


class RecordJournal(Wire):
    """The signature of this record in the chain of its system; `record` is the one before."""

    signature: Annotated[str, StringConstraints(max_length=64)]
    signed_at: Moment
    record: Given[Reference7] = None


class RecordFile(Wire):
    location: Location
    artifact: Given[Content] = None
    integrity: Given[Integrity] = None


class Sequence(Wire):
    """The place of a document in its series; `record` is the document before."""

    number: Counter8
    signature: Annotated[str, StringConstraints(max_length=64)]
    type: Annotated[str, StringConstraints(min_length=1, max_length=8)]
    record: Given[Reference7] = None


class Compliance(Wire):
    """What the law adds: what must be printed is here."""

    data: Text128
    url: Given[str] = None
    artifact: Given[Content] = None
    qr_code: Given[QrText] = None
    signature_hash: Given[Text64] = None
    software_certificate: Given[Text64] = None
    sequence: Given[Sequence] = None


class Transmission(Wire):
    request: Content
    response: Given[Content] = None


class DataArtifact(Wire):
    type: Literal["application/zip"]
    path: str


class RecordData(Wire):
    """The file an export produced."""

    location: Location
    artifact: Given[DataArtifact] = None
    integrity: Given[Integrity] = None


class RecordContent(Wire):
    id: Uuid7
    type: RecordType
    state: Literal["ACCEPTED", "REJECTED", "COMPLETED", "FAILED"]
    mode: Literal["PROCESSING", "FINISHED"]
    system: Reference7
    record: Given[Reference7] = None
    used_in: Given[Reference7] = None
    replayed_by: Given[Reference7] = None
    journal: RecordJournal
    file: RecordFile
    operation: Given[str] = None
    compliance: Given[Compliance] = None
    transmission: Given[Transmission] = None
    data: Given[RecordData] = None
    logs: Given[Logs] = None
    reports: Given[list[RecordReport]] = extension()


class Record(Wire):
    content: RecordContent
    metadata: Given[Metadata] = None


class Records(Page):
    results: Annotated[list[Record], Field(max_length=100)]


CREATE_RECORD = TypeAdapter(RecordCreate)
UPDATE_RECORD = TypeAdapter(RecordUpdate)
