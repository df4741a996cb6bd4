"""The OpenAPI 3.1 document, built from the same table and models that serve the requests."""

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from fiscus.api.openapi import Schemas
from fiscus.api.unified import errors, examples, versions
from fiscus.api.unified.operations import OPERATIONS, Operation, Query
from fiscus.api.unified.wire import scalars
from fiscus.api.unified.wire.envelope import ErrorResponse
from fiscus.api.unified.wire.fiscalization import COUNTRIES_SINCE_2026_05_04

Json = dict[str, Any]

REF = "#/components/schemas/"
JSON_MEDIA = "application/json"
ERROR_STATUSES = sorted({status for one in OPERATIONS for status in one.statuses} - {200})
TAGS = {
    "tokens": "A bearer token for a key and its secret.",
    "subjects": "API keys.",
    "organizations": "Accounts, groups and units: who holds keys and taxpayers.",
    "taxpayers": "Who owes the tax.",
    "locations": "Where a taxpayer sells.",
    "systems": "What issues: every system has its own signed journal.",
    "records": "What was announced and what was issued: signed, chained and kept.",
    "files": "Files for audits.",
}


def document(version: str, server: str) -> Json:
    """The whole contract of one version, as served under the address `server`."""
    schemas, bodies = _schemas(version)
    whole: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "Fiscus Unified API",
            "version": version,
            "description": "Every sale numbered without gaps, signed, chained, exported.",
        },
        "servers": [{"url": server}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "security": [{"bearer": []}],
        "paths": _paths(version, bodies),
        "components": {
            "schemas": schemas,
            "headers": HEADERS,
            "parameters": PARAMETERS,
            "responses": {f"Error{status}": _error(status) for status in ERROR_STATUSES},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }
    if version == versions.EARLIER:
        _forget_later_members(schemas)
    whole["components"]["schemas"] = _reachable(whole)
    return whole


Bodies = dict[tuple[str, str], Json]


def _schemas(version: str) -> tuple[Json, Bodies]:
    """The component schemas, and for each operation the references to its bodies."""
    wanted: list[tuple[tuple[str, str], Any, TypeAdapter[Any]]] = [
        (("", "error"), "validation", TypeAdapter(ErrorResponse))
    ]
    for operation in OPERATIONS:
        if (request := versions.request(version, operation)) is not None:
            wanted.append(((operation.id, "request"), "validation", request))
        if operation.response is not None:
            adapter = TypeAdapter(operation.response)
            wanted.append(((operation.id, "response"), "validation", adapter))
    found, defs = TypeAdapter.json_schemas(
        wanted, ref_template=REF + "{model}", schema_generator=Schemas
    )
    return defs["$defs"], {key: schema for (key, _), schema in found.items()}


def _paths(version: str, bodies: Bodies) -> Json:
    paths: Json = {}
    for operation in OPERATIONS:
        described = _operation(version, operation, bodies)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return paths


def _operation(version: str, operation: Operation, bodies: Bodies) -> Json:
    described: Json = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.path.split("/")[1]],
        "parameters": [*_headers(operation), *_path(operation), *_query(operation)],
        "responses": {
            str(status): {"$ref": f"#/components/responses/Error{status}"}
            for status in operation.statuses
            if status in ERROR_STATUSES
        },
    }
    described["responses"]["200"] = _answer(version, operation, bodies)
    if operation.request is not None:
        described["requestBody"] = {
            "required": True,
            "content": {
                JSON_MEDIA: {
                    "schema": bodies[operation.id, "request"],
                    "example": examples.REQUESTS[operation.id],
                }
            },
        }
    if operation.is_open:
        described["security"] = []
    if operation.is_extension:
        described["x-fiscus-extension"] = True
    return described


def _headers(operation: Operation) -> Iterator[Json]:
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


