"""Every operation of the family in one table: routes are mounted and documented from it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter

from fiscus.api.families.unified.queries import (
    FILE_TYPE,
    FLAGS,
    LIMIT_DEFAULT,
    MONTH_STATE,
    OF_SERIES,
    OVERDUE,
    PAGE,
    REPORT_PERIOD,
    REPORT_SERIES,
    REPORT_STATE,
    TYPE,
    YEAR,
    QueryParameter,
    a_moment,
    an_id,
)
from fiscus.api.families.unified.wire import (
    access,
    documents,
    files,
    locations,
    months,
    records,
    reports,
    series,
    systems,
    taxpayers,
)
from fiscus.api.pipeline import UNKNOWN_OPERATION
from fiscus.model.faults import Code, Refused
from fiscus.registry.roles import Scope

UNKNOWN_QUERY = Code("UNIFIED-QUERY-01", "this query parameter is not supported here")
_PATH_ID = re.compile("{([a-z]+)_id}")

BAD_QUERY = Code("UNIFIED-QUERY-02", "this query parameter breaks its schema")


@dataclass(frozen=True, kw_only=True)
class UnifiedOperation:
    """One method on one path.

    - `needs_key`: X-Idempotency-Key must be there (it may be there on every operation);
    - `is_idempotent`: an answer is kept under that key and replayed;
    - `takes_scope`: X-Scope-Identifier means something here;
    - `scope`: what the role of the caller's key must have; None: no bearer token is wanted;
    - `response` is None where bytes are streamed.
    """

    id: str
    method: str
    path: str
    summary: str
    request: TypeAdapter[Any] | None = None
    response: Any = None
    query: tuple[QueryParameter, ...] = ()
    statuses: tuple[int, ...]
    needs_key: bool = False
    is_idempotent: bool = False
    takes_scope: bool = False
    scope: Scope | None = None
    is_extension: bool = False
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(item.name for item in self.query))

    @property
    def is_open(self) -> bool:
        return self.scope is None

    @property
    def noun(self) -> str:
        """What the operation is about, as errors call it."""
        named = _PATH_ID.findall(self.path)
        plural = self.path.strip("/").split("/")[0]
        first = plural if plural == "series" else plural.removesuffix("s")
        return named[-1] if named else first

    @property
    def answers(self) -> tuple[int, ...]:
        """The contract's statuses, and what is answered to a key whose role does not allow it."""
        role = () if self.is_open or 405 in self.statuses else (405,)
        return self.statuses + role


def query(operation: UnifiedOperation, params: Mapping[str, str]) -> dict[str, Any]:
    """The query parameters as values: `limit` int, `type` tuple, `start`/`end` instants,
    flags True. What was not sent is left out, except `limit`, which has a default.
    """
    for name in params:
        if name not in operation.names:
            raise Refused(UNKNOWN_QUERY, name)
    values: dict[str, Any] = {"limit": LIMIT_DEFAULT} if "limit" in operation.names else {}
    for item in operation.query:
        if item.name in params:
            try:
                values[item.name] = item.parse(params[item.name])
            except ValueError:
                raise Refused(BAD_QUERY, item.name) from None
    return values


def find(operation_id: str) -> UnifiedOperation:
    return BY_ID[operation_id]


_LISTED = (200, 400, 401, 429, 500, 503)
_MADE = (200, 400, 401, 405, 409, 422, 429, 500, 501, 503)
_CHANGED = (200, 400, 401, 404, 409, 422, 429, 500, 501, 503)
_CHANGED_PLACE = (200, 400, 401, 404, 405, 409, 422, 429, 500, 503)
_READ = (200, 400, 401, 404, 429, 500, 501, 503)
_READ_PLACE = (200, 400, 401, 404, 429, 500, 503)


def _list(
    plural: str,
    response: Any,
    scope: Scope,
    *query: QueryParameter,
    takes_scope: bool = False,
    statuses: Any = _LISTED,
) -> UnifiedOperation:
    return UnifiedOperation(
        scope=scope,
        id=f"list{plural.capitalize()}",
        method="GET",
        path=f"/{plural}",
        summary=f"List {plural}",
        response=response,
        query=PAGE + query,
        statuses=statuses,
        takes_scope=takes_scope,
    )


def _create(
    noun: str, request: TypeAdapter[Any], response: Any, scope: Scope, *, takes_scope: bool = False
) -> UnifiedOperation:
    return _write("create", noun, "POST", f"/{noun}s", request, response, scope, _MADE, takes_scope)


def _update(
    noun: str,
    request: TypeAdapter[Any],
    response: Any,
    scope: Scope,
    statuses: tuple[int, ...] = _CHANGED,
) -> UnifiedOperation:
    return _write("update", noun, "PATCH", _path(noun), request, response, scope, statuses)


