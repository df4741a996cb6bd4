"""How requests of this family come in and go out: versions, headers, tokens, envelopes.

The contract names what is wrong in this order: version, headers, path and query, body, token. So a
wrong token is no error before the body was read; only large bodies are taken from those we know.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from pydantic import ValidationError
from sqlalchemy import Connection
from starlette.datastructures import MutableHeaders
from starlette.types import Scope

from fiscus.access.tokens import Caller
from fiscus.api import bodies, bounds, characters, credentials, intake
from fiscus.api.credentials import Headers
from fiscus.api.families.unified import errors, operations, translate, versions
from fiscus.api.families.unified.calls import FAMILY, UnifiedCall
from fiscus.api.families.unified.operations import UnifiedOperation
from fiscus.api.families.unified.wire.months import MONTH
from fiscus.api.pipeline import Conventions, CountedCaller, PipelineCodes
from fiscus.api.problem import problem
from fiscus.api.stored_answers import StoredAnswer
from fiscus.model.faults import Missing, Refused, Trouble
from fiscus.model.orders import IdempotencyKey
from fiscus.registry import organizations, roles
from fiscus.services import Services

_UUID4 = re.compile(
    "[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}", re.ASCII
)
_KEY = re.compile(
    "[0-9a-f]{8}-?[0-9a-f]{4}-?[34][0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}", re.ASCII
)
_ANY_UUID = re.compile(
    "[0-9a-f]{8}-?[0-9a-f]{4}-?[47][0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.ASCII
)
_FILE = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}\.zip(\.jws)?", re.ASCII
)
_PLAIN = {"path": _FILE, "month": re.compile(MONTH.strip("^$"), re.ASCII)}
"""What stands in a path and is no id."""
_REMAINING = re.compile("[0-9]{1,4}", re.ASCII)
_VERSION = re.compile("[0-9]{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])", re.ASCII)

SINGLE_HEADERS = (
    "x-api-version",
    "x-idempotency-key",
    "x-scope-identifier",
    "x-replay-remaining",
    "x-replay-hash",
)
"""Sent twice they say two things, and nobody knows which one counts."""

VERSION_TROUBLE = (errors.NO_VERSION, errors.UNKNOWN_VERSION)
CODES = PipelineCodes(
    too_large=errors.TOO_LARGE,
    nobody=errors.UNAUTHORIZED,
    too_many=errors.TOO_MANY,
    repeated_query=operations.BAD_QUERY,
    nothing=errors.NOTHING,
    unforeseen=errors.UNFORESEEN,
)


def conventions(services: Services) -> Conventions[UnifiedCall]:
    """All of it for one installation."""

    def call(operation: UnifiedOperation, scope: Scope, headers: Headers) -> UnifiedCall:
        return UnifiedCall(
            operation=operation,
            version=headers.get("x-api-version", ""),
            trace=services.uuid7(),
            at=services.clock(),
            digest_key=services.macs.digests,
        )

    async def credential(scope: Scope, headers: Headers, call: UnifiedCall) -> CountedCaller:
        if call.operation.is_open:
            call.address = credentials.address(services, scope)
            return CountedCaller(credentials.login(services, scope), is_known=False)
        known = await recognized(services, scope, headers)
        if known is None:
            return CountedCaller(credentials.stranger(services, scope), is_known=False)
        call.caller = known
        return CountedCaller(credentials.known(known), is_known=True)

    def terms(operation: UnifiedOperation) -> intake.BodyTerms:
        versions.prepare(operation)  # It takes a while: not in the first request.
        is_open = operation.is_open
        return intake.BodyTerms(
            bytes_max=intake.LOGIN_BYTES_MAX if is_open else services.settings.body_bytes_max,
            too_large=errors.LOGIN_TOO_LARGE if is_open else errors.TOO_LARGE,
            nobody=errors.UNAUTHORIZED,
        )

    def failed(call: UnifiedCall, trouble: Trouble) -> StoredAnswer:
        if trouble.code in VERSION_TROUBLE and services.settings.strict_gateway:
            return StoredAnswer(
                404, b"404 page not found", {"content-type": "text/plain; charset=utf-8"}
            )
        trouble = _in_words(call, trouble)
        status = errors.status(trouble, call.operation.statuses)
        said = errors.envelope(status, errors.message(trouble, call.operation.noun))
        return StoredAnswer(status, bodies.encoder.encode(said))

    return Conventions(
        family=FAMILY,
        log_name="trace",
        codes=CODES,
        call=call,
        credential=credential,
        greet=_greet,
        ask=_ask,
        terms=terms,
        parse=_parse,
        place=_place,
        shown=_shown,
        kept=_kept,
        from_kept=_from_kept,
        failed=failed,
        claim=_claim,
        dress=_dress,
    )


class _Bearer(msgspec.Struct, frozen=True):
    """Whose key a bearer token was made for."""

    caller: Caller


async def recognized(services: Services, scope: Scope, headers: Headers) -> Caller | None:
    """Whose bearer token the headers carry, None for nobody's."""

    async def prove(bearer: str) -> _Bearer | None:
        caller = services.tokens.read(bearer)
        return None if caller is None else _Bearer(caller)

    found = await credentials.recognized(services, scope, headers, prove)
    return found.caller if found else None


