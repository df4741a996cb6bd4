"""Finds out who asks from the headers alone, before a body is read."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from starlette.types import Scope

from fiscus import metrics
from fiscus.access.limits import STRANGER, TOO_MANY_LOGINS
from fiscus.access.tokens import Caller
from fiscus.model.faults import Code, Trouble, Unavailable
from fiscus.outbox import queue
from fiscus.registry import keys
from fiscus.services import Services

Headers = Mapping[str, str]

RETRY_SECONDS = "1"
LOCKED_SECONDS = "60"
QUEUE_SECONDS = "30"
"""Of tasks that take minutes, one may be done by then."""

NO_ADDRESS = "local"
_LONGER = {TOO_MANY_LOGINS.id: LOCKED_SECONDS, queue.TOO_MANY.id: QUEUE_SECONDS}
_FORWARDED = b"x-forwarded-for"
_IPV6_PREFIX = 64
"""One line is given a whole network of this size: to count single addresses counts nothing."""


class CredentialOutcome(Protocol):
    """What a family makes of a credential."""

    @property
    def caller(self) -> Caller: ...


Found = TypeVar("Found", bound=CredentialOutcome)


async def recognized(
    services: Services,
    scope: Scope,
    headers: Headers,
    prove: Callable[[str], Awaitable[Found | None]],
) -> Found | None:
    """The proof of the one bearer that a request names; `prove` reads it as the family does. None
    for two headers, for none, for what proves nothing, and for a key that is disabled, gone or has
    another secret by now."""
    found = await prove(_bearer(scope, headers))
    return found if found is not None and await is_good(services, found.caller) else None


def _bearer(scope: Scope, headers: Headers) -> str:
    scheme, bearer = said(scope, headers)
    return bearer if scheme == "bearer" else ""


def said(scope: Scope, headers: Headers) -> tuple[str, str]:
    """Scheme, in lower case, and value of the one header that names the caller; empty if there is
    none, or more than one: two programs could read different ones."""
    if repeated(scope, headers, ("authorization",)):
        return "", ""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return scheme.lower(), value.strip()


def logged_in(
    services: Services, tx: Connection, key: str, secret: str, *, address: str, at: datetime
) -> Caller:
    """The caller whose key and secret these are. Raises `Missing` if they are nobody's,
    `Unavailable` after too many such attempts with this key or from this address."""
    with services.logins.attempt(key, address):
        proven = keys.proven(tx, services.macs.credentials, key, secret, at)
    subject, generation = proven.subject, proven.generation
    services.subjects.forget(subject.id)
    metrics.LOGINS.labels("current" if generation == subject.generation else "previous").inc()
    return Caller(
        organization=subject.organization,
        subject=subject.id,
        role=subject.role,
        systems=subject.systems,
        generation=generation,
    )


async def is_good(services: Services, caller: Caller) -> bool:
    """Whether the key behind a credential is enabled, and still what it was proved to be."""
    known = await services.subjects.good(caller.subject, caller.generation, services.clock())
    if known is None:
        return False
    is_same = (known.organization, known.role) == (caller.organization, caller.role)
    return is_same and known.systems == caller.systems


def repeated(scope: Scope, headers: Headers, names: Iterable[str]) -> list[str]:
    """Which of these headers were sent more than once. `headers` are the scope's, by name."""
    if len(headers) == len(scope["headers"]):
        return []
    counts = Counter(name.decode("latin-1") for name, _ in scope["headers"])
    return [name for name in names if counts[name] > 1]


def admit(services: Services, scope: Scope, who: str, too_many: Code) -> None:
    """Counts one request. Above the limit raises `Unavailable`, and then the connection is not read
    for a second."""
    if not services.limits.admits(who):
        hold(services, scope)
        raise Unavailable(too_many)


def hold(services: Services, scope: Scope) -> None:
    """Let the server not read from this connection for a while after the answer; unless it is a
    proxy's, who sends the requests of others through it."""
    client = scope.get("client")
    peer = _ip(client[0]) if client else None
    if peer is not None and _is_within(peer, services.proxies):
        return
    if held := scope.get("state", {}).get("hold"):
        held()


class KnownCaller(Protocol):
    """A caller that is counted by its API key."""

    @property
    def subject(self) -> str: ...


def known(caller: KnownCaller) -> str:
    """Under which name the requests of a key are counted."""
    return f"key {caller.subject}"


def stranger(services: Services, scope: Scope) -> str:
    """Under which name requests without a credential are counted: by address."""
    return f"{STRANGER}{address(services, scope)}"


def login(services: Services, scope: Scope) -> str:
    """Under which name logins are counted: apart from other requests of strangers at the same
    address, which must not keep a till from its token."""
    return f"{stranger(services, scope)} login"


def retry_seconds(trouble: Trouble) -> str:
    """The value of the header Retry-After."""
    return _LONGER.get(trouble.code.id, RETRY_SECONDS)


def address(services: Services, scope: Scope) -> str:
    """Where a request comes from: the nearest address that is no trusted proxy of ours."""
    client = scope.get("client")
    found = _ip(client[0]) if client else None
    if found is None:
        return NO_ADDRESS
    hops = _forwarded(scope) if services.proxies else []
    while hops and _is_within(found, services.proxies):
        hop = _ip(hops.pop())
        if hop is None:
            break
        found = hop
    if isinstance(found, IPv6Address):
        return str(ip_network((found.packed, _IPV6_PREFIX), strict=False))
    return str(found)


def _forwarded(scope: Scope) -> list[str]:
    said = [value.decode("latin-1") for name, value in scope["headers"] if name == _FORWARDED]
    return [hop.strip() for hop in ",".join(said).split(",") if hop.strip()]


def _ip(text: str) -> IPv4Address | IPv6Address | None:
    """With or without a port; an IPv4 address in an IPv6 coat is one of IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def _is_within(
    found: IPv4Address | IPv6Address, networks: Iterable[IPv4Network | IPv6Network]
) -> bool:
    return any(found in network for network in networks if network.version == found.version)
