"""A journal of many invoices, made by the product's own writer: `python -m bench.fill --help`.

No HTTP and large groups, so it is quick; each invoice is numbered, sealed, chained and signed as
any other. The clock runs ahead, so that the invoices spread over a month.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from bench import sales
from bench.installation import SQLITE, Installation, fresh
from bench.merchant import Merchant
from fiscus.api.families.unified import operations, translate, versions
from fiscus.app import build
from fiscus.issuing import driver
from fiscus.issuing.answers import OrderDone, OrderFailed, QueuedOrder
from fiscus.issuing.issue import carry_out
from fiscus.model.documents import Draft
from fiscus.model.orders import IdempotencyKey, Issue, Open, Order
from fiscus.model.records import CallerWords
from fiscus.model.times import Clock
from fiscus.services import Services
from fiscus.settings import Settings
from fiscus.store.connect import writing

INVOICES = 200_000
GROUP = 500
CUSTOMERS = 1_000
PRODUCTS = 200
DAYS = 28
SERIES = "FT-BENCH"
NOTE = "bench.json"


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the database, and the days it spans."""

    invoices: int
    first: date
    last: date
    seconds: float


class RunningClock:
    """Starts now and is set ahead by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def fill(installation: Installation, invoices: int) -> Filled:
    """Found a merchant over HTTP, then issue the invoices in this process."""
    installation.serve(1, "--no-worker")
    merchant = installation.found(1)
    _first_invoice(installation, merchant)
    installation.stop()
    clock, begun = RunningClock(), time.perf_counter()
    first = clock().date()
    services = housed(installation, clock)
    pace = timedelta(days=DAYS) * GROUP / max(invoices, GROUP)
    for turn in range(1, invoices, GROUP):
        _issue(services, merchant, range(turn, min(turn + GROUP, invoices)))
        clock.now += pace
        if turn // GROUP % 40 == 0:
            print(f"\r{turn:,} invoices", end="", file=sys.stderr, flush=True)
    services.engine.dispose()
    seconds = time.perf_counter() - begun
    print(f"\r{invoices:,} invoices in {seconds:.0f} s", file=sys.stderr)
    return Filled(
        invoices=invoices,
        first=first - timedelta(days=1),
        last=clock().date() + timedelta(days=1),
        seconds=round(seconds, 1),
    )


def housed(installation: Installation, clock: Clock) -> Services:
    """The service in this process, without HTTP."""
    folder = installation.folder / "data"
    return build(Settings(data_dir=folder, database_url=installation.url, log_level="error"), clock)


def _first_invoice(installation: Installation, merchant: Merchant) -> None:
    """Over HTTP, which registers the series."""
    caller = installation.caller(merchant.bearer)
    opened = caller.say("POST", "/records", _content(sales.intention(merchant.systems[0])))
    invoice = sales.conclusion(opened["id"], sales.an_invoice(SERIES))
    caller.say("POST", "/records", _content(invoice))


def _content(body: bytes) -> Any:
    return json.loads(body)["content"]


def _issue(services: Services, merchant: Merchant, turns: range) -> None:
    """A group of intentions, then the invoices that conclude them."""
    opened = done(
        services,
        [
            Open(
                organization=merchant.organization,
                register=merchant.systems[0],
                said=CallerWords(family="unified", version=versions.CURRENT, text="{}"),
                claim=claim(merchant.organization),
            )
            for _ in turns
        ],
    )
    made = drafts()
    done(
        services,
        [
            Issue(
                organization=merchant.organization,
                intent=intent,
                draft=made[turn % CUSTOMERS][1],
                said=made[turn % CUSTOMERS][0],
                claim=claim(merchant.organization),
            )
            for turn, intent in zip(turns, opened, strict=True)
        ],
    )


def done(services: Services, orders: Sequence[Order]) -> list[str]:
    """Carry a group of orders of one kind out; what their devices must be asked is asked in
    between. Gives the ids of the records."""
    waiting = [QueuedOrder(order=order) for order in orders]
    while True:
        with writing(services.engine) as tx:
            answers = carry_out(tx, services.issuing, waiting)
        failed = [answer for answer in answers if isinstance(answer, OrderFailed)]
        assert not failed, failed[0].trouble
        made = [answer.record.body.id for answer in answers if isinstance(answer, OrderDone)]
        if len(made) == len(orders):
            return made
        assert not made, "a group of one kind goes step by step"
        waiting = [
            driver.prepared(services.issuing, services.channels, one, needed)
            for one, needed in zip(waiting, answers, strict=True)
            if not isinstance(needed, OrderDone | OrderFailed)
        ]


def claim(organization: str) -> IdempotencyKey:
    """A fresh key."""
    key = sales.a_key(int.from_bytes(os.urandom(16), "big"))
    return IdempotencyKey(scope=organization, key=key, digest=sha256(key.encode()).hexdigest())


_MADE: list[tuple[CallerWords, Draft]] = []


def drafts() -> list[tuple[CallerWords, Draft]]:
    """One invoice for each customer, through the API's own translation."""
    if not _MADE:
        operation = operations.find("createRecord")
        for number in range(CUSTOMERS):
            raw = sales.conclusion("01a1fd7b-1ac2-7000-81a5-24291db2474d", an_invoice(number))
            said = versions.read(versions.CURRENT, operation, raw)[1].content.operation
            text = translate.echo(said)
            _MADE.append(
                (
                    CallerWords(family="unified", version=versions.CURRENT, text=text),
                    translate.draft(said, training=False),
                )
            )
    return _MADE


def an_invoice(customer: int) -> sales.Operation:
    invoice = deepcopy(sales.an_invoice(SERIES))
    invoice["entries"][0]["data"]["text"] = f"Artigo {customer % PRODUCTS:04}"
    invoice["recipients"][0]["name"] = f"Cliente {customer:05}, Lda."
    invoice["recipients"][0]["identification"]["number"] = tax_number(51000000 + customer)
    return invoice


def tax_number(eight: int) -> str:
    """A Portuguese tax number with its check digit (modulo 11)."""
    digits = [int(digit) for digit in str(eight)]
    rest = sum(digit * weight for digit, weight in zip(digits, range(9, 1, -1), strict=True)) % 11
    return f"{eight}{0 if rest < 2 else 11 - rest}"


@contextmanager
def filled(
    engine: str, invoices: int, folder: Path | None
) -> Iterator[tuple[Installation, Filled]]:
    """A filled installation: the one in this folder if it has been filled before."""
    note = folder / NOTE if folder else None
    if folder and note and note.exists():
        yield Installation(folder=folder), msgspec.json.decode(note.read_bytes(), type=Filled)
        return
    with fresh(engine, folder) as installation:
        made = fill(installation, invoices)
        if note and engine == SQLITE:
            note.write_bytes(msgspec.json.encode(made))
        yield installation, made


def arguments(name: str, text: str | None) -> argparse.ArgumentParser:
    """What all scripts over a filled journal can be told."""
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=text)
    parser.add_argument("--invoices", type=int, default=INVOICES)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default=SQLITE)
    parser.add_argument("--folder", type=Path, help="keep the SQLite journal here and use it again")
    parser.add_argument("--json", type=Path, help="also write everything as JSON")
    return parser


def main() -> None:
    wanted = arguments("bench.fill", __doc__).parse_args()
    with filled(wanted.engine, wanted.invoices, wanted.folder) as (installation, made):
        print(f"{installation.folder}: {made}")


if __name__ == "__main__":
    main()