def _greet(scope: Scope, headers: Headers, call: UnifiedCall) -> None:
    _check_version(call.version)
    if twice := credentials.repeated(scope, headers, SINGLE_HEADERS):
        raise Refused(errors.BAD_HEADER, *(f"{name} (sent more than once)" for name in twice))
    operation = call.operation
    key = _key(operation, headers)
    said = headers.get("x-scope-identifier") if operation.takes_scope else None
    if said is not None and not _UUID4.fullmatch(said):
        raise Refused(errors.BAD_HEADER, "X-Scope-Identifier")
    _check_replay(headers)
    call.key, call.scope = key, said or ""


def _check_version(version: str) -> None:
    if version in versions.VERSIONS:
        return
    if not version:
        raise Refused(errors.NO_VERSION)
    if not _VERSION.fullmatch(version):
        raise Refused(errors.BAD_HEADER, "X-Api-Version")
    raise Refused(errors.UNKNOWN_VERSION, "unsupported 'X-Api-Version'")


def _key(operation: UnifiedOperation, headers: Headers) -> str:
    """The idempotency key, where one means something; empty if it may be left out and is."""
    key = headers.get("x-idempotency-key")
    if operation.needs_key and not key:
        raise Refused(errors.NO_KEY)
    if key is None or operation.method == "GET":
        return ""
    if not _KEY.fullmatch(key):
        raise Refused(errors.BAD_HEADER, "X-Idempotency-Key")
    return key


def _check_replay(headers: Headers) -> None:
    """Offline replay is not offered; its headers are ignored if they are well formed."""
    remaining = headers.get("x-replay-remaining")
    if remaining is not None and not _REMAINING.fullmatch(remaining):
        raise Refused(errors.BAD_HEADER, "X-Replay-Remaining")
    replayed = headers.get("x-replay-hash")
    if replayed is not None and not 1 <= len(replayed) <= 64:
        raise Refused(errors.BAD_HEADER, "X-Replay-Hash")


def _ask(
    headers: Headers, call: UnifiedCall, path: Mapping[str, str], query: Mapping[str, str]
) -> None:
    for name, value in path.items():
        if not _PLAIN.get(name, _ANY_UUID).fullmatch(value):
            raise Refused(errors.BAD_PATH, name)
    call.path = {
        name: value if name in _PLAIN else translate.identifier(value)
        for name, value in path.items()
    }
    if call.operation.query:
        call.query = operations.query(call.operation, query)


def _parse(call: UnifiedCall, raw: bytes) -> None:
    """The body twice: as the caller said it, and as a model of our own version."""
    try:
        call.said, call.body = versions.read(call.version, call.operation, raw)
    except ValidationError as error:
        raise Refused(errors.BAD_BODY, problem(error, is_brief=bounds.is_heavy(raw))) from None
    except ValueError:
        raise Refused(errors.BAD_JSON) from None
    if found := characters.forbidden(raw):
        raise Refused(errors.BAD_BODY, "; ".join(f"{place}: {text}" for place, text in found))


async def _place(scope: Scope, headers: Headers, call: UnifiedCall) -> None:
    """Who asks, and whether that role may: the contract names it after the body."""
    operation = call.operation
    if operation.scope is None:
        if credentials.repeated(scope, headers, ("authorization",)):
            raise Missing(errors.UNAUTHORIZED)
    elif not call.caller.subject:
        raise Missing(errors.UNAUTHORIZED)
    else:
        roles.expect(call.caller.role, operation.scope)
    if operation.is_idempotent and call.key:
        call.is_replay = False


def scoped(tx: Connection, call: UnifiedCall) -> str:
    """The organization in whose scope the call runs: the header's, if the caller may see it."""
    if not call.scope:
        return call.caller.organization
    try:
        scope = translate.identifier(call.scope)
        return organizations.visible(tx, call.caller.organization, scope).id
    except Missing:
        raise Missing(errors.NO_TOKEN_SCOPE, "X-Scope-Identifier") from None


def _shown(call: UnifiedCall, answer: dict[str, Any]) -> StoredAnswer:
    if not versions.is_same(call.version, call.operation.id):
        answer = versions.downgrade(call.version, call.operation.id, answer)
    return StoredAnswer(200, bodies.encoder.encode(answer))


def _in_words(call: UnifiedCall, trouble: Trouble) -> Trouble:
    """At the places of the body as it was sent, whatever its version."""
    sent = None if call.said is None else msgspec.json.decode(call.raw)
    return translate.in_words(trouble, call.operation.id, sent)


def _kept(call: UnifiedCall, answer: dict[str, Any]) -> StoredAnswer:
    """In our own version: whoever asks again may speak another one."""
    again = None
    if call.again is not None:
        body = bodies.encoder.encode(call.again.body)
        again = StoredAnswer(200, body, {**call.headers, **call.again.headers})
    return StoredAnswer(200, bodies.encoder.encode(answer), call.headers, again)


def _from_kept(call: UnifiedCall, kept: StoredAnswer) -> StoredAnswer:
    if kept.status != 200 or versions.is_same(call.version, call.operation.id):
        return kept
    return _shown(call, msgspec.json.decode(kept.body))


def _claim(call: UnifiedCall) -> IdempotencyKey:
    return call.claim(bodies.canonical(call.raw), "{}")


def _dress(call: UnifiedCall, headers: MutableHeaders) -> None:
    is_served = call.version in versions.VERSIONS
    headers["X-Api-Version"] = call.version if is_served else versions.CURRENT
    headers["X-Trace-Identifier"] = call.trace
    if call.is_replay is not None:
        headers["X-Idempotency-Replayed"] = "true" if call.is_replay else "false"
