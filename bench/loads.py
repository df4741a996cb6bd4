"""What the benches over HTTP share: a load in a process of its own, the yardstick before and after
it, and the table of all of them."""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from bench.client import Ack, Load, Outcome
from bench.installation import POSTGRES, SQLITE, Installation, fresh, has_postgres
from bench.machine import ROOT, Machine, Yardstick, headline, table

REGISTERS = 16
SETUPS = ((SQLITE, 1), (SQLITE, 2), (POSTGRES, 1), (POSTGRES, 2))


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One load on one setup. `yardstick` is signatures per second of one core, before and after;
    `ratio` is documents per signature. `server_ms` and `client_ms` are milliseconds of processor
    for each document, the warm-up included: of the servers with their children (not of
    PostgreSQL), and of the load client."""

    engine: str
    processes: int
    registers: int
    clients: int
    documents: int
    per_second: float
    begin_p50_ms: float
    begin_p99_ms: float
    conclude_p50_ms: float
    conclude_p99_ms: float
    server_ms: float
    client_ms: float
    yardstick: tuple[float, float]
    ratio: float
    failures: list[str]

    def sentence(self) -> str:
        return (
            f"{self.engine} ×{self.processes}, {self.registers} registers, {self.clients} clients: "
            f"{self.per_second}/s, conclusion p50 {self.conclude_p50_ms} ms, p99 "
            f"{self.conclude_p99_ms} ms, {self.server_ms} ms of processor (client "
            f"{self.client_ms}), {len(self.failures)} failures"
        )


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured if the caller does not say otherwise."""

    seconds: float = 10.0
    warm: float = 2.0
    clients: Sequence[int] = (64, 256)
    registers: Sequence[int] = (REGISTERS,)
    setup: Sequence[str] = ("sqlite 1",)
    pairs: int = 8


COMPARING = Size()
QUICK = Size(seconds=4.0, warm=1.0, clients=(64,), pairs=5)


def chosen(name: str, text: str | None, registers: Sequence[int]) -> argparse.Namespace:
    """What a bench over HTTP was told, and the usual size of what was left open."""
    parser = _parser(name, text)
    wanted = parser.parse_args()
    if (wanted.quick or wanted.pairs) and not wanted.compare:
        parser.error("--quick and --pairs are for --compare")
    usual = Size(clients=(1, 16, 64), registers=registers, setup=_names())
    if wanted.compare:
        usual = QUICK if wanted.quick else COMPARING
    for option in usual.__struct_fields__:
        if getattr(wanted, option) is None:
            setattr(wanted, option, getattr(usual, option))
    return wanted


def _parser(name: str, text: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=text)
    parser.add_argument("--seconds", type=float, help="length of each load")
    parser.add_argument("--warm", type=float, help="seconds before each, not counted")
    parser.add_argument("--clients", type=int, nargs="+")
    parser.add_argument("--registers", type=int, nargs="+")
    parser.add_argument("--setup", action="append", help=", ".join(f'"{one}"' for one in _names()))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log-level", default="info", help="of the servers; info is the default")
    parser.add_argument("--json", type=Path, help="also write everything as JSON")
    comparing = parser.add_argument_group("two revisions, alternately")
    comparing.add_argument("--compare", metavar="REV", help="a revision to compare this tree with")
    comparing.add_argument("--pairs", type=int, help="runs of each")
    comparing.add_argument("--quick", action="store_true", help="two minutes, for a first look")
    return parser


def _names() -> list[str]:
    return [f"{engine} {processes}" for engine, processes in SETUPS]


def wanted_setups(wanted: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """The setups that were asked for and can be had."""
    for engine, processes in SETUPS:
        name = f"{engine} {processes}"
        if name not in wanted.setup:
            continue
        if engine == POSTGRES and not has_postgres():
            print(f"{name}: no PostgreSQL", file=sys.stderr)
            continue
        yield engine, processes


@contextmanager
def serving(engine: str, processes: int, wanted: argparse.Namespace) -> Iterator[Installation]:
    """A new installation with so many servers."""
    with fresh(engine, FISCUS_LOG_LEVEL=wanted.log_level) as installation:
        installation.serve(processes)
        yield installation


def seed_of(wanted: argparse.Namespace, registers: int, clients: int) -> int:
    """Another one for each load, so that no key comes twice."""
    seed: int = wanted.seed * 1_000_000 + registers * 1_000 + clients
    return seed


def measured(
    load: Load, ack: type[Ack], yardstick: Yardstick, installation: Installation
) -> tuple[Figure, Outcome[Ack]]:
    """The load in a process of its own, the yardstick before and after it. `ack` is what its shop
    keeps of a document."""
    before = yardstick.measure()
    used = installation.processor_seconds()
    outcome = driven(load, ack)
    used = installation.processor_seconds() - used
    after = yardstick.measure()
    every = max(1, len(outcome.sold))
    figure = Figure(
        engine=installation.engine,
        processes=len(installation.processes),
        registers=len(load.systems),
        clients=load.clients,
        documents=outcome.documents,
        per_second=round(outcome.per_second, 1),
        begin_p50_ms=_ms(outcome.begin_p50),
        begin_p99_ms=_ms(outcome.begin_p99),
        conclude_p50_ms=_ms(outcome.conclude_p50),
        conclude_p99_ms=_ms(outcome.conclude_p99),
        server_ms=round(used / every * 1000, 3),
        client_ms=round(outcome.processor_seconds / every * 1000, 3),
        yardstick=(round(before), round(after)),
        ratio=round(outcome.per_second / ((before + after) / 2), 4),
        failures=outcome.failures,
    )
    print(figure.sentence(), file=sys.stderr, flush=True)
    return figure, outcome


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def driven(load: Load, ack: type[Ack]) -> Outcome[Ack]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.client"],
        input=msgspec.json.encode(load),
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
    )
    try:
        found: Outcome[Ack] = msgspec.json.decode(done.stdout, type=Outcome[ack])  # type: ignore[valid-type]
    except msgspec.DecodeError as error:
        said = f"{len(done.stdout)} bytes, ending {done.stdout[-80:]!r}"
        raise RuntimeError(f"the client's outcome cannot be read: {said}") from error
    return found


def markdown(
    facts: Machine,
    figures: Sequence[Figure],
    yardstick: Yardstick,
    verdicts: str,
    wanted: argparse.Namespace,
) -> str:
    """The table for docs/measurements.md."""
    heads = [
        "Database",
        "Processes",
        "Registers",
        "Clients",
        "Documents/s",
        "Begin p50 ms",
        "Conclude p50 ms",
        "Conclude p99 ms",
        "Server processor ms",
        "Client processor ms",
        f"{yardstick.name}/s of one core",
        "Ratio",
    ]
    rows = [
        [
            one.engine,
            one.processes,
            one.registers,
            one.clients,
            one.per_second,
            one.begin_p50_ms,
            one.conclude_p50_ms,
            one.conclude_p99_ms,
            one.server_ms,
            one.client_ms,
            round(sum(one.yardstick) / 2),
            f"{one.ratio:.4f}",
        ]
        for one in figures
    ]
    said = f"Each load {wanted.seconds:g} s, seed {wanted.seed}. Judged afterwards: {verdicts}"
    return "\n\n".join([headline(facts), table(heads, rows), said])


def written(path: Path | None, result: Any) -> None:
    """Everything as JSON, where it was asked for."""
    if path:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))
