"""A load client that costs little: requests by hand over kept-alive sockets, answers barely read.

`python -m bench.client` reads a `Load` as JSON from standard input and prints its `Outcome`; it
runs in a process of its own, so that what it costs is not counted as the service's time.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from itertools import count
from random import Random
from typing import cast

import msgspec
import uvloop

from bench import sales

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "
REPLAYED = b"x-idempotency-replayed: true"


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
        record=content.id, intent=intent, series=series,
        number=int(content.compliance.sequence.number), atcud=content.compliance.data,
    )  # fmt: skip


class Load(msgspec.Struct, kw_only=True):
    """Closed loop: each client sells one document after the other, at its system and series in
    turn. It ends after `seconds`, or after `documents` if that is given."""

    ports: list[int]
    bearer: str
    systems: list[str]
    series: list[str]
    clients: int
    seconds: float = 5.0
    seconds_warm: float = 1.0
    documents: int = 0
    seed: int = 1


class Outcome(msgspec.Struct, kw_only=True):
    """Latencies are in seconds, those of the warm-up left out; `sold` are all documents."""

    seconds: float
    documents: int
    per_second: float
    intention_p50: float
    intention_p99: float
    receipt_p50: float
    receipt_p99: float
    failures: list[str]
    sold: list[Sold]


class Run:
    """One load while it runs."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.random = Random(load.seed)
        self.templates = [sales.template(sales.a_receipt(series)) for series in load.series]
        self.turns = count()
        self.sold: list[Sold] = []
        self.intentions: list[float] = []
        self.receipts: list[float] = []
        self.failures: list[str] = []
        self.begin = 0.0
        self.end = 0.0

    async def client(self, link: Link, is_wanted: Callable[[], bool]) -> None:
        while is_wanted():
            await self.sell(link, next(self.turns))

    async def sell(self, link: Link, turn: int) -> None:
        load = self.load
        place = turn % len(load.systems)
        series = turn % len(load.series)
        start = time.perf_counter()
        opened = await self.asked(link, sales.intention(load.systems[place]))
        between = time.perf_counter()
        if opened is None:
            return
        intent = shown(opened.body).content.id
        before, after = self.templates[series]
        reply = await self.asked(link, before + intent.encode() + after)
        end = time.perf_counter()
        if reply is None:
            return
        self.sold.append(sold(reply.body, intent, load.series[series]))
        if start >= self.begin:
            self.intentions.append(between - start)
            self.receipts.append(end - between)
            self.end = end

    async def asked(self, link: Link, body: bytes) -> Reply | None:
        key = sales.a_key(self.random.getrandbits(128))
        reply = await link.ask(sales.post("/records", self.load.bearer, key, body))
        if reply.status == 200:
            return reply
        self.failures.append(f"{reply.status} {reply.body[:200].decode(errors='replace')}")
        return None

    def outcome(self) -> Outcome:
        seconds = self.end - self.begin
        return Outcome(
            seconds=seconds,
            documents=len(self.receipts),
            per_second=len(self.receipts) / seconds if seconds > 0 else 0.0,
            intention_p50=percentile(self.intentions, 50),
            intention_p99=percentile(self.intentions, 99),
            receipt_p50=percentile(self.receipts, 50),
            receipt_p99=percentile(self.receipts, 99),
            failures=self.failures[:20],
            sold=self.sold,
        )


def percentile(values: list[float], of_hundred: int) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * of_hundred // 100) - 1)] if ranked else 0.0


async def drive(load: Load) -> Outcome:
    """Carry the load out, clients spread evenly over the ports."""
    run = Run(load)
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


def main() -> None:
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    outcome = uvloop.run(drive(load))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
