"""Files: what is handed out for audits. 2026-06-01 has more members than the versions before it,
and can have one made; there it is an extension."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from fiscus.api.families.unified.wire.envelope import Metadata, Page, Reference7
from fiscus.api.families.unified.wire.records import Location
from fiscus.api.families.unified.wire.scalars import (
    Day,
    FileType,
    Given,
    Moment,
    Uuid7,
    Wire,
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
    """The members of 2026-06-01; `versions.py` says which were not there before."""

    id: Uuid7
    created_at: Moment
    system: Given[Reference7] = None
    location: Location
    artifact: FileArtifact
    integrity: Given[FileIntegrity] = None
    type: Given[FileType] = None
    state: Given[Literal["ACCEPTED", "COMPLETED", "FAILED"]] = None
    mode: Given[Literal["PROCESSING", "FINISHED"]] = None
    taxpayer: Given[Reference7] = None
    range: Given[DayRange] = None


class File(Wire):
    content: FileContent
    metadata: Given[Metadata] = None


class Files(Page):
    results: Annotated[list[File], Field(max_length=100)]


CREATE_FILE = TypeAdapter(FileCreate)
