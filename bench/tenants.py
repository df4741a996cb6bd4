"""How long a quiet tenant waits beside a loud one: `python -m bench.tenants`.

A quiet tenant sells now and then, is told of each of its sales by a webhook, and has small exports
made. Beside it a loud one (`bench/loud.py`): far more requests than it may make, many messages,
endpoints that are slow, never answer or are not there, exports that take long. Each load has right
before it the same one of the quiet tenant alone; the ratio of the two p99 is what counts.
Everything goes over HTTP to one `fiscus serve` with its worker; what the loud tenant leaves in the
queue is thrown away, and the server started again, before the next pair.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from statistics import median
from uuid import uuid4

import httpx
import msgspec
from sqlalchemy import create_engine

from bench import client, sales
from bench.client import Load, Sold
from bench.installation import POSTGRES, SQLITE, Installation, free_ports, fresh
from bench.loads import driven, written
from bench.loud import EXPORTS, KINDS, OK, SUBSCRIPTIONS, Loudness, an_export, read
from bench.machine import ROOT, Machine, headline, machine, table
from bench.merchant import Merchant, found
from bench.quiet import Heard, asked
from fiscus.store.schema import TASK

LIMIT = 100
QUIET_SECONDS = 0.05
FILE_VERSION = "2026-06-01"
"""The version in which files have states."""

POLL_SECONDS = 0.05
LOUD_DOCUMENTS = 3_000
PATIENCE_SECONDS = 20
"""For messages after the last sale, and for an export that was asked for; what has not come by then
counts with what it waited so far."""


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of each: a sale's two requests, from a sale to its message, from a request for an
    export to its end. `missing`: messages and exports that had not come when patience ended."""

    sale: list[float]
    message: list[float]
    export: list[float]
    missing: int = 0


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """The quiet tenant alone, and beside the loud one."""

    alone: Waits
    beside: Waits
    heard: Heard


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    pairs: list[Pair]

    def measures(self) -> Sequence[tuple[str, float, float, float]]:
        """Of what the quiet tenant waited for: p99 alone, p99 beside, the ratio; medians of all
        pairs."""
        found = []
        for name in ("sale", "message", "export"):
            both = [(_p99(pair.alone, name), _p99(pair.beside, name)) for pair in self.pairs]
            if all(alone and beside for alone, beside in both):
                ratio = median(beside / alone for alone, beside in both)
                calm, disturbed = (median(each) for each in zip(*both, strict=True))
                found.append((name, calm, disturbed, ratio))
        return found

    @property
    def missing(self) -> int:
        return sum(pair.beside.missing for pair in self.pairs)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    machine: Machine
    engine: str
    limit: int
    seconds: float
    rounds: int
    figures: list[Figure]


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """`documents`: in each export of the loud tenant."""

    seconds: float = 20.0
    rounds: int = 3
    limit: int = LIMIT
    documents: int = LOUD_DOCUMENTS


def _p99(waits: Waits, name: str) -> float:
    spent: list[float] = getattr(waits, name)
    return client.percentile(spent, 99) if spent else 0.0


def measured(engine: str, sizes: Sizes, kinds: Sequence[str] = KINDS) -> Result:
    quiet_port, loud_port = free_ports(2)
    with fresh(
        engine, FISCUS_RATE_LIMIT_PER_SECOND="0", FISCUS_WEBHOOK_PRIVATE_TARGETS="127.0.0.0/8"
    ) as installation:
        installation.serve(1)
        first = installation.first()
        quiet = found(installation.caller(), first, 1, "503004642")
        loud = found(installation.caller(), first, 1)
        _fill(installation, loud, sizes.documents)
        installation.settings["FISCUS_RATE_LIMIT_PER_SECOND"] = str(sizes.limit)
        with _told(installation, quiet, quiet_port, 1):
            figures = [
                Figure(
                    kind=kind,
                    pairs=[
                        _pair(installation, quiet, quiet_port, loud, loud_port, kind, sizes)
                        for _ in range(sizes.rounds)
                    ],
                )
                for kind in kinds
            ]
    return Result(
        machine=machine(),
        engine=engine,
        limit=sizes.limit,
        seconds=sizes.seconds,
        rounds=sizes.rounds,
        figures=figures,
    )


def _fill(installation: Installation, loud: Merchant, documents: int) -> None:
    load = Load(
        ports=installation.ports,
        bearer=loud.bearer,
        systems=loud.systems,
        clients=16,
        series=["LOUD"],
        documents=documents,
    )
    if failures := driven(load, Sold).failures:
        raise RuntimeError(failures[0])


