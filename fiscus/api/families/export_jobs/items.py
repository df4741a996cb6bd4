"""Items of export jobs: what is to be taken over, and what became of it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection

from fiscus.accounting import currencies as currencies_of
from fiscus.accounting import items, jobs, totals
from fiscus.accounting.items import ExportJobItem, ItemUpdate
from fiscus.accounting.jobs import ExportJob
from fiscus.accounting.pages import Page
from fiscus.accounting.states import ItemFailure, ItemStatus
from fiscus.api.families.export_jobs import access, errors, paging
from fiscus.api.families.export_jobs.calls import (
    NEWEST,
    VERSIONS,
    Endpoints,
    ExportAnswer,
    ExportCall,
    ExportOperation,
)
from fiscus.api.families.export_jobs.jobs import found
from fiscus.api.families.export_jobs.translate import jobs as translate
from fiscus.api.families.export_jobs.translate import totals as translate_totals
from fiscus.api.families.export_jobs.translate.export_items import export_item
from fiscus.api.families.export_jobs.wire import export_items as wire_exported
from fiscus.api.families.export_jobs.wire import items as wire
from fiscus.api.families.export_jobs.wire import totals as wire_totals
from fiscus.api.families.export_jobs.wire.scalars import at
from fiscus.api.pipeline import ReadOperation, WriteOperation
from fiscus.model.faults import Conflict, Refused
from fiscus.registry.roles import Scope
from fiscus.services import Services

WORDS: Mapping[str, tuple[int, str]] = {
    items.UNKNOWN_ITEM.id: (404, "EXPORT_ENTRY_NOT_FOUND"),
}

ORDER = "position"
"""How the items of a job are sorted: by the days of their entries."""

SORTING = {
    "position": "position",
    "id": "entry",
    "accountingEntryId": "entry",
    "status": "status",
    "exportedAt": "exported_at",
    "externalId": "external_id",
}
SORTING_OF_JOBS = {**SORTING, "createdAt": "created_at", "exportJobId": "job"}
"""Of lists with items of several jobs."""


def list_(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    query: wire.ItemsQuery = call.query
    job = found(tx, call, call.path["jobId"])
    status = ItemStatus(query.status) if query.status else None
    page = items.page(tx, job, status=status, request=paging.request(call, SORTING))
    return ExportAnswer(200, paging.shown(call, page, partial(_item, call), ORDER))


def _item(call: ExportCall, one: ExportJobItem) -> dict[str, Any]:
    has_warnings = getattr(call.query, "include_warnings", "") == "true"
    return translate.item(one, call.version, has_warnings=has_warnings)


def update(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    job = found(tx, call, call.path["jobId"])
    said: list[wire.UpdateExportJobItem] = call.body
    done, refused = items.update(
        tx, job, [_update(one) for one in said], by=call.caller.subject, at=call.at
    )
    told = {
        "data": [translate.item(one, call.version) for one in done],
        "errors": [translate.refused(one) for one in refused],
    }
    return ExportAnswer(200, told)


def _update(said: wire.UpdateExportJobItem) -> ItemUpdate:
    return ItemUpdate(
        entry=said.entry,
        status=ItemStatus(said.status),
        exported_at=at(said.exported_at),
        external_id=said.external_id or "",
        external_url=said.external_url or "",
        failure_reason=said.reason or "",
        failure_type=ItemFailure(said.reason_type) if said.reason_type else None,
    )


def expect_few(said: Any) -> None:
    """The bound of the contract is told before what is wrong with each."""
    if isinstance(said, list) and len(said) > wire.UPDATES_MAX:
        raise Refused(errors.TOO_MANY_UPDATES)


def exported(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    """What a program takes over: every entry with its accounts, as frozen when the job was made."""
    query: wire_exported.ExportItemsQuery = call.query
    if query.job_id is not None:
        job = found(tx, call, query.job_id)
        if job.status.is_finished:
            raise Conflict(items.JOB_FINISHED, "job_id")
        jobs_ = {job.id: job}
        page = items.page(tx, job, request=paging.request(call, SORTING))
        order = ORDER
    else:
        reached = access.reach(tx, call.caller)
        request = paging.request(call, SORTING_OF_JOBS)
        page = items.unfinished(tx, reached, request, now=call.at)
        jobs_ = {id_: found(tx, call, id_) for id_ in {one.job for one in page.rows}}
        order = "createdAt"
    _expect_shown(tx, call, page, jobs_)
    address = services.settings.address()

    def show(one: ExportJobItem) -> dict[str, Any]:
        job = jobs_[one.job]
        return export_item(
            one.frozen,
            company=job.company,
            is_vendor_based=job.is_vendor_based,
            version=call.version,
            address=address,
        )

    return ExportAnswer(200, paging.shown(call, page, show, order))


def _expect_shown(
    tx: Connection, call: ExportCall, page: Page[ExportJobItem], jobs_: Mapping[str, ExportJob]
) -> None:
    """Raises `Refused` if this version cannot show these items: the older ones have one currency,
    the newest one wants a contra account. All of a job is looked at for its first page alone."""
    if call.version == NEWEST:
        without = [one.entry for one in page.rows if not one.frozen.has_contra]
        if without:
            raise Refused(jobs.MISSING_CONTRA, *without)
        return
    currencies = {(one.job, one.frozen.booked.currency) for one in page.rows}
    is_first = not call.query.after and not call.query.before
    if len(currencies) > len(jobs_) or (is_first and currencies_of.are_mixed(tx, jobs_)):
        raise Refused(errors.SEVERAL_CURRENCIES)


def retrieve(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    """The newest item of one entry."""
    query: wire.ItemQuery = call.query
    company = access.only_company(tx, call.caller, query.company_id)
    item = items.newest(tx, company.id, query.accounting_entry_id, now=call.at)
    return ExportAnswer(200, {"data": translate.item(item, call.version)})


def search(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    query: wire.SearchQuery = call.query
    body: wire.SearchExportJobItems = call.body
    company = access.only_company(tx, call.caller, query.company_id)
    status = ItemStatus(body.status) if body.status else None
    request = paging.request(call, SORTING_OF_JOBS)
    page = items.of_entries(tx, company.id, body.entries, status, request, now=call.at)
    return ExportAnswer(200, paging.shown(call, page, partial(_item, call)))


def control(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    job = found(tx, call, call.path["jobId"])
    return ExportAnswer(200, {"data": translate_totals.totals(totals.of_job(tx, job))})


_EXPORTED = {
    0: wire_exported.ExportItemsV0,
    1: wire_exported.ExportItemsV1,
    2: wire_exported.ExportItemsV2,
    3: wire_exported.ExportItemsV3,
}


def _of_version(version: int) -> Endpoints:
    is_newest = version == NEWEST
    at_, suffix = f"/v{version}", f"V{version}"
    path = f"{at_}/export-jobs/{{jobId}}/items"
    return (
        (
            ExportOperation(
                id=f"listExportJobItems{suffix}",
                method="GET",
                path=path,
                version=version,
                summary="List the items of an export job",
                statuses=(200, 404),
                query=wire.ItemsQueryV3 if is_newest else wire.ItemsQuery,
                answer=wire.ExportJobItemsV3 if is_newest else wire.ExportJobItems,
                scope=Scope.JOBS_READ,
                is_deprecated=version < 2,
            ),
            ReadOperation(list_),
        ),
        (
            ExportOperation(
                id=f"updateExportJobItems{suffix}",
                method="PUT",
                path=path,
                version=version,
                summary="Report results of at most 100 items",
                statuses=(200, 404, 413, 422),
                request=wire.UPDATES,
                judge=expect_few,
                answer=wire.UpdatedItemsV3 if is_newest else wire.UpdatedItems,
                scope=Scope.JOBS_WRITE,
                is_deprecated=version < 2,
            ),
            WriteOperation(update),
        ),
        (
            ExportOperation(
                id=f"listExportItems{suffix}",
                method="GET",
                path=f"{at_}/export-items",
                version=version,
                summary="List entries of unfinished export jobs, as they are to be taken over",
                statuses=(200, 404, 422),
                query=wire_exported.ExportItemsQuery,
                answer=_EXPORTED[version],
                scope=Scope.ITEMS_READ,
                is_deprecated=version < 2,
            ),
            ReadOperation(exported),
        ),
    )


_NEWEST_ALONE: Endpoints = (
    (
        ExportOperation(
            id="retrieveExportJobItem",
            method="GET",
            path="/v3/export-job-items",
            version=NEWEST,
            summary="Retrieve the newest export job item of an accounting entry",
            statuses=(200, 404),
            query=wire.ItemQuery,
            answer=wire.OneExportJobItem,
            scope=Scope.JOBS_READ,
        ),
        ReadOperation(retrieve),
    ),
    (
        ExportOperation(
            id="searchExportJobItems",
            method="POST",
            path="/v3/export-job-items:search",
            version=NEWEST,
            summary="Search export job items by accounting entries",
            statuses=(200, 404),
            request=wire.SearchExportJobItems,
            query=wire.SearchQuery,
            answer=wire.ExportJobItemsV3,
            scope=Scope.JOBS_READ,
            is_deprecated=True,
        ),
        ReadOperation(search),
    ),
    (
        ExportOperation(
            id="retrieveExportJobTotals",
            method="GET",
            path="/v3/export-jobs/{jobId}/totals",
            version=NEWEST,
            summary="Control totals of an export job",
            statuses=(200, 404),
            answer=wire_totals.OneTotals,
            scope=Scope.JOBS_READ,
            is_extension=True,
        ),
        ReadOperation(control),
    ),
)

ENDPOINTS: Endpoints = (
    *(endpoint for version in VERSIONS for endpoint in _of_version(version)),
    *_NEWEST_ALONE,
)