def _write(
    verb: str,
    noun: str,
    method: str,
    path: str,
    request: TypeAdapter[Any],
    response: Any,
    scope: Scope,
    statuses: tuple[int, ...],
    takes_scope: bool = False,
) -> UnifiedOperation:
    return UnifiedOperation(
        scope=scope,
        id=f"{verb}{noun.capitalize()}",
        method=method,
        path=path,
        summary=_summary(verb, noun),
        request=request,
        response=response,
        statuses=statuses,
        needs_key=True,
        is_idempotent=True,
        takes_scope=takes_scope,
    )


def _retrieve(
    noun: str,
    response: Any,
    scope: Scope,
    *query: QueryParameter,
    statuses: tuple[int, ...] = _READ,
) -> UnifiedOperation:
    return UnifiedOperation(
        scope=scope,
        id=f"retrieve{noun.capitalize()}",
        method="GET",
        path=_path(noun),
        summary=_summary("retrieve", noun),
        response=response,
        query=query,
        statuses=statuses,
    )


def _path(noun: str) -> str:
    return f"/{noun}s/{{{noun}_id}}"


def _summary(verb: str, noun: str) -> str:
    return f"{verb.capitalize()} {'an' if noun[0] in 'aeiou' else 'a'} {noun}"


OPERATIONS: tuple[UnifiedOperation, ...] = (
    UnifiedOperation(
        id="createToken",
        method="POST",
        path="/tokens",
        summary="Create a token",
        request=access.CREATE_TOKEN,
        response=access.Token,
        statuses=(200, 400, 401, 409, 429, 500, 503),
        needs_key=True,
    ),
    _list("subjects", access.Subjects, Scope.KEYS, takes_scope=True),
    _create("subject", access.CREATE_SUBJECT, access.Subject, Scope.KEYS, takes_scope=True),
    _update("subject", access.UPDATE_SUBJECT, access.Subject, Scope.KEYS),
    # Every key may look at itself; at others, who has the scope for keys.
    _retrieve("subject", access.Subject, Scope.OWN),
    _list("organizations", access.Organizations, Scope.PLACES, takes_scope=True),
    # And `organizations:write`, asked for once it is known below which organization.
    _create(
        "organization",
        access.CREATE_ORGANIZATION,
        access.Organization,
        Scope.REGISTRY,
        takes_scope=True,
    ),
    _update("organization", access.UPDATE_ORGANIZATION, access.Organization, Scope.REGISTRY),
    _retrieve("organization", access.Organization, Scope.PLACES),
    _list("taxpayers", taxpayers.Taxpayers, Scope.PLACES),
    _create("taxpayer", taxpayers.CREATE_TAXPAYER, taxpayers.Taxpayer, Scope.REGISTRY),
    _update(
        "taxpayer", taxpayers.UPDATE_TAXPAYER, taxpayers.Taxpayer, Scope.REGISTRY, _CHANGED_PLACE
    ),
    _retrieve("taxpayer", taxpayers.Taxpayer, Scope.PLACES, statuses=_READ_PLACE),
    UnifiedOperation(
        id="listReports",
        method="GET",
        path="/taxpayers/{taxpayer_id}/reports",
        summary="List what the tax authority is told of a taxpayer's documents",
        response=reports.Reports,
        query=(*PAGE, REPORT_STATE, REPORT_SERIES, REPORT_PERIOD),
        statuses=_READ_PLACE,
        is_extension=True,
        scope=Scope.EXPORT,
    ),
    UnifiedOperation(
        id="retrieveReport",
        method="GET",
        path="/taxpayers/{taxpayer_id}/reports/{report_id}",
        summary="Retrieve a report to the tax authority",
        response=reports.Report,
        statuses=_READ_PLACE,
        is_extension=True,
        scope=Scope.EXPORT,
    ),
    UnifiedOperation(
        id="retryReport",
        method="POST",
        path="/taxpayers/{taxpayer_id}/reports/{report_id}/retry",
        summary="Send a report again, after what was wrong is mended",
        response=reports.Report,
        statuses=_CHANGED_PLACE,
        is_extension=True,
        scope=Scope.REGISTRY,
    ),
    UnifiedOperation(
        id="createReportDeletion",
        method="POST",
        path="/taxpayers/{taxpayer_id}/reports/{report_id}/deletion",
        summary="Have the tax authority forget a document that it was told",
        request=reports.CREATE_REPORT_DELETION,
        response=reports.Report,
        statuses=_CHANGED_PLACE,
        is_idempotent=True,
        is_extension=True,
        scope=Scope.REGISTRY,
    ),
    UnifiedOperation(
        id="listMonths",
        method="GET",
        path="/taxpayers/{taxpayer_id}/months",
        summary="List the months that are over, and what is to be done about each",
        response=months.Months,
        query=(*PAGE, MONTH_STATE, OVERDUE, YEAR),
        statuses=_READ_PLACE,
        is_extension=True,
        scope=Scope.EXPORT,
    ),
    UnifiedOperation(
        id="createMonthDeclaration",
        method="POST",
        path="/taxpayers/{taxpayer_id}/months/{month}/declaration",
        summary="Say that a month's file was handed in, or declared to have no invoicing",
        request=months.CREATE_DECLARATION,
        response=months.Month,
        statuses=_CHANGED_PLACE,
        is_idempotent=True,
        is_extension=True,
        scope=Scope.REGISTRY,
    ),
    _list("locations", locations.Locations, Scope.PLACES, an_id("taxpayer_id")),
    _create("location", locations.CREATE_LOCATION, locations.Location, Scope.REGISTRY),
    _update(
        "location", locations.UPDATE_LOCATION, locations.Location, Scope.REGISTRY, _CHANGED_PLACE
    ),
    _retrieve("location", locations.Location, Scope.PLACES, statuses=_READ_PLACE),
    _list("systems", systems.Systems, Scope.PLACES, an_id("taxpayer_id"), an_id("location_id")),
    _create("system", systems.CREATE_SYSTEM, systems.System, Scope.REGISTRY),
    _update("system", systems.UPDATE_SYSTEM, systems.System, Scope.REGISTRY),
    _retrieve("system", systems.System, Scope.PLACES),
    _list(
        "records",
        records.Records,
        Scope.DOCUMENTS,
        an_id("taxpayer_id"),
        an_id("location_id"),
        an_id("system_id"),
        TYPE,
    ),
    _create("record", records.CREATE_RECORD, records.Record, Scope.SELL),
    _update("record", records.UPDATE_RECORD, records.Record, Scope.SELL),
    _retrieve("record", records.Record, Scope.DOCUMENTS, *FLAGS),
    UnifiedOperation(
        id="retrieveRecordDocument",
        method="GET",
        path="/records/{record_id}/document",
        summary="Retrieve what the law made of a record: number, totals by tax, lines to print",
        response=documents.SealedDocument,
        statuses=_READ_PLACE,
        is_extension=True,
        scope=Scope.DOCUMENTS,
    ),
    UnifiedOperation(
        id="retrieveRecordProof",
        method="GET",
        path="/records/{record_id}/proof",
        summary="Retrieve the proof that a record is in the log, once a checkpoint covers it",
        response=documents.RecordProof,
        statuses=(*_READ_PLACE, 409),
        is_extension=True,
        scope=Scope.DOCUMENTS,
    ),
    _list(
        "files",
        files.Files,
        Scope.EXPORT,
        an_id("system_id"),
        a_moment("start", "Only files made at this moment or later."),
        a_moment("end", "Only files made before this moment."),
        an_id("taxpayer_id", is_extension=True),
        FILE_TYPE,
        statuses=(*_READ_PLACE,),
    ),
    UnifiedOperation(
        id="streamFile",
        method="GET",
        path="/files/{path}",
        summary="Stream a file",
        statuses=_READ_PLACE,
        scope=Scope.EXPORT,
    ),
    UnifiedOperation(
        id="createFile",
        method="POST",
        path="/files",
        summary="Create a file",
        request=files.CREATE_FILE,
        response=files.File,
        statuses=_MADE,
        is_idempotent=True,
        is_extension=True,
        scope=Scope.EXPORT,
    ),
    replace(
        _list("series", series.SeriesPage, Scope.PLACES, *OF_SERIES),
        is_extension=True,
    ),
    UnifiedOperation(
        id="createSeries",
        method="POST",
        path="/series",
        summary="Have a series registered ahead of its first document",
        request=series.CREATE_SERIES,
        response=series.OneSeries,
        statuses=_MADE,
        needs_key=True,
        is_idempotent=True,
        is_extension=True,
        scope=Scope.REGISTRY,
    ),
    UnifiedOperation(
        id="updateSeries",
        method="PATCH",
        path="/series/{series_id}",
        summary="Finish a series, or cancel one that was never used",
        request=series.UPDATE_SERIES,
        response=series.OneSeries,
        statuses=_CHANGED,
        needs_key=True,
        is_idempotent=True,
        is_extension=True,
        scope=Scope.REGISTRY,
    ),
    UnifiedOperation(
        id="retrieveSeries",
        method="GET",
        path="/series/{series_id}",
        summary="Retrieve a series of documents",
        response=series.OneSeries,
        statuses=_READ,
        is_extension=True,
        scope=Scope.PLACES,
    ),
)

UNKNOWN = UnifiedOperation(
    id=UNKNOWN_OPERATION, method="GET", path="/{path}", summary="Nothing", statuses=(404,)
)
"""Every address that no operation has."""

BY_ID = {operation.id: operation for operation in OPERATIONS}
