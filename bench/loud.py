"""The loud tenant of `bench.tenants`, in a process of its own: what it asks for, and its endpoints.

`python -m bench.loud` reads a `Loudness` as JSON from standard input, prints a line when it has
begun, and at the end what it was answered.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import msgspec
import uvloop

from bench import client, sales
from bench.quiet import CLIENTS, Heard

SALES, EXPORTS = "20 times its limit", "exports"
MESSAGES, SLOW, SILENT, DEAD = "messages", "slow endpoints", "silent endpoints", "dead endpoints"
KINDS = (SALES, MESSAGES, SLOW, SILENT, DEAD, EXPORTS)
SUBSCRIPTIONS = 10
SALES_PER_SECOND = {MESSAGES: 20.0, SLOW: 2.0, SILENT: 2.0, DEAD: 2.0}
"""Each makes as many messages as the tenant has subscriptions."""
SLOW_SECONDS = 2.0
"""Slow, but never too late: such an endpoint is not one that fails."""
PAUSE_SECONDS = 0.2
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


class Loudness(msgspec.Struct, frozen=True, kw_only=True):
    """What the loud tenant does for so long. `limit` is requests a second that it may make,
    `endpoint` the port of 127.0.0.1 to which its messages go."""

    kind: str
    port: int
    bearer: str
    system: str
    limit: int
    endpoint: int
    seconds: float


class Till:
    """Clients of one tenant, together no more often than said, until the time is over."""

    def __init__(self, loudness: Loudness, per_second: float) -> None:
        self.loudness = loudness
        self.per_second = per_second
        self.turns = count()
        self.statuses: Counter[str] = Counter()
        self.begun = time.perf_counter()
        self.end = self.begun + loudness.seconds

    async def run(self) -> Heard:
        await asyncio.gather(*(self.clerk() for _ in range(CLIENTS)))
        return Heard(requests=self.statuses.total(), statuses=dict(self.statuses))

    async def clerk(self) -> None:
        link: client.Link | None = None
        while (due := self.begun + next(self.turns) / self.per_second) < self.end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if time.perf_counter() >= self.end:
                break
            try:
                link = link or await client.connect(self.loudness.port)
                await self.turn(link)
            except (OSError, TimeoutError):
                self.statuses["cut"] += 1
                link = None

    async def turn(self, link: client.Link) -> None:
        """Intentions alone where it asks for more than it may, else whole sales."""
        opened = await self.ask(link, "/records", sales.intention(self.loudness.system))
        if self.loudness.kind == SALES or opened.status != 200:
            return
        intent = client.shown(opened.body).content.id
        await self.ask(link, "/records", sales.conclusion(intent, sales.a_receipt("LOUD")))

    async def ask(self, link: client.Link, path: str, body: bytes) -> client.Reply:
        request = sales.post(path, self.loudness.bearer, str(uuid4()), body)
        reply = await asyncio.wait_for(link.ask(request), 20)
        self.statuses[str(reply.status)] += 1
        return reply

    async def exports(self) -> Heard:
        """As many exports as may wait, all the time."""
        link = await client.connect(self.loudness.port)
        while time.perf_counter() < self.end:
            reply = await self.ask(link, "/files", an_export())
            if reply.status != 200:
                await asyncio.sleep(PAUSE_SECONDS)
        return Heard(requests=self.statuses.total(), statuses=dict(self.statuses))


def an_export() -> bytes:
    """Everything of these days: the law's file, and the journal."""
    today = datetime.now(UTC).date()
    period = {"from": (today - timedelta(days=2)).isoformat(), "to": today.isoformat()}
    return json.dumps({"content": {"type": "EXPORT", "range": period}}).encode()


async def read(reader: asyncio.StreamReader) -> bytes:
    """The body of a request to an endpoint."""
    head = await reader.readuntil(client.HEAD_END)
    place = head.lower().find(client.LENGTH) + len(client.LENGTH)
    return await reader.readexactly(int(head[place:].split(b"\r", 1)[0]))


def answering_after(seconds: float) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await read(reader)
            await asyncio.sleep(seconds)
            writer.write(OK)
            await writer.drain()
        writer.close()

    return handle


HANDLERS = {
    MESSAGES: answering_after(0),
    SLOW: answering_after(SLOW_SECONDS),
    SILENT: answering_after(3600),
}


@asynccontextmanager
async def endpoint(loudness: Loudness) -> AsyncIterator[None]:
    """Nobody listens at one that is dead."""
    handler = HANDLERS.get(loudness.kind)
    if handler is None:
        yield
        return
    server = await asyncio.start_server(handler, "127.0.0.1", loudness.endpoint, backlog=1024)
    try:
        yield
    finally:
        server.close()


async def made(loudness: Loudness) -> None:
    async with endpoint(loudness):
        print(flush=True)
        till = Till(loudness, SALES_PER_SECOND.get(loudness.kind, loudness.limit * 20))
        heard = await (till.exports() if loudness.kind == EXPORTS else till.run())
        print(msgspec.json.encode(heard).decode(), flush=True)
        await asyncio.Event().wait()  # Its endpoints stay until somebody ends the process.


if __name__ == "__main__":
    uvloop.run(made(msgspec.json.decode(sys.stdin.buffer.read(), type=Loudness)))
