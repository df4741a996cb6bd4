"""Sealed Portuguese documents per second over HTTP: `python -m bench.seal --help`.

A document is two requests, the intention and the receipt (two lines); the load client runs in a
process of its own, the servers are real `fiscus serve` processes over a fresh database.
"""

import argparse
import sys
from collections.abc import Sequence

import msgspec

from bench import compare, loads
from bench.client import Load, Sold
from bench.compare import Trade
from bench.installation import Installation
from bench.judge import Verdict, judge
from bench.loads import REGISTERS, Figure
from bench.machine import Machine, machine, rsa_1024
from bench.merchant import Merchant


class Result(msgspec.Struct, frozen=True, kw_only=True):
    machine: Machine
    seed: int
    seconds: float
    figures: list[Figure]
    verdicts: dict[str, Verdict]


def main() -> None:
    wanted = loads.chosen("bench.seal", __doc__, (1, REGISTERS))
    if wanted.compare:
        compare.run(TRADE, wanted)
        return
    yardstick, figures, verdicts = rsa_1024(), [], {}
    for engine, processes in loads.wanted_setups(wanted):
        with loads.serving(engine, processes, wanted) as installation:
            merchant = installation.found(REGISTERS)
            sold: list[Sold] = []
            for registers in wanted.registers:
                for clients in wanted.clients:
                    load = _load(installation, merchant, wanted, registers, clients)
                    figure, outcome = loads.measured(load, Sold, yardstick, installation)
                    figures.append(figure)
                    sold += outcome.sold
            name = f"{engine} {processes}"
            verdicts[name] = judge(installation.database, sold)
            print(f"{name}: {verdicts[name].sentence()}", file=sys.stderr, flush=True)
    result = Result(
        machine=machine(),
        seed=wanted.seed,
        seconds=wanted.seconds,
        figures=figures,
        verdicts=verdicts,
    )
    said = " ".join(f"{name}: {verdict.sentence()}." for name, verdict in verdicts.items())
    print(loads.markdown(result.machine, figures, yardstick, said, wanted))
    loads.written(wanted.json, result)


def _load(
    installation: Installation,
    merchant: Merchant,
    wanted: argparse.Namespace,
    registers: int,
    clients: int,
) -> Load:
    return Load(
        ports=installation.ports,
        bearer=merchant.bearer,
        systems=merchant.systems[:registers],
        series=[f"FR-{number:02}" for number in range(registers)],
        clients=clients,
        seconds=wanted.seconds,
        seconds_warm=wanted.warm,
        seed=loads.seed_of(wanted, registers, clients),
    )


def _judged(installation: Installation, _: Merchant, acknowledged: Sequence[Sold]) -> Verdict:
    return judge(installation.database, acknowledged)


TRADE = Trade(
    ack=Sold,
    yardstick=rsa_1024,
    found=Installation.found,
    load=_load,
    judged=_judged,
)

if __name__ == "__main__":
    main()
