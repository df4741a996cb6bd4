"""How a request of this family comes in and goes out: keys, merchants, headers, bodies, errors.

The order of checks: API key, rate, query, headers, body, merchant, and then the endpoint's own.
"""

import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property, partial
from typing import Any

import msgspec
import structlog
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fiscus.api import bodies, kept, metrics
from fiscus.api.http import Caller, House
from fiscus.api.kept import Kept
from fiscus.api.problem import nul_problem, places
from fiscus.api.reporting import errors
from fiscus.api.reporting.access import Callers
from fiscus.api.reporting.errors import Style, Words
from fiscus.model.faults import Code, Corrupt, Fault, Missing, Refused, Trouble, Unavailable
from fiscus.model.orders import Claim
from fiscus.model.records import Said
from fiscus.registry.things import TaxpayerView
from fiscus.store.connect import BUSY, reading, writing

__all__ = [
    "Answer",
    "Call",
    "Endpoint",
    "Handler",
    "Key",
    "Operation",
    "Style",
    "once",
    "reads",
    "unknown",
    "writes",
]

_log = structlog.get_logger("fiscus.reporting")

FAMILY = "reporting"
VERSION = "1"
RETRY_SECONDS = "1"
CLIENT_GONE = 499
MERCHANT_HEADERS = ("x-openfiskal-merchant", "openfiskal-organization")
NOBODY = Caller(organization="", subject="")

_REQUEST_ID = re.compile(r"req_[A-Za-z0-9_-]{1,64}", re.ASCII)
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,255}", re.ASCII)
_MATCH = re.compile(r'"([1-9][0-9]{0,8})"', re.ASCII)

_encoder = msgspec.json.Encoder()


class Key(Enum):
    """Whether an endpoint wants the header Idempotency-Key."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One endpoint.

    - `statuses`: what it answers itself; what the door says for all of them is added by it;
    - `request`, `query`, `answer`: the models of body, query and success body;
    - `needs_merchant`: a header names the merchant, unless the key belongs to one;
    - `needs_match`: the header If-Match must name the version that is changed;
    - `is_open`: no API key is wanted, the address itself is signed;
    - `style`: how its errors look;
    - `media`: the media type of a success that is not JSON.
    """

    id: str
    method: str
    path: str
    summary: str
    statuses: tuple[int, ...]
    request: Any = None
    query: type[BaseModel] | None = None
    answer: Any = None
    needs_merchant: bool = True
    key: Key = Key.NONE
    needs_match: bool = False
    is_open: bool = False
    style: Style = Style.C
    media: str = ""

    @cached_property
    def body_adapter(self) -> TypeAdapter[Any]:
        is_adapter = isinstance(self.request, TypeAdapter)
        return self.request if is_adapter else TypeAdapter(self.request)


@dataclass(kw_only=True)
class Call:
    """One admitted request.

    `path` is as in the URL; `raw` the body's bytes; `key` is empty and `match` None if the header
    was not sent. `merchant` may be some seconds old: what can change is read again in the
    handler's transaction. `details` set before a trouble is raised are shown in its answer;
    `headers` are set on the answer.
    """

    operation: Operation
    at: datetime
    fresh: str
    request_id: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Any = None
    body: Any = None
    raw: bytes = b""
    key: str = ""
    match: int | None = None
    caller: Caller = NOBODY
    regime: str = ""
    merchant: TaxpayerView | None = None
    headers: dict[str, str] = field(default_factory=dict)
    details: dict[str, Any] | None = None
    is_replay: bool = False

    @property
    def organization(self) -> str:
        """The merchant's unit; without a merchant, the organization of the key."""
        if self.merchant is None:
            return self.caller.organization
        return self.merchant.taxpayer.organization

    def claim(self, *said: str) -> Claim:
        """What makes a repeated request the same one: endpoint, path, body, and what else is
        said. Without a key of the caller's every request is one of its own."""
        parts = (self.operation.id, *self.path.values(), bodies.canonical(self.raw), *said)
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        key = f"{FAMILY}:{self.operation.id}:{self.key or self.fresh}"
        return Claim(scope=self.organization, key=key, digest=digest)

    def said(self, text: str) -> Said:
        return Said(family=FAMILY, version=VERSION, text=text)


@dataclass(frozen=True)
class Answer:
    """`body` is anything JSON can say; None: there is no body."""

    status: int
    body: Any = None


