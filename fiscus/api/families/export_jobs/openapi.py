"""What the OpenAPI document of this family says: one document, as the vendor has it, for all four
versions of the contract."""

import re
from collections.abc import Iterator
from typing import Any

from fiscus.api import signed
from fiscus.api.families.export_jobs import errors, examples
from fiscus.api.families.export_jobs.calls import ExportOperation
from fiscus.api.families.export_jobs.examples.jobs import ID
from fiscus.api.families.export_jobs.routes import ENDPOINTS, words
from fiscus.api.families.export_jobs.wire.envelope import ExceptionInfo
from fiscus.api.intake import LATE
from fiscus.api.openapi import (
    Contract,
    DescribedAnswer,
    DescribedOperation,
    SchemaGenerator,
    build,
    header,
)
from fiscus.issuing import idempotency
from fiscus.model.faults import Code, Refused, Unavailable

Json = dict[str, Any]

PREFIX = "ExportJobs"
VERSION = "1.0.0"
EVERYWHERE = frozenset({400, 401, 403, 429, 500, 503})
OPEN = frozenset({400, 500, 503})
_PLACE = re.compile(r"\{(\w+)\}")

TAGS = {
    "export-jobs": "Batches of accounting entries for one accounting system.",
    "export-items": "The entries themselves, as they are to be taken over.",
    "export-job-events": "What became of a job.",
    "export-job-items": "What became of each entry of a job.",
    "accounting-entries": "What the books say of each sale, payment and movement.",
    "bookkeeping": "How a company's books are kept: its chart, and what stands for what.",
}


def document(version: str = VERSION, server: str = "/") -> Json:
    """The whole contract of the family, as served under the address `server`."""
    contract = Contract(
        title="Fiscus Export Jobs API",
        version=version,
        description="Accounting entries, and the jobs that carry them into accounting systems.",
        tags={f"{PREFIX.lower()}/{name}": text for name, text in TAGS.items()},
        security=("exportJobsBearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
        or_security=(("exportJobsKey", {"type": "http", "scheme": "basic"}),),
        operations=tuple(_described(operation) for operation, _ in ENDPOINTS),
        headers=HEADERS,
        parameters=PARAMETERS,
        prefix=PREFIX,
    )
    return build(contract, server)


def statuses(operation: ExportOperation) -> frozenset[int]:
    """What an endpoint may answer: its own, and what the pipeline says for all of them."""
    found = (OPEN if operation.is_open else EVERYWHERE) | set(operation.statuses)
    if operation.request is not None:
        found |= {408, 413}
    if operation.takes_key:
        found |= {409}
    return frozenset(found)


def tag(operation: ExportOperation) -> str:
    """Not the plain word: other families may speak of the same."""
    return f"{PREFIX.lower()}/{operation.path.split('/')[2].partition(':')[0]}"


def _described(operation: ExportOperation) -> DescribedOperation:
    return DescribedOperation(
        id=f"{PREFIX.lower()}_{operation.id}",
        method=operation.method,
        path=operation.path,
        summary=operation.summary,
        tag=tag(operation),
        parameters=(*_headers(operation), *_path(operation), *_query(operation)),
        request=operation.body_adapter if operation.request is not None else None,
        request_example=examples.REQUESTS.get(base(operation)),
        answers={status: _answer(operation, status) for status in statuses(operation)},
        scope=operation.scope,
        is_extension=operation.is_extension,
    )


def base(operation: ExportOperation) -> str:
    """The operation's name without its version: `createExportJob`."""
    return re.sub(r"V[0-9]$", "", operation.id)


def _headers(operation: ExportOperation) -> Iterator[Json]:
    if operation.takes_key:
        yield {"$ref": "#/components/parameters/ExportJobsOnce"}


def _path(operation: ExportOperation) -> Iterator[Json]:
    for name in _PLACE.findall(operation.path):
        schema = {"type": "string", "format": "uuid"}
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": schema,
            "example": ID,
        }


def _query(operation: ExportOperation) -> Iterator[Json]:
    if operation.query is None:
        return
    schema = operation.query.model_json_schema(schema_generator=SchemaGenerator)
    for name, described in schema.get("properties", {}).items():
        told = _not_null(described)
        found: Json = {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": told,
        }
        if told.get("type") == "array":
            found |= {"style": "form", "explode": True}
        for mark in ("x-fiscus-extension", "deprecated"):
            if told.pop(mark, False):
                found[mark] = True
        yield found


def _not_null(schema: Json) -> Json:
    """A query cannot say null: it leaves the parameter out."""
    choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(choices) != 1:
        return dict(schema)
    marks = {name: one for name, one in schema.items() if name not in ("anyOf", "default")}
    return {**choices[0], **marks}


