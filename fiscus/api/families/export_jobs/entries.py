"""Accounting entries: searched, read, and entered by callers where no register has sealed them."""

from collections.abc import Mapping

from sqlalchemy import Connection

from fiscus.accounting import derive, entries, search
from fiscus.accounting.entries import AccountingEntry
from fiscus.accounting.pages import Page
from fiscus.api.families.export_jobs import access, paging
from fiscus.api.families.export_jobs.calls import (
    Endpoints,
    ExportAnswer,
    ExportCall,
    ExportOperation,
)
from fiscus.api.families.export_jobs.errors import INVALID
from fiscus.api.families.export_jobs.translate import entries as translate
from fiscus.api.families.export_jobs.translate.scalars import moment
from fiscus.api.families.export_jobs.wire import entries as wire
from fiscus.api.pipeline import ReadOperation, WriteOperation
from fiscus.model.faults import Missing
from fiscus.registry.roles import Scope
from fiscus.services import Services

WORDS: Mapping[str, tuple[int, str]] = {
    entries.UNKNOWN_ENTRY.id: (404, "ACCOUNTING_ENTRY_NOT_FOUND"),
    entries.MADE_OF_RECORD.id: (409, "ACCOUNTING_ENTRY_MADE_OF_RECORD"),
    entries.HELD.id: (409, "ACCOUNTING_ENTRY_LOCKED"),
    entries.DELETED.id: (409, "ACCOUNTING_ENTRY_DELETED"),
    search.BACKWARDS.id: INVALID,
    search.DAYS_AND_TIMES.id: INVALID,
}

SORTING = {
    "id": "id",
    "bookkeepingDate": "day",
    "performedAt": "performed_at",
    "settledAt": "performed_at",
    "createdAt": "created_at",
}


def search_(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    query: wire.EntriesQuery = call.query
    company = access.only_company(tx, call.caller, query.company_id)
    request, wanted = paging.request(call, SORTING), translate.wanted(call.body, company.id)
    found: Page[AccountingEntry] = Page(rows=[], total=0)
    if wanted is not None:
        found = search.search(tx, company.id, wanted, request)
    shown = paging.shown(call, found, translate.entry, "bookkeepingDate")
    return ExportAnswer(200, shown | {"derivedTo": moment(derive.derived_to(tx, company.id))})


def retrieve(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    query: wire.EntryQuery = call.query
    entry = _found(tx, call)
    if entry.deleted_at is not None and query.include_deleted == "false":
        raise Missing(entries.UNKNOWN_ENTRY)
    return ExportAnswer(200, {"data": translate.entry(entry)})


def create(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    body: wire.CreateAccountingEntry = call.body
    company = access.only_company(tx, call.caller, body.company)
    made = entries.create(
        tx,
        id_=services.uuid7(),
        company=company.id,
        organization=company.organization,
        draft=translate.draft(body),
        by=call.caller.subject,
        at=call.at,
    )
    return ExportAnswer(201, {"data": translate.entry(made)})


def change(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    entry = _found(tx, call)
    draft = translate.changed(entry, call.body)
    changed = entries.change(tx, entry, draft, by=call.caller.subject, at=call.at)
    return ExportAnswer(200, {"data": translate.entry(changed)})


def delete(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    """The entry is still found, as deleted."""
    deleted = entries.delete(tx, _found(tx, call), by=call.caller.subject, at=call.at)
    return ExportAnswer(200, {"data": translate.entry(deleted)})


def _found(tx: Connection, call: ExportCall) -> AccountingEntry:
    return entries.find(tx, access.reach(tx, call.caller), call.path["accountingEntryId"])


VERSION = 1
PATH = "/v1/accounting-entries"
ONE_PATH = f"{PATH}/{{accountingEntryId}}"

ENDPOINTS: Endpoints = (
    (
        ExportOperation(
            id="searchAccountingEntries",
            method="POST",
            path=f"{PATH}:search",
            version=VERSION,
            summary="Search accounting entries",
            statuses=(200, 404),
            request=wire.SearchAccountingEntries,
            query=wire.EntriesQuery,
            answer=wire.AccountingEntries,
            scope=Scope.ITEMS_READ,
        ),
        ReadOperation(search_),
    ),
    (
        ExportOperation(
            id="retrieveAccountingEntry",
            method="GET",
            path=ONE_PATH,
            version=VERSION,
            summary="Retrieve an accounting entry",
            statuses=(200, 404),
            query=wire.EntryQuery,
            answer=wire.OneAccountingEntry,
            scope=Scope.ITEMS_READ,
        ),
        ReadOperation(retrieve),
    ),
    (
        ExportOperation(
            id="createAccountingEntry",
            method="POST",
            path=PATH,
            version=VERSION,
            summary="Enter what no register has sealed",
            statuses=(201, 404, 422),
            request=wire.CreateAccountingEntry,
            answer=wire.OneAccountingEntry,
            scope=Scope.REGISTRY,
            is_extension=True,
        ),
        WriteOperation(create),
    ),
    (
        ExportOperation(
            id="changeAccountingEntry",
            method="PATCH",
            path=ONE_PATH,
            version=VERSION,
            summary="Change what a caller has entered, until a job holds it",
            statuses=(200, 404, 409, 422),
            request=wire.ChangeAccountingEntry,
            answer=wire.OneAccountingEntry,
            scope=Scope.REGISTRY,
            is_extension=True,
        ),
        WriteOperation(change),
    ),
    (
        ExportOperation(
            id="deleteAccountingEntry",
            method="DELETE",
            path=ONE_PATH,
            version=VERSION,
            summary="Take away what a caller has entered, until a job holds it",
            statuses=(200, 404, 409),
            answer=wire.OneAccountingEntry,
            scope=Scope.REGISTRY,
            is_extension=True,
        ),
        WriteOperation(delete),
    ),
)
