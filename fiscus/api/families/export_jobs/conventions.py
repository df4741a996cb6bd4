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

from fiscus.api import bounds, characters, credentials, intake, signed
from fiscus.api.credentials import Headers
from fiscus.api.families.export_jobs import errors, queries
from fiscus.api.families.export_jobs.access import ConnectorDirectory
from fiscus.api.families.export_jobs.calls import (
    FAMILY,
    NEWEST,
    ExportCall,
    ExportOperation,
)
from fiscus.api.families.export_jobs.errors import Words
from fiscus.api.families.export_jobs.translate import fault_paths
from fiscus.api.pipeline import (
    JSON_MEDIA,
    UNKNOWN_OPERATION,
    Conventions,
    CountedCaller,
    PipelineCodes,
)
from fiscus.api.problem import places
from fiscus.api.stored_answers import JsonAnswers, StoredAnswer
from fiscus.model.faults import Code, Fault, Refused, Trouble
from fiscus.registry import roles
from fiscus.services import Services

SINGLE_HEADERS = ("idempotency-key",)
"""Sent twice they say two things, and nobody knows which one counts."""

MEDIA = "application/json;charset=UTF-8"
"""As the contract writes it."""

_KEY = re.compile(r"[!-~]{1,255}", re.ASCII)
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_UPDATE_BYTES_MAX = 8_388_608

_encoder = msgspec.json.Encoder(decimal_format="number")
_answers = JsonAnswers(_encoder.encode)

CODES = PipelineCodes(
    too_large=errors.TOO_LARGE,
    nobody=errors.UNAUTHORIZED,
    too_many=errors.TOO_MANY,
    repeated_query=None,  # Arrays are repeated keys.
    nothing=errors.NOTHING,
    unforeseen=errors.UNFORESEEN,
)

UNKNOWN = ExportOperation(
    id=UNKNOWN_OPERATION,
    method="GET",
    path="/v3/{path}",
    version=NEWEST,
    summary="Nothing",
    statuses=(404,),
)
"""Every address below the family's own that no endpoint has."""


def conventions(services: Services, words: Words) -> Conventions[ExportCall]:
    """All of it for one installation. `words`: status and type of every code of the family."""
    callers = ConnectorDirectory(services)

    def call(operation: ExportOperation, scope: Scope, headers: Headers) -> ExportCall:
        return ExportCall(
            operation=operation,
            at=services.clock(),
            id=services.uuid7(),
            digest_key=services.macs.digests,
            asked=queries.asked(scope) if scope.get("query_string") else {},
            path={
                name: value.lower() if _UUID.fullmatch(value) else value
                for name, value in scope.get("path_params", {}).items()
            },
        )

    async def credential(scope: Scope, headers: Headers, call: ExportCall) -> CountedCaller:
        if call.operation.is_open:
            return _by_link(scope, call)
        call.caller = await callers.caller(scope, headers)
        return CountedCaller(credentials.known(call.caller), is_known=True)

    def _by_link(scope: Scope, call: ExportCall) -> CountedCaller:
        """Without a credential: whoever the address was handed out to, else where it comes from."""
        said = {name: values[0] for name, values in call.asked.items() if values}
        link = signed.read(services, call, said) if call.operation.is_signed else None
        if link is None:
            return CountedCaller(credentials.stranger(services, scope), is_known=False)
        return CountedCaller(credentials.known(link), is_known=True)

    async def place(scope: Scope, headers: Headers, call: ExportCall) -> None:
        """The company is found in the handler's transaction."""

    return Conventions(
        family=FAMILY,
        log_name="request",
        codes=CODES,
        call=call,
        credential=credential,
        greet=_greet,
        ask=_ask,
        terms=partial(intake.terms, services, CODES, bytes_max=_UPDATE_BYTES_MAX),
        parse=_parse,
        place=place,
        shown=_answers.shown,
        kept=_answers.kept,
        from_kept=_answers.from_kept,
        failed=partial(_failed, words),
        claim=ExportCall.claim,
        dress=_dress,
    )


def _failed(words: Words, call: ExportCall, trouble: Trouble) -> StoredAnswer:
    status, type_ = errors.verdict(trouble, words)
    return StoredAnswer(status, _encoder.encode(errors.envelope(fault_paths.told(trouble), type_)))


def _greet(scope: Scope, headers: Headers, call: ExportCall) -> None:
    wanted = call.operation.scope
    if wanted is not None:
        roles.expect(call.caller.role, wanted)
    if twice := credentials.repeated(scope, headers, SINGLE_HEADERS):
        raise Refused(errors.REPEATED, *twice)


def _ask(
    headers: Headers, call: ExportCall, path: Mapping[str, str], query: Mapping[str, str]
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


def _parse(call: ExportCall, raw: bytes) -> None:
    """The body as its model."""
    try:
        sent = bounds.decoded(raw or b"{}")
    except ValueError:
        raise Refused(errors.BAD_JSON) from None
    if call.operation.judge is not None:
        call.operation.judge(sent.said)
    try:
        call.body = bounds.shape(call.operation.body_adapter).validated(raw or b"{}", sent)
    except ValidationError as error:
        raise _malformed(errors.BAD_BODY, error, sent.said, bounds.is_heavy(raw)) from None
    if found := characters.forbidden(raw):
        raise _told(errors.BAD_BODY, found)


def _malformed(code: Code, error: ValidationError, sent: Any, is_brief: bool = False) -> Refused:
    return _told(code, places(error, sent, is_brief=is_brief))


def _told(code: Code, found: Iterable[tuple[str, str]]) -> Refused:
    faults = tuple(Fault(code=code.id, text=text, paths=(place,)) for place, text in found)
    return Refused(code, faults=faults)


def _dress(call: ExportCall, headers: MutableHeaders) -> None:
    headers["X-Request-Id"] = call.id
    if headers.get("content-type") == JSON_MEDIA:
        headers["content-type"] = MEDIA
    if call.is_replay:
        headers["Idempotent-Replayed"] = "true"
