"""The pages of export jobs: what is on its way into an accounting system, what failed and why, and
whether the books say what the journal says."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import structlog
from starlette.responses import JSONResponse, Response, StreamingResponse

from fiscus.accounting import jobs as export_jobs
from fiscus.accounting.items import ExportJobItem
from fiscus.accounting.pages import Page as ListPage
from fiscus.accounting.states import ItemStatus, JobStatus
from fiscus.console import jobs_facts
from fiscus.console.fields import FieldFault
from fiscus.console.jobs_facts import JobFilter
from fiscus.console.visit import N_, Form, Page, Visit
from fiscus.model.booked import BookWarning
from fiscus.model.faults import Conflict, Refused
from fiscus.registry.roles import Scope

PATH = "/console/jobs"
BOOKS_PATH = "/console/books"

_log = structlog.get_logger("console")

STATUSES = {
    JobStatus.PENDING: N_("waiting"),
    JobStatus.IN_PROGRESS: N_("being worked off"),
    JobStatus.COMPLETED: N_("done"),
    JobStatus.COMPLETED_WITH_ERRORS: N_("finished with errors"),
    JobStatus.FAILED: N_("failed"),
}
ITEM_STATUSES = {
    ItemStatus.PENDING: N_("waiting"),
    ItemStatus.IN_PROGRESS: N_("being worked off"),
    ItemStatus.SUCCESSFUL: N_("exported"),
    ItemStatus.FAILED: N_("failed"),
    ItemStatus.ABANDONED: N_("left over"),
}
TARGETS = {export_jobs.PULL: N_("fetched by a program")}


def show_list(visit: Visit) -> Response:
    """The jobs, newest first."""
    query = visit.query
    said = {name: query.get(name, "") for name in ("status", "target", "company")}
    status = JobStatus(said["status"]) if said["status"] in set(JobStatus) else None
    wanted = JobFilter(status=status, target=said["target"], company=said["company"])
    with visit.reading() as tx:
        companies = jobs_facts.companies(tx, visit.organization)
        found = jobs_facts.listed(
            tx,
            visit.organization,
            wanted,
            before=query.get("before", ""),
            after=query.get("after", ""),
            at=visit.at,
        )
    newer, older = _pages(PATH, said, found)
    return visit.render(
        "jobs.html",
        jobs=found.rows,
        total=found.total,
        companies=companies,
        said=said,
        statuses=STATUSES,
        targets=TARGETS,
        newer=newer,
        older=older,
    )


def _pages(path: str, said: dict[str, str], found: ListPage[Any]) -> tuple[str, str]:
    """The addresses of the pages before and behind this one; empty where there is none."""
    kept = {name: value for name, value in said.items() if value}

    def address(is_there: bool, **at: str) -> str:
        return f"{path}?{urlencode({**kept, **at})}" if is_there else ""

    return (
        address(found.has_previous, before=found.start_cursor),
        address(found.has_next, after=found.end_cursor),
    )


def show_one(visit: Visit) -> Response:
    """One job with its items; the failed ones first of all, if there are any."""
    return _one(visit, None)


def act(visit: Visit, form: Form) -> Response:
    """Try again what failed, or cancel the job."""
    try:
        with visit.writing() as tx:
            job = jobs_facts.one(tx, visit.organization, visit.path["id"], visit.at).job
            if form.get("act") == "cancel":
                job = export_jobs.cancel(tx, job, by=visit.by, at=visit.at)
            elif form.get("act") == "retry":
                id_ = visit.services.uuid7()
                job = jobs_facts.retry(tx, job, id_=id_, by=visit.by, at=visit.at)
        return visit.redirect(f"{PATH}/{job.id}")
    except (Conflict, Refused) as trouble:
        return _one(visit, trouble)


def _one(visit: Visit, trouble: Conflict | Refused | None) -> Response:
    query = visit.query
    with visit.reading() as tx:
        found = jobs_facts.one(tx, visit.organization, visit.path["id"], visit.at)
        said = query.get("status", "")
        if not said and "status" not in query and found.progress[ItemStatus.FAILED]:
            said = ItemStatus.FAILED
        status = ItemStatus(said) if said in set(ItemStatus) else None
        page = jobs_facts.items_of(
            tx,
            found.job,
            status,
            before=query.get("before", ""),
            after=query.get("after", ""),
        )
    newer, older = _pages(f"{PATH}/{found.job.id}", {"status": said or "any"}, page)
    return visit.render(
        "job.html",
        status=409 if trouble else 200,
        shown=found,
        job=found.job,
        items=page.rows,
        shared=_shared(page.rows),
        total=page.total,
        said=said,
        statuses=STATUSES,
        item_statuses=ITEM_STATUSES,
        targets=TARGETS,
        trouble=trouble,
        newer=newer,
        older=older,
    )


def _shared(found: Sequence[ExportJobItem]) -> list[BookWarning]:
    """What all of several items warn of: it is said once."""
    if len(found) < 2:
        return []
    first = dict.fromkeys(found[0].warnings)
    return [one for one in first if all(one in item.warnings for item in found[1:])]


def show_progress(visit: Visit) -> Response:
    """How far a job is, for the script of the page."""
    with visit.reading() as tx:
        found = jobs_facts.one(tx, visit.organization, visit.path["id"], visit.at)
    return JSONResponse({"is_over": found.job.status.is_finished, "count": found.done})


def download(visit: Visit) -> Response:
    """The file that a finished job has written, within the visitor's own session."""
    with visit.reading() as tx:
        found = jobs_facts.one(tx, visit.organization, visit.path["id"], visit.at)
    job, artifacts = found.job, visit.services.exports.artifacts
    if not found.has_file or not artifacts.has(job.artifact):
        visit.missing()
    _log.info("job's file fetched", job=job.id, by=visit.by, organization=visit.organization)
    return StreamingResponse(
        artifacts.read(job.artifact),
        media_type=jobs_facts.media_type(job),
        headers={
            "Content-Disposition": f'attachment; filename="{job.file_name}"',
            "Content-Length": str(job.bytes),
        },
    )