@contextmanager
def _told(installation: Installation, who: Merchant, port: int, count: int) -> Iterator[None]:
    """So many subscriptions for a tenant's sales, at its endpoint."""
    made = [_subscribed(installation, who, port) for _ in range(count)]
    yield
    for id_ in made:
        _say(installation, who, "DELETE", f"/v1/subscriptions/{id_}")


def _subscribed(installation: Installation, who: Merchant, port: int) -> str:
    said = {"endpointUrl": f"http://127.0.0.1:{port}/hooks", "eventTypes": ["record.sealed"]}
    id_: str = _say(installation, who, "POST", "/v1/subscriptions", said).json()["data"]["id"]
    return id_


def _say(
    installation: Installation, who: Merchant, method: str, path: str, body: object = None
) -> httpx.Response:
    answer = httpx.request(
        method,
        f"http://127.0.0.1:{installation.ports[0]}{path}",
        headers={"Authorization": f"Bearer {who.bearer}"},
        json=body,
        timeout=60,
    )
    return answer.raise_for_status()


def _pair(
    installation: Installation,
    quiet: Merchant,
    quiet_port: int,
    loud: Merchant,
    loud_port: int,
    kind: str,
    sizes: Sizes,
) -> Pair:
    _anew(installation)
    is_exporting = kind == EXPORTS

    def waits(seconds: float) -> Waits:
        port = installation.ports[0]
        return asyncio.run(_waits(port, quiet, quiet_port, seconds, is_exporting=is_exporting))

    waits(2)
    alone = waits(sizes.seconds)
    loudness = Loudness(
        kind=kind,
        port=installation.ports[0],
        bearer=loud.bearer,
        system=loud.systems[0],
        limit=sizes.limit,
        endpoint=loud_port,
        seconds=sizes.seconds,
    )
    subscriptions = 0 if is_exporting else SUBSCRIPTIONS
    with _told(installation, loud, loud_port, subscriptions), _louder(loudness) as process:
        beside = waits(sizes.seconds)
        assert process.stdout
        heard = msgspec.json.decode(process.stdout.readline(), type=Heard)
    print(_sentence(kind, alone, beside), file=sys.stderr, flush=True)
    return Pair(alone=alone, beside=beside, heard=heard)


def _sentence(kind: str, alone: Waits, beside: Waits) -> str:
    said = [
        f"{name} {_p99(alone, name) * 1000:.1f} -> {_p99(beside, name) * 1000:.1f} ms"
        f" ({len(getattr(beside, name))})"
        for name in ("sale", "message", "export")
    ]
    return f"{kind}: p99 of {', '.join(said)}, {beside.missing} missing"


def _anew(installation: Installation) -> None:
    """A new server at the same port, and an empty queue."""
    [port] = installation.ports
    installation.kill(port)
    engine = create_engine(installation.database)
    with engine.begin() as tx:
        tx.execute(TASK.delete())
    engine.dispose()
    installation.start(port)
    installation.wait(port)


@contextmanager
def _louder(loudness: Loudness) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench.loud"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        try:
            assert process.stdin
            assert process.stdout
            process.stdin.write(msgspec.json.encode(loudness))
            process.stdin.close()
            process.stdout.readline()  # it has begun
            yield process
        finally:
            process.kill()


# The quiet tenant.


class _Endpoint:
    """Of the quiet tenant: takes every message at once, and remembers when each sale was told."""

    def __init__(self) -> None:
        self.told: dict[str, float] = {}

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            body = await read(reader)
            at = time.perf_counter()
            self.told.setdefault(json.loads(body)["data"]["content"]["id"], at)
            writer.write(OK)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def _listening(port: int) -> AsyncIterator[_Endpoint]:
    endpoint = _Endpoint()
    server = await asyncio.start_server(endpoint.take, "127.0.0.1", port)
    try:
        yield endpoint
    finally:
        server.close()


async def _waits(
    port: int, quiet: Merchant, own_port: int, seconds: float, *, is_exporting: bool
) -> Waits:
    async with _listening(own_port) as endpoint:
        selling = _sold(port, quiet, seconds)
        exporting = _exported(port, quiet, seconds if is_exporting else 0)
        (spent, sold), (export, late) = await asyncio.gather(selling, exporting)
        end = time.perf_counter() + PATIENCE_SECONDS
        while endpoint.told.keys() < sold.keys() and time.perf_counter() < end:
            await asyncio.sleep(POLL_SECONDS)
        now = time.perf_counter()
        message = [endpoint.told.get(id_, now) - at for id_, at in sold.items()]
    missing = late + len(sold.keys() - endpoint.told.keys())
    return Waits(sale=spent, message=message, export=export, missing=missing)


