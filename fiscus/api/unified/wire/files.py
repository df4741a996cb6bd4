"""Files: what is handed out for audits. Making one is an extension, as are its states."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from fiscus.api.unified.wire.envelope import Metadata, Page, Reference7
from fiscus.api.unified.wire.records import Location
from fiscus.api.unified.wire.scalars import (
    Day,
    FileType,
    Given,
    Moment,
    Uuid7,
    Wire,
    extension,
)


class DayRange(Wire):
    """Whole days, both included."""

    from_: Annotated[Day, Field(alias="from")]
    to: Day


class FileCreateContent(Wire):
    type: FileType
    range: DayRange
    system: Given[Reference7] = None
    taxpayer: Given[Reference7] = None


class FileCreate(Wire):
    """A file has no metadata, so none can be given."""

    content: FileCreateContent


class FileArtifact(Wire):
    type: Literal["application/zip"]
    path: str


class FileIntegrity(Wire):
    type: Literal["application/jose"]
    path: str


class FileContent(Wire):
    id: Uuid7
    created_at: Moment
    system: Given[Reference7] = None
    location: Location
    artifact: FileArtifact
    integrity: Given[FileIntegrity] = None
    type: Given[FileType] = extension()
    state: Given[Literal["ACCEPTED", "COMPLETED", "FAILED"]] = extension()
    mode: Given[Literal["PROCESSING", "FINISHED"]] = extension()
    taxpayer: Given[Reference7] = extension()
    range: Given[DayRange] = extension()


class File(Wire):
    content: FileContent
    metadata: Given[Metadata] = None


class Files(Page):
    results: Annotated[list[File], Field(max_length=100)]


CREATE_FILE = TypeAdapter(FileCreate)
