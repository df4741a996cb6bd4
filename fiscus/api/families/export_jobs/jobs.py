"""Export jobs: made, listed, told of, ended; and what this service adds to them."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from fiscus import formats
from fiscus.accounting import items, jobs, pages, states, targets
from fiscus.accounting.jobs import ExportJob
from fiscus.accounting.states import JobEvent, JobStatus
from fiscus.api import signed
from fiscus.api.families.export_jobs import access, paging
from fiscus.api.families.export_jobs.calls import (
    NEWEST,
    VERSIONS,
    Endpoints,
    ExportAnswer,
    ExportCall,
    ExportOperation,
)
from fiscus.api.families.export_jobs.errors import INVALID, UNPROCESSABLE
from fiscus.api.families.export_jobs.translate import jobs as translate
from fiscus.api.families.export_jobs.translate.scalars import Json, moment
from fiscus.api.families.export_jobs.wire import jobs as wire
from fiscus.api.families.export_jobs.wire.scalars import at
from fiscus.api.pipeline import ReadOperation, WriteOperation
from fiscus.exports import book_files
from fiscus.model.faults import Missing
from fiscus.registry import keys, organizations
from fiscus.registry.roles import Scope
from fiscus.services import Services
from fiscus.store.connect import reading

FILE_LIFE = timedelta(hours=24)

WORDS: Mapping[str, tuple[int, str]] = {
    jobs.UNKNOWN_JOB.id: (404, "EXPORT_NOT_FOUND"),
    jobs.ALREADY_IN_PROGRESS.id: (409, "EXPORT_ALREADY_IN_PROGRESS"),
    jobs.NO_ENTRIES.id: INVALID,
    jobs.TOO_MANY_ENTRIES.id: INVALID,
    jobs.UNKNOWN_ENTRIES.id: (422, "ACCOUNTING_ENTRY_DOES_NOT_EXIST"),
    jobs.LOCKED_ENTRIES.id: (409, "ACCOUNTING_ENTRY_LOCKED"),
    jobs.EXPORTED_ENTRIES.id: (409, "ACCOUNTING_ENTRY_ALREADY_EXPORTED"),
    jobs.MISSING_CONTRA.id: (400, "MISSING_CONTRA_ACCOUNTS"),
    jobs.UNFINISHED_JOB.id: (409, "EXPORT_NOT_FINISHED"),
    jobs.NOTHING_LEFT.id: (409, "NOTHING_TO_RETRY"),
    states.BAD_EVENT.id: (422, "INVALID_EXPORT_JOB_STATUS_CHANGE"),
    items.JOB_FINISHED.id: UNPROCESSABLE,
    pages.BAD_CURSOR.id: INVALID,
    pages.BAD_SORT.id: INVALID,
    pages.BAD_PAGE.id: INVALID,
    pages.BAD_BOUND.id: INVALID,
    targets.NOT_WRITABLE.id: INVALID,
    targets.SETTING_MISSING.id: (422, "TARGET_NOT_CONFIGURED"),
    targets.SETTING_WRONG.id: (422, "TARGET_NOT_CONFIGURED"),
    targets.CHART_WRONG.id: (422, "TARGET_NOT_CONFIGURED"),
}

SORTING = {
    "id": "id",
    "createdAt": "created_at",
    "status": "status",
    "startedAt": "started_at",
    "completedAt": "completed_at",
    "lastUpdatedAt": "last_updated_at",
    "numberOfItems": "items",
}


def create(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    body: wire.CreateExportJob = call.body
    company = access.company(tx, call.caller, body.company)
    made = jobs.create(
        tx,
        id_=services.uuid7(),
        company=company.id,
        organization=company.organization,
        entries=body.entries,
        target=body.target_code,
        by=call.caller.subject,
        created_by=body.employee or "",
        is_interactive=body.is_interactive is not False,
        is_vendor_based=body.is_vendor_based,
        must_have_contra=call.version == NEWEST,
        at=call.at,
    )
    _have_written(tx, made)
    return ExportAnswer(201, _data(services, call, made))


def _have_written(tx: Connection, job: ExportJob) -> None:
    """A job that no program of the caller works off is ours to do."""
    if job.target != jobs.PULL:
        book_files.ask(tx, job)


def list_(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    query: wire.JobsQuery = call.query
    company = None
    if query.company_id is not None:
        company = access.company(tx, call.caller, query.company_id).id
    found = jobs.listed(
        tx,
        access.reach(tx, call.caller),
        company=company,
        statuses=tuple(JobStatus(status) for status in query.statuses),
        targets=tuple(query.targets),
        registers=tuple(query.registers),
        created_from=at(query.created_after),
        created_until=at(query.created_before),
        request=paging.request(call, SORTING),
        now=call.at,
    )
    return ExportAnswer(200, paging.shown(call, found, lambda job: _shown(services, call, job)))


def retrieve(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    return ExportAnswer(200, _data(services, call, found(tx, call, call.path["jobId"])))


def found(tx: Connection, call: ExportCall, id_: str) -> ExportJob:
    """A job that the caller reaches. Raises `Missing`."""
    return jobs.find(tx, access.reach(tx, call.caller), id_, call.at)


def tell(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    """What became of a job; answered without a body."""
    body: wire.CreateExportJobEvent = call.body
    said = body.reason_type
    jobs.event(
        tx,
        found(tx, call, body.job),
        JobEvent(body.event),
        reason=body.reason,
        failure_type=None if said is None else translate.failure(said),
        by=call.caller.subject,
        at=call.at,
    )
    return ExportAnswer(202)


def cancel(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    job = found(tx, call, call.path["jobId"])
    cancelled = jobs.cancel(tx, job, by=call.caller.subject, at=call.at)
    return ExportAnswer(200, _data(services, call, cancelled))


def retry(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    job = found(tx, call, call.path["jobId"])
    made = jobs.retry(
        tx, job, id_=services.uuid7(), by=call.caller.subject, must_have_contra=True, at=call.at
    )
    _have_written(tx, made)
    return ExportAnswer(201, _data(services, call, made))


def progress(services: Services, tx: Connection, call: ExportCall) -> ExportAnswer:
    job = found(tx, call, call.path["jobId"])
    ends = None
    if not job.status.is_finished:
        ends = moment(job.expires_at)
    told = {
        "status": job.status,
        "numberOfItems": job.items,
        "items": translate.counts(jobs.progress(tx, job)),
        "expiresAt": ends,
    }
    return ExportAnswer(200, {"data": told})


def _data(services: Services, call: ExportCall, job: ExportJob) -> Json:
    return {"data": _shown(services, call, job)}


def _shown(services: Services, call: ExportCall, job: ExportJob) -> Json:
    return translate.job(job, call.version, _file(services, call, job))


def _file(services: Services, call: ExportCall, job: ExportJob) -> Json | None:
    """Where the file of a finished job can be fetched, as long as the key that asks is good, for a
    day."""
    if not _has_file(job):
        return None
    path = FILE_PATH.format(jobId=job.id)
    return {
        "name": job.file_name,
        "bytes": job.bytes,
        "sha256": job.artifact,
        "url": signed.url(services, path, call.at + FILE_LIFE, call.caller),
    }


def _has_file(job: ExportJob) -> bool:
    """While it is made, its digest is known before it is there."""
    return bool(job.artifact and job.file_name and job.status.is_finished)


async def download(services: Services, call: ExportCall) -> Response:
    """The file, streamed. The address itself says who may read: it was handed out with the job."""
    await signed.check(services, call)
    job = await services.in_thread(_of_link, services, call)
    return StreamingResponse(
        services.exports.artifacts.read(job.artifact),
        media_type=_media(job),
        headers={
            "Content-Disposition": f'attachment; filename="{job.file_name}"',
            "Content-Length": str(job.bytes),
        },
    )


def _media(job: ExportJob) -> str:
    """Several files are handed out as one archive."""
    if job.file_name.endswith(".zip"):
        return "application/zip"
    if job.target in formats.books():
        return formats.find_book(job.target).media_type
    return formats.find(job.target).media_type


def _of_link(services: Services, call: ExportCall) -> ExportJob:
    """The job, as the key that the address was handed out to still reaches it."""
    said = {name: getattr(call.query, name) or "" for name in ("expires", "signature")}
    link = signed.read(services, call, said)
    assert link is not None  # it was checked
    with reading(services.engine) as tx:
        viewer = keys.read(tx, link.subject).organization
        reached = organizations.OrganizationsWithin(tx, viewer)
        job = jobs.find(tx, reached, call.path["jobId"], call.at)
    if not _has_file(job) or not services.exports.artifacts.has(job.artifact):
        raise Missing(signed.EXPIRED)
    return job


JOB_PATH = "/v3/export-jobs/{jobId}"
FILE_PATH = f"{JOB_PATH}/file"


def _of_version(version: int) -> Endpoints:
    is_newest = version == NEWEST
    at_, suffix = f"/v{version}", f"V{version}"
    one = wire.OneExportJobV3 if is_newest else wire.OneExportJob
    return (
        (
            ExportOperation(
                id=f"createExportJob{suffix}",
                method="POST",
                path=f"{at_}/export-jobs",
                version=version,
                summary="Create an export job",
                statuses=(201, 404, 409, 422),
                request=wire.CreateExportJobV3 if is_newest else wire.CreateExportJob,
                answer=one,
                scope=Scope.JOBS_WRITE,
                is_deprecated=version < 2,
            ),
            WriteOperation(create),
        ),
        (
            ExportOperation(
                id=f"retrieveExportJob{suffix}",
                method="GET",
                path=f"{at_}/export-jobs/{{jobId}}",
                version=version,
                summary="Retrieve an export job",
                statuses=(200, 404),
                answer=one,
                scope=Scope.JOBS_READ,
                is_deprecated=version < 2,
            ),
            ReadOperation(retrieve),
        ),
        *_lists_and_events(version),
    )


def _lists_and_events(version: int) -> Endpoints:
    is_newest = version == NEWEST
    at_, suffix = f"/v{version}", f"V{version}"
    return (
        (
            ExportOperation(
                id=f"listExportJobs{suffix}",
                method="GET",
                path=f"{at_}/export-jobs",
                version=version,
                summary="List export jobs",
                statuses=(200, 404),
                query=wire.JobsQuery if is_newest else wire.OlderJobsQuery,
                answer=wire.ExportJobsV3 if is_newest else wire.ExportJobs,
                scope=Scope.JOBS_READ,
                is_deprecated=version < 2,
            ),
            ReadOperation(list_),
        ),
        (
            ExportOperation(
                id=f"createExportJobEvent{suffix}",
                method="POST",
                path=f"{at_}/export-job-events",
                version=version,
                summary="Tell what became of an export job",
                statuses=(202, 404, 422),
                request=wire.CreateExportJobEvent,
                scope=Scope.JOBS_WRITE,
                is_deprecated=version < 2,
            ),
            WriteOperation(tell),
        ),
    )


_OWN: Endpoints = (
    (
        ExportOperation(
            id="cancelExportJob",
            method="POST",
            path=f"{JOB_PATH}:cancel",
            version=NEWEST,
            summary="Cancel an export job that is not finished",
            statuses=(200, 404, 422),
            answer=wire.OneExportJobV3,
            scope=Scope.JOBS_WRITE,
            is_extension=True,
        ),
        WriteOperation(cancel),
    ),
    (
        ExportOperation(
            id="retryExportJob",
            method="POST",
            path=f"{JOB_PATH}:retry",
            version=NEWEST,
            summary="Create a job of what failed or was abandoned in a finished one",
            statuses=(201, 404, 409, 422),
            answer=wire.OneExportJobV3,
            scope=Scope.JOBS_WRITE,
            is_extension=True,
        ),
        WriteOperation(retry),
    ),
    (
        ExportOperation(
            id="retrieveExportJobProgress",
            method="GET",
            path=f"{JOB_PATH}/progress",
            version=NEWEST,
            summary="How far an export job is",
            statuses=(200, 404),
            answer=wire.OneProgress,
            scope=Scope.JOBS_READ,
            is_extension=True,
        ),
        ReadOperation(progress),
    ),
    (
        ExportOperation(
            id="downloadExportJobFile",
            method="GET",
            path=FILE_PATH,
            version=NEWEST,
            summary="Download the file that an export job has written",
            statuses=(200, 403, 404, 410),
            query=wire.FileQuery,
            is_signed=True,
            media="application/octet-stream",
            is_extension=True,
        ),
        download,
    ),
)

ENDPOINTS: Endpoints = (
    *(endpoint for version in VERSIONS for endpoint in _of_version(version)),
    *_OWN,
)