def _answer(operation: ExportOperation, status: int) -> DescribedAnswer:
    names = ["X-Request-Id"]
    if status < 300 and operation.takes_key:
        names.append("Idempotent-Replayed")
    if status in (429, 503):
        names.append("Retry-After")
    text, headers = _TEXTS[status], {name: f"{PREFIX}-{name}" for name in names}
    if status >= 400:
        sample = _sample(operation, status)
        return DescribedAnswer(text=text, headers=headers, model=ExceptionInfo, example=sample)
    if operation.media:
        return DescribedAnswer(text=text, headers=headers, media=operation.media)
    if operation.answer is None:
        return DescribedAnswer(text=text, headers=headers, media="")
    return DescribedAnswer(
        text=text,
        headers=headers,
        model=operation.answer,
        example=examples.answer(operation.id),
    )


def _sample(operation: ExportOperation, status: int) -> Json:
    """What an error of that status may look like."""
    told = _ERRORS.get((base(operation), status))
    if told is not None:
        return {"type": told[0], "message": told[1]}
    code = _SAMPLES[status]
    trouble = Unavailable(code) if status >= 500 else Refused(code)
    known = words().get(code.id)
    return errors.envelope(trouble, known[1] if known else "UNPROCESSABLE_ENTITY")


_NOT_FOUND = ("EXPORT_NOT_FOUND", "No export job with this id is visible to you [BOOKS-JOB-02].")
_FINISHED = (
    "EXPORT_JOB_STATUS_UNPROCESSABLE",
    "The export job is finished and can no longer be worked on.",
)
_ERRORS = {
    ("createExportJob", 409): (
        "EXPORT_ALREADY_IN_PROGRESS",
        "This company has an export job that is not finished.",
    ),
    ("createExportJob", 400): ("BAD_REQUEST", "companyId: is required [EXPORTJOBS-BODY-01]."),
    ("retrieveExportJob", 404): _NOT_FOUND,
    ("listExportJobItems", 404): _NOT_FOUND,
    ("updateExportJobItems", 404): _NOT_FOUND,
    ("updateExportJobItems", 422): _FINISHED,
    ("updateExportJobItems", 413): (
        "EXPORT_JOB_ITEMS_UPDATE_LIMIT",
        "At most 100 items are updated by one request: send the rest in others "
        "[EXPORTJOBS-ITEMS-01].",
    ),
    ("createExportJobEvent", 404): _NOT_FOUND,
    ("createExportJobEvent", 422): (
        "INVALID_EXPORT_JOB_STATUS_CHANGE",
        "event: this event cannot follow what the job is now [BOOKS-JOB-01].",
    ),
    ("listExportItems", 404): _NOT_FOUND,
    ("listExportItems", 422): _FINISHED,
    ("retrieveExportJobItem", 404): (
        "EXPORT_ENTRY_NOT_FOUND",
        "This accounting entry is in no export job.",
    ),
}

_TEXTS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "Gone as wanted",
    400: "The request is malformed",
    401: "Authentication failed",
    403: "Not allowed",
    404: "Not found",
    408: "The body came too slowly",
    409: "The state of things does not allow it",
    410: "Expired",
    412: "The thing has another version",
    413: "Too much at once",
    422: "The state of the job, or a rule, does not allow it",
    429: "Too many requests",
    500: "Our fault",
    503: "Not now",
}

_SAMPLES: dict[int, Code] = {
    400: errors.BAD_BODY,
    401: errors.UNAUTHORIZED,
    403: signed.BAD_LINK,
    404: errors.UNKNOWN_COMPANY,
    408: LATE,
    409: idempotency.KEY_REUSED,
    410: signed.EXPIRED,
    413: errors.TOO_LARGE,
    422: errors.BAD_BODY,
    429: errors.TOO_MANY,
    500: errors.UNFORESEEN,
    503: errors.UNFORESEEN,
}

PARAMETERS: Json = {
    "ExportJobsOnce": header(
        "Idempotency-Key",
        {"type": "string", "pattern": "^[!-~]{1,255}$"},
        "8f14e45f-ceea-467f-a8d1-2f0c6b1d9a77",
        "The same key with the same request gives the same answer for at least 24 hours.",
    ),
}

HEADERS: Json = {
    f"{PREFIX}-X-Request-Id": {
        "schema": {"type": "string", "format": "uuid"},
        "description": "Names this answer in our logs.",
    },
    f"{PREFIX}-Idempotent-Replayed": {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "There if this answer was given before.",
    },
    f"{PREFIX}-Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."},
}
