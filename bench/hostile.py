"""What a caller sends who means no good: bodies, headers and connections, and how to count them."""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench import sales

STRANGER_BYTES = 60_000
KNOWN_BYTES = 3_900_000
SENT_OF_EACH = 50_000
PATIENCE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Told:
    """An answer: its status (0: none), and the seconds from the last byte sent until it came."""

    status: int
    seconds: float
    body: bytes = b""


def memory_mib(process: int) -> float:
    """What a process holds in the memory now."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {process} has no memory")


async def watched(process: int, is_over: asyncio.Event) -> float:
    """The most memory that a process holds until it is over, looked at ten times a second."""
    most = memory_mib(process)
    while not is_over.is_set():
        await asyncio.sleep(0.1)
        most = max(most, memory_mib(process))
    return most


def bodies(good: bytes) -> Iterator[tuple[str, bytes]]:
    """Whole bodies that must be refused; `good` is one that is taken."""
    yield "100 MB", b" " * 100_000_000
    yield "just too large", b" " * 4_194_305
    yield "depth 10,000", b"[" * 10_000 + b"]" * 10_000
    yield "depth 10,000 of objects", b'{"a":' * 10_000 + b"1" + b"}" * 10_000
    yield "depth 1,000,000, not closed", b"[" * 1_000_000
    yield "depth 65", b'{"metadata":' + b"[" * 65 + b"]" * 65 + b"}"
    yield "a million numbers", b"[" + b"1," * 1_000_000 + b"1]"
    yield "a million empty arrays", b"[" + b"[]," * 1_000_000 + b"[]]"
    yield "a number of a million digits", b'{"content":' + b"9" * 1_000_000 + b"}"
    yield "1e999999999", b'{"content":1e999999999}'
    yield "a fraction of a million digits", b'{"content":0.' + b"1" * 1_000_000 + b"}"
    yield "NaN", b'{"content":NaN}'
    yield "Infinity", b'{"content":-Infinity}'
    yield "a lone surrogate", b'{"content":"\\ud800"}'
    yield "a lone surrogate in a name", b'{"\\udfff":1}'
    yield "no UTF-8", b'{"content":"\xff\xfe"}'
    yield "UTF-16", good.decode().encode("utf-16")
    yield "300,000 unknown members", json.dumps({f"x{n}": 0 for n in range(300_000)}).encode()
    yield "10,000 unknown members", json.dumps({f"x{n}": 0 for n in range(10_000)}).encode()
    yield "one member said 100,000 times", b"{" + b",".join([b'"x":0'] * 100_000) + b"}"
    yield "a million commas in a text", b'{"x":"' + b"," * 1_000_000 + b'"}'
    yield "a text of four megabytes", b'{"x":"' + b"x" * 4_000_000 + b'"}'
    yield "a thousand lines of nothing", lines(good, b"{}", 1000)
    yield "two hundred thousand lines of nothing", lines(good, b"{}", 200_000)


def lines(good: bytes, line: bytes, count: int) -> bytes:
    said = json.loads(good)
    said["content"]["operation"]["entries"] = ["here"]
    return json.dumps(said).encode().replace(b'"here"', b",".join([line] * count))


def records(bearer: str, length: int) -> bytes:
    """The header of a sale with a body of so many bytes; without a bearer a stranger's."""
    headers = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "X-Api-Version": sales.VERSION,
        "X-Idempotency-Key": "00000000-0000-4000-8000-000000000000",
    }
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    return head("POST", "/records", {**headers, "Content-Length": str(length)})


def head(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {said}" for name, said in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


async def told(port: int, request: bytes) -> Told:
    """The answer to one request on a connection of its own, sent as fast as it is taken."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        sent = time.perf_counter()
        with suppress(ConnectionError):
            writer.write(request)
            await writer.drain()
            sent = time.perf_counter()
        return await _heard(reader, sent)
    finally:
        writer.close()


async def _heard(reader: asyncio.StreamReader, sent: float) -> Told:
    try:
        said = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_SECONDS)
    except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
        return Told(status=0, seconds=time.perf_counter() - sent)
    seconds = time.perf_counter() - sent
    length = next(
        (int(line[15:]) for line in said.lower().split(b"\r\n") if line[:15] == b"content-length:"),
        0,
    )
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        return Told(status=int(said[9:12]), seconds=seconds, body=await reader.readexactly(length))
    return Told(status=int(said[9:12]), seconds=seconds)


async def half_sent(port: int, count: int, bearer: str) -> list[Told]:
    """So many requests at once whose bodies never end; how each connection ended, and when."""
    length = KNOWN_BYTES if bearer else STRANGER_BYTES
    request = records(bearer, length) + b" " * SENT_OF_EACH
    return await asyncio.gather(*(dripping(port, request, b" ") for _ in range(count)))


async def dripping(port: int, begin: bytes, drop: bytes) -> Told:
    """`begin`, then a drop each second until the other side ends it."""
    begun = time.perf_counter()
    status = 0
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return Told(status=0, seconds=0)
    try:
        writer.write(begin)
        while time.perf_counter() - begun < PATIENCE_SECONDS:
            with suppress(TimeoutError):
                said = await asyncio.wait_for(reader.read(65_536), 1)
                if not said:
                    break
                status = status or int(said[9:12])
            writer.write(drop)
    except ConnectionError:
        pass
    finally:
        writer.close()
    return Told(status=status, seconds=time.perf_counter() - begun)


async def asked_on(
    port: int, request: bytes, is_over: asyncio.Event, every: float = 0.02
) -> list[float]:
    """One quiet client that asks now and then; the seconds of each answer."""
    found = []
    while not is_over.is_set():
        found.append((await told(port, request)).seconds)
        await asyncio.sleep(every)
    return found
