"""Signed German operations per second over HTTP: `python -m bench.tse --help`.

An operation is two requests of the Reporting API, create and complete: a sale of two lines, paid
in cash, signed by the software TSE of its register with every message durable. Each load has an
installation of its own, whose journal and whose devices' logs are judged afterwards.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench import compare, kiosk, loads
from bench.client import Load
from bench.compare import Trade
from bench.installation import Installation
from bench.judge import Verdict, judge_signed
from bench.kiosk import Kiosk, Signed
from bench.loads import REGISTERS, Figure
from bench.machine import Machine, ecdsa_p256, machine
from fiscus.signers.tse import examine


class Logs(msgspec.Struct, frozen=True, kw_only=True):
    """What the devices say: `faults` of their exports (every signature was verified), `uneven`
    devices that began or finished another number of transactions than were acknowledged."""

    devices: int
    messages: int
    faults: tuple[str, ...]
    uneven: int

    @property
    def is_good(self) -> bool:
        return not self.faults and not self.uneven


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    journal: Verdict
    logs: Logs

    @property
    def is_good(self) -> bool:
        return self.journal.is_good and self.logs.is_good

    def sentence(self) -> str:
        return (
            f"{self.journal.sentence()}; devices {self.logs.devices}, messages "
            f"{self.logs.messages}: faults {len(self.logs.faults)}, uneven {self.logs.uneven}"
        )


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict for each figure, in the same order."""

    machine: Machine
    seed: int
    seconds: float
    figures: list[Figure]
    verdicts: list[Judged]


def main() -> None:
    wanted = loads.chosen("bench.tse", __doc__, (1, 4, REGISTERS))
    if wanted.compare:
        compare.run(TRADE, wanted)
        return
    yardstick, figures, verdicts = ecdsa_p256(), [], []
    for engine, processes in loads.wanted_setups(wanted):
        for registers in wanted.registers:
            for clients in wanted.clients:
                with loads.serving(engine, processes, wanted) as installation:
                    shop = installation.found_kiosk(registers)
                    load = _load(installation, shop, wanted, registers, clients)
                    figure, outcome = loads.measured(load, Signed, yardstick, installation)
                    verdicts.append(judged(installation, shop, outcome.sold))
                figures.append(figure)
                print(f"  {verdicts[-1].sentence()}", file=sys.stderr, flush=True)
    result = Result(
        machine=machine(),
        seed=wanted.seed,
        seconds=wanted.seconds,
        figures=figures,
        verdicts=verdicts,
    )
    print(loads.markdown(result.machine, figures, yardstick, _said(verdicts), wanted))
    loads.written(wanted.json, result)
    if not all(verdict.is_good for verdict in verdicts):
        sys.exit("a journal or a device's log is not as it was acknowledged")


def _load(
    installation: Installation,
    shop: Kiosk,
    wanted: argparse.Namespace,
    registers: int,
    clients: int,
) -> Load:
    return Load(
        ports=installation.ports,
        bearer=shop.bearer,
        systems=shop.registers[:registers],
        shop="kiosk",
        merchant=shop.merchant,
        clients=clients,
        seconds=wanted.seconds,
        seconds_warm=wanted.warm,
        seed=loads.seed_of(wanted, registers, clients),
    )


def judged(installation: Installation, shop: Kiosk, sold: Sequence[Signed]) -> Judged:
    """Journal and devices against what the load was promised."""
    acknowledged = [*shop.opened, *sold]
    journal = judge_signed(installation.database, acknowledged)
    caller = kiosk.Caller(installation.ports[0], shop.bearer, shop.merchant)
    promised = Counter(one.register for one in acknowledged)
    faults: list[str] = []
    messages = uneven = 0
    for register in shop.registers:
        export = installation.folder / f"{register}.tar"
        export.write_bytes(caller.ask("GET", f"/registers/{register}/tse/export"))
        report = examine(Path(export))
        export.unlink()
        messages += report.messages
        faults += [f"{register}: {fault.code} {', '.join(fault.paths)}" for fault in report.faults]
        uneven += {report.started, report.finished} != {promised[kiosk.uuid_of(register)]}
    return Judged(
        journal=journal,
        logs=Logs(
            devices=len(shop.registers), messages=messages, faults=tuple(faults[:10]), uneven=uneven
        ),
    )


def _said(verdicts: Sequence[Judged]) -> str:
    """All verdicts as one."""
    completed = sum(one.journal.documents for one in verdicts)
    messages = sum(one.logs.messages for one in verdicts)
    bad = [one.sentence() for one in verdicts if not one.is_good]
    if bad:
        return "; ".join(bad)
    return (
        f"{completed:,} completed operations, all that were acknowledged and no other; "
        f"{messages:,} messages of the devices, every signature verified, one start and one finish "
        f"for each."
    )


TRADE = Trade(
    ack=Signed,
    yardstick=ecdsa_p256,
    found=Installation.found_kiosk,
    load=_load,
    judged=judged,
)

if __name__ == "__main__":
    main()
