"""Exports, as their page spells them."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from fiscus.api.families.reporting.wire.envelope import List
from fiscus.api.families.reporting.wire.lists import PeriodQuery
from fiscus.api.families.reporting.wire.operations import Id
from fiscus.api.families.reporting.wire.scalars import ExportId, Moment, Query, RegisterId

ExportType = Literal["dsfinvk", "tse_tar"]
ExportStatus = Literal["pending", "completed", "failed"]

FORMATS: dict[str, str] = {"dsfinvk": "dsfinvk", "tse_tar": "tse"}
"""This family's words for the formats."""

OF_CLOSINGS: ExportType = "dsfinvk"
"""The type whose files hold closings."""


class CreateExport(BaseModel):
    """`from` and `to` are included. What is whole within them is in the file: for `dsfinvk` every
    closing, for `tse_tar` every message of the register's device."""

    model_config = ConfigDict(extra="forbid", strict=True)

    type: ExportType
    register_id: Annotated[
        Id | None, Field(description="Every type that there is today needs it.")
    ] = None
    since: Annotated[Moment, Field(alias="from")]
    until: Annotated[Moment, Field(alias="to")]

    @model_validator(mode="after")
    def _archives_have_a_register(self) -> Self:
        if self.type == "tse_tar" and self.register_id is None:
            raise PydanticCustomError("register", "register_id is required for this type")
        return self


class ExportError(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    message: str
    details: dict[str, Any] | None


class ExportProgress(BaseModel):
    """How many operations were written so far."""

    model_config = ConfigDict(extra="forbid", strict=True)

    operation_count: Annotated[int, Field(ge=1)]


class Export(BaseModel):
    """`from` and `to` are as they were sent. `download_url` is there from `completed` on, until the
    file has expired; `error` if it `failed`; `progress` while a long one is `pending`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: ExportId
    type: ExportType
    status: ExportStatus
    register_id: RegisterId
    since: Annotated[Moment, Field(alias="from")]
    until: Annotated[Moment, Field(alias="to")]
    download_url: str | None
    error: ExportError | None
    created_at: Moment
    completed_at: Moment | None
    progress: Annotated[
        ExportProgress | None, Field(json_schema_extra={"x-fiscus-extension": True})
    ] = None


class Exports(List):
    data: Annotated[list[Export], Field(max_length=200)]


class ExportsQuery(PeriodQuery):
    """`from` and `to` bound the moment of the request."""

    type: ExportType | None = None
    status: ExportStatus | None = None
    register_id: RegisterId | None = None


class DownloadQuery(Query):
    """Parts of the address that was handed out."""

    expires: Annotated[str | None, Field(max_length=32)] = None
    signature: Annotated[str | None, Field(max_length=128)] = None
