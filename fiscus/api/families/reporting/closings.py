"""Closings of registers: made here, listed, read, and printed as PDF."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from fiscus.api import bodies, signed
from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.calls import (
    Endpoints,
    KeyRequirement,
    ReportingAnswer,
    ReportingCall,
    ReportingOperation,
)
from fiscus.api.families.reporting.errors import ErrorStyle
from fiscus.api.families.reporting.operations import issued
from fiscus.api.families.reporting.paging import after, page
from fiscus.api.families.reporting.registers import named
from fiscus.api.families.reporting.translate import closings as translate
from fiscus.api.families.reporting.translate import drawer, people
from fiscus.api.families.reporting.wire import closings as wire
from fiscus.api.families.reporting.wire.exports import FORMATS, OF_CLOSINGS
from fiscus.api.pipeline import ReadOperation
from fiscus.exports import jobs
from fiscus.formats import print_of
from fiscus.journal import closings, read
from fiscus.model.documents import ClosingType, DocumentKind
from fiscus.model.faults import Missing
from fiscus.model.orders import Enter, SessionMove
from fiscus.model.records import EntryBody
from fiscus.model.times import instant
from fiscus.registry import sessions
from fiscus.registry.roles import Scope
from fiscus.registry.sessions import Session
from fiscus.services import Services
from fiscus.store.connect import reading

WORDS: Mapping[str, tuple[int, str]] = {closings.UNKNOWN_CLOSING.id: (404, "not_found")}

LINK_LIFE = timedelta(days=7)
"""How long the address of a report on paper can be opened."""

_TICK = timedelta(microseconds=1)
_SEALING = frozenset({ClosingType.SHIFT, ClosingType.DAILY})


async def create(services: Services, call: ReportingCall) -> ReportingAnswer:
    """A shift's or a day's closing ends the cash session that is in progress."""
    type_ = ClosingType(call.body.type)
    register = ids.read("reg", call.path["register_id"])
    session = await services.in_thread(_session, services, call, register)
    order = Enter(
        organization=call.organization,
        register=register,
        draft=people.served(
            drawer.closing(type_, session.currency if session else None), call.body.operator
        ),
        said=call.said(bodies.canonical(call.raw)),
        claim=call.claim(),
        session=SessionMove.CLOSE if session and type_ in _SEALING else None,
        within=call.caller.systems,
        by=call.caller.subject,
    )
    # No export can have it yet; asked again, the answer is the same as then.
    return ReportingAnswer(
        201, _shown(services, call, (await issued(services, call, order)).record.body, "")
    )


def _session(services: Services, call: ReportingCall, register: str) -> Session | None:
    """The register's session in progress. Raises `Missing` for a register of somebody else."""
    with reading(services.engine) as tx:
        named(tx, call)
        return sessions.current(tx, register)


def _shown(services: Services, call: ReportingCall, body: EntryBody, export: str) -> dict[str, Any]:
    assert call.merchant is not None
    path = f"/v1/closings/{ids.shown('cls', body.id)}/pdf"
    pdf = signed.url(services, path, call.at + LINK_LIFE, call.caller)
    regime = call.merchant.taxpayer.regime
    return translate.closing(body, regime=regime, pdf=pdf, export=export)


def _exports(tx: Connection, register: str, found: Sequence[EntryBody]) -> dict[str, str]:
    """The newest export that each closing is in, by the closing's id. Reports are in none."""
    ends = {
        body.id: body.closing.until for body in found if body.closing and body.closing.is_sealed
    }
    files = jobs.newest(tx, register, FORMATS[OF_CLOSINGS], set(ends.values()))
    return {id_: files[end] for id_, end in ends.items() if end in files}


def list_(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    query: wire.ClosingsQuery = call.query
    register = named(tx, call).register.id
    found = closings.of(
        tx,
        call.organization,
        register=register,
        type=ClosingType(query.type) if query.type else None,
        start=instant(query.since) if query.since else None,
        # This family leaves the end out, the journal takes it in.
        end=instant(query.until) - _TICK if query.until else None,
        after=after(call),
        limit=query.limit + 1,
    )
    files = _exports(tx, register, found)
    rows = [(body.id, _shown(services, call, body, files.get(body.id, ""))) for body in found]
    return ReportingAnswer(200, page(call, rows))


def retrieve(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    id_ = ids.read("cls", call.path["closing_id"])
    body = closings.one(tx, call.organization, id_)
    if not call.caller.reaches(body.register):
        raise Missing(closings.UNKNOWN_CLOSING)
    files = _exports(tx, body.register, [body])
    return ReportingAnswer(200, _shown(services, call, body, files.get(id_, "")))


async def pdf(services: Services, call: ReportingCall) -> Response:
    """The address itself says who may read: it was handed out with the closing."""
    await signed.check(services, call)
    body = await services.in_thread(_of_link, services, ids.read("cls", call.path["closing_id"]))
    printed = await services.in_thread(print_of(DocumentKind.CLOSING).pdf, body, call.query.format)
    name = f"{call.path['closing_id']}.pdf"
    return Response(
        printed,
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def _of_link(services: Services, id_: str) -> EntryBody:
    with reading(services.engine) as tx:
        body = read.body(tx, id_)
    if body is None or body.closing is None:
        raise Missing(closings.UNKNOWN_CLOSING)
    return body


ENDPOINTS: Endpoints = (
    (
        ReportingOperation(
            id="createClosing",
            method="POST",
            path="/v1/registers/{register_id}/closings",
            summary="Trigger a closing",
            statuses=(201, 404, 409, 422),
            request=wire.CreateClosing,
            answer=wire.Closing,
            key=KeyRequirement.OPTIONAL,
            style=ErrorStyle.A,
            scope=Scope.SELL,
        ),
        create,
    ),
    (
        ReportingOperation(
            id="listClosings",
            method="GET",
            path="/v1/registers/{register_id}/closings",
            summary="List closings of a register",
            statuses=(200, 404),
            query=wire.ClosingsQuery,
            answer=wire.Closings,
            style=ErrorStyle.A,
            scope=Scope.DOCUMENTS,
        ),
        ReadOperation(list_),
    ),
    (
        ReportingOperation(
            id="retrieveClosing",
            method="GET",
            path="/v1/closings/{closing_id}",
            summary="Retrieve a closing",
            statuses=(200, 404),
            answer=wire.Closing,
            style=ErrorStyle.A,
            scope=Scope.DOCUMENTS,
        ),
        ReadOperation(retrieve),
    ),
    (
        ReportingOperation(
            id="printClosing",
            method="GET",
            path="/v1/closings/{closing_id}/pdf",
            summary="A closing on paper",
            statuses=(200, 403, 404),
            query=wire.PdfQuery,
            needs_merchant=False,
            is_signed=True,
            style=ErrorStyle.A,
            media="application/pdf",
        ),
        pdf,
    ),
)