Handler = Callable[[House, Call], Awaitable[Answer | Response]]
Do = Callable[[House, Connection, Call], Answer]


class Endpoint:
    """One operation as an ASGI application: nothing stands between the server and it."""

    def __init__(
        self, house: House, callers: Callers, operation: Operation, handler: Handler, words: Words
    ) -> None:
        self._house = house
        self._callers = callers
        self._operation = operation
        self._handler = handler
        self._words = words
        self._meter = metrics.Meter(FAMILY, operation.id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        headers = _headers(scope)
        call = _call(self._house, self._operation, headers)
        response = await self._answer(Request(scope, receive), call, headers)
        response.headers.update(call.headers)
        response.headers["X-Request-Id"] = call.request_id
        if call.is_replay:
            response.headers["Idempotent-Replayed"] = "true"
        await response(scope, receive, send)
        self._account(response.status_code, call, time.perf_counter() - begun)

    async def _answer(self, request: Request, call: Call, headers: Mapping[str, str]) -> Response:
        """From a request to a response, whatever happens."""
        try:
            await _admit(self._house, self._callers, request, call, headers)
            answer = await self._handler(self._house, call)
            return answer if isinstance(answer, Response) else _response(answer)
        except Trouble as trouble:
            return self._failure(trouble, call)
        except ClientDisconnect:
            return Response(status_code=CLIENT_GONE)
        except Exception:
            _log.exception("unforeseen", request=call.request_id, operation=self._operation.id)
            return self._failure(Corrupt(errors.UNFORESEEN), call)

    def _failure(self, trouble: Trouble, call: Call) -> Response:
        verdict = errors.verdict(trouble, self._words)
        if verdict[0] >= 500:
            _log.error(
                "trouble", request=call.request_id, operation=call.operation.id,
                trouble=str(trouble),
            )  # fmt: skip
        response = _response(_error(trouble, verdict, call))
        if verdict[0] in (429, 503):
            response.headers["Retry-After"] = RETRY_SECONDS
        return response

    def _account(self, status: int, call: Call, seconds: float) -> None:
        """One line in the log, one more in the counters."""
        self._meter.answered(status, seconds)
        _log.info(
            "answered",
            request=call.request_id,
            operation=self._operation.id,
            status=status,
            ms=round(seconds * 1000, 2),
            organization=call.organization,
        )


def _headers(scope: Scope) -> dict[str, str]:
    """The request's headers, decoded once; names are lower case already."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _call(house: House, operation: Operation, headers: Mapping[str, str]) -> Call:
    """The request as far as it is known before anything is checked."""
    fresh = house.uuid7()
    wished = headers.get("x-request-id", "")
    request_id = wished if _REQUEST_ID.fullmatch(wished) else f"req_{fresh.replace('-', '')}"
    return Call(operation=operation, at=house.clock(), fresh=fresh, request_id=request_id)


def _error(trouble: Trouble, verdict: tuple[int, str], call: Call) -> Answer:
    body = errors.envelope(
        call.operation.style, trouble, verdict, request_id=call.request_id, details=call.details
    )
    return Answer(verdict[0], body)


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status)
    return Response(_encoder.encode(answer.body), answer.status, media_type="application/json")


async def _admit(
    house: House, callers: Callers, request: Request, call: Call, headers: Mapping[str, str]
) -> None:
    """Fill the call in. Raises the first trouble that stands against it."""
    operation = call.operation
    call.path = dict(request.path_params)
    proof = None
    if not operation.is_open:
        proof = await callers.proof(headers.get("authorization", ""))
        call.caller, call.regime = proof.caller, proof.regime
    if not house.limits.admits(call.caller.organization):
        raise Unavailable(errors.TOO_MANY)
    call.query = _query(operation, request)
    call.key = _key(operation, headers)
    call.match = _match(operation, headers)
    if operation.request is not None:
        bytes_max = house.settings.body_bytes_max
        call.raw = await bodies.read(request, headers, bytes_max, errors.TOO_LARGE)
        call.body = _body(operation, call.raw)
    if proof is not None and operation.needs_merchant:
        named = tuple(headers[name] for name in MERCHANT_HEADERS if name in headers)
        call.merchant = await callers.merchant(proof, named)


def _query(operation: Operation, request: Request) -> Any:
    sent = request.query_params.multi_items()
    if len(dict(sent)) < len(sent):
        raise Refused(errors.BAD_QUERY, *(name for name, _ in sent[:1]))
    if any("\x00" in name + value for name, value in sent):
        raise Refused(errors.BAD_QUERY)
    if operation.query is None:
        if sent:
            raise Refused(errors.BAD_QUERY, sent[0][0])
        return None
    try:
        return operation.query.model_validate(dict(sent))
    except ValidationError as error:
        raise _malformed(errors.BAD_QUERY, error, dict(sent)) from None


def _key(operation: Operation, headers: Mapping[str, str]) -> str:
    if operation.key is Key.NONE:
        return ""
    key = headers.get("idempotency-key")
    if key is None:
        if operation.key is Key.REQUIRED:
            raise Refused(errors.NO_KEY, "Idempotency-Key")
        return ""
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise Refused(errors.BAD_KEY, "Idempotency-Key")
    return key


def _match(operation: Operation, headers: Mapping[str, str]) -> int | None:
    if not operation.needs_match:
        return None
    if "if-match" not in headers:
        raise Refused(errors.NO_MATCH, "If-Match")
    said = _MATCH.fullmatch(headers["if-match"].strip())
    if said is None:
        raise Refused(errors.BAD_MATCH, "If-Match")
    return int(said[1])


def _body(operation: Operation, raw: bytes) -> Any:
    """The body as its model. No body at all says as much as an empty object."""
    raw = raw or b"{}"
    try:
        sent = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(errors.BAD_JSON) from None
    try:
        body = operation.body_adapter.validate_json(raw)
    except ValidationError as error:
        raise _malformed(errors.BAD_BODY, error, sent) from None
    if bodies.ESCAPED_NUL in raw and (place := nul_problem(sent)):
        raise Refused(errors.BAD_BODY, place.partition(":")[0])
    return body


def _malformed(code: Code, error: ValidationError, sent: Any) -> Refused:
    faults = tuple(
        Fault(code=code.id, text=text, paths=(place,)) for place, text in places(error, sent)
    )
    return Refused(code, faults=faults)


def reads(do: Do) -> Handler:
    """A handler that only reads: `do(house, tx, call)`, in a thread, on one consistent state."""

    async def handler(house: House, call: Call) -> Answer | Response:
        def read() -> Answer:
            with reading(house.engine) as tx:
                return do(house, tx, call)

        return await house.in_thread(read)

    return handler


def writes(do: Do, words: Words = errors.WORDS) -> Handler:
    """A handler that writes in one transaction; its answer is kept under the idempotency key, if
    there is one. `words` are those for the troubles that it may raise."""

    async def handler(house: House, call: Call) -> Answer | Response:
        return await house.in_thread(once, house, call, do, {**errors.WORDS, **words})

    return handler


def once(house: House, call: Call, do: Do, words: Words) -> Answer | Response:
    """Do it and keep the answer under its key; or give the kept answer."""
    if not call.key:
        try:
            with writing(house.engine) as tx:
                return do(house, tx, call)
        except IntegrityError as error:
            # Somebody else changed the same thing at the same moment, and was faster.
            raise Unavailable(BUSY) from error

    def done(tx: Connection) -> Kept:
        answer = do(house, tx, call)
        return Kept(answer.status, _encoder.encode(answer.body), call.headers)

    outcome = kept.once(
        house, call.claim(), taker=call.fresh, at=call.at, do=done,
        refused=partial(_refused, call, words),
    )  # fmt: skip
    if outcome.trouble is not None:
        raise outcome.trouble
    call.is_replay = outcome.is_replay
    call.headers.update(outcome.kept.headers)
    body = b"" if outcome.kept.body == b"null" else outcome.kept.body
    return Response(body, outcome.kept.status, media_type="application/json")


def _refused(call: Call, words: Words, trouble: Trouble) -> Kept:
    answer = _error(trouble, errors.verdict(trouble, words), call)
    return Kept(answer.status, _encoder.encode(answer.body), call.headers)


async def _nothing(house: House, call: Call) -> Answer:
    raise Missing(errors.NOTHING)


def unknown(house: House, callers: Callers) -> Endpoint:
    """What answers for every other address below the family's own."""
    operation = Operation(
        id="unknown", method="GET", path="/v1/{path}", summary="Nothing", statuses=(404,),
        is_open=True, query=_Anything,
    )  # fmt: skip
    return Endpoint(house, callers, operation, _nothing, errors.WORDS)


class _Anything(BaseModel):
    """An address that is not there has no parameters to be wrong."""
