"""What the OpenAPI document of this family says."""

import re
from collections.abc import Iterator
from typing import Any

from fiscus.api.families.webhooks import errors, examples
from fiscus.api.families.webhooks.calls import WebhookOperation
from fiscus.api.families.webhooks.subscriptions import ENDPOINTS
from fiscus.api.families.webhooks.wire import subscriptions as wire
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
from fiscus.model.faults import Code, Refused
from fiscus.registry import roles
from fiscus.webhooks import subscriptions

Json = dict[str, Any]

PREFIX = "Webhooks"
VERSION = "1.0.0"
EVERYWHERE = frozenset({400, 401, 403, 429, 500, 503})

_PLACE = re.compile(r"\{(\w+)\}")


def document(version: str = VERSION, server: str = "/") -> Json:
    """The whole contract of the family, as served under the address `server`."""
    contract = Contract(
        title="Fiscus Webhooks API",
        version=version,
        description="Subscriptions to what happens, and the deliveries of it.",
        tags={"webhooks": "Who is told of what, and how the telling went."},
        security=("tokenOrKey", {"type": "http", "scheme": "bearer"}),
        operations=tuple(_described(operation) for operation, _ in ENDPOINTS),
        headers=HEADERS,
        parameters=PARAMETERS,
        prefix=PREFIX,
    )
    return build(contract, server)


def statuses(operation: WebhookOperation) -> frozenset[int]:
    """What an endpoint may answer: its own, and what the pipeline says for all of them."""
    found = EVERYWHERE | set(operation.statuses)
    if operation.request is not None:
        found |= {408}
    if operation.takes_key:
        found |= {409}
    return frozenset(found)


def _described(operation: WebhookOperation) -> DescribedOperation:
    return DescribedOperation(
        id=f"{PREFIX.lower()}_{operation.id}",
        method=operation.method,
        path=operation.path,
        summary=operation.summary,
        tag="webhooks",
        parameters=(*_headers(operation), *_path(operation), *_query(operation)),
        request=operation.body_adapter if operation.request is not None else None,
        request_example=examples.REQUESTS.get(operation.id),
        is_body_needed=operation.id != "rotateSecret",
        answers={status: _answer(operation, status) for status in statuses(operation)},
        scope=operation.scope,
        is_extension=operation.is_extension,
    )


def _headers(operation: WebhookOperation) -> Iterator[Json]:
    if operation.takes_key:
        yield {"$ref": "#/components/parameters/WebhookOnce"}


def _path(operation: WebhookOperation) -> Iterator[Json]:
    for name in _PLACE.findall(operation.path):
        schema = {"type": "string", "format": "uuid", "pattern": wire.UUID}
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": schema,
            "example": examples.ID,
        }


def _query(operation: WebhookOperation) -> Iterator[Json]:
    if operation.query is None:
        return
    schema = operation.query.model_json_schema(schema_generator=SchemaGenerator)
    for name, described in schema.get("properties", {}).items():
        shown = _not_null(described)
        is_list = shown.get("type") == "array"
        yield {"name": name, "in": "query", "required": False, "schema": shown} | (
            {"style": "form", "explode": True} if is_list else {}
        )


def _not_null(schema: Json) -> Json:
    """A query cannot say null: it leaves the parameter out."""
    choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return choices[0] if len(choices) == 1 else schema


def _answer(operation: WebhookOperation, status: int) -> DescribedAnswer:
    names = ["X-Request-Id"]
    if status < 300 and operation.takes_key:
        names.append("Idempotent-Replayed")
    if status in (429, 503):
        names.append("Retry-After")
    text, headers = _TEXTS[status], {name: f"{PREFIX}-{name}" for name in names}
    if status >= 400:
        trouble, word = Refused(_SAMPLES[status][0]), _SAMPLES[status][1]
        body = errors.envelope(trouble, word)
        return DescribedAnswer(
            text=text, headers=headers, model=wire.SubscriptionError, example=body
        )
    if operation.answer is None:
        return DescribedAnswer(text=text, headers=headers, media="")
    sample = examples.ANSWERS.get(operation.id)
    return DescribedAnswer(text=text, headers=headers, model=operation.answer, example=sample)


_TEXTS = {
    200: "OK",
    202: "Accepted",
    204: "Deleted",
    400: "The request is malformed",
    401: "Authentication failed",
    403: "Not allowed",
    404: "Not found",
    408: "The body came too slowly",
    409: "The state of things does not allow it",
    429: "Too many requests",
    500: "Our fault",
    503: "Not now",
}

_SAMPLES: dict[int, tuple[Code, str]] = {
    400: (errors.BAD_BODY, "BAD_REQUEST"),
    401: (errors.UNAUTHORIZED, "UNAUTHORIZED"),
    403: (roles.FORBIDDEN, "FORBIDDEN"),
    404: (subscriptions.UNKNOWN_SUBSCRIPTION, "SUBSCRIPTION_NOT_FOUND"),
    408: (LATE, "REQUEST_TIMEOUT"),
    409: (idempotency.KEY_REUSED, "CONFLICT"),
    429: (errors.TOO_MANY, "TOO_MANY_REQUESTS"),
    500: (errors.UNFORESEEN, "INTERNAL_ERROR"),
    503: (errors.UNFORESEEN, "SERVICE_UNAVAILABLE"),
}

PARAMETERS: Json = {
    "WebhookOnce": header(
        "Idempotency-Key",
        {"type": "string", "pattern": "^[!-~]{1,255}$"},
        "8f14e45f-ceea-467f-a8d1-2f0c6b1d9a77",
        "The same key with the same request gives the same answer for at least 24 hours.",
        required=False,
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