def show_books(visit: Visit) -> Response:
    """Whether the books of a company say what the journal says, for days that were asked for."""
    query = visit.query
    said = {name: query.get(name, "").strip() for name in ("company", "first", "last")}
    with visit.reading() as tx:
        companies = jobs_facts.companies(tx, visit.organization)
        report = None
        faults: tuple[FieldFault, ...] = ()
        if any(name in query for name in said):
            days, faults = jobs_facts.period(said["first"], said["last"])
            if days is not None:
                faults = jobs_facts.within(*days, visit.first, visit.last)
            if days is not None and not faults:
                company = said["company"] or next(iter(companies), "")
                report = jobs_facts.report(tx, visit.organization, company, *days)
    return visit.render(
        "books.html",
        status=422 if faults else 200,
        companies=companies,
        said=said,
        report=report,
        faults=faults,
        wrong={fault.field: fault for fault in reversed(faults)},
    )


def show_entries(visit: Visit) -> Response:
    """The accounting entries of one document."""
    with visit.reading() as tx:
        found = jobs_facts.booked(tx, visit.organization, visit.path["id"])
    return visit.render("booked.html", found=found)


PAGES = (
    Page(name="jobs", path=PATH, scope=Scope.JOBS_READ, show=show_list, tab=N_("Export jobs")),
    Page(name="job", path=f"{PATH}/{{id}}", scope=Scope.JOBS_READ, show=show_one),
    Page(
        name="job_act",
        path=f"{PATH}/{{id}}/act",
        scope=Scope.JOBS_WRITE,
        show=show_one,
        submit=act,
    ),
    Page(
        name="job_progress",
        path=f"{PATH}/{{id}}/progress",
        scope=Scope.JOBS_READ,
        show=show_progress,
    ),
    Page(name="job_file", path=f"{PATH}/{{id}}/file", scope=Scope.JOBS_READ, show=download),
    Page(name="books", path=BOOKS_PATH, scope=Scope.EXPORT, show=show_books, tab=N_("Books")),
    Page(
        name="booked",
        path=f"{BOOKS_PATH}/documents/{{id}}",
        scope=Scope.ITEMS_READ,
        show=show_entries,
    ),
)
