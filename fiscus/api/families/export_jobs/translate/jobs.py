"""Export jobs and their items, as the contract shows them."""

from collections.abc import Mapping
from typing import Any

from fiscus.accounting.items import ExportJobItem, RefusedUpdate
from fiscus.accounting.jobs import ExportJob
from fiscus.accounting.states import ItemFailure, JobFailure, shown_failure
from fiscus.api.families.export_jobs.calls import NEWEST
from fiscus.api.families.export_jobs.translate.scalars import Json, moment
from fiscus.api.families.export_jobs.wire.jobs import ITEM_FAILURES, ITEM_FAILURES_SINCE_V3

PULL = "pull"


def job(one: ExportJob, version: int, file: Json | None = None) -> Json:
    shown: Json = {
        "id": one.id,
        "companyId": one.company,
        "status": one.status,
        "numberOfItems": one.items,
        "isInteractive": one.is_interactive,
        "vendorBasedBookkeeping": one.is_vendor_based,
        "createdAt": moment(one.created_at),
        "createdBy": one.created_by or None,
        "startedAt": moment(one.started_at),
        "lastUpdatedAt": moment(one.last_updated_at),
        "completedAt": moment(one.completed_at),
        "expiredAt": moment(one.expired_at),
        "expiresIn": one.expires_in,
        "failureReason": one.failure_reason or None,
        "failureReasonType": one.failure_type or None,
    }
    if version < NEWEST:
        return shown
    if one.target != PULL:
        shown["target"] = one.target
    if one.retry_of:
        shown["retryOf"] = one.retry_of
    if file is not None:
        shown["file"] = file
    return shown


def failure(said: str) -> JobFailure:
    """A reason as a job keeps it: one that only items have is a failed validation."""
    is_of_items = said in (*ITEM_FAILURES, *ITEM_FAILURES_SINCE_V3)
    return shown_failure(ItemFailure(said) if is_of_items else JobFailure(said))


def item(one: ExportJobItem, version: int, *, has_warnings: bool = False) -> Json:
    shown: Json = {
        "accountingEntryId": one.entry,
        "exportJobId": one.job,
        "status": one.status,
        "exportedAt": moment(one.exported_at),
        "externalId": one.external_id or None,
        "externalUrl": one.external_url or None,
        "failureReason": one.failure_reason or None,
        "failureReasonType": _item_failure(one.failure_type, version),
    }
    if has_warnings:
        shown["warnings"] = [
            {
                "code": warning.code,
                "text": warning.text,
                "field": warning.field,
                "said": warning.said,
                "written": warning.written,
            }
            for warning in one.warnings
        ]
    return shown


def _item_failure(type_: str | None, version: int) -> str | None:
    """The lists of the older versions are closed."""
    if version < NEWEST and type_ in ITEM_FAILURES_SINCE_V3:
        return "accounting_system_validation_failure"
    return type_


def refused(one: RefusedUpdate) -> Json:
    return {"accountingEntryId": one.entry, "type": one.type, "message": one.message}


def counts(found: Mapping[Any, int]) -> dict[str, int]:
    return {str(status): number for status, number in found.items()}
