"""Sealed Portuguese documents per second over HTTP: `python -m bench.seal --help`.

A document is two requests, the intention and the receipt (two lines); the load client runs in a
process of its own, the servers are real `fiscus serve` processes over a fresh database.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import msgspec

from bench.client import Load, Outcome
from bench.installation import POSTGRES, SQLITE, Installation, fresh, has_postgres
from bench.judge import Verdict, judge
from bench.machine import Machine, Yardstick, headline, machine, table
from bench.merchant import Merchant

REGISTERS = 16
SETUPS = ((SQLITE, 1), (POSTGRES, 1), (POSTGRES, 2))


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One load on one setup. `ratio` is documents per RSA-1024 signature of one core."""

    engine: str
    processes: int
    series: int
    clients: int
    documents: int
    per_second: float
    receipt_p50_ms: float
    receipt_p99_ms: float
    intention_p50_ms: float
    rsa_before: float
    rsa_after: float
    ratio: float
    failures: list[str]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    machine: Machine
    seed: int
    seconds: float
    figures: list[Figure]
    verdicts: dict[str, Verdict]


def main() -> None:
    wanted = _parser().parse_args()
    yardstick, figures, verdicts = Yardstick(), [], {}
    for engine, processes in SETUPS:
        name = f"{engine} {processes}"
        if wanted.setup and name not in wanted.setup:
            continue
        if engine == POSTGRES and not has_postgres():
            print(f"{name}: no PostgreSQL", file=sys.stderr)
            continue
        with fresh(engine, FISCUS_LOG_LEVEL=wanted.log_level) as installation:
            installation.serve(processes)
            merchant = installation.found(REGISTERS)
            outcomes = []
            for series in wanted.series:
                for clients in wanted.clients:
                    load = _load(installation, merchant, wanted, series, clients)
                    figure, outcome = measured(load, yardstick, engine, processes)
                    figures.append(figure)
                    outcomes += outcome.sold
                    print(_line(figure), file=sys.stderr, flush=True)
            verdicts[name] = judge(installation.database, outcomes)
            print(f"{name}: {verdicts[name].sentence()}", file=sys.stderr, flush=True)
    result = Result(
        machine=machine(), seed=wanted.seed, seconds=wanted.seconds, figures=figures,
        verdicts=verdicts,
    )  # fmt: skip
    print(markdown(result))
    if wanted.json:
        wanted.json.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.seal", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each load")
    parser.add_argument("--warm", type=float, default=2.0, help="seconds before each, not counted")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--series", type=int, nargs="+", default=[1, REGISTERS],
                        help=f"registers with a series each, 1 to {REGISTERS}")  # fmt: skip
    parser.add_argument("--setup", action="append", help='"sqlite 1", "postgres 1", "postgres 2"')
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log-level", default="info", help="of the servers; info is the default")
    parser.add_argument("--json", type=Path, help="also write everything as JSON")
    return parser


def _load(
    installation: Installation, merchant: Merchant, wanted: argparse.Namespace, series: int,
    clients: int,
) -> Load:  # fmt: skip
    return Load(
        ports=installation.ports, bearer=merchant.bearer, systems=merchant.systems[:series],
        series=[f"FR-{number:02}" for number in range(series)], clients=clients,
        seconds=wanted.seconds, seconds_warm=wanted.warm,
        seed=wanted.seed * 1_000_000 + series * 1_000 + clients,
    )  # fmt: skip


def measured(
    load: Load, yardstick: Yardstick, engine: str, processes: int
) -> tuple[Figure, Outcome]:
    """The load in a process of its own, the yardstick before and after it."""
    before = yardstick.measure()
    outcome = driven(load)
    after = yardstick.measure()
    figure = Figure(
        engine=engine, processes=processes, series=len(load.series), clients=load.clients,
        documents=outcome.documents, per_second=round(outcome.per_second, 1),
        receipt_p50_ms=round(outcome.receipt_p50 * 1000, 2),
        receipt_p99_ms=round(outcome.receipt_p99 * 1000, 2),
        intention_p50_ms=round(outcome.intention_p50 * 1000, 2),
        rsa_before=round(before), rsa_after=round(after),
        ratio=round(outcome.per_second / ((before + after) / 2), 4), failures=outcome.failures,
    )  # fmt: skip
    return figure, outcome


def driven(load: Load) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-m", "bench.client"], input=msgspec.json.encode(load),
        stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    return msgspec.json.decode(done.stdout, type=Outcome)


def _line(figure: Figure) -> str:
    return (
        f"{figure.engine} ×{figure.processes}, {figure.series} series, {figure.clients} clients: "
        f"{figure.per_second} documents/s, receipt p50 {figure.receipt_p50_ms} ms, p99 "
        f"{figure.receipt_p99_ms} ms, {len(figure.failures)} failures"
    )


def markdown(result: Result) -> str:
    """The table for docs/measurements.md."""
    heads = ["Database", "Processes", "Series", "Clients", "Documents/s", "Receipt p50 ms",
             "Receipt p99 ms", "RSA-1024/s of one core", "Ratio"]  # fmt: skip
    rows = [
        [one.engine, one.processes, one.series, one.clients, one.per_second, one.receipt_p50_ms,
         one.receipt_p99_ms, round((one.rsa_before + one.rsa_after) / 2), f"{one.ratio:.3f}"]
        for one in result.figures
    ]  # fmt: skip
    said = [f"{name}: {verdict.sentence()}." for name, verdict in result.verdicts.items()]
    length = f"Each load {result.seconds:g} s, seed {result.seed}."
    return "\n\n".join(
        [headline(result.machine), table(heads, rows), f"{length} Judged afterwards: "
         f"{' '.join(said)}"]
    )  # fmt: skip


if __name__ == "__main__":
    main()
