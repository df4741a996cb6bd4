"""How requests of this family come in and go out: keys, merchants, headers, bodies, errors.

The order of checks: API key, rate, role, headers, query, body, merchant, then the endpoint's own.
"""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import msgspec
from pydantic import ValidationError
from starlette.datastructures import MutableHeaders, QueryParams
from starlette.types import Scope

from fiscus.api import bounds, characters, credentials, intake, signed
from fiscus.api.credentials import Headers
from fiscus.api.families.reporting import errors
from fiscus.api.families.reporting.access import CallerDirectory
from fiscus.api.families.reporting.calls import (
    FAMILY,
    KeyRequirement,
    ReportingCall,
    ReportingOperation,
)
from fiscus.api.families.reporting.errors import Words
from fiscus.api.families.reporting.translate import fault_paths
from fiscus.api.pipeline import UNKNOWN_OPERATION, Conventions, CountedCaller, PipelineCodes
from fiscus.api.problem import places
from fiscus.api.stored_answers import JsonAnswers, StoredAnswer
from fiscus.model.faults import Code, Fault, Missing, Refused, Trouble
from fiscus.registry import roles
from fiscus.services import Services

MERCHANT_HEADERS = ("x-openfiskal-merchant", "openfiskal-organization")
SINGLE_HEADERS = ("idempotency-key", "if-match", *MERCHANT_HEADERS)
"""Sent twice they say two things, and nobody knows which one counts."""

_REQUEST_ID = re.compile(r"req_[A-Za-z0-9_-]{1,64}", re.ASCII)
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,255}", re.ASCII)
_MATCH = re.compile(r'"([1-9][0-9]{0,8})"', re.ASCII)

_encoder = msgspec.json.Encoder()
_answers = JsonAnswers(_encoder.encode)

CODES = PipelineCodes(
    too_large=errors.TOO_LARGE,
    nobody=errors.UNAUTHORIZED,
    too_many=errors.TOO_MANY,
    repeated_query=errors.BAD_QUERY,
    nothing=errors.NOTHING,
    unforeseen=errors.UNFORESEEN,
)

UNKNOWN = ReportingOperation(
    id=UNKNOWN_OPERATION, method="GET", path="/v1/{path}", summary="Nothing", statuses=(404,)
)
"""Every address below the family's own that no endpoint has."""


def conventions(services: Services, words: Words) -> Conventions[ReportingCall]:
    """All of it for one installation. `words`: status and word of every code of the family."""
    callers = CallerDirectory(services)

    def call(operation: ReportingOperation, scope: Scope, headers: Headers) -> ReportingCall:
        fresh = services.uuid7()
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else f"req_{fresh.replace('-', '')}"
        return ReportingCall(
            operation=operation,
            at=services.clock(),
            fresh=fresh,
            request_id=request_id,
            digest_key=services.macs.digests,
            path=scope.get("path_params", {}),
        )

    async def credential(scope: Scope, headers: Headers, call: ReportingCall) -> CountedCaller:
        if call.operation.is_open:
            return _by_link(scope, headers, call)
        proof = await callers.proof(scope, headers)
        call.proof, call.caller, call.regime = proof, proof.caller, proof.regime
        return CountedCaller(credentials.known(proof.caller), is_known=True)

    def _by_link(scope: Scope, headers: Headers, call: ReportingCall) -> CountedCaller:
        """Without an API key: whoever the address was handed out to, else where it comes from."""
        if credentials.repeated(scope, headers, ("authorization",)):
            raise Missing(errors.UNAUTHORIZED)
        query = QueryParams(scope.get("query_string", b""))
        link = signed.read(services, call, query) if call.operation.is_signed else None
        if link is None:
            return CountedCaller(credentials.stranger(services, scope), is_known=False)
        return CountedCaller(credentials.known(link), is_known=True)

    async def place(scope: Scope, headers: Headers, call: ReportingCall) -> None:
        if call.operation.needs_merchant and call.proof is not None:
            named = tuple(headers[name] for name in MERCHANT_HEADERS if name in headers)
            call.merchant = await callers.merchant(call.proof, named)

    return Conventions(
        family=FAMILY,
        log_name="request",
        codes=CODES,
        call=call,
        credential=credential,
        greet=_greet,
        ask=_ask,
        terms=partial(intake.terms, services, CODES),
        parse=_parse,
        place=place,
        shown=_answers.shown,
        kept=_answers.kept,
        from_kept=_answers.from_kept,
        failed=partial(_failed, words),
        claim=ReportingCall.claim,
        dress=_dress,
    )


