"""What may become of an export job and of its items: the words, and which may follow which.

Source: the contract of export jobs, sections 3.1 to 3.4, with what section 11 corrects.
"""

from enum import StrEnum

from fiscus.model.faults import Code, Conflict

BAD_EVENT = Code(
    "BOOKS-JOB-01",
    "this event cannot follow what the job is now: read the job; an unfinished one goes on where "
    "it is, a finished one stays as it is",
)
BAD_MOVE = Code(
    "BOOKS-ITEM-01",
    "this item cannot get that status: from pending it may become in_progress, and from both "
    "successful, failed or abandoned, which are final",
)


class JobStatus(StrEnum):
    """Of an export job. A finished one never changes again."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    FAILED = "failed"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"

    @property
    def is_finished(self) -> bool:
        return self not in UNFINISHED


UNFINISHED = (JobStatus.PENDING, JobStatus.IN_PROGRESS)


class JobEvent(StrEnum):
    """What the program that works a job off says of it; the only way in which it changes it."""

    STARTED = "started"
    FAILED = "failed"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"


class JobAct(StrEnum):
    """All that happens to a job: the events, and what we do ourselves. The journal states each."""

    CREATED = "created"
    STARTED = "started"
    ITEMS = "items"
    FAILED = "failed"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    CANCELED = "canceled"
    EXPIRED = "expired"


class ItemStatus(StrEnum):
    """Of one entry within a job. `abandoned`: the job ended before anything was said of it."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    FAILED = "failed"
    SUCCESSFUL = "successful"
    ABANDONED = "abandoned"

    @property
    def is_final(self) -> bool:
        return self not in UNREPORTED


UNREPORTED = (ItemStatus.PENDING, ItemStatus.IN_PROGRESS)


class JobFailure(StrEnum):
    """Why a job as a whole failed."""

    INVALID_CONFIGURATION = "invalid_configuration"
    MISSING_CONFIGURATION = "missing_configuration"
    AUTHENTICATION_FAILURE = "authentication_failure"
    ACCOUNTING_SYSTEM_AUTHENTICATION_FAILURE = "accounting_system_authentication_failure"
    PLEO_RATE_LIMIT = "pleo_rate_limit"
    ACCOUNTING_SYSTEM_RATE_LIMIT = "accounting_system_rate_limit"
    SERVICE_UNREACHABLE = "service_unreachable"
    ACCOUNTING_SYSTEM_UNREACHABLE = "accounting_system_unreachable"
    VALIDATION_FAILURE = "validation_failure"
    AUTHORIZATION_FAILURE = "authorization_failure"
    INTEGRATION_UNUSABLE = "integration_unusable"
    JOB_EXPIRED = "job_expired"
    SERVICE_TIMEOUT = "service_timeout"
    ACCOUNTING_SYSTEM_TIMEOUT = "accounting_system_timeout"
    CANCELED_BY_USER = "canceled_by_user"


class ItemFailure(StrEnum):
    """Why an item failed. The last four are told only by the newest version of the API, and kept
    as they were said."""

    RECEIPT_UPLOAD_FAILURE = "receipt_upload_failure"
    RECEIPT_DOWNLOAD_FAILURE = "receipt_download_failure"
    RECEIPT_FILE_SIZE_LIMIT_EXCEEDED = "receipt_file_size_limit_exceeded"
    RECEIPT_CONVERSION_FAILURE = "receipt_conversion_failure"
    UNEXPECTED_FAILURE = "unexpected_failure"
    INVALID_CONFIGURATION = "invalid_configuration"
    MISSING_CONFIGURATION = "missing_configuration"
    ACCOUNTING_SYSTEM_AUTHENTICATION_FAILURE = "accounting_system_authentication_failure"
    ACCOUNTING_SYSTEM_RATE_LIMIT = "accounting_system_rate_limit"
    ACCOUNTING_SYSTEM_UNREACHABLE = "accounting_system_unreachable"
    ACCOUNTING_SYSTEM_TIMEOUT = "accounting_system_timeout"
    VALIDATION_FAILURE = "validation_failure"
    ACCOUNTING_SYSTEM_VALIDATION_FAILURE = "accounting_system_validation_failure"
    AUTHORIZATION_FAILURE = "authorization_failure"
    VENDOR_UNKNOWN = "vendor_unknown"
    ACCOUNT_UNKNOWN = "account_unknown"
    TAX_CODE_UNKNOWN = "tax_code_unknown"
    TAG_UNKNOWN = "tag_unknown"


_AFTER = {
    (JobStatus.PENDING, JobEvent.STARTED): JobStatus.IN_PROGRESS,
    (JobStatus.PENDING, JobEvent.FAILED): JobStatus.FAILED,
    (JobStatus.IN_PROGRESS, JobEvent.FAILED): JobStatus.FAILED,
    (JobStatus.IN_PROGRESS, JobEvent.COMPLETED): JobStatus.COMPLETED,
    (JobStatus.IN_PROGRESS, JobEvent.COMPLETED_WITH_ERRORS): JobStatus.COMPLETED_WITH_ERRORS,
}


def after(status: JobStatus, event: JobEvent) -> JobStatus:
    """What a job becomes by an event, never checked against its items. Raises `Conflict` if the
    event cannot follow: a job is started once, and a finished one stays as it is."""
    found = _AFTER.get((status, event))
    if found is None:
        raise Conflict(BAD_EVENT, "event")
    return found


def moved(status: ItemStatus, to: ItemStatus) -> ItemStatus:
    """What an item becomes that is reported as `to`. The same status again changes nothing and is
    right: a client may repeat what it is not sure of. Raises `Conflict` on a way back, and on any
    change of a final status."""
    if to != status and (status.is_final or to == ItemStatus.PENDING):
        raise Conflict(BAD_MOVE, "status")
    return to


def shown_failure(said: JobFailure | ItemFailure) -> JobFailure:
    """The reason of a job in its own words: one that only items have is a failed validation."""
    try:
        return JobFailure(said.value)
    except ValueError:
        return JobFailure.VALIDATION_FAILURE
