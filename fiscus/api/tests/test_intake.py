"""Bodies as they come in: how large, how slowly, from whom."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import BaseModel, TypeAdapter
from starlette.requests import ClientDisconnect, Request
from starlette.types import Scope

from fiscus.access.budget import FULL, BodyBudget, BodyReservation
from fiscus.access.limits import RateLimits
from fiscus.access.tokens import Caller
from fiscus.api import intake
from fiscus.api.credentials import known, stranger
from fiscus.api.intake import COMPRESSED, LATE, OPEN_BYTES_MAX, AdmittedRequest, BodyTerms
from fiscus.model.faults import Code, Missing, Refused, Unavailable
from fiscus.model.tests.clock import StandingClock
from fiscus.services import Services

KEY = Caller(organization="o-1", subject="s-1")
LARGE = Code("TEST-LARGE-01", "too large")
BUSY = Code("TEST-BUSY-01", "come back later")
NOBODY = Code("TEST-NOBODY-01", "who are you")
TERMS = BodyTerms(bytes_max=200_000, too_large=LARGE, nobody=NOBODY)


class Guest(BaseModel):
    name: str


@dataclass(frozen=True)
class Operation:
    """One that takes a body, or none."""

    request: Any = None

    @property
    def body_adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.request)


@dataclass(frozen=True)
class Set:
    """As much of the services as terms need."""

    settings: Any


@pytest.mark.parametrize(
    ("bytes_max", "most"), [(None, 1_000_000), (65_536, 65_536), (2_000_000, 1_000_000)]
)
@pytest.mark.parametrize("operation", [Operation(), Operation(Guest)])
def test_an_operation_takes_what_its_family_does_and_no_more_than_any_body(
    operation: Operation, bytes_max: int | None, most: int
) -> None:
    services = cast(Services, Set(SimpleNamespace(body_bytes_max=1_000_000)))

    found = intake.terms(services, TERMS, operation, bytes_max)

    assert found == BodyTerms(bytes_max=most, too_large=LARGE, nobody=NOBODY)


class Sender:
    """A client that sends these parts, then what comes after them."""

    def __init__(self, *parts: bytes, end: str = "more", **headers: str) -> None:
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.taken = 0
        self._parts = parts
        self._end = end

    async def receive(self) -> dict[str, Any]:
        if self.taken < len(self._parts):
            self.taken += 1
            part = self._parts[self.taken - 1]
            is_last = self.taken == len(self._parts) and self._end == "end"
            return {"type": "http.request", "body": part, "more_body": not is_last}
        if self._end == "gone":
            return {"type": "http.disconnect"}
        await asyncio.sleep(3600)
        raise AssertionError


@dataclass
class Front:
    """As much of the services as the intake needs."""

    limits: RateLimits
    proxies: tuple[IPv4Network, ...] = ()
    parsers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))


def a_front(per_second: int | None = None) -> Front:
    return Front(limits=RateLimits(per_second, StandingClock()))


def admitted_as(front: Front, scope: Scope, caller: Caller | None) -> AdmittedRequest:
    services = cast(Services, front)
    who = known(caller) if caller else stranger(services, scope)
    return intake.admit(services, scope, who, BUSY, is_known=caller is not None)


async def received(sender: Sender, hold: BodyReservation, caller: Caller | None = KEY) -> bytes:
    scope: Scope = {"type": "http", "client": ("192.0.2.1", 1)}
    admitted = admitted_as(a_front(), scope, caller)
    request = Request(scope, sender.receive)
    return await intake.body(admitted, request, sender.headers, hold, TERMS)


def taken(sender: Sender, caller: Caller | None = KEY, budget: BodyBudget | None = None) -> bytes:
    async def take() -> bytes:
        with (budget or BodyBudget()).hold() as hold:
            return await received(sender, hold, caller)

    return asyncio.run(take())


def refusal(sender: Sender, caller: Caller | None = KEY) -> Code:
    budget = BodyBudget()
    with pytest.raises((Refused, Missing, Unavailable)) as error:
        taken(sender, caller, budget)
    assert budget.total == 0
    code = error.value.code
    assert isinstance(code, Code)
    return code


def test_a_body_comes_in_parts() -> None:
    assert taken(Sender(b"a", b"", b"bc", end="end")) == b"abc"
    assert taken(Sender(b"", end="end")) == b""


def test_what_is_declared_too_large_is_not_read() -> None:
    sender = Sender(b"x", content_length="200001")

    assert refusal(sender) == LARGE
    assert sender.taken == 0


def test_a_body_is_refused_as_soon_as_it_is_too_large_whatever_was_declared() -> None:
    for declared in ({}, {"content_length": "1"}, {"content_length": "x"}):
        sender = Sender(*[b"x" * 50_000] * 10, end="end", **declared)

        assert refusal(sender) == LARGE
        assert sender.taken == 5


def test_a_strangers_large_body_is_not_read() -> None:
    sender = Sender(b"x", content_length=str(OPEN_BYTES_MAX + 1))

    assert refusal(sender, None) == NOBODY
    assert sender.taken == 0


def test_a_stranger_may_send_sixty_four_kilobytes_and_no_more_in_chunks() -> None:
    assert len(taken(Sender(b"x" * OPEN_BYTES_MAX, end="end"), None)) == OPEN_BYTES_MAX

    sender = Sender(*[b"x" * 16_384] * 9, end="end")
    assert refusal(sender, None) == NOBODY
    assert sender.taken == 5


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "GZIP", "identity, gzip", "x"])
def test_a_compressed_body_is_not_read(coding: str) -> None:
    sender = Sender(b"x", end="end", content_encoding=coding)

    assert refusal(sender) == COMPRESSED
    assert sender.taken == 0


def test_identity_is_no_compression() -> None:
    assert taken(Sender(b"x", end="end", content_encoding="Identity")) == b"x"


def test_a_sender_who_goes_leaves_nothing_behind() -> None:
    budget = BodyBudget()
    with pytest.raises(ClientDisconnect):
        taken(Sender(b"x" * 1000, end="gone"), KEY, budget)

    assert budget.total == 0


def test_a_task_that_is_cancelled_leaves_nothing_behind() -> None:
    budget = BodyBudget()

    async def story() -> int:
        sender = Sender(b"x" * 1000)

        async def take() -> None:
            with budget.hold() as hold:
                await received(sender, hold)

        task = asyncio.create_task(take())
        await asyncio.sleep(0.05)
        held = budget.total
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return held

    assert asyncio.run(story()) == 1000
    assert budget.total == 0


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, int], None]:
    def hurry(seconds: float, per_second: int) -> None:
        monkeypatch.setattr(intake, "BODY_SECONDS", seconds)
        monkeypatch.setattr(intake, "BODY_BYTES_PER_SECOND", per_second)

    return hurry


def test_a_body_that_does_not_come_is_late(hasty: Callable[[float, int], None]) -> None:
    hasty(0.05, 1_000_000)

    assert refusal(Sender(b"x")) == LATE
    assert refusal(Sender(b"x", content_length="1000")) == LATE


def test_a_body_has_more_time_as_it_comes_and_not_as_it_is_declared(
    hasty: Callable[[float, int], None],
) -> None:
    hasty(0.01, 100_000)

    async def seconds(sender: Sender) -> float:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        with BodyBudget().hold() as hold, pytest.raises(Refused):
            await received(sender, hold)
        return loop.time() - begun

    assert asyncio.run(seconds(Sender(b"x", content_length="30000"))) < 0.3
    assert asyncio.run(seconds(Sender(b"x" * 30_000))) >= 0.3


def test_the_budget_is_one_callers_whatever_the_number_of_his_requests() -> None:
    budget = BodyBudget(80_000)
    budget.take(known(KEY), 9_000)

    with pytest.raises(Unavailable) as error:
        taken(Sender(b"x" * 1001, end="end"), KEY, budget)
    assert error.value.code == FULL
    other = Caller(organization="o-1", subject="s-2")
    assert taken(Sender(b"x" * 1001, end="end"), other, budget)


def test_who_owes_for_what_was_parsed_is_told_to_wait_and_not_read_for_a_while() -> None:
    held = []
    scope: Scope = {"type": "http", "client": None, "state": {"hold": lambda: held.append(1)}}
    front = a_front()
    admitted = admitted_as(front, scope, None)
    front.limits.charge(admitted.who, 1)

    async def parse(raw: bytes) -> int:
        return await intake.parsed(admitted, raw, len)

    assert asyncio.run(parse(b"small")) == 5
    for size in (10_000, 100_000):
        with pytest.raises(Unavailable) as error:
            asyncio.run(parse(b" " * size))
        assert error.value.code == BUSY
    with pytest.raises(Unavailable):
        admitted_as(front, scope, None)
    assert len(held) == 3
    front.parsers.shutdown()


@pytest.mark.parametrize(("peer", "times"), [("10.0.0.9", 0), ("192.0.2.9", 1)])
def test_a_proxys_connection_is_read_on_because_others_ask_through_it(
    peer: str, times: int
) -> None:
    held = []
    scope: Scope = {
        "type": "http",
        "client": (peer, 1),
        "headers": [],
        "state": {"hold": lambda: held.append(1)},
    }
    front = a_front()
    front.proxies = (IPv4Network("10.0.0.0/8"),)
    front.limits.charge(admitted_as(front, scope, None).who, 1)

    with pytest.raises(Unavailable):
        admitted_as(front, scope, None)
    assert len(held) == times
    front.parsers.shutdown()


def test_a_body_that_is_large_or_says_much_is_parsed_off_the_loop() -> None:
    front = a_front()
    admitted = admitted_as(front, {"type": "http"}, KEY)

    async def thread(raw: bytes) -> int:
        return await intake.parsed(admitted, raw, lambda _: threading.get_ident())

    here = threading.get_ident()
    assert asyncio.run(thread(b" " * OPEN_BYTES_MAX)) == here
    assert asyncio.run(thread(b" " * (OPEN_BYTES_MAX + 1))) != here
    assert asyncio.run(thread(b"," * 501)) != here
    front.parsers.shutdown()
