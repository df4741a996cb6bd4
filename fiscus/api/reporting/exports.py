"""Exports: asked for, looked after, and fetched under a signed address."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from fiscus import formats
from fiscus.api import signed
from fiscus.api.http import House
from fiscus.api.reporting import ids
from fiscus.api.reporting.door import Answer, Call, Handler, Key, Operation, reads, writes
from fiscus.api.reporting.errors import INVALID
from fiscus.api.reporting.paging import after, page
from fiscus.api.reporting.translate_registry import moment
from fiscus.api.reporting.wire import exports as wire
from fiscus.exports import jobs, window
from fiscus.exports.jobs import Type
from fiscus.exports.states import State
from fiscus.model.faults import Missing
from fiscus.model.times import instant
from fiscus.store.connect import reading

WORDS: Mapping[str, tuple[int, str]] = {
    **signed.WORDS,
    window.BACKWARDS.id: INVALID,
    window.NO_REGISTER.id: (400, "register_id_required_for_dsfinvk"),
    window.OTHER_LAW.id: (422, "validation_error"),
    window.NOTHING_CLOSED.id: (422, "export_dsfinvk_no_closed_sessions"),
    window.BEING_CLOSED.id: (422, "export_dsfinvk_build_pending"),
    window.NO_DEVICE.id: (422, "validation_error"),
}

TAR = "application/x-tar"

_STATUS = {
    State.ACCEPTED: "pending",
    State.COMPLETED: "completed",
    State.FAILED: "failed",
}
_STATE = {word: state for state, word in _STATUS.items()}
_TYPE = {code: word for word, code in wire.FORMATS.items()}


def create(house: House, tx: Connection, call: Call) -> Answer:
    """All that can be known beforehand is said at once; the rest is a job."""
    body: wire.CreateExport = call.body
    since, until = instant(body.since), instant(body.until)
    window.expect_forwards(since, until)
    wanted = window.Wanted(
        organization=call.organization,
        format=wire.FORMATS[body.type],
        register=ids.read("reg", body.register_id) if body.register_id is not None else "",
        since=since,
        until=until,
        asked=jobs.Asked(since=body.since, until=body.until),
    )
    found = window.look(tx, wanted, call.at)
    if found.is_closing:
        unbuilt = [ids.shown("ses", session) for session in found.sessions]
        call.details = {"unbuilt_session_ids": unbuilt}
    window.judge(found)
    job = window.ask(tx, wanted, found, id_=house.uuid7(), at=call.at)
    return Answer(202, _shown(house, call, job))


def retrieve(house: House, tx: Connection, call: Call) -> Answer:
    id_ = ids.read("exp", call.path["export_id"])
    job = jobs.visible(tx, call.organization, id_, (Type.FORMAT,))
    return Answer(200, _shown(house, call, job))


def list_(house: House, tx: Connection, call: Call) -> Answer:
    query: wire.ExportsQuery = call.query
    found = jobs.of(
        tx,
        call.organization,
        after=after(call),
        limit=query.limit + 1,
        start=instant(query.since) if query.since else None,
        end=instant(query.until) if query.until else None,
        types=(Type.FORMAT,),
        format=wire.FORMATS[query.type] if query.type else None,
        state=_STATE[query.status] if query.status else None,
        register=ids.read("reg", query.register_id) if query.register_id else None,
    )
    return Answer(200, page(call, [(job.id, _shown(house, call, job)) for job in found]))


def _shown(house: House, call: Call, job: jobs.File) -> dict[str, Any]:
    assert job.asked is not None
    id_ = ids.shown("exp", job.id)
    shown = {
        "id": id_,
        "type": _TYPE[job.format],
        "status": _STATUS[job.state],
        "register_id": ids.shown("reg", job.register),
        "from": job.asked.since,
        "to": job.asked.until,
        "download_url": _address(house, call, job, f"/v1/exports/{id_}/download"),
        "error": _error(job),
        "created_at": moment(job.created_at),
        "completed_at": moment(job.completed_at),
    }
    if job.state is State.ACCEPTED and job.documents:
        shown["progress"] = {"operation_count": job.documents}
    return shown


def _address(house: House, call: Call, job: jobs.File, path: str) -> str | None:
    """None before there is a file, and after it has expired."""
    if job.state != State.COMPLETED or job.expires_at is None or job.is_expired(call.at):
        return None
    return signed.url(house, path, job.expires_at)


def _error(job: jobs.File) -> dict[str, Any] | None:
    if job.state != State.FAILED:
        return None
    details = {"faults": list(job.details)} if job.details else None
    return {"message": job.error, "details": details}


async def download(house: House, call: Call) -> Response:
    """The file, streamed. The address itself says who may read: it was handed out with the job."""
    signed.check(house, call)
    job = await house.in_thread(_of_link, house, call)
    form = formats.find(job.format)
    name = f"{_TYPE[job.format]}_{job.first}_{job.last}.{form.extension}"
    return StreamingResponse(
        house.exports.artifacts.read(job.artifact),
        media_type=form.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(job.bytes),
        },
    )


def _of_link(house: House, call: Call) -> jobs.File:
    """The job, whose file is there. An address may be older than a clock that was set back."""
    with reading(house.engine) as tx:
        job = jobs.read(tx, ids.read("exp", call.path["export_id"]))
    if job.state != State.COMPLETED or job.is_expired(call.at) or not job.artifact:
        raise Missing(signed.EXPIRED)
    if not house.exports.artifacts.has(job.artifact):
        raise Missing(signed.EXPIRED)
    return job


ENDPOINTS: tuple[tuple[Operation, Handler], ...] = (
    (
        Operation(
            id="createExport", method="POST", path="/v1/exports", summary="Trigger an export",
            statuses=(202, 404, 422), request=wire.CreateExport, answer=wire.Export,
            key=Key.OPTIONAL,
        ),
        writes(create, WORDS),
    ),
    (
        Operation(
            id="listExports", method="GET", path="/v1/exports", summary="List exports",
            statuses=(200, 404), query=wire.ExportsQuery, answer=wire.Exports,
        ),
        reads(list_),
    ),
    (
        Operation(
            id="retrieveExport", method="GET", path="/v1/exports/{export_id}",
            summary="Retrieve an export", statuses=(200, 404), answer=wire.Export,
        ),
        reads(retrieve),
    ),
    (
        Operation(
            id="downloadExport", method="GET", path="/v1/exports/{export_id}/download",
            summary="Download the file of an export", statuses=(200, 403, 404, 410),
            query=wire.DownloadQuery, needs_merchant=False, is_open=True, media=TAR,
        ),
        download,
    ),
)  # fmt: skip
