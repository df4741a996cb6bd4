"""How requests of this family come in and go out: credentials, headers, queries, bodies, errors.

The order of checks: credential, rate, role, headers, path, query, body, then the endpoint's own.
"""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import msgspec
from pydantic import ValidationError
from starlette.datastructures import MutableHeaders
from starlette.types import Scope

from fiscus.api import bounds, characters, credentials, intake
from fiscus.api.credentials import Headers
from fiscus.api.families.webhooks import access, errors, queries
from fiscus.api.families.webhooks.calls import (
    FAMILY,
    WebhookCall,
    WebhookOperation,
)
from fiscus.api.pipeline import UNKNOWN_OPERATION, Conventions, CountedCaller, PipelineCodes
from fiscus.api.problem import places
from fiscus.api.stored_answers import JsonAnswers, StoredAnswer
from fiscus.model.faults import Fault, Refused, Trouble
from fiscus.registry import roles
from fiscus.services import Services

SINGLE_HEADERS = ("idempotency-key",)
"""Sent twice they say two things, and nobody knows which one counts."""

BODY_BYTES_MAX = 65_536
MEDIA = "application/json;charset=UTF-8"
"""As the contract writes it."""

_KEY = re.compile(r"[!-~]{1,255}", re.ASCII)
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)

_encoder = msgspec.json.Encoder()
_answers = JsonAnswers(_encoder.encode)

CODES = PipelineCodes(
    too_large=errors.TOO_LARGE,
    nobody=errors.UNAUTHORIZED,
    too_many=errors.TOO_MANY,
    repeated_query=None,  # Arrays are repeated keys.
    nothing=errors.NOTHING,
    unforeseen=errors.UNFORESEEN,
)

UNKNOWN = WebhookOperation(
    id=UNKNOWN_OPERATION,
    method="GET",
    path="/v1/subscriptions/{path}",
    summary="Nothing",
    statuses=(404,),
    scope=None,
)
"""Every address below the family's own that no endpoint has."""


def conventions(services: Services) -> Conventions[WebhookCall]:
    """All of it for one installation."""

    def call(operation: WebhookOperation, scope: Scope, headers: Headers) -> WebhookCall:
        return WebhookCall(
            operation=operation,
            at=services.clock(),
            id=services.uuid7(),
            digest_key=services.macs.digests,
            asked=queries.asked(scope) if scope.get("query_string") else {},
            path={name: value.lower() for name, value in scope.get("path_params", {}).items()},
        )

    async def credential(scope: Scope, headers: Headers, call: WebhookCall) -> CountedCaller:
        call.caller = await access.proved(services, scope, headers)
        return CountedCaller(credentials.known(call.caller), is_known=True)

    async def place(scope: Scope, headers: Headers, call: WebhookCall) -> None:
        """Always in the name of the key's own organization."""

    return Conventions(
        family=FAMILY,
        log_name="request",
        codes=CODES,
        call=call,
        credential=credential,
        greet=_greet,
        ask=_ask,
        terms=partial(intake.terms, services, CODES, bytes_max=BODY_BYTES_MAX),
        parse=_parse,
        place=place,
        shown=_answers.shown,
        kept=_answers.kept,
        from_kept=_answers.from_kept,
        failed=_failed,
        claim=WebhookCall.claim,
        dress=_dress,
    )


def _greet(scope: Scope, headers: Headers, call: WebhookCall) -> None:
    if call.operation.scope is not None:
        roles.expect(call.caller.role, call.operation.scope)
    if twice := credentials.repeated(scope, headers, SINGLE_HEADERS):
        raise Refused(errors.REPEATED, *twice)


def _ask(
    headers: Headers, call: WebhookCall, path: Mapping[str, str], query: Mapping[str, str]
) -> None:
    for name, value in call.path.items():
        if not _UUID.fullmatch(value):
            raise Refused(errors.BAD_PATH, name)
    call.query = queries.read(call.operation.query, call.asked)
    key = headers.get("idempotency-key")
    if key is None or not call.operation.takes_key:
        return
    if not _KEY.fullmatch(key):
        raise Refused(errors.BAD_KEY, "Idempotency-Key")
    call.key, call.is_replay = key, False


def _parse(call: WebhookCall, raw: bytes) -> None:
    """The body as its model. No body at all says as much as an empty object."""
    raw = raw or b"{}"
    try:
        sent = bounds.decoded(raw)
    except ValueError:
        raise Refused(errors.BAD_JSON) from None
    try:
        call.body = bounds.shape(call.operation.body_adapter).validated(raw, sent)
    except ValidationError as error:
        raise _malformed(error, sent.said, bounds.is_heavy(raw)) from None
    if found := characters.forbidden(raw):
        raise _told(found)


def _malformed(error: ValidationError, sent: Any, is_brief: bool) -> Refused:
    return _told(places(error, sent, is_brief=is_brief))


def _told(found: Iterable[tuple[str, str]]) -> Refused:
    faults = tuple(
        Fault(code=errors.BAD_BODY.id, text=text, paths=(place,) if place else ())
        for place, text in found
    )
    return Refused(errors.BAD_BODY, faults=faults)


def _failed(call: WebhookCall, trouble: Trouble) -> StoredAnswer:
    status, word = errors.verdict(trouble)
    return StoredAnswer(status, _encoder.encode(errors.envelope(trouble, word)))


def _dress(call: WebhookCall, headers: MutableHeaders) -> None:
    headers["X-Request-Id"] = call.id
    if "content-type" in headers:
        headers["Content-Type"] = MEDIA
    if call.is_replay:
        headers["Idempotent-Replayed"] = "true"
