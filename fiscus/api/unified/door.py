"""How a request of this family comes in and goes out: versions, headers, keys, envelopes.

The order of checks is the contract's: version, headers, body, token, idempotency, handler.
"""

import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
import structlog
from pydantic import ValidationError
from sqlalchemy import Connection
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from fiscus.api import bodies, kept, metrics
from fiscus.api.http import Caller, House
from fiscus.api.kept import Kept
from fiscus.api.problem import nul_problem, problem
from fiscus.api.unified import errors, operations, versions
from fiscus.api.unified.errors import (
    BAD_BODY,
    BAD_HEADER,
    BAD_JSON,
    BAD_PATH,
    NO_KEY,
    NO_TOKEN_SCOPE,
    NO_VERSION,
    TOO_LARGE,
    TOO_MANY,
    UNAUTHORIZED,
)
from fiscus.api.unified.operations import Operation
from fiscus.api.unified.translate import identifier
from fiscus.model.faults import Missing, Refused, Trouble, Unavailable
from fiscus.model.orders import Claim
from fiscus.registry import organizations
from fiscus.store.connect import writing

_log = structlog.get_logger("fiscus.unified")

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
_REMAINING = re.compile("[0-9]{1,4}", re.ASCII)
_VERSION = re.compile("[0-9]{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])", re.ASCII)

FAMILY = "unified"
RETRY_SECONDS = "1"
CLIENT_GONE = 499


@dataclass(kw_only=True)
class Call:
    """One admitted request."""

    operation: Operation
    version: str
    trace: str
    at: datetime
    path: Mapping[str, str]
    query: Mapping[str, Any]
    said: Any
    body: Any
    raw: bytes
    key: str
    scope: str
    caller: Caller
    is_replay: bool | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> Any:
        return self.body.content

    def claim(self, *said: str) -> Claim:
        """What makes a repeated request the same one. Keys belong to the caller's organization.

        `said` is everything that the body says; its last part is kept with the claim.
        """
        parts = (self.operation.id, *self.path.values(), self.scope, self.version, *said)
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        metadata = said[-1] if said[-1] != "{}" else ""
        return Claim(scope=self.caller.organization, key=self.key, digest=digest, metadata=metadata)


Handler = Callable[[House, Call], Awaitable[Any]]


