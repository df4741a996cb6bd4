"""Files: asked for, listed, streamed."""

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from fiscus import regimes
from fiscus.api.families.unified import translate, versions
from fiscus.api.families.unified.calls import UnifiedCall
from fiscus.api.families.unified.errors import BAD_REFERENCE
from fiscus.api.families.unified.paging import page
from fiscus.exports import jobs
from fiscus.exports.states import ExportState
from fiscus.model.faults import Code, Missing, Refused
from fiscus.model.times import Period, day
from fiscus.registry import registers, taxpayers
from fiscus.registry.views import TaxpayerView
from fiscus.services import Services
from fiscus.store.connect import reading

MONTH_OPEN = Code("UNIFIED-FILE-01", "in this API version a range must end in a month that is over")
NO_TAXPAYER = Code("UNIFIED-FILE-02", "there is no taxpayer in your organization yet")
BAD_DAY = Code("UNIFIED-FILE-03", "there is no such day")

_JWS = ".zip.jws"


def create(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    content = call.content
    taxpayer = _taxpayer(tx, call)
    register = ""
    if content.system:
        register = translate.identifier(content.system.id)
        try:
            registers.read(tx, call.caller.organization, register)
        except Missing:
            raise Refused(BAD_REFERENCE, "content.system.id") from None
    today = day(call.at, regimes.find(taxpayer.taxpayer.regime).timezone)
    period = Period(first=_day(content.range.from_, "from"), last=_day(content.range.to, "to"))
    is_open = (period.last.year, period.last.month) >= (today.year, today.month)
    if call.version == versions.LATER and content.type == jobs.ExportType.AUDIT and is_open:
        raise Refused(MONTH_OPEN, "content.range.to")
    job = jobs.ask(
        tx,
        id_=services.uuid7(),
        taxpayer=taxpayer,
        register=register,
        type_=jobs.ExportType(content.type),
        period=period,
        today=today,
        by=call.caller.subject,
        at=call.at,
    )
    return _shown(tx, call, job)


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(BAD_DAY, f"content.range.{name}") from None


def _taxpayer(tx: Connection, call: UnifiedCall) -> TaxpayerView:
    if call.content.taxpayer:
        id_ = translate.identifier(call.content.taxpayer.id)
        try:
            return taxpayers.read(tx, call.caller.organization, id_)
        except Missing:
            raise Refused(BAD_REFERENCE, "content.taxpayer.id") from None
    own = taxpayers.of(tx, call.caller.organization, after="", limit=1)
    if not own:
        raise Refused(NO_TAXPAYER)
    return own[0]


def shown(job: jobs.ExportFile) -> dict[str, Any]:
    return translate.file(
        id=job.id,
        created_at=job.created_at,
        type=job.type.value,
        state=job.state.value,
        mode="PROCESSING" if job.state == ExportState.ACCEPTED else "FINISHED",
        period=Period(first=job.first, last=job.last),
        taxpayer=job.taxpayer,
        system=job.register,
    )


def _shown(tx: Connection, call: UnifiedCall, job: jobs.ExportFile) -> dict[str, Any]:
    """Before 2026-06-01 each file is of a system: one of all is shown with the first."""
    if job.register or call.version == versions.LATER:
        return shown(job)
    first = registers.of(
        tx, call.caller.organization, taxpayer=job.taxpayer, location=None, after="", limit=1
    )
    register = first[0].register.id if first else ""
    return shown(msgspec.structs.replace(job, register=register))


def list_(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    query = call.query
    where: dict[str, Any] = {
        column: translate.identifier(query[name]) if name in query else None
        for name, column in (("taxpayer_id", "taxpayer"), ("system_id", "register"))
    }
    return page(
        call,
        lambda after, limit: jobs.of(
            tx,
            call.caller.organization,
            after=after,
            limit=limit,
            start=query.get("start"),
            end=query.get("end"),
            type=query.get("type"),
            **where,
        ),
        lambda job: job.id,
        lambda job: _shown(tx, call, job),
    )


async def stream(services: Services, call: UnifiedCall) -> Response:
    """The bytes of a completed file, or of its signature."""
    name = call.path["path"]
    job = await services.in_thread(_found, services, call, translate.identifier(name.split(".")[0]))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if name.endswith(_JWS):
        return Response(job.jws, media_type="application/octet-stream", headers=headers)
    headers["Content-Length"] = str(job.bytes)
    return StreamingResponse(
        services.exports.artifacts.read(job.artifact),
        media_type="application/octet-stream",
        headers=headers,
    )


def _found(services: Services, call: UnifiedCall, id_: str) -> jobs.ExportFile:
    with reading(services.engine) as tx:
        job = jobs.visible(tx, call.caller.organization, id_)
    if job.state != ExportState.COMPLETED or not services.exports.artifacts.has(job.artifact):
        raise Missing(jobs.UNKNOWN_FILE, "path")
    return job


READS = {"listFiles": list_}
WRITES = {"createFile": create}
