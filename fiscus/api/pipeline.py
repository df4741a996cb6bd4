"""The request pipeline: what happens to every request of every API family, in one order.

Call, credential, rate, greeting, path and query, body, parsing, place, handler, answer. The
caller is counted before anything else is judged, and known before more than a small body is read.
A family says what is different with it in one value, its `Conventions`.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fiscus import metrics
from fiscus.access.budget import BodyReservation
from fiscus.access.tokens import Caller
from fiscus.api import credentials, intake, stored_answers
from fiscus.api.credentials import Headers
from fiscus.api.intake import AdmittedRequest, BodyTerms
from fiscus.api.stored_answers import StoredAnswer
from fiscus.model.faults import Code, Corrupt, Missing, Refused, Trouble, Unavailable
from fiscus.model.orders import IdempotencyKey
from fiscus.services import Services
from fiscus.store.connect import BUSY, reading, writing

CLIENT_GONE = 499
JSON_MEDIA = "application/json"
UNKNOWN_OPERATION = "unknown"
"""Under this name answers to addresses that are not there are counted."""

_NOT_IMPLEMENTED = 501
_NO_QUERY: Mapping[str, str] = {}


class PipelineOperation(Protocol):
    """One method on one path, as far as the pipeline looks at it. `request`: what a body must look
    like; None: there is none."""

    @property
    def id(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def request(self) -> Any: ...


class PipelineCall(Protocol):
    """One request, as far as the pipeline looks at it. It exists before anything is checked; each
    step fills in what it learned.

    `at` is the time of arrival; `id` names the answer in our logs; `taker` is an id of this request
    alone; `key` is the idempotency key, empty if there is none; `headers` are set on the answer.
    """

    at: datetime
    caller: Caller
    raw: bytes
    key: str
    headers: dict[str, str]
    is_replay: bool | None

    @property
    def id(self) -> str: ...
    @property
    def taker(self) -> str: ...
    @property
    def organization(self) -> str: ...


class CountedCaller(NamedTuple):
    """Under which name a request is counted, and whether its credential proved that name."""

    name: str
    is_known: bool


@dataclass(frozen=True, kw_only=True)
class PipelineCodes:
    """A family's codes for what the pipeline itself finds wrong. `repeated_query` None: a parameter
    that is sent twice is not judged."""

    too_large: Code
    nobody: Code
    too_many: Code
    repeated_query: Code | None
    nothing: Code
    unforeseen: Code


C = TypeVar("C", bound=PipelineCall)
Handler = Callable[[Services, C], Awaitable[Any]]
"""Answers a call: with what the family's `shown` takes, or with a response as it is."""

Do = Callable[[Services, Connection, C], Any]
"""The same within a transaction."""


@dataclass(frozen=True, kw_only=True)
class Conventions(Generic[C]):
    """How one family speaks, step by step. Every step raises the first `Trouble` it finds.

    - `log_name`: under which name a call's `id` stands in the log;
    - `call(operation, scope, headers)`: the request as far as it is known before any check;
    - `credential(scope, headers, call)`: who asks. A family whose contract names other faults first
      says here that it is a stranger, and refuses in `place`;
    - `greet(scope, headers, call)`: version, header syntax, key, scope, role;
    - `ask(headers, call, path, query)`: the path, the query, and what the headers say about them;
    - `terms(operation)`: how large a body may be;
    - `parse(call, raw)`: the body; runs in a thread of its own if the body is large;
    - `place(scope, headers, call)`: in whose name, now that the request is well formed;
    - `shown(call, answer)`: what a handler answered, as the caller sees it;
    - `kept(call, answer)`: the same as it is kept under the call's key;
    - `from_kept(call, kept)`: and as it is shown again, maybe in another version;
    - `failed(call, trouble)`: an error, as the caller sees it;
    - `claim(call)`: what makes a repeated request the same one;
    - `dress(call, headers)`: the headers that every answer has.
    """

    family: str
    log_name: str
    codes: PipelineCodes
    call: Callable[[Any, Scope, Headers], C]
    credential: Callable[[Scope, Headers, C], Awaitable[CountedCaller]]
    greet: Callable[[Scope, Headers, C], None]
    ask: Callable[[Headers, C, Mapping[str, str], Mapping[str, str]], None]
    terms: Callable[[Any], BodyTerms]
    parse: Callable[[C, bytes], None]
    place: Callable[[Scope, Headers, C], Awaitable[None]]
    shown: Callable[[C, Any], StoredAnswer]
    kept: Callable[[C, Any], StoredAnswer]
    from_kept: Callable[[C, StoredAnswer], StoredAnswer]
    failed: Callable[[C, Trouble], StoredAnswer]
    claim: Callable[[C], IdempotencyKey]
    dress: Callable[[C, MutableHeaders], None]


