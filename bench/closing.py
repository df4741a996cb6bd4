"""Seconds of a daily closing over a long day: `python -m bench.closing --help`.

A German register has sold all day, every sale signed; then the day is closed by the writer, as a
request does it: what is ahead of the lock is counted without one, the device signs outside. The
yardstick is what `json.loads` of the same documents costs: whoever adds them up must read them.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import msgspec

from bench import kiosk, loads
from bench.fill import GROUP, claim, done, housed
from bench.installation import POSTGRES, SQLITE, Installation, fresh
from bench.kiosk import Kiosk
from bench.machine import Machine, headline, machine, table
from bench.saft import json_seconds
from fiscus.api.families.reporting.translate import drawer, goods, payments
from fiscus.api.families.reporting.wire import operations as wire
from fiscus.app import wall_clock
from fiscus.issuing import driver
from fiscus.issuing.answers import (
    Answer,
    CountNeeded,
    DeviceNeeded,
    OrderDone,
    OrderFailed,
    QueuedOrder,
)
from fiscus.issuing.issue import carry_out
from fiscus.model.closings import Closing
from fiscus.model.documents import ClosingType
from fiscus.model.orders import Enter, Issue, Open, SessionMove
from fiscus.model.records import CallerWords
from fiscus.services import Services
from fiscus.store.connect import writing

RECEIPTS = 10_000
SECONDS_MAX = 1.0
"""The bar for the whole closing of so many."""


class Spent(msgspec.Struct, kw_only=True):
    """Seconds of one closing. `locks` are those of each transaction, from lock to commit."""

    ahead: float = 0.0
    device: float = 0.0
    locks: list[float] = []

    @contextmanager
    def locked(self) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.locks.append(time.perf_counter() - begun)

    @contextmanager
    def outside(self, answer: Answer) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        spent = time.perf_counter() - begun
        match answer:
            case CountNeeded():
                self.ahead += spent
            case DeviceNeeded():
                self.device += spent

    @property
    def total(self) -> float:
        return self.ahead + self.device + sum(self.locks)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    machine: Machine
    engine: str
    receipts: int
    seconds: float
    seconds_ahead: float
    seconds_device: float
    locked_ms_max: float
    json_seconds: float
    ratio: float


def main() -> None:
    wanted = _parser().parse_args()
    with fresh(wanted.engine) as installation:
        result = measured(installation, wanted.engine, wanted.receipts)
    print(markdown(result))
    loads.written(wanted.json, result)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.closing", description=__doc__)
    parser.add_argument("--receipts", type=int, default=RECEIPTS)
    parser.add_argument("--engine", choices=[SQLITE, POSTGRES], default=SQLITE)
    parser.add_argument("--json", type=Path, help="also write everything as JSON")
    return parser


def measured(installation: Installation, engine: str, receipts: int) -> Result:
    """The yardstick before and after the closing."""
    installation.serve(1)
    shop = installation.found_kiosk(1)
    installation.stop()
    services = housed(installation, wall_clock)
    register = kiosk.uuid_of(shop.registers[0])
    sell(services, shop, receipts)
    before = json_seconds(installation)
    closing, spent = closed(services, shop.organization, register)
    services.engine.dispose()
    after = json_seconds(installation)
    assert closing.sales.count == receipts, closing.sales
    assert closing.sales.gross == receipts * Decimal(kiosk.TOTAL), closing.sales
    yardstick = (before + after) / 2
    return Result(
        machine=machine(),
        engine=engine,
        receipts=receipts,
        seconds=round(spent.total, 3),
        seconds_ahead=round(spent.ahead, 3),
        seconds_device=round(spent.device, 4),
        locked_ms_max=round(max(spent.locks) * 1000, 2),
        json_seconds=round(yardstick, 3),
        ratio=round(spent.total / yardstick, 2),
    )


def sell(services: Services, shop: Kiosk, receipts: int) -> None:
    """So many sales, in large groups: begun, then paid and completed."""
    organization, register = shop.organization, kiosk.uuid_of(shop.registers[0])
    raw = kiosk.a_sale(shop.registers[0])
    sale = goods.goods(wire.Sale.model_validate_json(raw))
    paid = wire.Complete.model_validate_json(kiosk.PAID)
    settlement = payments.settlement(paid, total=Decimal(kiosk.TOTAL), currency="EUR")
    settled = payments.settled(sale, settlement)
    begun, begin = 0, time.perf_counter()
    while begun < receipts:
        intents = done(
            services,
            [
                Open(
                    organization=organization,
                    register=register,
                    draft=sale,
                    needs_session=True,
                    said=_said(raw),
                    claim=claim(organization),
                )
                for _ in range(min(GROUP, receipts - begun))
            ],
        )
        done(
            services,
            [
                Issue(
                    organization=organization,
                    intent=intent,
                    draft=settled,
                    said=_said(kiosk.PAID),
                    claim=claim(organization),
                    keeps_refusals=False,
                )
                for intent in intents
            ],
        )
        begun += len(intents)
        print(f"\r{begun:,} receipts", end="", file=sys.stderr, flush=True)
    print(f" in {time.perf_counter() - begin:.0f} s", file=sys.stderr)


def _said(text: bytes) -> CallerWords:
    return CallerWords(family="reporting", version="1", text=text.decode())


def closed(services: Services, organization: str, register: str) -> tuple[Closing, Spent]:
    """The day's closing, step by step as a request takes it, with a stopwatch."""
    spent = Spent()
    order = Enter(
        organization=organization,
        register=register,
        session=SessionMove.CLOSE,
        draft=drawer.closing(ClosingType.DAILY, "EUR"),
        said=_said(b'{"type":"daily"}'),
        claim=claim(organization),
    )
    waiting = QueuedOrder(order=order)
    while True:
        with spent.locked(), writing(services.engine) as tx:
            answer = carry_out(tx, services.issuing, [waiting])[0]
        assert not isinstance(answer, OrderFailed), answer.trouble
        if isinstance(answer, OrderDone):
            assert answer.record.body.closing is not None
            return answer.record.body.closing, spent
        with spent.outside(answer):
            waiting = driver.prepared(services.issuing, services.channels, waiting, answer)


def markdown(result: Result) -> str:
    heads = [
        "Database",
        "Receipts",
        "Seconds",
        "of it ahead",
        "of it device",
        "Longest lock ms",
        "json.loads s",
        "Ratio",
    ]
    row = [
        result.engine,
        f"{result.receipts:,}",
        result.seconds,
        result.seconds_ahead,
        result.seconds_device,
        result.locked_ms_max,
        result.json_seconds,
        result.ratio,
    ]
    bar = f"Bar: at most {SECONDS_MAX:g} s for {RECEIPTS:,} receipts."
    return f"{headline(result.machine)}\n\n{table(heads, [row])}\n\n{bar}"


if __name__ == "__main__":
    main()
