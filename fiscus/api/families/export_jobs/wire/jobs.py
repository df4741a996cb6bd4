"""Export jobs and their events."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fiscus.api.families.export_jobs.wire.envelope import CursorPageInfo, PageQuery
from fiscus.api.families.export_jobs.wire.scalars import (
    EXTENSION,
    ExportQuery,
    Id,
    Moment,
    QueryMoment,
    Text40,
    Text4000,
    Wire,
)

JobStatus = Literal["pending", "in_progress", "failed", "completed", "completed_with_errors"]
JobEvent = Literal["started", "failed", "completed", "completed_with_errors"]
JobFailure = Literal[
    "invalid_configuration",
    "missing_configuration",
    "authentication_failure",
    "accounting_system_authentication_failure",
    "pleo_rate_limit",
    "accounting_system_rate_limit",
    "service_unreachable",
    "accounting_system_unreachable",
    "validation_failure",
    "authorization_failure",
    "integration_unusable",
    "job_expired",
    "service_timeout",
    "accounting_system_timeout",
    "canceled_by_user",
]
ITEM_FAILURES = (
    "receipt_upload_failure",
    "receipt_download_failure",
    "receipt_file_size_limit_exceeded",
    "receipt_conversion_failure",
    "unexpected_failure",
    "invalid_configuration",
    "missing_configuration",
    "accounting_system_authentication_failure",
    "accounting_system_rate_limit",
    "accounting_system_unreachable",
    "validation_failure",
    "accounting_system_validation_failure",
    "authorization_failure",
    "accounting_system_timeout",
)
"""Why an item failed, in every version."""

ITEM_FAILURES_SINCE_V3 = ("vendor_unknown", "account_unknown", "tax_code_unknown", "tag_unknown")
ItemFailure = Literal[
    "receipt_upload_failure",
    "receipt_download_failure",
    "receipt_file_size_limit_exceeded",
    "receipt_conversion_failure",
    "unexpected_failure",
    "invalid_configuration",
    "missing_configuration",
    "accounting_system_authentication_failure",
    "accounting_system_rate_limit",
    "accounting_system_unreachable",
    "validation_failure",
    "accounting_system_validation_failure",
    "authorization_failure",
    "accounting_system_timeout",
    "vendor_unknown",
    "account_unknown",
    "tax_code_unknown",
    "tag_unknown",
]
ENTRIES_MAX = 20_000
"""So many entries are taken by one job."""


class Options(Wire):
    """`vendorBasedBookkeeping`: export items carry `vendor` and `bookkeeping`."""

    is_vendor_based: Annotated[bool | None, Field(alias="vendorBasedBookkeeping")] = False


class CreateExportJob(BaseModel):
    """Which entries of which company are to be exported."""

    model_config = ConfigDict(extra="forbid", strict=True)

    entries: Annotated[
        list[Id], Field(alias="accountingEntryIds", min_length=1, max_length=ENTRIES_MAX)
    ]
    company: Annotated[Id, Field(alias="companyId")]
    employee: Annotated[Id | None, Field(alias="employeeId")] = None
    is_interactive: Annotated[bool | None, Field(alias="isInteractive")] = True
    options: Options | None = None

    @property
    def is_vendor_based(self) -> bool:
        return bool(self.options and self.options.is_vendor_based)

    @property
    def target_code(self) -> str:
        return "pull"


class CreateExportJobV3(CreateExportJob):
    """`target`: `pull` for a program that fetches the items and reports results; else the format of
    the file that is written."""

    target: Annotated[Text40 | None, Field(json_schema_extra=EXTENSION)] = None

    @property
    def target_code(self) -> str:
        return self.target or "pull"


class CreateExportJobEvent(BaseModel):
    """What became of a job. `exportJobId` says the same as `jobId`, as some pages write it. A
    reason may be told with every event that ends a job."""

    model_config = ConfigDict(extra="forbid", strict=True)

    job: Annotated[Id, Field(alias="jobId")]
    event: JobEvent
    reason: Annotated[Text4000 | None, Field(alias="failureReason")] = None
    reason_type: Annotated[JobFailure | ItemFailure | None, Field(alias="failureReasonType")] = None

    @model_validator(mode="before")
    @classmethod
    def _has_one_id(cls, said: Any) -> Any:
        if isinstance(said, dict) and "exportJobId" in said and "jobId" not in said:
            return {"jobId" if name == "exportJobId" else name: one for name, one in said.items()}
        return said


class ExportJobV0(Wire):
    """One batch of entries on its way into one accounting system."""

    id: Id
    companyId: Id
    status: JobStatus
    numberOfItems: int
    isInteractive: bool
    vendorBasedBookkeeping: bool
    createdAt: Moment
    createdBy: Id | None
    startedAt: Moment | None
    lastUpdatedAt: Moment | None
    completedAt: Moment | None
    expiredAt: Moment | None
    expiresIn: Annotated[
        int, Field(description="Seconds after `lastUpdatedAt` when an unfinished job ends.")
    ]
    failureReason: str | None
    failureReasonType: JobFailure | None


class ExportJobFile(Wire):
    """The file that a job has written."""

    name: str
    bytes: int
    sha256: str
    url: Annotated[str, Field(description="Can be fetched without a key, for 24 hours.")]


class ExportJobV3(ExportJobV0):
    """`target`, `retryOf` and `file` are there for jobs that have them."""

    target: Annotated[str, Field(json_schema_extra=EXTENSION)] = ""
    retryOf: Annotated[Id, Field(json_schema_extra=EXTENSION)] = ""
    file: Annotated[ExportJobFile | None, Field(json_schema_extra=EXTENSION)] = None


class OneExportJob(Wire):
    data: ExportJobV0


class OneExportJobV3(Wire):
    data: ExportJobV3


class ExportJobs(Wire):
    data: list[ExportJobV0]
    pagination: CursorPageInfo


class ExportJobsV3(Wire):
    data: list[ExportJobV3]
    pagination: CursorPageInfo


class Progress(Wire):
    """How many items of a job have each status."""

    status: JobStatus
    numberOfItems: int
    items: dict[str, int]
    expiresAt: Moment | None


class OneProgress(Wire):
    data: Progress


class JobsQuery(PageQuery):
    """`status` is the older spelling of one of `statuses`. `created_after` and `created_before`
    bound `createdAt`, the first included, the second not."""

    company_id: Id | None = None
    statuses: Annotated[list[JobStatus], Field(default_factory=list, max_length=16)]
    created_after: Annotated[QueryMoment | None, Field(json_schema_extra=EXTENSION)] = None
    created_before: Annotated[QueryMoment | None, Field(json_schema_extra=EXTENSION)] = None
    targets: Annotated[
        list[Text40], Field(default_factory=list, max_length=16, json_schema_extra=EXTENSION)
    ]
    registers: Annotated[
        list[Id], Field(default_factory=list, max_length=16, json_schema_extra=EXTENSION)
    ]


class OlderJobsQuery(JobsQuery):
    status: Annotated[JobStatus | None, Field(deprecated=True)] = None

    @model_validator(mode="after")
    def _is_one_of_statuses(self) -> Self:
        status = self.__dict__["status"]
        if status is not None and status not in self.statuses:
            self.__dict__["statuses"] = [*self.statuses, status]
        return self


class FileQuery(ExportQuery):
    """Parts of the address that was handed out."""

    expires: Annotated[str | None, Field(max_length=32)] = None
    signature: Annotated[str | None, Field(max_length=128)] = None
