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
    `ratio` is documents per signature."""

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
    yardstick: tuple[float, float]
    ratio: float
    failures: list[str]

    def sentence(self) -> str:
        return (
            f"{self.engine} ×{self.processes}, {self.registers} registers, {self.clients} clients: "
            f"{self.per_second}/s, conclusion p50 {self.conclude_p50_ms} ms, p99 "
            f"{self.conclude_p99_ms} ms, {len(self.failures)} failures"
        )


def arguments(name: str, text: str | None, registers: Sequence[int]) -> argparse.ArgumentParser:
    """What all benches over HTTP can be told."""
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=text)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each load")
    parser.add_argument("--warm", type=float, default=2.0, help="seconds before each, not counted")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--registers", type=int, nargs="+", default=list(registers))
    parser.add_argument("--setup", action="append", help=", ".join(f'"{one}"' for one in _names()))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log-level", default="info", help="of the servers; info is the default")
    parser.add_argument("--json", type=Path, help="also write everything as JSON")
    return parser


def _names() -> list[str]:
    return [f"{engine} {processes}" for engine, processes in SETUPS]


def wanted_setups(wanted: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """The setups that were asked for (all, if none was) and can be had."""
    names = wanted.setup or _names()
    for engine, processes in SETUPS:
        name = f"{engine} {processes}"
        if name not in names:
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
    load: Load, ack: type[Ack], yardstick: Yardstick, engine: str, processes: int
) -> tuple[Figure, Outcome[Ack]]:
    """The load in a process of its own, the yardstick before and after it. `ack` is what its shop
    keeps of a document."""
    before = yardstick.measure()
    outcome = driven(load, ack)
    after = yardstick.measure()
    figure = Figure(
        engine=engine, processes=processes, registers=len(load.systems), clients=load.clients,
        documents=outcome.documents, per_second=round(outcome.per_second, 1),
        begin_p50_ms=_ms(outcome.begin_p50), begin_p99_ms=_ms(outcome.begin_p99),
        conclude_p50_ms=_ms(outcome.conclude_p50), conclude_p99_ms=_ms(outcome.conclude_p99),
        yardstick=(round(before), round(after)),
        ratio=round(outcome.per_second / ((before + after) / 2), 4), failures=outcome.failures,
    )  # fmt: skip
    print(figure.sentence(), file=sys.stderr, flush=True)
    return figure, outcome


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def driven(load: Load, ack: type[Ack]) -> Outcome[Ack]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.client"], input=msgspec.json.encode(load),
        stdout=subprocess.PIPE, check=True, cwd=ROOT,
    )  # fmt: skip
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
    heads = ["Database", "Processes", "Registers", "Clients", "Documents/s", "Begin p50 ms",
             "Conclude p50 ms", "Conclude p99 ms", f"{yardstick.name}/s of one core",
             "Ratio"]  # fmt: skip
    rows = [
        [one.engine, one.processes, one.registers, one.clients, one.per_second, one.begin_p50_ms,
         one.conclude_p50_ms, one.conclude_p99_ms, round(sum(one.yardstick) / 2),
         f"{one.ratio:.4f}"]
        for one in figures
    ]  # fmt: skip
    said = f"Each load {wanted.seconds:g} s, seed {wanted.seed}. Judged afterwards: {verdicts}"
    return "\n\n".join([headline(facts), table(heads, rows), said])


def written(path: Path | None, result: Any) -> None:
    """Everything as JSON, where it was asked for."""
    if path:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))