def _failed(words: Words, call: ReportingCall, trouble: Trouble) -> StoredAnswer:
    verdict = errors.verdict(trouble, words)
    trouble = fault_paths.in_words(trouble)
    body = errors.envelope(
        call.operation.style,
        trouble,
        verdict,
        request_id=call.request_id,
        details=call.details,
    )
    return StoredAnswer(verdict[0], _encoder.encode(body))


def _greet(scope: Scope, headers: Headers, call: ReportingCall) -> None:
    wanted = call.operation.scope
    if wanted is not None:
        if not roles.may(call.caller.role, wanted):
            # Not every style of error has a place for it beside the details.
            call.details = {"reason": roles.lacking(call.caller.role, wanted)}
        roles.expect(call.caller.role, wanted)
    if twice := credentials.repeated(scope, headers, SINGLE_HEADERS):
        raise Refused(errors.REPEATED, *twice)


def _ask(
    headers: Headers, call: ReportingCall, path: Mapping[str, str], query: Mapping[str, str]
) -> None:
    call.query = _query(call.operation, query)
    call.key = _key(call.operation, headers)
    call.match = _match(call.operation, headers)


def _query(operation: ReportingOperation, sent: Mapping[str, str]) -> Any:
    if any("\x00" in name + value for name, value in sent.items()):
        raise Refused(errors.BAD_QUERY)
    if operation.query is None:
        if sent:
            raise Refused(errors.BAD_QUERY, next(iter(sent)))
        return None
    try:
        return operation.query.model_validate(sent)
    except ValidationError as error:
        raise _malformed(errors.BAD_QUERY, error, sent) from None


def _key(operation: ReportingOperation, headers: Mapping[str, str]) -> str:
    if operation.key is KeyRequirement.NONE:
        return ""
    key = headers.get("idempotency-key")
    if key is None:
        if operation.key is KeyRequirement.REQUIRED:
            raise Refused(errors.NO_KEY, "Idempotency-Key")
        return ""
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise Refused(errors.BAD_KEY, "Idempotency-Key")
    return key


def _match(operation: ReportingOperation, headers: Mapping[str, str]) -> int | None:
    if not operation.needs_match:
        return None
    if "if-match" not in headers:
        raise Refused(errors.NO_MATCH, "If-Match")
    said = _MATCH.fullmatch(headers["if-match"].strip())
    if said is None:
        raise Refused(errors.BAD_MATCH, "If-Match")
    return int(said[1])


def _parse(call: ReportingCall, raw: bytes) -> None:
    """The body as its model. No body at all says as much as an empty object."""
    raw = raw or b"{}"
    try:
        sent = bounds.decoded(raw)
    except ValueError:
        raise Refused(errors.BAD_JSON) from None
    try:
        call.body = bounds.shape(call.operation.body_adapter).validated(raw, sent)
    except ValidationError as error:
        raise _malformed(errors.BAD_BODY, error, sent.said, bounds.is_heavy(raw)) from None
    if found := characters.forbidden(raw):
        raise _told(errors.BAD_BODY, found)


def _malformed(code: Code, error: ValidationError, sent: Any, is_brief: bool = False) -> Refused:
    return _told(code, places(error, sent, is_brief=is_brief))


def _told(code: Code, found: Iterable[tuple[str, str]]) -> Refused:
    faults = tuple(Fault(code=code.id, text=text, paths=(place,)) for place, text in found)
    return Refused(code, faults=faults)


def _dress(call: ReportingCall, headers: MutableHeaders) -> None:
    headers["X-Request-Id"] = call.request_id
    if call.is_replay:
        headers["Idempotent-Replayed"] = "true"
