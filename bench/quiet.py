"""How long one tenant waits while others ask for too much: `python -m bench.quiet`.

A quiet tenant sells now and then. Beside it, in a process of its own, somebody else: first a
tenant that asks as often as it may, then the same one twenty times as often, then a stranger with
oversized bodies, invalid bodies, logins. Every attack is paired with the first case right before
it, because machines are noisy; the ratio of the two p99 is what counts. Everything goes over HTTP
to one server.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path
from statistics import median
from uuid import uuid4

import msgspec
import uvloop

from bench import client, hostile, sales
from bench.installation import POSTGRES, SQLITE, Installation, fresh
from bench.loads import written
from bench.machine import ROOT, Machine, headline, machine, table
from bench.merchant import Merchant, found

PAYING = "at its limit"
OVERSIZED = b" " * 5_000_000
ATTACKS = (
    "20 times its limit",
    "oversized bodies",
    "invalid bodies",
    "large invalid bodies",
    "logins",
)
LIMIT = 100
CLIENTS = 64
QUIET_SECONDS = 0.02


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """What the other one does: requests of this kind, so many a second at most, for so long."""

    kind: str
    port: int
    bearer: str
    system: str
    per_second: float
    seconds: float


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests the other one sent, and what was answered."""

    requests: int
    statuses: dict[str, int]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """The quiet tenant's seconds, (p50, p99) of a sale's two requests, beside the tenant at its
    limit and beside the attack."""

    calm: tuple[float, float]
    disturbed: tuple[float, float]
    heard: Heard


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    attack: str
    pairs: list[Pair]

    @property
    def ratio(self) -> float:
        return median(one.disturbed[1] / one.calm[1] for one in self.pairs)

    @property
    def worst(self) -> float:
        return median(one.disturbed[1] for one in self.pairs)

    def answers(self) -> list[tuple[str, int]]:
        total: Counter[str] = Counter()
        for pair in self.pairs:
            total.update(pair.heard.statuses)
        return sorted(total.items())


class Result(msgspec.Struct, frozen=True, kw_only=True):
    machine: Machine
    engine: str
    limit: int
    rounds: int
    figures: list[Figure]


def measured(engine: str, seconds: float, rounds: int, limit: int) -> Result:
    with fresh(engine, FISCUS_RATE_LIMIT_PER_SECOND=str(limit)) as installation:
        installation.serve(1)
        first = installation.first()
        quiet = found(installation.caller(), first, 1, "503004642")
        noisy = found(installation.caller(), first, 1)
        disturbed(installation, quiet, noise(installation, noisy, PAYING, limit, 2))
        figures = [
            Figure(
                attack=attack,
                pairs=[
                    pair(installation, quiet, noisy, attack, seconds, limit) for _ in range(rounds)
                ],
            )
            for attack in ATTACKS
        ]
    return Result(machine=machine(), engine=engine, limit=limit, rounds=rounds, figures=figures)


def pair(
    installation: Installation,
    quiet: Merchant,
    noisy: Merchant,
    attack: str,
    seconds: float,
    limit: int,
) -> Pair:
    calm, _ = disturbed(installation, quiet, noise(installation, noisy, PAYING, limit, seconds))
    time.sleep(1)
    harmed, heard = disturbed(
        installation, quiet, noise(installation, noisy, attack, limit, seconds)
    )
    time.sleep(1)
    return Pair(calm=calm, disturbed=harmed, heard=heard)


def noise(
    installation: Installation, noisy: Merchant, kind: str, limit: int, seconds: float
) -> Noise:
    return Noise(
        kind=kind,
        port=installation.ports[0],
        bearer=noisy.bearer,
        system=noisy.systems[0],
        per_second=limit * (0.95 if kind == PAYING else 20),
        seconds=seconds,
    )


