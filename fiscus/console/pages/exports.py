"""The pages of exports: order a file, see how far it is and what the journal says, download it."""

from typing import Any
from urllib.parse import urlencode

import msgspec
import structlog
from starlette.responses import JSONResponse, Response, StreamingResponse

from fiscus.console import export_orders, exports_facts
from fiscus.console.export_orders import TypedOrder
from fiscus.console.exports_facts import ShownExport
from fiscus.console.fields import FieldFault
from fiscus.console.visit import N_, Form, Page, Visit
from fiscus.exports.jobs import ExportFilter
from fiscus.exports.states import ExportState
from fiscus.model.faults import Conflict, Missing, Refused, Unavailable
from fiscus.registry.roles import Scope

PATH = "/console/exports"

_log = structlog.get_logger("console")

STATES = {
    ExportState.ACCEPTED: N_("being made"),
    ExportState.COMPLETED: N_("ready"),
    ExportState.FAILED: N_("failed"),
}


def show_list(visit: Visit) -> Response:
    """The form to order a file, and the files that were ordered, newest first."""
    return _list(visit, None, ())


def order(visit: Visit, form: Form) -> Response:
    """Take an order, or show the form again with all that is wrong with it."""
    said = export_orders.typed(form)
    with visit.writing() as tx:
        owner = exports_facts.taxpayer(tx, visit.organization, visit.registers, visit.at)
        if owner is None:
            visit.missing()
        wanted, faults = export_orders.judged(said, owner.choices, owner.register_ids, owner.today)
        if wanted is not None:
            id_ = visit.services.uuid7()
            try:
                with tx.begin_nested():
                    exports_facts.order(tx, owner, wanted, id_=id_, by=visit.by, at=visit.at)
                return visit.redirect(f"{PATH}/{id_}")
            except (Refused, Conflict, Missing, Unavailable) as trouble:
                faults = export_orders.told(trouble)
    return _list(visit, said, faults)


def _list(visit: Visit, said: TypedOrder | None, faults: tuple[FieldFault, ...]) -> Response:
    query = visit.query
    before, after = query.get("before", ""), query.get("after", "")
    with visit.reading() as tx:
        owner = exports_facts.taxpayer(tx, visit.organization, visit.registers, visit.at)
        files, has_more = exports_facts.listed(
            tx,
            visit.services.exports.artifacts,
            visit.organization,
            _filter(visit),
            before=before,
            after=after,
            at=visit.at,
        )
    today = owner.today if owner else visit.at.date()
    has_older, has_newer = (bool(files), has_more) if after else (has_more, bool(before))
    return visit.render(
        "exports.html",
        status=422 if faults else 200,
        owner=owner,
        files=files,
        said=said or export_orders.empty(today),
        faults=faults,
        wrong={fault.field: fault for fault in reversed(faults)},
        quarters=export_orders.quarters(today),
        states=STATES,
        wanted=_wanted(query),
        older=_page(query, before=files[-1].job.id) if files and has_older else "",
        newer=_page(query, after=files[0].job.id) if files and has_newer else "",
    )


_FILTERS = ("state", "kind", "register")


def _wanted(query: Any) -> dict[str, str]:
    return {name: query.get(name, "") for name in _FILTERS}


def _page(query: Any, **at: str) -> str:
    """The address of another page of the same list."""
    said = {name: query[name] for name in _FILTERS if query.get(name)}
    return f"{PATH}?{urlencode({**said, **at})}"


def _filter(visit: Visit) -> ExportFilter:
    """What the visitor looks for, within what it may see."""
    said = _wanted(visit.query)
    state = ExportState(said["state"]) if said["state"] in set(ExportState) else None
    return msgspec.structs.replace(
        limits(visit), state=state, kind=said["kind"], register=said["register"]
    )


def limits(visit: Visit) -> ExportFilter:
    """The registers and the days that a visitor is limited to."""
    return ExportFilter(registers=visit.registers, first=visit.first, last=visit.last)


def show_one(visit: Visit) -> Response:
    """One file: how it stands, and what is known of it."""
    with visit.reading() as tx:
        found = _found(visit, tx)
        origin = exports_facts.origin(tx, found.job)
    return visit.render(
        "export.html",
        file=found,
        job=found.job,
        origin=origin,
        states=STATES,
        state=STATES[found.job.state],
        name=exports_facts.file_name(found.job),
    )


def _found(visit: Visit, tx: Any) -> ShownExport:
    return exports_facts.one(
        tx,
        visit.services.exports.artifacts,
        visit.organization,
        visit.path["id"],
        limits(visit),
        visit.at,
    )


def show_progress(visit: Visit) -> Response:
    """How far a file is, for the script of the page."""
    with visit.reading() as tx:
        job = _found(visit, tx).job
    is_over = job.state is not ExportState.ACCEPTED
    return JSONResponse({"is_over": is_over, "count": job.documents})


def download(visit: Visit) -> Response:
    """The bytes of a finished file, within the visitor's own session."""
    with visit.reading() as tx:
        found = _found(visit, tx)
    if not found.is_here:
        visit.missing()
    job = found.job
    _log.info("export fetched", export=job.id, by=visit.by, organization=visit.organization)
    return StreamingResponse(
        visit.services.exports.artifacts.read(job.artifact),
        media_type=exports_facts.media_type(job),
        headers={
            "Content-Disposition": f'attachment; filename="{exports_facts.file_name(job)}"',
            "Content-Length": str(job.bytes),
        },
    )


def download_signature(visit: Visit) -> Response:
    """The signature of a package: a JWS over the bytes of its file."""
    with visit.reading() as tx:
        found = _found(visit, tx)
    if not found.is_here or not found.job.jws:
        visit.missing()
    name = f"{exports_facts.file_name(found.job)}.jws"
    return Response(
        found.job.jws,
        media_type="application/jose",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


PAGES = (
    Page(
        name="exports",
        path=PATH,
        scope=Scope.EXPORT,
        show=show_list,
        submit=order,
        tab=N_("Exports"),
    ),
    Page(name="export", path=f"{PATH}/{{id}}", scope=Scope.EXPORT, show=show_one),
    Page(
        name="export_progress",
        path=f"{PATH}/{{id}}/progress",
        scope=Scope.EXPORT,
        show=show_progress,
    ),
    Page(name="export_file", path=f"{PATH}/{{id}}/file", scope=Scope.EXPORT, show=download),
    Page(
        name="export_signature",
        path=f"{PATH}/{{id}}/signature",
        scope=Scope.EXPORT,
        show=download_signature,
    ),
)
