"""Files: asked for, listed, streamed."""

from datetime import date
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from fiscus import regimes
from fiscus.api.http import House
from fiscus.api.unified import translate, versions
from fiscus.api.unified.door import Call
from fiscus.api.unified.errors import BAD_REFERENCE
from fiscus.api.unified.paging import page
from fiscus.exports import jobs
from fiscus.exports.states import State
from fiscus.model.faults import Code, Missing, Refused
from fiscus.model.times import Period, day
from fiscus.registry import registers, taxpayers
from fiscus.registry.things import TaxpayerView
from fiscus.store.connect import reading

MONTH_OPEN = Code("UNIFIED-FILE-01", "in this API version a range must end in a month that is over")
NO_TAXPAYER = Code("UNIFIED-FILE-02", "there is no taxpayer in your organization yet")
BAD_DAY = Code("UNIFIED-FILE-03", "there is no such day")

_JWS = ".zip.jws"


def create(house: House, tx: Connection, call: Call) -> dict[str, Any]:
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
    if call.version == versions.LATER and content.type == jobs.Type.AUDIT and is_open:
        raise Refused(MONTH_OPEN, "content.range.to")
    job = jobs.ask(
        tx, id_=house.uuid7(), taxpayer=taxpayer, register=register,
        type_=jobs.Type(content.type), period=period, today=today, at=call.at,
    )  # fmt: skip
    return _shown(job)


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(BAD_DAY, f"content.range.{name}") from None


def _taxpayer(tx: Connection, call: Call) -> TaxpayerView:
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


def _shown(job: jobs.File) -> dict[str, Any]:
    return translate.file(
        id=job.id, created_at=job.created_at, type=job.type.value, state=job.state.value,
        mode="PROCESSING" if job.state == State.ACCEPTED else "FINISHED",
        period=Period(first=job.first, last=job.last), taxpayer=job.taxpayer,
        system=job.register,
    )  # fmt: skip


def list_(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    query = call.query
    where: dict[str, Any] = {
        column: translate.identifier(query[name]) if name in query else None
        for name, column in (("taxpayer_id", "taxpayer"), ("system_id", "register"))
    }
    return page(
        call,
        lambda after, limit: jobs.of(
            tx, call.caller.organization, after=after, limit=limit, start=query.get("start"),
            end=query.get("end"), type=query.get("type"), **where,
        ),
        lambda job: job.id,
        _shown,
    )  # fmt: skip


async def stream(house: House, call: Call) -> Response:
    """The bytes of a completed file, or of its signature."""
    name = call.path["path"]
    job = await house.in_thread(_found, house, call, translate.identifier(name.split(".")[0]))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if name.endswith(_JWS):
        return Response(job.jws, media_type="application/octet-stream", headers=headers)
    headers["Content-Length"] = str(job.bytes)
    return StreamingResponse(
        house.exports.artifacts.read(job.artifact),
        media_type="application/octet-stream",
        headers=headers,
    )


def _found(house: House, call: Call, id_: str) -> jobs.File:
    with reading(house.engine) as tx:
        job = jobs.visible(tx, call.caller.organization, id_)
    if job.state != State.COMPLETED or not house.exports.artifacts.has(job.artifact):
        raise Missing(jobs.UNKNOWN_FILE, "path")
    return job


READS = {"listFiles": list_}
WRITES = {"createFile": create}
