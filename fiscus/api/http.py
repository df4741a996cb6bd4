"""What all API families share at the door: who calls, how often, and the house behind it."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import jwt
import msgspec
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import Engine

from fiscus.channels import Connection as ChannelConnection
from fiscus.exports.run import Engines
from fiscus.issuing import errands, signing
from fiscus.issuing.answers import (
    Answer,
    Done,
    Failed,
    Needed,
    Waiting,
)
from fiscus.issuing.desk import Desk
from fiscus.issuing.fitting import Workshop
from fiscus.issuing.writer import BROKEN, STOPPED, Reply, Writer
from fiscus.model.faults import Corrupt, Trouble, Unavailable
from fiscus.model.ids import Entropy, Ids
from fiscus.model.orders import Order
from fiscus.model.times import Clock
from fiscus.registry.vault import Vault
from fiscus.settings import Settings

Result = TypeVar("Result")

IN_FLIGHT_TRIES = 100
IN_FLIGHT_SECONDS = 0.05
"""How long a request waits while another one asks the register's device: five seconds."""

TOKEN_LIFE = timedelta(hours=24)

_TOKENS_MAX = 10_000

_log = structlog.get_logger("fiscus.house")


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who a token belongs to."""

    organization: str
    subject: str


class Tokens:
    """Makes and reads bearer tokens: JWT, RS256, valid for 24 hours.

    A token that was read once is remembered until it expires, so its signature is checked once.
    """

    def __init__(self, secret: bytes, issuer: str, clock: Clock) -> None:
        key = serialization.load_der_private_key(secret, password=None)
        assert isinstance(key, rsa.RSAPrivateKey)
        self._key = key
        self._public = key.public_key()
        self._issuer = issuer
        self._clock = clock
        self._known: dict[str, tuple[Caller, datetime]] = {}

    def make(self, id_: str, caller: Caller) -> tuple[str, datetime, datetime]:
        """The bearer, when it was issued and when it expires (whole seconds, UTC)."""
        issued = self._clock().replace(microsecond=0)
        expires = issued + TOKEN_LIFE
        claims = {
            "iss": self._issuer,
            "sub": caller.subject,
            "azp": "fiscus",
            "org": caller.organization,
            "jti": id_,
            "iat": int(issued.timestamp()),
            "exp": int(expires.timestamp()),
            "scope": "fiscus",
        }
        return jwt.encode(claims, self._key, algorithm="RS256"), issued, expires

    def read(self, bearer: str) -> Caller | None:
        """Whose token it is; None if it is not ours, or has expired."""
        now = self._clock()
        known = self._known.get(bearer)
        if known is None:
            known = self._checked(bearer)
            if known is None:
                return None
            if len(self._known) >= _TOKENS_MAX:
                self._known.clear()
            self._known[bearer] = known
        return known[0] if now < known[1] else None

    def _checked(self, bearer: str) -> tuple[Caller, datetime] | None:
        try:
            claims = jwt.decode(
                bearer,
                self._public,
                algorithms=["RS256"],
                issuer=self._issuer,
                options={
                    "require": ["exp", "org", "sub"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError:
            return None
        caller = Caller(organization=claims["org"], subject=claims["sub"])
        return caller, datetime.fromtimestamp(claims["exp"], self._clock().tzinfo)


class Limits:
    """A token bucket per organization, of one second's worth of requests."""

    def __init__(self, per_second: int, clock: Clock) -> None:
        self._per_second = per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, datetime]] = {}

    def admits(self, organization: str) -> bool:
        if not self._per_second:
            return True
        now = self._clock()
        with self._lock:
            level, since = self._buckets.get(organization, (self._per_second, now))
            # A clock that is set back gives nothing, but takes nothing away either.
            level += max(0.0, (now - since).total_seconds()) * self._per_second
            level = min(level, self._per_second)
            self._buckets[organization] = (level - 1 if level >= 1 else level, now)
            return level >= 1


class Replies:
    """Carries answers from the writer's thread to the loop, waking it once for many."""

    def __init__(self) -> None:
        self._answers: deque[tuple[asyncio.Future[Answer], Answer]] = deque()
        self._lock = threading.Lock()

    def give(self, future: asyncio.Future[Answer], answer: Answer) -> None:
        """Called by the writer, and by whoever asks a writer that has stopped. Whoever finds
        others waiting need not wake the loop: it goes on until none is left, and this one was in
        line before that was known. The lock: of two who come at once, one is the first."""
        with self._lock:
            self._answers.append((future, answer))
            is_first = len(self._answers) == 1
        if is_first:
            future.get_loop().call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        while self._answers:
            future, answer = self._answers.popleft()
            if not future.done():
                future.set_result(answer)


@dataclass(kw_only=True)
class _Trip:
    """An order on its way through the house, with what was done for it so far."""

    waiting: Waiting


@dataclass(kw_only=True)
class House:
    """Everything a handler may need, built in `app.py` and handed down."""

    settings: Settings
    engine: Engine
    clock: Clock
    uuid4: Ids
    uuid7: Ids
    entropy: Entropy
    vault: Vault
    desk: Desk
    writer: Writer
    workshop: Workshop
    exports: Engines
    tokens: Tokens
    link_key: bytes
    limits: Limits
    channels: Callable[[str], ChannelConnection]
    replies: Replies = field(default_factory=Replies)
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=16, thread_name_prefix="fiscus")
    )
    outside: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=64, thread_name_prefix="outside")
    )
    """Those who ask devices and authorities have threads of their own, and many: they mostly wait,
    and whoever only reads must not wait with them."""

    async def issue(self, order: Order) -> Done | Failed:
        """Hand an order to the writer and wait for its commit.

        What must be known or asked outside any transaction first (a series at an authority, a
        device, a count) is done on the way, and the order goes back into the queue with the answer.
        """
        trip = _Trip(waiting=Waiting(order=order))
        for _ in range(IN_FLIGHT_TRIES):
            answer = await self._carried(trip)
            if isinstance(answer, Done) or answer.trouble.code != signing.IN_FLIGHT:
                return answer
            await asyncio.sleep(IN_FLIGHT_SECONDS)
        return await self._carried(trip)

    async def _carried(self, trip: _Trip) -> Done | Failed:
        """The loop hears of the end alone: writer and errands hand the order to each other."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._send(trip, partial(self.replies.give, future))
        answer = await future
        assert isinstance(answer, Done | Failed)
        return answer

    def _send(self, trip: _Trip, reply: Reply) -> None:
        def answered(answer: Answer) -> None:
            if isinstance(answer, Done | Failed):
                reply(answer)
                return
            try:
                self.outside.submit(self._run_errand, trip, answer, reply)
            except RuntimeError:  # the threads have been shut down
                reply(Failed(trouble=Unavailable(STOPPED)))

        self.writer.ask(trip.waiting, answered)

    def _run_errand(self, trip: _Trip, needed: Needed, reply: Reply) -> None:
        try:
            trip.waiting = errands.prepared(self.desk, self.channels, trip.waiting, needed)
        except Trouble as trouble:
            reply(Failed(trouble=trouble))
        except Exception:
            _log.exception("errand failed", register=getattr(needed, "register", ""))
            reply(Failed(trouble=Corrupt(BROKEN)))
        else:
            self._send(trip, reply)

    async def in_thread(self, do: Callable[..., Result], *args: object) -> Result:
        """Run a function that waits for the database, without holding up the loop."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, do, *args)