def disturbed(
    installation: Installation, quiet: Merchant, other: Noise
) -> tuple[tuple[float, float], Heard]:
    """The quiet tenant's p50 and p99 beside this noise."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.quiet", "--noise"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(msgspec.json.encode(other))
        process.stdin.close()
        process.stdout.readline()  # it has begun
        spent = asyncio.run(sold(installation.ports[0], quiet, other.seconds))
        heard = msgspec.json.decode(process.stdout.read(), type=Heard)
    return (client.percentile(spent, 50), client.percentile(spent, 99)), heard


async def sold(port: int, quiet: Merchant, seconds: float) -> list[float]:
    """Seconds of the two requests of each sale."""
    link = await client.connect(port)
    spent = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        opened = await asked(link, quiet, sales.intention(quiet.systems[0]))
        intent = client.shown(opened.body).content.id
        await asked(link, quiet, sales.conclusion(intent, sales.a_receipt("QUIET")))
        spent.append(time.perf_counter() - begun)
        await asyncio.sleep(QUIET_SECONDS)
    link.close()
    return spent


async def asked(link: client.Link, quiet: Merchant, body: bytes) -> client.Reply:
    reply = await link.ask(sales.post("/records", quiet.bearer, str(uuid4()), body))
    if reply.status != 200:
        raise RuntimeError(f"{reply.status} {reply.body[:300]!r}")
    return reply


# The other one, in a process of its own.


class Noisy:
    """64 clients, together no more often than said, each asking again as soon as it is answered."""

    def __init__(self, noise: Noise) -> None:
        self.noise = noise
        self.turns = count()
        self.statuses: Counter[str] = Counter()
        self.begun = time.perf_counter()
        self.wide = json.dumps({f"x{number}": 0 for number in range(300_000)}).encode()
        self.odd = hostile.lines(sales.conclusion("1", sales.a_receipt("A")), b"{}", 15_000)

    async def client(self) -> None:
        link: client.Link | None = None
        while (due := self.begun + next(self.turns) / self.noise.per_second) < self.end():
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if time.perf_counter() >= self.end():
                break
            try:
                link = link or await client.connect(self.noise.port)
                reply = await asyncio.wait_for(link.ask(self.request()), 20)
                self.statuses[str(reply.status)] += 1
            except (OSError, TimeoutError):
                self.statuses["cut"] += 1
                link = None

    def end(self) -> float:
        return self.begun + self.noise.seconds

    def request(self) -> bytes:
        kind, bearer = self.noise.kind, self.noise.bearer
        if kind == "oversized bodies":
            return hostile.records("", len(OVERSIZED)) + OVERSIZED
        if kind == "invalid bodies":
            return hostile.records("", len(self.odd)) + self.odd
        if kind == "large invalid bodies":
            return hostile.records(bearer, len(self.wide)) + self.wide
        if kind == "logins":
            said = {"type": "API_KEY", "key": f"test_{uuid4().hex}", "secret": uuid4().hex}
            body = json.dumps({"content": said}).encode()
            return sales.post("/tokens", "", str(uuid4()), body)
        return sales.post("/records", bearer, str(uuid4()), sales.intention(self.noise.system))


async def made(noise: Noise) -> Heard:
    noisy = Noisy(noise)
    print(flush=True)
    await asyncio.gather(*(noisy.client() for _ in range(CLIENTS)))
    return Heard(requests=noisy.statuses.total(), statuses=dict(noisy.statuses))


def markdown(result: Result) -> str:
    heads = [
        "Beside",
        "p50 ms",
        "p99 ms",
        "p99 ms beside a tenant at its limit",
        "Ratio",
        "Answers to the other one",
    ]
    rows = [
        (
            one.attack,
            f"{median(pair.disturbed[0] for pair in one.pairs) * 1000:.1f}",
            f"{one.worst * 1000:.1f}",
            f"{median(pair.calm[1] for pair in one.pairs) * 1000:.1f}",
            f"{one.ratio:.2f}",
            ", ".join(f"{status}: {count}" for status, count in one.answers()),
        )
        for one in result.figures
    ]
    said = f"{result.engine}, a limit of {result.limit} requests/s, {result.rounds} rounds"
    return f"{headline(result.machine)}; {said}\n\n{table(heads, rows)}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.quiet", description=__doc__)
    parser.add_argument("--engine", choices=(SQLITE, POSTGRES), default=SQLITE)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each load")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of loads for each attack")
    parser.add_argument("--limit", type=int, default=LIMIT, help="requests per second of a key")
    parser.add_argument("--json", type=Path, help="also write everything as JSON")
    parser.add_argument("--noise", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.noise:
        noise = msgspec.json.decode(sys.stdin.buffer.read(), type=Noise)
        sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(made(noise))))
        return
    result = measured(wanted.engine, wanted.seconds, wanted.rounds, wanted.limit)
    print(markdown(result))
    written(wanted.json, result)


if __name__ == "__main__":
    main()
