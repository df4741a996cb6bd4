"""Reads request bodies, for every family: who may send how much, how slowly, beside how many
others.

The headers are judged before more than 64 KB of a body are read: until the body is asked for,
the server stops reading the socket. What has arrived is counted against a budget of the process
until its request is answered, so that many senders cannot fill the memory together.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import TypeAdapter
from starlette.requests import ClientDisconnect, Request
from starlette.types import Scope

from fiscus.access.budget import BodyReservation
from fiscus.api import bounds, credentials
from fiscus.model.faults import Code, Missing, Refused, Unavailable
from fiscus.services import Services

LATE = Code("INTAKE-BODY-01", "the request body did not arrive in time")
COMPRESSED = Code(
    "INTAKE-BODY-02", "compressed bodies are not read: send the body without Content-Encoding"
)

BODY_SECONDS = 10
BODY_BYTES_PER_SECOND = 16_384
"""A body has ten seconds, and one more for each 16 KB that have come: who sends steadily has ten
and the sixteenth part of its kilobytes, who declares much and sends nothing has ten."""

OPEN_BYTES_MAX = 65_536
"""The largest body of a stranger."""

LOGIN_BYTES_MAX = 4_096

QUICK_BYTES = 4_096
"""A body of no more is parsed in less time than it takes to ask whether it may."""

REFUSED_SECONDS = 0.005

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class BodyTerms:
    """What an operation takes, in its family's codes: a larger body is `too_large`; a stranger
    whose body is larger than any stranger's may be is `nobody`."""

    bytes_max: int
    too_large: Code
    nobody: Code


class FamilyCodes(Protocol):
    """A family's codes for a body that is too large, and for a stranger's."""

    @property
    def too_large(self) -> Code: ...
    @property
    def nobody(self) -> Code: ...


class ShapedOperation(Protocol):
    """An operation whose body is a model: `request` is None if it takes no body."""

    @property
    def request(self) -> Any: ...
    @property
    def body_adapter(self) -> TypeAdapter[Any]: ...


def terms(
    services: Services, codes: FamilyCodes, operation: ShapedOperation, bytes_max: int | None = None
) -> BodyTerms:
    """What an operation takes whose body is a model: no more than any body may have here, nor than
    `bytes_max`, if there is such a bound."""
    if operation.request is not None:
        bounds.shape(operation.body_adapter)  # It takes a while: not in the first request.
    most = services.settings.body_bytes_max
    return BodyTerms(
        bytes_max=most if bytes_max is None else min(most, bytes_max),
        too_large=codes.too_large,
        nobody=codes.nobody,
    )


@dataclass(frozen=True, kw_only=True)
class AdmittedRequest:
    """A request that may go on: who is counted for it, and whether the headers proved who it is."""

    services: Services
    scope: Scope
    who: str
    is_known: bool
    too_many: Code

    def hold(self) -> None:
        credentials.hold(self.services, self.scope)


def admit(
    services: Services, scope: Scope, who: str, too_many: Code, *, is_known: bool
) -> AdmittedRequest:
    """Count a request before its body is read. Raises `Unavailable` for who asks too often."""
    credentials.admit(services, scope, who, too_many)
    return AdmittedRequest(
        services=services, scope=scope, who=who, is_known=is_known, too_many=too_many
    )


async def body(
    admitted: AdmittedRequest,
    request: Request,
    headers: Mapping[str, str],
    hold: BodyReservation,
    terms: BodyTerms,
) -> bytes:
    """The whole body.

    Raises `Refused` for one that is too large, compressed or late, `Missing` for a stranger's that
    only a known caller may send, `Unavailable` if too many are on their way.
    """
    try:
        return await _taken(admitted, request, headers, hold, terms)
    except (Refused, Missing):
        # What is still on its way will be taken and thrown away.
        admitted.services.limits.charge(admitted.who, REFUSED_SECONDS)
        raise
    except Unavailable:
        admitted.hold()
        raise


async def _taken(
    admitted: AdmittedRequest,
    request: Request,
    headers: Mapping[str, str],
    hold: BodyReservation,
    terms: BodyTerms,
) -> bytes:
    if headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise Refused(COMPRESSED, "Content-Encoding")
    length = headers.get("content-length", "")
    _check(int(length) if length.isdecimal() else 0, admitted, terms)
    parts: list[bytes] = []
    size = 0
    end = asyncio.get_running_loop().time() + BODY_SECONDS
    try:
        async with asyncio.timeout_at(end) as limit:
            while True:
                message = await request.receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                part = message.get("body", b"")
                size += len(part)
                _check(size, admitted, terms)
                hold.take(admitted.who, len(part))
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
                limit.reschedule(end + size / BODY_BYTES_PER_SECOND)
    except TimeoutError:
        raise Refused(LATE) from None


def _check(size: int, admitted: AdmittedRequest, terms: BodyTerms) -> None:
    if size > terms.bytes_max:
        raise Refused(terms.too_large)
    if size > OPEN_BYTES_MAX and not admitted.is_known:
        raise Missing(terms.nobody)


async def parsed(admitted: AdmittedRequest, raw: bytes, parse: Callable[[bytes], Result]) -> Result:
    """`parse(raw)`, off the loop if the body is large or says much. Its time is charged to who sent
    it, and who owes for others that came at the same time is told to wait."""
    try:
        if len(raw) <= OPEN_BYTES_MAX and not bounds.is_heavy(raw):
            return _charged(admitted, raw, parse)
        return await asyncio.get_running_loop().run_in_executor(
            admitted.services.parsers, _charged, admitted, raw, parse
        )
    except Unavailable:
        admitted.hold()
        raise


def _charged(admitted: AdmittedRequest, raw: bytes, parse: Callable[[bytes], Result]) -> Result:
    limits = admitted.services.limits
    if len(raw) > QUICK_BYTES and limits.owes(admitted.who):
        raise Unavailable(admitted.too_many)
    begun = time.thread_time()
    try:
        bounds.expect_single(raw)
        return parse(raw)
    finally:
        limits.charge(admitted.who, time.thread_time() - begun)
