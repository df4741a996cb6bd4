"""Export job items: what became of each entry of a job."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from fiscus.api.families.export_jobs.wire.envelope import CursorPageInfo, PageQuery
from fiscus.api.families.export_jobs.wire.jobs import ItemFailure
from fiscus.api.families.export_jobs.wire.scalars import (
    EXTENSION,
    ExportQuery,
    Id,
    Moment,
    Text4000,
    Wire,
)

ItemStatus = Literal["pending", "in_progress", "failed", "successful", "abandoned"]
UPDATES_MAX = 100
SEARCHED_MAX = 1000


class UpdateExportJobItem(BaseModel):
    """The result of one entry, as the accounting system answered."""

    model_config = ConfigDict(extra="forbid", strict=True)

    entry: Annotated[Id, Field(alias="accountingEntryId")]
    status: ItemStatus
    exported_at: Annotated[Moment | None, Field(alias="exportedAt")] = None
    external_id: Annotated[Text4000 | None, Field(alias="externalId")] = None
    external_url: Annotated[Text4000 | None, Field(alias="externalUrl")] = None
    reason: Annotated[Text4000 | None, Field(alias="failureReason")] = None
    reason_type: Annotated[ItemFailure | None, Field(alias="failureReasonType")] = None


UPDATES: TypeAdapter[list[UpdateExportJobItem]] = TypeAdapter(list[UpdateExportJobItem])


class ExportJobItemV0(Wire):
    """All members are always there; what has no value yet is null."""

    accountingEntryId: Id
    exportJobId: Id
    status: ItemStatus
    exportedAt: Moment | None
    externalId: str | None
    externalUrl: str | None
    failureReason: str | None
    failureReasonType: str | None


class ItemWarning(Wire):
    """A value that had to be changed for the target: as it was, and as it was written."""

    code: str
    text: str
    field: str
    said: str
    written: str


class ExportJobItemV3(ExportJobItemV0):
    """`warnings` are there if they were asked for."""

    warnings: Annotated[list[ItemWarning], Field(default_factory=list, json_schema_extra=EXTENSION)]


class ItemUpdateError(Wire):
    accountingEntryId: Id
    type: Literal[
        "ACCOUNTING_ENTRY_DOES_NOT_EXIST",
        "EXPORT_ENTRY_STATUS_UPDATE_FAILED",
        "ACCOUNTING_ENTRY_UPDATE_FAILED",
    ]
    message: str


class UpdatedItems(Wire):
    """`data`: what was updated; `errors`: what was refused. Each stands for itself."""

    data: list[ExportJobItemV0]
    errors: list[ItemUpdateError]


class UpdatedItemsV3(Wire):
    data: list[ExportJobItemV3]
    errors: list[ItemUpdateError]


class ExportJobItems(Wire):
    data: list[ExportJobItemV0]
    pagination: CursorPageInfo


class ExportJobItemsV3(Wire):
    data: list[ExportJobItemV3]
    pagination: CursorPageInfo


class OneExportJobItem(Wire):
    data: ExportJobItemV3


class ItemsQuery(PageQuery):
    status: ItemStatus | None = None


class ItemsQueryV3(ItemsQuery):
    """`include_warnings`: items show the values that had to be changed for the target, and what the
    accountant must be asked."""

    include_warnings: Annotated[Literal["true", "false"], Field(json_schema_extra=EXTENSION)] = (
        "false"
    )


class ItemQuery(ExportQuery):
    """Which entry's newest item."""

    company_id: Id | None = None
    accounting_entry_id: Id


class SearchQuery(PageQuery):
    company_id: Id | None = None


class SearchExportJobItems(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    entries: Annotated[list[Id], Field(alias="accountingEntryIds", max_length=SEARCHED_MAX)]
    status: ItemStatus | None = None
