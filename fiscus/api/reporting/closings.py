"""Closings of registers: made here, listed, read, and printed as PDF."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from fiscus.api import bodies, signed
from fiscus.api.http import House
from fiscus.api.reporting import ids
from fiscus.api.reporting.door import Answer, Call, Handler, Key, Operation, Style, reads
from fiscus.api.reporting.operations import issued
from fiscus.api.reporting.paging import after, page
from fiscus.api.reporting.translate import closings as translate
from fiscus.api.reporting.translate import drawer
from fiscus.api.reporting.wire import closings as wire
from fiscus.api.reporting.wire.exports import FORMATS
from fiscus.exports import jobs
from fiscus.formats import prints
from fiscus.journal import closings, read
from fiscus.model.documents import ClosingType
from fiscus.model.faults import Missing
from fiscus.model.orders import Enter, SessionMove
from fiscus.model.records import Body
from fiscus.model.times import instant
from fiscus.registry import registers, sessions
from fiscus.registry.sessions import Session
from fiscus.store.connect import reading

WORDS: Mapping[str, tuple[int, str]] = {closings.UNKNOWN_CLOSING.id: (404, "not_found")}

LINK_LIFE = timedelta(days=7)
"""How long the address of a report on paper can be opened."""

_TICK = timedelta(microseconds=1)
_SEALING = frozenset({ClosingType.SHIFT, ClosingType.DAILY})


async def create(house: House, call: Call) -> Answer:
    """A shift's or a day's closing ends the cash session that is in progress."""
    type_ = ClosingType(call.body.type)
    register = ids.read("reg", call.path["register_id"])
    session = await house.in_thread(_session, house, call, register)
    order = Enter(
        organization=call.organization,
        register=register,
        draft=drawer.closing(type_, session.currency if session else None),
        said=call.said(bodies.canonical(call.raw)),
        claim=call.claim(),
        session=SessionMove.CLOSE if session and type_ in _SEALING else None,
    )
    # No export can have it yet; asked again, the answer is the same as then.
    return Answer(201, _shown(house, call, (await issued(house, call, order)).record.body, ""))


def _session(house: House, call: Call, register: str) -> Session | None:
    """The register's session in progress. Raises `Missing` for a register of somebody else."""
    with reading(house.engine) as tx:
        registers.read(tx, call.organization, register)
        return sessions.current(tx, register)


def _shown(house: House, call: Call, body: Body, export: str) -> dict[str, Any]:
    assert call.merchant is not None
    path = f"/v1/closings/{ids.shown('cls', body.id)}/pdf"
    pdf = signed.url(house, path, call.at + LINK_LIFE)
    regime = call.merchant.taxpayer.regime
    return translate.closing(body, regime=regime, pdf=pdf, export=export)


def _exports(tx: Connection, register: str, found: Sequence[Body]) -> dict[str, str]:
    """The newest export that each closing is in, by the closing's id. Reports are in none."""
    ends = {
        body.id: body.closing.until for body in found if body.closing and body.closing.is_sealed
    }
    files = jobs.newest(tx, register, FORMATS["dsfinvk"], set(ends.values()))
    return {id_: files[end] for id_, end in ends.items() if end in files}


def list_(house: House, tx: Connection, call: Call) -> Answer:
    query: wire.ClosingsQuery = call.query
    register = ids.read("reg", call.path["register_id"])
    registers.read(tx, call.organization, register)
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
    rows = [(body.id, _shown(house, call, body, files.get(body.id, ""))) for body in found]
    return Answer(200, page(call, rows))


def retrieve(house: House, tx: Connection, call: Call) -> Answer:
    id_ = ids.read("cls", call.path["closing_id"])
    body = closings.one(tx, call.organization, id_)
    files = _exports(tx, body.register, [body])
    return Answer(200, _shown(house, call, body, files.get(id_, "")))


async def pdf(house: House, call: Call) -> Response:
    """The address itself says who may read: it was handed out with the closing."""
    signed.check(house, call)
    body = await house.in_thread(_of_link, house, ids.read("cls", call.path["closing_id"]))
    printed = await house.in_thread(prints()["zreport"].pdf, body, call.query.format)
    name = f"{call.path['closing_id']}.pdf"
    return Response(
        printed,
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def _of_link(house: House, id_: str) -> Body:
    with reading(house.engine) as tx:
        body = read.body(tx, id_)
    if body is None or body.closing is None:
        raise Missing(closings.UNKNOWN_CLOSING)
    return body


ENDPOINTS: tuple[tuple[Operation, Handler], ...] = (
    (
        Operation(
            id="createClosing", method="POST", path="/v1/registers/{register_id}/closings",
            summary="Trigger a closing", statuses=(201, 404, 409, 422), request=wire.CreateClosing,
            answer=wire.Closing, key=Key.OPTIONAL, style=Style.A,
        ),
        create,
    ),
    (
        Operation(
            id="listClosings", method="GET", path="/v1/registers/{register_id}/closings",
            summary="List closings of a register", statuses=(200, 404),
            query=wire.ClosingsQuery, answer=wire.Closings, style=Style.A,
        ),
        reads(list_),
    ),
    (
        Operation(
            id="retrieveClosing", method="GET", path="/v1/closings/{closing_id}",
            summary="Retrieve a closing", statuses=(200, 404), answer=wire.Closing, style=Style.A,
        ),
        reads(retrieve),
    ),
    (
        Operation(
            id="printClosing", method="GET", path="/v1/closings/{closing_id}/pdf",
            summary="A closing on paper", statuses=(200, 403, 404), query=wire.PdfQuery,
            needs_merchant=False, is_open=True, style=Style.A, media="application/pdf",
        ),
        pdf,
    ),
)  # fmt: skip
