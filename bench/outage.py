"""How long a sale takes while the tax authority is away, with thousands of reports waiting, and
while they are told once it is back: `python -m bench.outage`.

A Portuguese shop tells each document when it is issued. The same load runs while the authority
answers, while it is away, and while the reports are told, in turn; the ratios of the p99 in the
same round are what counts. Time that only passes (a line waits up to a quarter of an hour for its
next try) is left out. Everything goes over HTTP, and over TLS to the authority.
"""

import argparse
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import msgspec

from bench.authority import FarAuthority, a_far_authority, tells_at_once
from bench.client import Load, Outcome, Sold
from bench.installation import POSTGRES, SQLITE, Installation, fresh
from bench.judge import rows
from bench.loads import driven, written
from bench.machine import Machine, headline, machine, table
from bench.merchant import Merchant
from bench.waiting import hasten

SERIES = ["FR-A", "FR-B", "FR-C", "FR-D"]
PATIENCE_SECONDS = 1800


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """Sales per second and seconds of both requests of a sale, with how many reports waited when
    it began and ended."""

    per_second: float
    p50: float
    p99: float
    waiting: tuple[int, int]


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """`told_per_second`: reports of the catching up, sales going on; `seconds`: until none waited
    any more."""

    answering: Phase
    away: Phase
    back: Phase
    seconds: float
    told_per_second: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`disorder`: documents that were told after one with a higher number of their series;
    `missing`: sold, and not known there in the end."""

    machine: Machine
    engine: str
    clients: int
    rounds: list[Round]
    told: int
    disorder: int
    missing: int


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    seconds: float
    rounds: int
    waiting: int
    clients: int


def measured(engine: str, sizes: Sizes) -> Result:
    with (
        TemporaryDirectory(prefix="fiscus-authority-") as folder,
        a_far_authority(Path(folder)) as far,
        fresh(engine, None, **far.settings) as installation,
    ):
        installation.serve(2 if engine == POSTGRES else 1)
        merchant = installation.found(len(SERIES))
        tells_at_once(installation.caller(merchant.bearer), merchant)
        shop = OutageShop(installation, far, merchant, sizes)
        shop.sold(documents=len(SERIES) * 10)
        shop.wait_for_all()
        rounds = [shop.round() for _ in range(sizes.rounds)]
        told = far.rows("SELECT code, sequence FROM documents ORDER BY id")
        [(count,)] = rows(
            installation.database, "SELECT count(*) FROM entry WHERE series IS NOT NULL"
        )
        return Result(
            machine=machine(),
            engine=engine,
            clients=sizes.clients,
            rounds=rounds,
            told=len(told),
            disorder=disorder(told),
            missing=count - len(told),
        )


class OutageShop:
    """One taxpayer's shop and its authority."""

    def __init__(
        self, installation: Installation, far: FarAuthority, merchant: Merchant, sizes: Sizes
    ) -> None:
        self.installation = installation
        self.far = far
        self.merchant = merchant
        self.sizes = sizes
        self.seed = 0

    def round(self) -> Round:
        answering = self.phase()
        self.wait_for_all()
        self.far.leave()
        while (lacking := self.sizes.waiting - self.waiting()) > 0:
            self.sold(documents=lacking)
        away = self.phase()
        self.far.come_back()
        self.hasten()
        begun, before = time.monotonic(), self.told()
        back = self.phase()
        told = self.told() - before
        per_second = told / (time.monotonic() - begun)
        self.wait_for_all()
        return Round(
            answering=answering,
            away=away,
            back=back,
            seconds=time.monotonic() - begun,
            told_per_second=per_second,
        )

    def phase(self) -> Phase:
        before = self.waiting()
        outcome = self.sold(seconds=self.sizes.seconds)
        return Phase(
            per_second=outcome.per_second,
            p50=outcome.begin_p50 + outcome.conclude_p50,
            p99=outcome.begin_p99 + outcome.conclude_p99,
            waiting=(before, self.waiting()),
        )

    def sold(self, *, seconds: float = 0, documents: int = 0) -> Outcome[Sold]:
        self.seed += 1
        load = Load(
            ports=self.installation.ports,
            bearer=self.merchant.bearer,
            systems=self.merchant.systems,
            series=SERIES,
            clients=self.sizes.clients,
            seconds=seconds,
            documents=documents,
            seed=self.seed,
        )
        outcome = driven(load, Sold)
        if outcome.failures:
            raise RuntimeError(outcome.failures[0])
        return outcome

    def waiting(self) -> int:
        query = "SELECT count(*) FROM obligation WHERE state <> 'accepted'"
        [(count,)] = rows(self.installation.database, query)
        return int(count)

    def told(self) -> int:
        [(count,)] = self.far.rows("SELECT count(*) FROM documents")
        return int(count)

    def hasten(self) -> None:
        hasten(self.installation.database, "report")

    def wait_for_all(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.waiting():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.waiting()} reports still wait")
            self.hasten()
            time.sleep(0.2)


def disorder(told: list[tuple[str, str]]) -> int:
    """Documents behind one with a higher number of their series."""
    reached: dict[str, int] = {}
    count = 0
    for code, sequence in told:
        count += int(sequence) < reached.get(code, 0)
        reached[code] = max(reached.get(code, 0), int(sequence))
    return count


def markdown(result: Result) -> str:
    heads = ["Authority", "Sales/s", "p50 ms", "p99 ms", "p99 ratio in the round", "Waiting"]
    found = result.rounds
    lines = []
    for name in ("answering", "away", "back"):
        phases: list[Phase] = [getattr(one, name) for one in found]
        ratios = [phase.p99 / one.answering.p99 for phase, one in zip(phases, found, strict=True)]
        lines.append(
            (
                name,
                f"{median(one.per_second for one in phases):.1f}",
                f"{median(one.p50 for one in phases) * 1000:.1f}",
                f"{median(one.p99 for one in phases) * 1000:.1f}",
                f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
                f"{max(max(one.waiting) for one in phases):,}",
            )
        )
    said = (
        f"{result.engine}, {result.clients} clients, {len(found)} rounds; told while selling "
        f"{median(one.told_per_second for one in found):.1f} reports/s, all after "
        f"{median(one.seconds for one in found):.0f} s; of {result.told:,} told {result.disorder} "
        f"out of order, {result.missing} missing"
    )
    return f"{headline(result.machine)}; {said}\n\n{table(heads, lines)}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.outage", description=__doc__)
    parser.add_argument("--engine", choices=(SQLITE, POSTGRES), default=SQLITE)
    parser.add_argument("--seconds", type=float, default=15.0, help="length of each load")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--waiting", type=int, default=5000, help="reports when it comes back")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--json", type=Path, help="also write everything as JSON")
    wanted = parser.parse_args()
    result = measured(
        wanted.engine,
        Sizes(
            seconds=wanted.seconds,
            rounds=wanted.rounds,
            waiting=wanted.waiting,
            clients=wanted.clients,
        ),
    )
    print(markdown(result))
    written(wanted.json, result)
    if result.disorder or result.missing:
        sys.exit(1)


if __name__ == "__main__":
    main()
