"""A load client that costs little: requests by hand over kept-alive sockets, answers barely read.

`python -m bench.client` reads a `Load` as JSON from standard input and prints its `Outcome`; it
runs in a process of its own, so that what it costs is not counted as the service's time.
"""

import asyncio
import os
import select
import sys
import time
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any, Generic, Protocol, TypeVar, cast

import msgspec
import uvloop

from bench import kiosk, sales

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "
REPLAYED = b"x-idempotency-replayed: true"
GOOD = (200, 201)

Ack = TypeVar("Ack")
"""What a client keeps of a document it was promised."""

Given = TypeVar("Given", covariant=True)


class Reply(msgspec.Struct, frozen=True):
    """`is_replay`: the service had answered this request before."""

    status: int
    body: bytes
    is_replay: bool


class Link(asyncio.Protocol):
    """One kept-alive connection; one request at a time. A lost connection is `ConnectionError`."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._waiting: asyncio.Future[Reply] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        reply = parsed(self._buffer)
        if reply and self._waiting and not self._waiting.done():
            self._buffer.clear()
            self._waiting.set_result(reply)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError(str(error or "closed")))

    async def ask(self, request: bytes) -> Reply:
        if self._transport is None:
            raise ConnectionResetError("not connected")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


def parsed(buffer: bytearray) -> Reply | None:
    """The answer in the buffer, once it is all there."""
    end = buffer.find(HEAD_END)
    if end < 0:
        return None
    head, start = bytes(buffer[:end]).lower(), end + len(HEAD_END)
    place = head.find(LENGTH)
    length = int(head[place + len(LENGTH) :].split(b"\r", 1)[0]) if place >= 0 else 0
    if len(buffer) < start + length:
        return None
    return Reply(int(head[9:12]), bytes(buffer[start : start + length]), REPLAYED in head)


async def connect(port: int) -> Link:
    _, link = await asyncio.get_running_loop().create_connection(Link, "127.0.0.1", port)
    return link


class Sequence(msgspec.Struct):
    number: str


class Compliance(msgspec.Struct):
    """`data` is the ATCUD."""

    data: str
    sequence: Sequence


class Content(msgspec.Struct):
    id: str
    compliance: Compliance | None = None


class Shown(msgspec.Struct):
    content: Content


shown = msgspec.json.Decoder(Shown).decode


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """An acknowledged document."""

    record: str
    intent: str
    series: str
    number: int
    atcud: str


def sold(body: bytes, intent: str, series: str) -> Sold:
    content = shown(body).content
    assert content.compliance is not None
    return Sold(
        record=content.id,
        intent=intent,
        series=series,
        number=int(content.compliance.sequence.number),
        atcud=content.compliance.data,
    )


class Load(msgspec.Struct, kw_only=True):
    """Closed loop: each client sells one document after the other, at its system and series in
    turn. It ends after `seconds`, or after `documents` if that is given.

    `shop` is one of `SHOPS`; `merchant` is whom its bearer acts for, if that must be said.
    """

    ports: list[int]
    bearer: str
    systems: list[str]
    clients: int
    series: list[str] = []
    shop: str = "cafe"
    merchant: str = ""
    seconds: float = 5.0
    seconds_warm: float = 1.0
    documents: int = 0
    seed: int = 1


class Outcome(msgspec.Struct, Generic[Ack], kw_only=True):
    """Latencies are in seconds, those of the warm-up left out: `begin` those of the intention,
    `conclude` those of the document. `sold` are all documents, `processor_seconds` what the client
    itself used for them."""

    seconds: float
    documents: int
    per_second: float
    begin_p50: float
    begin_p99: float
    conclude_p50: float
    conclude_p99: float
    processor_seconds: float
    failures: list[str]
    sold: list[Ack]


class Shop(Protocol[Given]):
    """What a country's load says. A document is two requests, each with its own key."""

    def begin(self, turn: int, key: str) -> bytes: ...

    def begun(self, body: bytes) -> str:
        """The id of the intention, from the answer."""

    def conclude(self, turn: int, intent: str, key: str) -> bytes: ...

    def sold(self, turn: int, intent: str, body: bytes) -> Given: ...