async def _sold(port: int, quiet: Merchant, seconds: float) -> tuple[list[float], dict[str, float]]:
    """Seconds of the two requests of each sale, and when each record was promised."""
    link = await client.connect(port)
    spent, sold = [], {}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        opened = await asked(link, quiet, sales.intention(quiet.systems[0]))
        intent = client.shown(opened.body).content.id
        reply = await asked(link, quiet, sales.conclusion(intent, sales.a_receipt("QUIET")))
        at = time.perf_counter()
        sold[client.shown(reply.body).content.id] = at
        spent.append(at - begun)
        await asyncio.sleep(QUIET_SECONDS)
    link.close()
    return spent, sold


async def _exported(port: int, quiet: Merchant, seconds: float) -> tuple[list[float], int]:
    """Seconds of exports made one after the other, and how many had not ended."""
    spent: list[float] = []
    if not seconds:
        return spent, 0
    link = await client.connect(port)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        reply = await link.ask(sales.post("/files", quiet.bearer, str(uuid4()), an_export()))
        if reply.status != 200:
            raise RuntimeError(f"{reply.status} {reply.body[:300]!r}")
        id_ = client.shown(reply.body).content.id
        while not (is_made := await _is_made(link, quiet, id_)):
            if time.perf_counter() > end + PATIENCE_SECONDS:
                break
            await asyncio.sleep(POLL_SECONDS)
        spent.append(time.perf_counter() - begun)
        if not is_made:
            return spent, 1
    link.close()
    return spent, 0


async def _is_made(link: client.Link, quiet: Merchant, id_: str) -> bool:
    said = f"Authorization: Bearer {quiet.bearer}\r\nX-Api-Version: {FILE_VERSION}\r\n"
    request = f"GET /files?limit=100 HTTP/1.1\r\nHost: fiscus\r\n{said}\r\n"
    reply = await link.ask(request.encode())
    if reply.status != 200:
        raise RuntimeError(f"{reply.status} {reply.body[:300]!r}")
    listed = [one["content"] for one in json.loads(reply.body)["results"]]
    [job] = [one for one in listed if one["id"] == id_]
    if job["mode"] == "FINISHED" and job["state"] != "COMPLETED":
        raise RuntimeError(str(job))
    return bool(job["mode"] == "FINISHED")


def markdown(result: Result) -> str:
    heads = ["Beside", "What is waited for", "p99 ms alone", "p99 ms beside", "Ratio", "Missing"]
    rows = [
        (
            one.kind,
            name,
            f"{alone * 1000:.1f}",
            f"{beside * 1000:.1f}",
            f"{ratio:.2f}",
            one.missing,
        )
        for one in result.figures
        for name, alone, beside, ratio in one.measures()
    ]
    said = (
        f"{result.engine}, a limit of {result.limit} requests/s, {result.rounds} rounds of "
        f"{result.seconds:g} s"
    )
    return f"{headline(result.machine)}; {said}\n\n{table(heads, rows)}"


def main() -> None:
    usual = Sizes()
    parser = argparse.ArgumentParser(prog="python -m bench.tenants", description=__doc__)
    parser.add_argument("--engine", choices=(SQLITE, POSTGRES), default=SQLITE)
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="length of each load")
    parser.add_argument("--rounds", type=int, default=usual.rounds, help="pairs of each kind")
    parser.add_argument("--limit", type=int, default=usual.limit, help="requests/s of a key")
    parser.add_argument(
        "--documents", type=int, default=usual.documents, help="in an export of the loud tenant"
    )
    parser.add_argument("--kind", choices=KINDS, action="append", help="only this; all")
    parser.add_argument("--json", type=Path, help="also write everything as JSON")
    wanted = parser.parse_args()
    sizes = Sizes(
        seconds=wanted.seconds,
        rounds=wanted.rounds,
        limit=wanted.limit,
        documents=wanted.documents,
    )
    result = measured(wanted.engine, sizes, wanted.kind or KINDS)
    print(markdown(result))
    written(wanted.json, result)


if __name__ == "__main__":
    main()
