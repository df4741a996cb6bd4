"""Exports: asked for, looked after, and fetched under a signed address."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from fiscus import formats
from fiscus.api import signed
from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.calls import (
    Endpoints,
    KeyRequirement,
    ReportingAnswer,
    ReportingCall,
    ReportingOperation,
)
from fiscus.api.families.reporting.errors import INVALID
from fiscus.api.families.reporting.paging import after, page
from fiscus.api.families.reporting.translate_registry import moment
from fiscus.api.families.reporting.wire import exports as wire
from fiscus.api.pipeline import ReadOperation, WriteOperation
from fiscus.exports import jobs, requests
from fiscus.exports.jobs import ExportType
from fiscus.exports.states import ExportState
from fiscus.model.faults import Missing
from fiscus.model.times import instant
from fiscus.registry.roles import Scope
from fiscus.services import Services
from fiscus.store.connect import reading

WORDS: Mapping[str, tuple[int, str]] = {
    **signed.WORDS,
    requests.BACKWARDS.id: INVALID,
    requests.NO_REGISTER.id: (400, "register_id_required_for_dsfinvk"),
    requests.OTHER_LAW.id: (422, "validation_error"),
    requests.NOTHING_CLOSED.id: (422, "export_dsfinvk_no_closed_sessions"),
    requests.BEING_CLOSED.id: (422, "export_dsfinvk_build_pending"),
    requests.NO_DEVICE.id: (422, "validation_error"),
}

TAR = "application/x-tar"

_STATUS = {
    ExportState.ACCEPTED: "pending",
    ExportState.COMPLETED: "completed",
    ExportState.FAILED: "failed",
}
_STATE = {word: state for state, word in _STATUS.items()}
_TYPE = {code: word for word, code in wire.FORMATS.items()}


def create(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    """All that can be known beforehand is said at once; the rest is a job."""
    body: wire.CreateExport = call.body
    since, until = instant(body.since), instant(body.until)
    requests.expect_forwards(since, until)
    wanted = requests.FormatRequest(
        organization=call.organization,
        format=wire.FORMATS[body.type],
        register=ids.read("reg", body.register_id) if body.register_id is not None else "",
        since=since,
        until=until,
        asked=jobs.RequestedPeriod(since=body.since, until=body.until),
    )
    found = requests.look(tx, wanted, call.at)
    if found.is_closing:
        unbuilt = [ids.shown("ses", session) for session in found.sessions]
        call.details = {"unbuilt_session_ids": unbuilt}
    requests.judge(found)
    job = requests.ask(tx, wanted, found, id_=services.uuid7(), by=call.caller.subject, at=call.at)
    return ReportingAnswer(202, _shown(services, call, job))


def retrieve(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    id_ = ids.read("exp", call.path["export_id"])
    job = jobs.visible(tx, call.organization, id_, (ExportType.FORMAT,))
    return ReportingAnswer(200, _shown(services, call, job))


def list_(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    query: wire.ExportsQuery = call.query
    found = jobs.of(
        tx,
        call.organization,
        after=after(call),
        limit=query.limit + 1,
        start=instant(query.since) if query.since else None,
        end=instant(query.until) if query.until else None,
        types=(ExportType.FORMAT,),
        format=wire.FORMATS[query.type] if query.type else None,
        state=_STATE[query.status] if query.status else None,
        register=ids.read("reg", query.register_id) if query.register_id else None,
    )
    return ReportingAnswer(
        200, page(call, [(job.id, _shown(services, call, job)) for job in found])
    )


def _shown(services: Services, call: ReportingCall, job: jobs.ExportFile) -> dict[str, Any]:
    assert job.asked is not None
    id_ = ids.shown("exp", job.id)
    shown = {
        "id": id_,
        "type": _TYPE[job.format],
        "status": _STATUS[job.state],
        "register_id": ids.shown("reg", job.register),
        "from": job.asked.since,
        "to": job.asked.until,
        "download_url": _address(services, call, job, f"/v1/exports/{id_}/download"),
        "error": _error(job),
        "created_at": moment(job.created_at),
        "completed_at": moment(job.completed_at),
    }
    if job.state is ExportState.ACCEPTED and job.documents:
        shown["progress"] = {"operation_count": job.documents}
    return shown


def _address(
    services: Services, call: ReportingCall, job: jobs.ExportFile, path: str
) -> str | None:
    """None before there is a file, and after it has expired."""
    if job.state != ExportState.COMPLETED or job.expires_at is None or job.is_expired(call.at):
        return None
    return signed.url(services, path, job.expires_at, call.caller)


def _error(job: jobs.ExportFile) -> dict[str, Any] | None:
    if job.state != ExportState.FAILED:
        return None
    details = {"faults": list(job.details)} if job.details else None
    return {"message": job.error, "details": details}


async def download(services: Services, call: ReportingCall) -> Response:
    """The file, streamed. The address itself says who may read: it was handed out with the job."""
    await signed.check(services, call)
    job = await services.in_thread(_of_link, services, call)
    form = formats.find(job.format)
    name = f"{_TYPE[job.format]}_{job.first}_{job.last}.{form.extension}"
    return StreamingResponse(
        services.exports.artifacts.read(job.artifact),
        media_type=form.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(job.bytes),
        },
    )


def _of_link(services: Services, call: ReportingCall) -> jobs.ExportFile:
    """The job, whose file is there. An address may be older than a clock that was set back."""
    with reading(services.engine) as tx:
        job = jobs.read(tx, ids.read("exp", call.path["export_id"]))
    if job.state != ExportState.COMPLETED or job.is_expired(call.at) or not job.artifact:
        raise Missing(signed.EXPIRED)
    if not services.exports.artifacts.has(job.artifact):
        raise Missing(signed.EXPIRED)
    return job


ENDPOINTS: Endpoints = (
    (
        ReportingOperation(
            id="createExport",
            method="POST",
            path="/v1/exports",
            summary="Trigger an export",
            statuses=(202, 404, 422),
            request=wire.CreateExport,
            answer=wire.Export,
            key=KeyRequirement.OPTIONAL,
            scope=Scope.EXPORT,
        ),
        WriteOperation(create),
    ),
    (
        ReportingOperation(
            id="listExports",
            method="GET",
            path="/v1/exports",
            summary="List exports",
            statuses=(200, 404),
            query=wire.ExportsQuery,
            answer=wire.Exports,
            scope=Scope.EXPORT,
        ),
        ReadOperation(list_),
    ),
    (
        ReportingOperation(
            id="retrieveExport",
            method="GET",
            path="/v1/exports/{export_id}",
            summary="Retrieve an export",
            statuses=(200, 404),
            answer=wire.Export,
            scope=Scope.EXPORT,
        ),
        ReadOperation(retrieve),
    ),
    (
        ReportingOperation(
            id="downloadExport",
            method="GET",
            path="/v1/exports/{export_id}/download",
            summary="Download the file of an export",
            statuses=(200, 403, 404, 410),
            query=wire.DownloadQuery,
            needs_merchant=False,
            is_signed=True,
            media=TAR,
        ),
        download,
    ),
)