class Cafe:
    """A Portuguese one, through the Unified API."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._templates = [sales.template(sales.a_receipt(series)) for series in load.series]

    def begin(self, turn: int, key: str) -> bytes:
        system = self._load.systems[turn % len(self._load.systems)]
        return sales.post("/records", self._load.bearer, key, sales.intention(system))

    def begun(self, body: bytes) -> str:
        return shown(body).content.id

    def conclude(self, turn: int, intent: str, key: str) -> bytes:
        before, after = self._templates[turn % len(self._templates)]
        return sales.post("/records", self._load.bearer, key, before + intent.encode() + after)

    def sold(self, turn: int, intent: str, body: bytes) -> Sold:
        return sold(body, intent, self._load.series[turn % len(self._load.series)])


class Kiosk:
    """A German one, through the Reporting API."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._bodies = [kiosk.a_sale(register) for register in load.systems]

    def begin(self, turn: int, key: str) -> bytes:
        return self._post("/v1/operations", key, self._bodies[turn % len(self._bodies)])

    def begun(self, body: bytes) -> str:
        return kiosk.begun(body)

    def conclude(self, turn: int, intent: str, key: str) -> bytes:
        path = f"/v1/operations/{intent}/complete"
        return self._post(path, key, kiosk.PAID, **kiosk.FIRST_VERSION)

    def sold(self, turn: int, intent: str, body: bytes) -> kiosk.Signed:
        return kiosk.signed(body)

    def _post(self, path: str, key: str, body: bytes, **more: str) -> bytes:
        headers = kiosk.headers(self._load.bearer, self._load.merchant, key)
        return sales.request(path, headers | more, body)


class Run(Generic[Ack]):
    """One load while it runs."""

    def __init__(self, load: Load, shop: Shop[Ack]) -> None:
        self.load = load
        self.shop = shop
        self.random = Random(load.seed)
        self.turns = count()
        self.sold: list[Ack] = []
        self.begins: list[float] = []
        self.concludes: list[float] = []
        self.failures: list[str] = []
        self.begin = 0.0
        self.end = 0.0
        self.used = time.process_time()

    async def client(self, link: Link, is_wanted: Callable[[], bool]) -> None:
        while is_wanted():
            await self.sell(link, next(self.turns))

    async def sell(self, link: Link, turn: int) -> None:
        start = time.perf_counter()
        opened = await self.asked(link, self.shop.begin(turn, self.key()))
        between = time.perf_counter()
        if opened is None:
            return
        intent = self.shop.begun(opened.body)
        reply = await self.asked(link, self.shop.conclude(turn, intent, self.key()))
        end = time.perf_counter()
        if reply is None:
            return
        self.sold.append(self.shop.sold(turn, intent, reply.body))
        if start >= self.begin:
            self.begins.append(between - start)
            self.concludes.append(end - between)
            self.end = end

    def key(self) -> str:
        return sales.a_key(self.random.getrandbits(128))

    async def asked(self, link: Link, request: bytes) -> Reply | None:
        reply = await link.ask(request)
        if reply.status in GOOD:
            return reply
        self.failures.append(f"{reply.status} {reply.body[:200].decode(errors='replace')}")
        return None

    def outcome(self) -> Outcome[Ack]:
        seconds = self.end - self.begin
        return Outcome(
            seconds=seconds,
            documents=len(self.concludes),
            per_second=len(self.concludes) / seconds if seconds > 0 else 0.0,
            begin_p50=percentile(self.begins, 50),
            begin_p99=percentile(self.begins, 99),
            conclude_p50=percentile(self.concludes, 50),
            conclude_p99=percentile(self.concludes, 99),
            processor_seconds=time.process_time() - self.used,
            failures=self.failures[:20],
            sold=self.sold,
        )


def percentile(values: list[float], of_hundred: int) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * of_hundred // 100) - 1)] if ranked else 0.0


async def drive(load: Load, shop: Shop[Ack]) -> Outcome[Ack]:
    """Carry the load out, clients spread evenly over the ports."""
    run = Run(load, shop)
    links = [await connect(load.ports[one % len(load.ports)]) for one in range(load.clients)]
    run.begin = time.perf_counter() + load.seconds_warm
    stop = run.begin + load.seconds
    remaining = count(1)

    def is_wanted() -> bool:
        if load.documents:
            return next(remaining) <= load.documents
        return time.perf_counter() < stop

    await asyncio.gather(*(run.client(link, is_wanted) for link in links))
    for link in links:
        link.close()
    return run.outcome()


SHOPS: dict[str, Callable[[Load], Shop[Any]]] = {"cafe": Cafe, "kiosk": Kiosk}


def main() -> None:
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    outcome = uvloop.run(drive(load, SHOPS[load.shop](load)))
    write_whole(sys.stdout.fileno(), msgspec.json.encode(outcome))


def write_whole(descriptor: int, content: bytes) -> None:
    """All of it. One write may take a part only: unbuffered Python (`-u`) does not go on by itself,
    and a pipe that does not block takes what fits."""
    remaining = memoryview(content)
    while remaining:
        select.select([], [descriptor], [])
        try:
            written = os.write(descriptor, remaining)
        except BlockingIOError:
            continue  # Somebody else filled the pipe in between.
        remaining = remaining[written:]


if __name__ == "__main__":
    main()