@dataclass(frozen=True)
class ReadOperation(Generic[C]):
    """A handler that only reads: in a thread, on one consistent state."""

    do: Do[C]


@dataclass(frozen=True)
class WriteOperation(Generic[C]):
    """A handler that writes in one transaction; its answer is kept under the call's key, if it has
    one."""

    do: Do[C]


Act = ReadOperation[C] | WriteOperation[C] | Handler[C]


class Endpoint(Generic[C]):
    """One operation as an ASGI application: the server calls it directly."""

    def __init__(
        self,
        services: Services,
        conventions: Conventions[C],
        operation: PipelineOperation,
        act: Act[C],
    ) -> None:
        self._services = services
        self._conventions = conventions
        self._operation = operation
        self._handler = _handler(conventions, act)
        self._terms = conventions.terms(operation)
        self._meter = metrics.Meter(conventions.family, operation.id)
        self._log = structlog.get_logger(f"fiscus.{conventions.family}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        headers = _headers(scope)
        call = self._conventions.call(self._operation, scope, headers)
        status = CLIENT_GONE
        try:
            response = await self._answer(Request(scope, receive), call, headers)
            status = response.status_code
            if call.headers:
                response.headers.update(call.headers)
            self._conventions.dress(call, response.headers)
            await response(scope, receive, send)
        finally:
            self._account(status, call, time.perf_counter() - begun)

    async def _answer(self, request: Request, call: C, headers: Headers) -> Response:
        """From a request to a response, whatever happens."""
        try:
            with self._services.budget.hold() as hold:
                await self._admit(request, call, headers, hold)
                answer = await self._handler(self._services, call)
            if isinstance(answer, Response):
                return answer
            return _response(self._conventions.shown(call, answer))
        except Trouble as trouble:
            return self._failure(trouble, call)
        except ClientDisconnect:
            return Response(status_code=CLIENT_GONE)
        except Exception:
            self._log.exception("unforeseen", operation=self._operation.id, **self._named(call))
            return self._failure(Corrupt(self._conventions.codes.unforeseen), call)

    async def _admit(
        self, request: Request, call: C, headers: Headers, hold: BodyReservation
    ) -> None:
        """All that is checked before the handler. Raises the first trouble."""
        conventions, scope = self._conventions, request.scope
        admitted = await self._counted(scope, headers, call)
        conventions.greet(scope, headers, call)
        query = self._query(request) if scope.get("query_string") else _NO_QUERY
        conventions.ask(headers, call, request.path_params, query)
        if self._operation.request is not None:
            call.raw = await intake.body(admitted, request, headers, hold, self._terms)
            await intake.parsed(admitted, call.raw, partial(conventions.parse, call))
        await conventions.place(scope, headers, call)

    async def _counted(self, scope: Scope, headers: Headers, call: C) -> AdmittedRequest:
        """Counts the request before anything else is judged: also one that will be refused."""
        conventions, services = self._conventions, self._services
        too_many = conventions.codes.too_many
        try:
            asker = await conventions.credential(scope, headers, call)
        except Missing:
            stranger = credentials.stranger(services, scope)
            intake.admit(services, scope, stranger, too_many, is_known=False)
            raise
        return intake.admit(services, scope, asker.name, too_many, is_known=asker.is_known)

    def _query(self, request: Request) -> Mapping[str, str]:
        """The query. Raises `Refused` for a parameter that was sent twice: it says two things."""
        sent = request.query_params.multi_items()
        found = dict(sent)
        code = self._conventions.codes.repeated_query
        if code is not None and len(found) < len(sent):
            names = [name for name, _ in sent]
            twice = next(name for name in names if names.count(name) > 1)
            raise Refused(code, twice)
        return found

    def _failure(self, trouble: Trouble, call: C) -> Response:
        kept = self._conventions.failed(call, trouble)
        if kept.status >= 500 and kept.status != _NOT_IMPLEMENTED:
            self._log.error(
                "trouble", operation=self._operation.id, trouble=str(trouble), **self._named(call)
            )
        response = _response(kept)
        if kept.status in (429, 503):
            response.headers["Retry-After"] = credentials.retry_seconds(trouble)
        if kept.status == 408:
            response.headers["Connection"] = "close"
        return response

    def _account(self, status: int, call: C, seconds: float) -> None:
        """One line in the log, one more in the counters."""
        self._meter.answered(status, seconds)
        self._log.info(
            "answered",
            operation=self._operation.id,
            status=status,
            ms=round(seconds * 1000, 2),
            organization=call.organization,
            **self._named(call),
        )

    def _named(self, call: C) -> dict[str, str]:
        return {self._conventions.log_name: call.id}


def endpoints(
    services: Services, conventions: Conventions[C], table: Sequence[tuple[Any, Act[C]]]
) -> dict[tuple[str, str], Endpoint[C]]:
    """A family's operations by method and path."""
    return {
        (operation.method, operation.path): Endpoint(services, conventions, operation, act)
        for operation, act in table
    }


def nothing(
    services: Services, conventions: Conventions[C], operation: PipelineOperation
) -> Endpoint[C]:
    """The endpoint for addresses that are not there: such a request is counted to its sender and
    answered with not found, whatever else it says. `operation` takes no body."""

    async def stranger(scope: Scope, headers: Headers, call: C) -> CountedCaller:
        return CountedCaller(credentials.stranger(services, scope), is_known=False)

    def pass_by(*_: object) -> None:
        """A step that checks nothing."""

    async def nowhere(scope: Scope, headers: Headers, call: C) -> None:
        """It is asked in nobody's name."""

    async def refuse(services: Services, call: C) -> Any:
        raise Missing(conventions.codes.nothing)

    codes = replace(conventions.codes, repeated_query=None)
    silent = replace(
        conventions, codes=codes, credential=stranger, greet=pass_by, ask=pass_by, place=nowhere
    )
    return Endpoint(services, silent, operation, refuse)


def _headers(scope: Scope) -> dict[str, str]:
    """The request's headers, decoded once; names are lower case already."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _response(kept: StoredAnswer) -> Response:
    response = Response(kept.body, kept.status, media_type=JSON_MEDIA)
    if kept.headers:
        response.headers.update(kept.headers)
    return response


def _handler(conventions: Conventions[C], act: Act[C]) -> Handler[C]:
    if isinstance(act, ReadOperation | WriteOperation):
        run, do = (_read if isinstance(act, ReadOperation) else _once), act.do

        async def in_thread(services: Services, call: C) -> Any:
            return await services.in_thread(run, services, conventions, call, do)

        return in_thread
    return act


def _read(services: Services, _: Conventions[C], call: C, do: Do[C]) -> Any:
    with reading(services.engine) as tx:
        return do(services, tx, call)


def _once(services: Services, conventions: Conventions[C], call: C, do: Do[C]) -> Any:
    """Do it and keep the answer under its key, if it has one; or give the kept answer."""
    if not call.key:
        try:
            with writing(services.engine) as tx:
                return do(services, tx, call)
        except IntegrityError as error:
            # Another request changed the same thing at the same moment, and was faster.
            raise Unavailable(BUSY) from error

    def done(tx: Connection) -> StoredAnswer:
        return conventions.kept(call, do(services, tx, call))

    def refused(trouble: Trouble) -> StoredAnswer:
        return msgspec.structs.replace(conventions.failed(call, trouble), headers=call.headers)

    outcome = stored_answers.once(
        services, conventions.claim(call), taker=call.taker, at=call.at, do=done, refused=refused
    )
    if outcome.trouble is not None:
        raise outcome.trouble
    call.is_replay = outcome.is_replay
    call.headers.update(outcome.kept.headers)
    return _response(conventions.from_kept(call, outcome.kept))
