"""What the OpenAPI documents of this family say, one for each version of the contract."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from fiscus import regimes
from fiscus.api.families.unified import errors, examples, more_examples, versions
from fiscus.api.families.unified.operations import OPERATIONS, UnifiedOperation
from fiscus.api.families.unified.queries import QueryParameter
from fiscus.api.families.unified.wire import scalars
from fiscus.api.families.unified.wire.envelope import ErrorResponse
from fiscus.api.families.unified.wire.fiscalization import COUNTRIES_SINCE_2026_05_04
from fiscus.api.families.unified.wire.months import MONTH
from fiscus.api.openapi import (
    NOT_IMPLEMENTED,
    Contract,
    DescribedAnswer,
    DescribedOperation,
    build,
    header,
)

Json = dict[str, Any]

BYTES_MEDIA = "application/octet-stream"
ERROR_STATUSES = sorted({status for one in OPERATIONS for status in one.statuses} - {200})
KINDS_NOT_IMPLEMENTED = (
    "ProFormaInvoice",
    "DraftReceipt",
    "Enrichment",
    "ProofOfPayment",
    "OpeningIntention",
    "EventIntention",
    "ExportIntention",
    "DuplicateIntention",
    "ReplayIntention",
    "UploadIntention",
)
"""The kinds of records that are answered with 501."""

TAGS = {
    "tokens": "A bearer token for a key and its secret.",
    "subjects": "API keys, and the persons at the tills.",
    "organizations": "Accounts, groups and units: who holds keys and taxpayers.",
    "taxpayers": "Who owes the tax.",
    "locations": "Where a taxpayer sells.",
    "systems": "What issues: every system has its own signed journal.",
    "records": "What was announced and what was issued: signed, chained and kept.",
    "files": "Files for audits.",
    "series": "Numbered series of documents, where an authority registers them.",
}


def document(version: str, server: str = "/") -> Json:
    """The whole contract of one version, as served under the address `server`."""
    name, scheme = "bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    contract = Contract(
        title="Fiscus Unified API",
        version=version,
        description="Every sale numbered without gaps, signed, chained, exported.",
        tags=TAGS,
        security=(name, scheme),
        operations=tuple(_described(version, operation) for operation in OPERATIONS),
        headers=HEADERS,
        parameters=PARAMETERS,
        edited=partial(_edit, version),
    )
    return build(contract, server)


_PATH_NAME = re.compile("{([a-z_]+)}")


def _described(version: str, operation: UnifiedOperation) -> DescribedOperation:
    return DescribedOperation(
        id=operation.id,
        method=operation.method,
        path=operation.path,
        summary=operation.summary,
        tag=operation.path.split("/")[1],
        parameters=(*_headers(operation), *_path(operation), *_query(operation)),
        request=versions.request(version, operation),
        request_example=examples.REQUESTS.get(operation.id),
        more_examples=_more(version, operation),
        answers={200: _good(version, operation)}
        | {one: _error(one, operation) for one in operation.answers if one in ERROR_STATUSES},
        scope=operation.scope,
        is_extension=operation.is_extension,
    )


def _more(version: str, operation: UnifiedOperation) -> Json:
    """Other versions have other shapes, or lack some of it."""
    is_shown = operation.id == "createRecord" and version == versions.CURRENT
    return more_examples.RECORDS if is_shown else {}


def _headers(operation: UnifiedOperation) -> Iterator[Json]:
    yield {"$ref": "#/components/parameters/ApiVersion"}
    if operation.needs_key:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}
    elif operation.is_idempotent:
        yield {"$ref": "#/components/parameters/OptionalIdempotencyKey"}
    if operation.takes_scope:
        yield {"$ref": "#/components/parameters/ScopeIdentifier"}
    if operation.id == "createRecord":
        yield {"$ref": "#/components/parameters/ReplayRemaining"}
        yield {"$ref": "#/components/parameters/ReplayHash"}


def _path(operation: UnifiedOperation) -> Iterator[Json]:
    for name in _PATH_NAME.findall(operation.path):
        yield _path_parameter(name)


def _path_parameter(name: str) -> Json:
    if name == "path":
        schema = {"type": "string", "maxLength": 44, "pattern": scalars.FILE_PATH}
        example = f"{examples.ID7}.zip"
    elif name == "month":
        schema = {"type": "string", "pattern": MONTH}
        example = examples.MONTH["content"]["month"]
    elif name in ("subject_id", "organization_id"):
        schema = {"type": "string", "format": "uuid", "pattern": scalars.UUID4}
        example = examples.ID4
    else:
        schema = {"type": "string", "format": "uuid", "pattern": scalars.UUID7}
        example = examples.ID7
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


def _query(operation: UnifiedOperation) -> Iterator[Json]:
    for item in operation.query:
        yield _parameter(item)


def _parameter(item: QueryParameter) -> Json:
    described: Json = {
        "name": item.name,
        "in": "query",
        "description": item.text,
        "schema": dict(item.schema),
    }
    if item.schema["type"] == "array":
        described |= {"style": "form", "explode": False, "example": item.example.split(",")}
    elif item.example:
        described["example"] = item.example
    if item.schema.get("enum") == [""]:
        described["allowEmptyValue"] = True
    if item.is_extension:
        described["x-fiscus-extension"] = True
    return described


def _good(version: str, operation: UnifiedOperation) -> DescribedAnswer:
    names = ["X-Api-Version", "X-Trace-Identifier"]
    if operation.is_idempotent:
        names.append("X-Idempotency-Replayed")
    if operation.takes_scope or operation.path.startswith(("/subjects/", "/organizations/")):
        names.append("X-Scope-Identifier")
    if operation.id in ("createRecord", "retrieveRecord"):
        names += ["Link", "X-Document-Number"]
    if operation.id == "retrieveRecordDocument":
        names.append("X-Document-Number")
    if operation.response is None:
        headers = {name: name for name in (*names, "Content-Disposition")}
        return DescribedAnswer(text="OK", headers=headers, media=BYTES_MEDIA)
    sample = versions.downgrade(version, operation.id, examples.RESPONSES[operation.id])
    headers = {name: name for name in names}
    return DescribedAnswer(text="OK", headers=headers, model=operation.response, example=sample)


def _error(status: int, operation: UnifiedOperation) -> DescribedAnswer:
    sample: Json = errors.envelope(status, "What is wrong, and where.")
    text = sample["content"]["error"]
    if status == examples.ERROR["content"]["status"]:
        sample = examples.ERROR
    names = ["X-Api-Version", "X-Trace-Identifier"]
    # What is only read has no conflict but one that time ends.
    is_early = status == 409 and operation.method == "GET"
    if status in (429, 503) or is_early:
        names.append("Retry-After")
    return DescribedAnswer(
        text=text,
        headers={name: name for name in names},
        model=ErrorResponse,
        example=sample,
        name=f"Error{status}Early" if is_early else f"Error{status}",
    )


def _edit(version: str, schemas: Json) -> None:
    if version == versions.EARLIER:
        _forget_later_members(schemas)
    if version != versions.LATER:
        _forget_states_of_files(schemas["FileContent"])
    for name in KINDS_NOT_IMPLEMENTED:
        if name in schemas:
            schemas[name][NOT_IMPLEMENTED] = True
    for name, schema in schemas.items():
        if name.endswith("Fiscalization"):
            country: str = schema["properties"]["type"]["const"]
            if country.lower() not in regimes.installed():
                schema[NOT_IMPLEMENTED] = True


def _forget_later_members(schemas: Json) -> None:
    """What 2026-02-03 did not know: see `versions.upgrade` and `versions.downgrade`."""
    for schema in schemas.values():
        if "fiscalization" in schema.get("properties", {}):
            for country in COUNTRIES_SINCE_2026_05_04:
                _forget_variant(schema["properties"]["fiscalization"], country)
    _forget_variant(schemas["Correction"]["properties"]["data"], "INVOICE")
    for name in ("Correction", "Cancellation"):
        del schemas[name]["properties"]["reason"]
    for member in versions.COMPLIANCE_SINCE_CURRENT:
        del schemas["Compliance"]["properties"][member]


def _forget_states_of_files(file: Json) -> None:
    """Before 2026-06-01 a file had no state and was always of a system."""
    for member in versions.FILE_SINCE_LATER:
        del file["properties"][member]
    file["required"] = sorted({*file["required"], "system"})


def _forget_variant(union: Json, tag: str) -> None:
    gone = union["discriminator"]["mapping"].pop(tag)
    union["oneOf"] = [one for one in union["oneOf"] if one["$ref"] != gone]


_UUID = {"type": "string", "format": "uuid"}
_KEY = {"type": "string", "pattern": scalars.UUID3_OR_4}
"""Without `format: uuid`: the contract lets the hyphens be left out."""

_KEY_TEXT = "The same key with the same request gives the same answer for 24 hours."
PARAMETERS: Json = {
    "ApiVersion": header(
        "X-Api-Version",
        {"type": "string", "minLength": 10, "maxLength": 10, "pattern": scalars.VERSION},
        examples.DAY,
        "The version of this contract.",
        required=True,
    ),
    "IdempotencyKey": header("X-Idempotency-Key", _KEY, examples.ID4, _KEY_TEXT, required=True),
    "OptionalIdempotencyKey": header(
        "X-Idempotency-Key", _KEY, examples.ID4, _KEY_TEXT, required=False
    ),
    "ScopeIdentifier": header(
        "X-Scope-Identifier",
        {**_UUID, "pattern": scalars.UUID4},
        examples.ID4,
        "The organization in whose name this is asked.",
        required=False,
    ),
    "ReplayRemaining": header(
        "X-Replay-Remaining",
        {"type": "string", "pattern": scalars.REPLAY_REMAINING},
        "1234",
        "How many offline records are left. Not used in every country.",
        required=False,
    ),
    "ReplayHash": header(
        "X-Replay-Hash",
        {"type": "string", "minLength": 1, "maxLength": 64},
        examples.TEXT,
        "The hash kept while offline. Not used in every country.",
        required=False,
    ),
}
HEADERS: Json = {
    "X-Api-Version": {"schema": {"type": "string"}, "description": "The version that answered."},
    "X-Trace-Identifier": {
        "schema": {**_UUID, "pattern": scalars.UUID7},
        "description": "Names this answer in our logs.",
    },
    "X-Idempotency-Replayed": {
        "schema": {"type": "string", "enum": ["true", "false"]},
        "description": "Whether this answer was given before.",
    },
    "X-Scope-Identifier": {
        "schema": {**_UUID, "pattern": scalars.UUID4},
        "description": "The organization in whose name this was done.",
    },
    "Link": {
        "schema": {"type": "string"},
        "description": 'Where an issued document has its companion, with rel="describedby", and '
        'its page for the customer, if there is one, with rel="receipt".',
        "example": f'</records/{examples.ID7}/document>; rel="describedby"',
    },
    "X-Document-Number": {
        "schema": {"type": "string"},
        "description": "The legal number of an issued document: what must be printed.",
        "example": "FR TILL-1/17",
    },
    "Content-Disposition": {"schema": {"type": "string"}, "description": "The file's name."},
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."},
}
