"""The OpenAPI 3.1 document of this family, built from the tables and models that serve it."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, TypeAdapter

from fiscus.api import signed
from fiscus.api.openapi import Schemas
from fiscus.api.reporting import errors, examples
from fiscus.api.reporting.door import Key, Operation
from fiscus.api.reporting.errors import Style
from fiscus.api.reporting.routes import ENDPOINTS
from fiscus.api.reporting.wire.envelope import ClosingError, Error
from fiscus.issuing import claims
from fiscus.model.faults import Code, Refused, Unavailable

Json = dict[str, Any]

PREFIX = "Reporting"
"""Before the name of every schema, so that no other family's is meant."""

REF = "#/components/schemas/"
JSON_MEDIA = "application/json"
VERSION = "1.1.0"
EVERYWHERE = frozenset({400, 500, 503})
WITH_KEY = frozenset({401, 403, 429})
REQUEST_ID = "req_019a8e3c6f5b7d2a9c41e07f3b8d5a60"

_WORD_IN_PATH = {
    "merchant_id": "merchant", "location_id": "loc", "register_id": "reg", "session_id": "ses",
    "operation_id": "op", "closing_id": "cls", "export_id": "exp",
}  # fmt: skip

_PLACE = re.compile(r"\{(\w+)\}")


def document(server: str) -> Json:
    """The whole contract of the family, as served under the address `server`."""
    schemas, bodies = _schemas()
    operations = [operation for operation, _ in ENDPOINTS]
    paths: Json = {}
    for operation in operations:
        described = _operation(operation, bodies)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fiscus Reporting API",
            "version": VERSION,
            "description": "Registers, cash sessions, closings and fiscal exports.",
        },
        "servers": [{"url": server}],
        "tags": [{"name": tag} for tag in dict.fromkeys(map(_tag, operations))],
        "security": [{"apiKey": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": HEADERS,
            "parameters": PARAMETERS,
            "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}},
        },
    }


def statuses(operation: Operation) -> frozenset[int]:
    """What an endpoint may answer: its own, and what the door says for all of them."""
    found = EVERYWHERE | set(operation.statuses)
    if not operation.is_open:
        found |= WITH_KEY
    if operation.key is not Key.NONE:
        found |= {409}
    if operation.needs_match:
        found |= {412, 428}
    return frozenset(found)


def _tag(operation: Operation) -> str:
    """Not the plain word: other families speak of locations too."""
    return f"reporting/{operation.path.split('/')[2]}"


Bodies = dict[tuple[str, str], Json]


def _schemas() -> tuple[Json, Bodies]:
    wanted: list[tuple[tuple[str, str], Any, TypeAdapter[Any]]] = [
        (("", Style.C.value), "validation", TypeAdapter(Error)),
        (("", Style.A.value), "validation", TypeAdapter(ClosingError)),
    ]
    for operation, _ in ENDPOINTS:
        if operation.request is not None:
            wanted.append(((operation.id, "request"), "validation", operation.body_adapter))
        if operation.answer is not None:
            adapter = TypeAdapter(operation.answer)
            wanted.append(((operation.id, "answer"), "validation", adapter))
    found, defs = TypeAdapter.json_schemas(
        wanted, ref_template=f"{REF}{PREFIX}{{model}}", schema_generator=Schemas
    )
    named = {f"{PREFIX}{name}": schema for name, schema in defs["$defs"].items()}
    return named, {key: schema for (key, _), schema in found.items()}


def _operation(operation: Operation, bodies: Bodies) -> Json:
    described: Json = {
        "operationId": f"{PREFIX.lower()}_{operation.id}",
        "summary": operation.summary,
        "tags": [_tag(operation)],
        "parameters": [*_headers(operation), *_path(operation), *_query(operation)],
        "responses": {
            str(status): _answer(operation, status, bodies)
            for status in sorted(statuses(operation))
        },
    }
    if operation.request is not None:
        content: Json = {"schema": bodies[operation.id, "request"]}
        if operation.id in examples.REQUESTS:
            content["example"] = examples.REQUESTS[operation.id]
        described["requestBody"] = {
            "required": _is_body_needed(operation),
            "content": {JSON_MEDIA: content},
        }
    if operation.is_open:
        described["security"] = []
    return described


def _is_body_needed(operation: Operation) -> bool:
    """An endpoint whose members are all optional may be sent nothing."""
    request = operation.request
    if isinstance(request, type) and issubclass(request, BaseModel):
        return any(field.is_required() for field in request.model_fields.values())
    return True


def _headers(operation: Operation) -> Iterator[Json]:
    yield {"$ref": "#/components/parameters/RequestId"}
    if operation.needs_merchant and not operation.is_open:
        yield {"$ref": "#/components/parameters/Merchant"}
        yield {"$ref": "#/components/parameters/Organization"}
    if operation.key is Key.REQUIRED:
        yield {"$ref": "#/components/parameters/Once"}
    elif operation.key is Key.OPTIONAL:
        yield {"$ref": "#/components/parameters/OptionalOnce"}
    if operation.needs_match:
        yield {"$ref": "#/components/parameters/Match"}


