"""What the OpenAPI document of this family says."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from fiscus.api import signed
from fiscus.api.families.reporting import errors, examples
from fiscus.api.families.reporting.calls import KeyRequirement, ReportingOperation
from fiscus.api.families.reporting.errors import ErrorStyle
from fiscus.api.families.reporting.routes import ENDPOINTS
from fiscus.api.families.reporting.wire.envelope import ClosingError, Error
from fiscus.api.openapi import (
    Contract,
    DescribedAnswer,
    DescribedOperation,
    SchemaGenerator,
    build,
    header,
)
from fiscus.issuing import idempotency
from fiscus.journal import proving
from fiscus.model.faults import Code, Refused, Unavailable

Json = dict[str, Any]

PREFIX = "Reporting"
VERSION = "1.1.0"
EVERYWHERE = frozenset({400, 500, 503})
WITH_BODY = frozenset({408})
WITH_KEY = frozenset({401, 403, 429})
REQUEST_ID = "req_019a8e3c6f5b7d2a9c41e07f3b8d5a60"

_WORD_IN_PATH = {
    "merchant_id": "merchant",
    "location_id": "loc",
    "register_id": "reg",
    "session_id": "ses",
    "tab_id": "tab",
    "operation_id": "op",
    "closing_id": "cls",
    "export_id": "exp",
}

_PLACE = re.compile(r"\{(\w+)\}")

_ERRORS = {ErrorStyle.A: ClosingError, ErrorStyle.C: Error}

TAGS = {
    "merchants": "Who owes the tax.",
    "locations": "Where a merchant sells.",
    "registers": "What issues, and the signing device that its law may want.",
    "operations": "Sales, returns, exchanges, orders, and what happens to the drawer.",
    "sessions": "From the opening of a drawer to its count.",
    "tabs": "What is ordered at a table and billed later.",
    "closings": "What a register counted and sealed.",
    "exports": "Files for audits.",
}


def document(version: str = VERSION, server: str = "/") -> Json:
    """The whole contract of the family, as served under the address `server`."""
    contract = Contract(
        title="Fiscus Reporting API",
        version=version,
        description="Registers, cash sessions, closings and fiscal exports.",
        tags={f"{PREFIX.lower()}/{name}": text for name, text in TAGS.items()},
        security=("apiKey", {"type": "http", "scheme": "bearer"}),
        operations=tuple(_described(operation) for operation, _ in ENDPOINTS),
        headers=HEADERS,
        parameters=PARAMETERS,
        prefix=PREFIX,
    )
    return build(contract, server)


def statuses(operation: ReportingOperation) -> frozenset[int]:
    """What an endpoint may answer: its own, and what the pipeline says for all of them."""
    found = EVERYWHERE | set(operation.statuses)
    if not operation.is_open:
        found |= WITH_KEY
    if operation.request is not None:
        found |= WITH_BODY
    if operation.key is not KeyRequirement.NONE:
        found |= {409}
    if operation.needs_match:
        found |= {412, 428}
    return frozenset(found)


def _tag(operation: ReportingOperation) -> str:
    """Not the plain word: other families speak of locations too."""
    return f"reporting/{operation.path.split('/')[2]}"


def _described(operation: ReportingOperation) -> DescribedOperation:
    return DescribedOperation(
        id=f"{PREFIX.lower()}_{operation.id}",
        method=operation.method,
        path=operation.path,
        summary=operation.summary,
        tag=_tag(operation),
        parameters=(*_headers(operation), *_path(operation), *_query(operation)),
        request=operation.body_adapter if operation.request is not None else None,
        request_example=examples.REQUESTS.get(operation.id),
        is_body_needed=_is_body_needed(operation),
        answers={status: _answer(operation, status) for status in statuses(operation)},
        scope=operation.scope,
        is_extension=operation.is_extension,
    )


def _is_body_needed(operation: ReportingOperation) -> bool:
    """An endpoint whose members are all optional may be sent nothing."""
    request = operation.request
    if isinstance(request, type) and issubclass(request, BaseModel):
        return any(field.is_required() for field in request.model_fields.values())
    return True


def _headers(operation: ReportingOperation) -> Iterator[Json]:
    yield {"$ref": "#/components/parameters/RequestId"}
    if operation.needs_merchant and not operation.is_open:
        yield {"$ref": "#/components/parameters/Merchant"}
        yield {"$ref": "#/components/parameters/Organization"}
    if operation.key is KeyRequirement.REQUIRED:
        yield {"$ref": "#/components/parameters/Once"}
    elif operation.key is KeyRequirement.OPTIONAL:
        yield {"$ref": "#/components/parameters/OptionalOnce"}
    if operation.needs_match:
        yield {"$ref": "#/components/parameters/Match"}


def _path(operation: ReportingOperation) -> Iterator[Json]:
    for name in _PLACE.findall(operation.path):
        word = _WORD_IN_PATH[name]
        schema = {"type": "string", "pattern": f"^{word}_[0-9a-f]{{32}}$"}
        example = f"{word}_{REQUEST_ID.removeprefix('req_')}"
        yield {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


def _query(operation: ReportingOperation) -> Iterator[Json]:
    if operation.query is None:
        return
    schema = operation.query.model_json_schema(schema_generator=SchemaGenerator)
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


def _answer(operation: ReportingOperation, status: int) -> DescribedAnswer:
    names = ["X-Request-Id"]
    if status < 300 and operation.key is not KeyRequirement.NONE:
        names.append("Idempotent-Replayed")
    # What is only read has no conflict but one that time ends.
    if status in (429, 503) or (status == 409 and operation.method == "GET"):
        names.append("Retry-After")
    text, headers = _TEXTS[status], {name: f"{PREFIX}-{name}" for name in names}
    if status >= 400:
        sample, model = _sample(operation, status), _ERRORS[operation.style]
        return DescribedAnswer(text=text, headers=headers, model=model, example=sample)
    if operation.media:
        return DescribedAnswer(text=text, headers=headers, media=operation.media)
    return DescribedAnswer(
        text=text,
        headers=headers,
        model=operation.answer,
        example=examples.ANSWERS.get(operation.id),
    )


def _sample(operation: ReportingOperation, status: int) -> Json:
    """What an error of that status may look like."""
    is_early = status == 409 and operation.method == "GET"
    code, word = PROOF_PENDING if is_early else _SAMPLES[status]
    trouble = Unavailable(code) if status >= 500 else Refused(code)
    return errors.envelope(operation.style, trouble, (status, word), request_id=REQUEST_ID)


PROOF_PENDING = (proving.NOT_COVERED, "proof_pending")

_TEXTS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    400: "The request is malformed",
    401: "Authentication failed",
    403: "Not allowed",
    404: "Not found",
    408: "The body came too slowly",
    409: "The state of things does not allow it",
    410: "Expired",
    412: "The resource has another version",
    422: "The rules do not allow it",
    428: "A precondition is required",
    429: "Too many requests",
    500: "Our fault",
    503: "Not now",
}

_SAMPLES: dict[int, tuple[Code, str]] = {
    **errors.SAMPLES,
    409: (idempotency.KEY_REUSED, "idempotency_key_conflict"),
    410: (signed.EXPIRED, "gone"),
    422: (errors.LAW, "regime_validation_failed"),
    500: (errors.UNFORESEEN, "internal_error"),
    503: (errors.UNFORESEEN, "service_unavailable"),
}


def _header(name: str, pattern: str, example: str, text: str, *, required: bool = False) -> Json:
    schema = {"type": "string"} | ({"pattern": pattern} if pattern else {})
    return header(name, schema, example, text, required=required)


_MERCHANT = "^(merchant|org)_[0-9a-f]{32}$"
_ONCE_TEXT = "The same key with the same request gives the same answer for at least 24 hours."
_ONCE = ("Idempotency-Key", "^[!-~]{1,255}$", "8f14e45f-ceea-467f-a8d1-2f0c6b1d9a77", _ONCE_TEXT)
_HEX = REQUEST_ID.removeprefix("req_")

PARAMETERS: Json = {
    "RequestId": _header(
        "X-Request-Id",
        "",
        REQUEST_ID,
        "The caller's own id of the request; one is made if it is missing or of another form.",
    ),
    "Merchant": _header(
        "X-OpenFiskal-Merchant",
        _MERCHANT,
        f"merchant_{_HEX}",
        "The merchant that is meant. Not needed with a merchant's own API key.",
    ),
    "Organization": _header(
        "OpenFiskal-Organization",
        _MERCHANT,
        f"org_{_HEX}",
        "The other way to say which merchant is meant.",
    ),
    "Once": _header(*_ONCE, required=True),
    "OptionalOnce": _header(*_ONCE),
    "Match": _header(
        "If-Match",
        '^"[1-9][0-9]{0,8}"$',
        '"1"',
        "The resource version that is to be changed, as `ETag` gave it.",
        required=True,
    ),
}

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
