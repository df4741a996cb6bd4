"""The books of a company by API: begun with a chart of its law, then the accountant's own."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from fiscus.accounting import bookkeeping, completeness, derive
from fiscus.accounting.mapping import Coverage
from fiscus.api.families.export_jobs import access
from fiscus.api.families.export_jobs.access import Company
from fiscus.api.families.export_jobs.calls import (
    NEWEST,
    Endpoints,
    ExportAnswer,
    ExportCall,
    ExportOperation,
)
from fiscus.api.families.export_jobs.errors import INVALID
from fiscus.api.families.export_jobs.translate import bookkeeping as translate
from fiscus.api.families.export_jobs.translate import totals
from fiscus.api.families.export_jobs.wire import bookkeeping as wire
from fiscus.api.pipeline import ReadOperation, WriteOperation
from fiscus.model.faults import Code, Refused
from fiscus.registry import taxpayers
from fiscus.registry.roles import Scope
from fiscus.services import Services

BAD_PERIOD = Code(
    "EXPORTJOBS-PERIOD-01", "a period ends on or after its first day and has at most 400 days"
)
DAYS_MAX = 400

WORDS: Mapping[str, tuple[int, str]] = {
    bookkeeping.NO_BOOKS.id: (404, "BOOKKEEPING_NOT_FOUND"),
    bookkeeping.BEGUN.id: (409, "BOOKKEEPING_ALREADY_BEGUN"),
    bookkeeping.CHANGED.id: (409, "BOOKKEEPING_CHANGED_MEANWHILE"),
    bookkeeping.FAULTY.id: (422, "BOOKKEEPING_NOT_IN_ORDER"),
    bookkeeping.NO_LAW.id: (422, "BOOKKEEPING_NOT_SUPPORTED"),
    bookkeeping.UNKNOWN_CHART.id: INVALID,
    BAD_PERIOD.id: INVALID,
}


def begin(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    company, said = _company(tx, call), call.body
    bookkeeping.begin(
        tx,
        company.id,
        said.chart or "",
        by=call.caller.subject,
        at=call.at,
        since=translate.day(said.since),
        coverage=Coverage(said.coverage) if said.coverage else None,
    )
    return ExportAnswer(201, _shown(tx, company))


def retrieve(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    return ExportAnswer(200, _shown(tx, _company(tx, call)))


def change(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    company, said = _company(tx, call), call.body
    bookkeeping.change(
        tx,
        company.id,
        translate.content(said),
        version=said.version,
        by=call.caller.subject,
        at=call.at,
    )
    return ExportAnswer(200, _shown(tx, company))


def charts(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    company = _company(tx, call)
    law = bookkeeping.accounting(taxpayers.by_id(tx, company.id).taxpayer.regime)
    found = [translate.chart(one) for one in law.charts]
    return ExportAnswer(200, {"data": found, "keys": dict(law.keys)})


def complete(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    query: wire.CompletenessQuery = call.query
    first, last = date.fromisoformat(query.first), date.fromisoformat(query.last)
    if last < first or (last - first).days >= DAYS_MAX:
        raise Refused(BAD_PERIOD, "last")
    found = completeness.report(tx, _company(tx, call).id, first, last)
    return ExportAnswer(200, {"data": totals.completeness(found)})


def _company(tx: Connection, call: ExportCall) -> Company:
    return access.company(tx, call.caller, call.path["companyId"])


def _shown(tx: Connection, company: Company) -> dict[str, object]:
    version, content = bookkeeping.of(tx, company.id)
    derived_to = derive.derived_to(tx, company.id)
    return {"data": translate.shown(company.id, version, content, derived_to)}


PATH = "/v3/bookkeeping/{companyId}"

ENDPOINTS: Endpoints = (
    (
        ExportOperation(
            id="beginBookkeeping",
            method="POST",
            path=PATH,
            version=NEWEST,
            summary="Begin the books of a company with a chart that its law suggests",
            statuses=(201, 404, 409, 422),
            request=wire.BeginBookkeeping,
            answer=wire.OneBookkeeping,
            scope=Scope.REGISTRY,
            is_extension=True,
        ),
        WriteOperation(begin),
    ),
    (
        ExportOperation(
            id="retrieveBookkeeping",
            method="GET",
            path=PATH,
            version=NEWEST,
            summary="Retrieve the chart of a company and which account stands for what",
            statuses=(200, 404),
            answer=wire.OneBookkeeping,
            scope=Scope.EXPORT,
            is_extension=True,
        ),
        ReadOperation(retrieve),
    ),
    (
        ExportOperation(
            id="changeBookkeeping",
            method="PUT",
            path=PATH,
            version=NEWEST,
            summary="Change the chart of a company and which account stands for what",
            statuses=(200, 404, 409, 422),
            request=wire.ChangeBookkeeping,
            answer=wire.OneBookkeeping,
            scope=Scope.REGISTRY,
            is_extension=True,
        ),
        WriteOperation(change),
    ),
    (
        ExportOperation(
            id="listCharts",
            method="GET",
            path=f"{PATH}/charts",
            version=NEWEST,
            summary="List the charts that the law of a company suggests",
            statuses=(200, 404, 422),
            answer=wire.Charts,
            scope=Scope.EXPORT,
            is_extension=True,
        ),
        ReadOperation(charts),
    ),
    (
        ExportOperation(
            id="retrieveCompleteness",
            method="GET",
            path=f"{PATH}/completeness",
            version=NEWEST,
            summary="Prove that the books of a company say what its journal says",
            statuses=(200, 404),
            query=wire.CompletenessQuery,
            answer=wire.OneCompleteness,
            scope=Scope.EXPORT,
            is_extension=True,
        ),
        ReadOperation(complete),
    ),
)