def _path(operation: Operation) -> Iterator[Json]:
    if "{" not in operation.path:
        return
    name = operation.path.partition("{")[2].rstrip("}")
    if name == "path":
        schema = {"type": "string", "maxLength": 44, "pattern": scalars.FILE_PATH}
        example = f"{examples.ID7}.zip"
    elif name in ("subject_id", "organization_id"):
        schema = {"type": "string", "format": "uuid", "pattern": scalars.UUID4}
        example = examples.ID4
    else:
        schema = {"type": "string", "format": "uuid", "pattern": scalars.UUID7}
        example = examples.ID7
    yield {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


def _query(operation: Operation) -> Iterator[Json]:
    for item in operation.query:
        yield _parameter(item)


def _parameter(item: Query) -> Json:
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


def _answer(version: str, operation: Operation, bodies: Bodies) -> Json:
    names = ["X-Api-Version", "X-Trace-Identifier"]
    if operation.is_idempotent:
        names.append("X-Idempotency-Replayed")
    if operation.takes_scope or operation.path.startswith(("/subjects/", "/organizations/")):
        names.append("X-Scope-Identifier")
    if operation.response is None:
        names.append("Content-Disposition")
        binary = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
        content = {"application/octet-stream": binary}
    else:
        sample = versions.downgrade(version, operation.id, examples.RESPONSES[operation.id])
        content = {JSON_MEDIA: {"schema": bodies[operation.id, "response"], "example": sample}}
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {"description": "OK", "headers": headers, "content": content}


def _error(status: int) -> Json:
    sample: Json = errors.envelope(status, "What is wrong, and where.")
    text = sample["content"]["error"]
    if status == examples.ERROR["content"]["status"]:
        sample = examples.ERROR
    names = ["X-Api-Version", "X-Trace-Identifier"]
    if status in (429, 503):
        names.append("Retry-After")
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    schema = {"$ref": REF + ErrorResponse.__name__}
    return {
        "description": text,
        "headers": headers,
        "content": {JSON_MEDIA: {"schema": schema, "example": sample}},
    }


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


def _forget_variant(union: Json, tag: str) -> None:
    gone = union["discriminator"]["mapping"].pop(tag)
    union["oneOf"] = [one for one in union["oneOf"] if one["$ref"] != gone]


def _reachable(whole: Json) -> Json:
    """The schemas that something still refers to."""
    schemas = whole["components"]["schemas"]
    others = {**whole, "components": {**whole["components"], "schemas": {}}}
    found: set[str] = set()
    waiting = set(_references(others))
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_references(schemas[name])) - found
    return {name: schemas[name] for name in sorted(found)}


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
    elif isinstance(node, str) and node.startswith(REF):
        yield node.removeprefix(REF)


def _header(name: str, schema: Json, example: str, text: str, *, required: bool) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": text,
        "schema": schema,
        "example": example,
    }


_UUID = {"type": "string", "format": "uuid"}
_KEY = {"type": "string", "pattern": scalars.UUID3_OR_4}
"""Without `format: uuid`: the contract lets the hyphens be left out."""

_KEY_TEXT = "The same key with the same request gives the same answer for 24 hours."
PARAMETERS: Json = {
    "ApiVersion": _header(
        "X-Api-Version",
        {"type": "string", "minLength": 10, "maxLength": 10, "pattern": scalars.VERSION},
        examples.DAY,
        "The version of this contract.",
        required=True,
    ),
    "IdempotencyKey": _header("X-Idempotency-Key", _KEY, examples.ID4, _KEY_TEXT, required=True),
    "OptionalIdempotencyKey": _header(
        "X-Idempotency-Key", _KEY, examples.ID4, _KEY_TEXT, required=False
    ),
    "ScopeIdentifier": _header(
        "X-Scope-Identifier",
        {**_UUID, "pattern": scalars.UUID4},
        examples.ID4,
        "The organization in whose name this is asked.",
        required=False,
    ),
    "ReplayRemaining": _header(
        "X-Replay-Remaining",
        {"type": "string", "pattern": scalars.REPLAY_REMAINING},
        "1234",
        "How many offline records are left. Not used in every country.",
        required=False,
    ),
    "ReplayHash": _header(
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
    "Content-Disposition": {"schema": {"type": "string"}, "description": "The file's name."},
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."},
}