def _path(operation: Operation) -> Iterator[Json]:
    for name in _PLACE.findall(operation.path):
        word = _WORD_IN_PATH[name]
        schema = {"type": "string", "pattern": f"^{word}_[0-9a-f]{{32}}$"}
        example = f"{word}_{REQUEST_ID.removeprefix('req_')}"
        yield {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


def _query(operation: Operation) -> Iterator[Json]:
    if operation.query is None:
        return
    schema = operation.query.model_json_schema(schema_generator=Schemas)
    for name, described in schema.get("properties", {}).items():
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _not_null(described),
        }


def _not_null(schema: Json) -> Json:
    """A query cannot say null: it leaves the parameter out."""
    choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return choices[0] if len(choices) == 1 else schema


def _answer(operation: Operation, status: int, bodies: Bodies) -> Json:
    names = ["X-Request-Id"]
    if status < 300 and operation.key is not Key.NONE:
        names.append("Idempotent-Replayed")
    if status in (429, 503):
        names.append("Retry-After")
    described: Json = {
        "description": _TEXTS[status],
        "headers": {name: {"$ref": f"#/components/headers/{PREFIX}-{name}"} for name in names},
    }
    if status < 300 and operation.media:
        binary = {"schema": {"type": "string", "contentMediaType": operation.media}}
        described["content"] = {operation.media: binary}
    elif status < 300 and operation.answer is not None:
        content: Json = {"schema": bodies[operation.id, "answer"]}
        if operation.id in examples.ANSWERS:
            content["example"] = examples.ANSWERS[operation.id]
        described["content"] = {JSON_MEDIA: content}
    elif status >= 400:
        content = {
            "schema": bodies["", operation.style.value],
            "example": _sample(operation, status),
        }
        described["content"] = {JSON_MEDIA: content}
    return described


def _sample(operation: Operation, status: int) -> Json:
    """What an error of that status may look like."""
    code, word = _SAMPLES[status]
    trouble = Unavailable(code) if status >= 500 else Refused(code)
    return errors.envelope(operation.style, trouble, (status, word), request_id=REQUEST_ID)


_TEXTS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "Done",
    400: "The request is malformed", 401: "Authentication failed", 403: "Not allowed",
    404: "Not found", 409: "The state of things does not allow it",
    410: "Expired", 412: "The resource has another version", 422: "The rules do not allow it",
    428: "A precondition is required", 429: "Too many requests", 500: "Our fault",
    503: "Not now",
}  # fmt: skip

_SAMPLES: dict[int, tuple[Code, str]] = {
    **errors.SAMPLES,
    409: (claims.KEY_REUSED, "idempotency_key_conflict"),
    410: (signed.EXPIRED, "gone"),
    422: (errors.LAW, "regime_validation_failed"),
    500: (errors.UNFORESEEN, "internal_error"),
    503: (errors.UNFORESEEN, "service_unavailable"),
}


def _header(name: str, pattern: str, example: str, text: str, *, required: bool = False) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": text,
        "schema": {"type": "string"} | ({"pattern": pattern} if pattern else {}),
        "example": example,
    }


_MERCHANT = "^(merchant|org)_[0-9a-f]{32}$"
_ONCE_TEXT = "The same key with the same request gives the same answer for at least 24 hours."
_ONCE = ("Idempotency-Key", "^[!-~]{1,255}$", "8f14e45f-ceea-467f-a8d1-2f0c6b1d9a77", _ONCE_TEXT)
_HEX = REQUEST_ID.removeprefix("req_")

PARAMETERS: Json = {
    "RequestId": _header(
        "X-Request-Id", "", REQUEST_ID,
        "The caller's own id of the request; one is made if it is missing or of another form.",
    ),
    "Merchant": _header(
        "X-OpenFiskal-Merchant", _MERCHANT, f"merchant_{_HEX}",
        "The merchant that is meant. Not needed with a merchant's own API key.",
    ),
    "Organization": _header(
        "OpenFiskal-Organization", _MERCHANT, f"org_{_HEX}",
        "The other way to say which merchant is meant.",
    ),
    "Once": _header(*_ONCE, required=True),
    "OptionalOnce": _header(*_ONCE),
    "Match": _header(
        "If-Match", '^"[1-9][0-9]{0,8}"$', '"1"',
        "The resource version that is to be changed, as `ETag` gave it.", required=True,
    ),
}  # fmt: skip

HEADERS: Json = {
    f"{PREFIX}-X-Request-Id": {
        "schema": {"type": "string", "pattern": "^req_[A-Za-z0-9_-]{1,64}$"},
        "description": "Names this answer in our logs.",
    },
    f"{PREFIX}-Idempotent-Replayed": {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "There if this answer was given before.",
    },
    f"{PREFIX}-Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."},
}