class Endpoint:
    """One operation as an ASGI application: nothing stands between the server and it."""

    def __init__(self, house: House, operation: Operation, handler: Handler) -> None:
        self._house = house
        self._operation = operation
        self._handler = handler
        self._noun = operation.path.strip("/").split("/")[0].removesuffix("s")
        self._seconds = metrics.SECONDS.labels(FAMILY, operation.id)
        self._answers = {
            status: metrics.ANSWERS.labels(FAMILY, operation.id, status)
            for status in operation.statuses
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        trace = self._house.uuid7()
        headers = _headers(scope)
        version = headers.get("x-api-version", "")
        response, call = await self._answer(Request(scope, receive), headers, trace)
        response.headers["X-Api-Version"] = (
            version if version in versions.VERSIONS else versions.CURRENT
        )
        response.headers["X-Trace-Identifier"] = trace
        await response(scope, receive, send)
        self._account(response.status_code, call, trace, time.perf_counter() - begun)

    async def _answer(
        self, request: Request, headers: Mapping[str, str], trace: str
    ) -> tuple[Response, Call | None]:
        """From a request to a response, whatever happens."""
        call = None
        try:
            _check_version(headers.get("x-api-version", ""))
            call = await _admitted(self._house, self._operation, request, headers, trace)
            response = await self._handler(self._house, call)
            if not isinstance(response, Response):
                response = _json(call, response)
        except Trouble as trouble:
            response = self._failure(trouble, trace)
        except ClientDisconnect:
            response = Response(status_code=CLIENT_GONE)
        except Exception:
            _log.exception("unforeseen", trace=trace, operation=self._operation.id)
            response = _error(500, "The trace identifier tells us what happened.")
        if call is not None:
            response.headers.update(call.headers)
            if call.is_replay is not None:
                response.headers["X-Idempotency-Replayed"] = "true" if call.is_replay else "false"
        return response, call

    def _failure(self, trouble: Trouble, trace: str) -> Response:
        if trouble.code in VERSION_TROUBLE and self._house.settings.strict_gateway:
            return PlainTextResponse("404 page not found", 404)
        status = errors.status(trouble, self._operation.statuses)
        if status in (500, 503):
            _log.error("trouble", trace=trace, operation=self._operation.id, trouble=str(trouble))
        return _error(status, errors.message(trouble, self._noun))

    def _account(self, status: int, call: Call | None, trace: str, seconds: float) -> None:
        """One line in the log, one more in the counters."""
        self._seconds.observe(seconds)
        if status in self._answers:
            self._answers[status].inc()
        _log.info(
            "answered",
            trace=trace,
            operation=self._operation.id,
            status=status,
            ms=round(seconds * 1000, 2),
            organization=call.caller.organization if call else "",
        )


def _headers(scope: Scope) -> dict[str, str]:
    """The request's headers, decoded once; names are lower case already."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _check_version(version: str) -> None:
    if version in versions.VERSIONS:
        return
    if not version:
        raise Refused(NO_VERSION)
    if not _VERSION.fullmatch(version):
        raise Refused(BAD_HEADER, "X-Api-Version")
    raise Refused(errors.UNKNOWN_VERSION, "unsupported 'X-Api-Version'")


async def _admitted(
    house: House, operation: Operation, request: Request, headers: Mapping[str, str], trace: str
) -> Call:
    version = headers["x-api-version"]
    key = _key(operation, headers)
    scope = headers.get("x-scope-identifier") if operation.takes_scope else None
    if scope is not None and not _UUID4.fullmatch(scope):
        raise Refused(BAD_HEADER, "X-Scope-Identifier")
    _check_replay(headers)
    path = _path(request.path_params)
    query = operations.query(operation, request.query_params) if operation.query else {}
    bytes_max = house.settings.body_bytes_max
    raw = await bodies.read(request, headers, bytes_max, TOO_LARGE) if operation.request else b""
    said, body = _body(operation, version, raw) if operation.request else (None, None)
    caller = NOBODY if operation.is_open else _caller(house, headers)
    if not house.limits.admits(caller.organization):
        raise Unavailable(TOO_MANY)
    call = Call(
        operation=operation, version=version, trace=trace, at=house.clock(), path=path,
        query=query, said=said, body=body, raw=raw, key=key, scope=scope or "", caller=caller,
    )  # fmt: skip
    if operation.is_idempotent and key:
        call.is_replay = False
    return call


def _key(operation: Operation, headers: Mapping[str, str]) -> str:
    """The idempotency key, where one means something; empty if it may be left out and is."""
    key = headers.get("x-idempotency-key")
    if operation.needs_key and not key:
        raise Refused(NO_KEY)
    if key is None or operation.method == "GET":
        return ""
    if not _KEY.fullmatch(key):
        raise Refused(BAD_HEADER, "X-Idempotency-Key")
    return key


VERSION_TROUBLE = (NO_VERSION, errors.UNKNOWN_VERSION)
NOBODY = Caller(organization="", subject="")


def _check_replay(headers: Mapping[str, str]) -> None:
    """Offline replay is not offered; its headers are ignored if they are well formed."""
    remaining = headers.get("x-replay-remaining")
    if remaining is not None and not _REMAINING.fullmatch(remaining):
        raise Refused(BAD_HEADER, "X-Replay-Remaining")
    replayed = headers.get("x-replay-hash")
    if replayed is not None and not 1 <= len(replayed) <= 64:
        raise Refused(BAD_HEADER, "X-Replay-Hash")


def _path(params: Mapping[str, str]) -> dict[str, str]:
    for name, value in params.items():
        if not (_FILE if name == "path" else _ANY_UUID).fullmatch(value):
            raise Refused(BAD_PATH, name)
    return {name: value if name == "path" else identifier(value) for name, value in params.items()}


def _body(operation: Operation, version: str, raw: bytes) -> tuple[Any, Any]:
    """The body twice: as the caller said it, and as a model of our own version."""
    try:
        read = versions.read(version, operation, raw)
    except msgspec.DecodeError:
        raise Refused(BAD_JSON) from None
    except ValidationError as error:
        raise Refused(BAD_BODY, problem(error)) from None
    if bodies.ESCAPED_NUL in raw and (place := nul_problem(msgspec.json.decode(raw))):
        raise Refused(BAD_BODY, place)
    return read


def _caller(house: House, headers: Mapping[str, str]) -> Caller:
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    caller = house.tokens.read(bearer.strip()) if scheme.lower() == "bearer" else None
    if caller is None:
        raise Missing(UNAUTHORIZED)
    return caller


def scoped(tx: Connection, call: Call) -> str:
    """The organization in whose scope the call runs: the header's, if the caller may see it."""
    if not call.scope:
        return call.caller.organization
    try:
        scope = identifier(call.scope)
        return organizations.visible(tx, call.caller.organization, scope).id
    except Missing:
        raise Missing(NO_TOKEN_SCOPE, "X-Scope-Identifier") from None


def once(
    house: House, call: Call, do: Callable[[Connection, Call], dict[str, Any]]
) -> dict[str, Any] | Response:
    """Do it and keep the answer under its key, if it has one; or give the kept answer."""
    if not call.key:
        with writing(house.engine) as tx:
            return do(tx, call)

    def done(tx: Connection) -> Kept:
        body = bodies.encoder.encode(do(tx, call))
        return Kept(200, body, call.headers)

    claim = call.claim(bodies.canonical(call.raw), "{}")
    outcome = kept.once(
        house, claim, taker=call.trace, at=call.at, do=done, refused=partial(_refused, call)
    )
    if outcome.trouble is not None:
        raise outcome.trouble
    call.is_replay = outcome.is_replay
    call.headers.update(outcome.kept.headers)
    body, status = outcome.kept.body, outcome.kept.status
    if call.version != versions.CURRENT and status == 200:
        return _json(call, msgspec.json.decode(body))
    return Response(body, status, media_type="application/json")


def _refused(call: Call, trouble: Trouble) -> Kept:
    noun = call.operation.path.strip("/").split("/")[0].removesuffix("s")
    status = _status_of(call, trouble)
    envelope = errors.envelope(status, errors.message(trouble, noun))
    return Kept(status, bodies.encoder.encode(envelope), call.headers)


def _status_of(call: Call, trouble: Trouble) -> int:
    return errors.status(trouble, call.operation.statuses)


def _json(call: Call, body: Any) -> Response:
    if call.version != versions.CURRENT:
        body = versions.downgrade(call.version, call.operation.id, body)
    return Response(bodies.encoder.encode(body), media_type="application/json")


def _error(status: int, message: str) -> Response:
    response = Response(
        bodies.encoder.encode(errors.envelope(status, message)),
        status,
        media_type="application/json",
    )
    if status in (429, 503):
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def not_found(house: House) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Unknown paths and methods answer like everything else."""

    async def answer(request: Request, error: Exception) -> Response:
        response = _error(404, "There is nothing here.")
        version = request.headers.get("x-api-version", "")
        response.headers["X-Api-Version"] = (
            version if version in versions.VERSIONS else versions.CURRENT
        )
        response.headers["X-Trace-Identifier"] = house.uuid7()
        return response

    return answer
