"""How long a sale takes while exports are made: `python -m bench.dsfinvk --while-issuing`.

A kiosk sells, closes, and sells on; the same load runs once by itself, and once while DSFinV-K
exports of what was closed are made one after the other. Everything goes over HTTP to one
`fiscus serve`.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import msgspec

from bench.client import Load, Outcome
from bench.installation import Installation, fresh
from bench.kiosk import OPENING, Caller, Kiosk, Signed
from bench.loads import driven
from bench.machine import Machine, headline, machine, table

CLIENTS = 4
WINDOW = {"from": "2020-01-01T00:00:00Z", "to": "2099-12-31T23:59:59Z"}
POLL_SECONDS = 0.2


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of both requests of a sale; `exports` were finished meanwhile."""

    machine: Machine
    engine: str
    receipts: int
    exports: int
    calm: tuple[float, float]
    disturbed: tuple[float, float]


def measured(engine: str, receipts: int, seconds: float) -> Result:
    with fresh(engine) as installation:
        installation.serve(1)
        shop = installation.found_kiosk(1)
        _sold(installation, shop, documents=receipts, seed=1)
        caller = Caller(installation.ports[0], shop.bearer, shop.merchant)
        register = shop.registers[0]
        caller.say("POST", f"/registers/{register}/closings", {"type": "daily"})
        caller.say("POST", "/operations", {**OPENING, "register_id": register})
        calm = _sold(installation, shop, seconds=seconds, seed=2)
        is_over = Event()
        with ThreadPoolExecutor(1) as helper:
            exports = helper.submit(_exported, caller, register, is_over)
            try:
                disturbed = _sold(installation, shop, seconds=seconds, seed=3)
            finally:
                is_over.set()
        return Result(
            machine=machine(),
            engine=engine,
            receipts=receipts,
            exports=exports.result(),
            calm=_percentiles(calm),
            disturbed=_percentiles(disturbed),
        )


def _sold(
    installation: Installation, shop: Kiosk, *, seed: int, seconds: float = 0, documents: int = 0
) -> Outcome[Signed]:
    load = Load(
        ports=installation.ports,
        bearer=shop.bearer,
        merchant=shop.merchant,
        systems=shop.registers,
        clients=CLIENTS,
        shop="kiosk",
        seconds=seconds,
        documents=documents,
        seed=seed,
    )
    outcome = driven(load, Signed)
    if outcome.failures:
        raise RuntimeError(outcome.failures[0])
    return outcome


def _percentiles(outcome: Outcome[Signed]) -> tuple[float, float]:
    return (
        outcome.begin_p50 + outcome.conclude_p50,
        outcome.begin_p99 + outcome.conclude_p99,
    )


def _exported(caller: Caller, register: str, is_over: Event) -> int:
    """One export after the other until it is over; gives how many were finished before."""
    count = 0
    while True:
        job = caller.say("POST", "/exports", {"type": "dsfinvk", "register_id": register, **WINDOW})
        while job["status"] == "pending":
            time.sleep(POLL_SECONDS)
            job = caller.say("GET", f"/exports/{job['id']}")
        if job["status"] != "completed":
            raise RuntimeError(str(job))
        if is_over.is_set():
            return count
        count += 1


def markdown(result: Result) -> str:
    heads = [
        "Database",
        "Receipts of an export",
        "Exports made meanwhile",
        "Sale p50 ms",
        "p99 ms",
        "Meanwhile p50 ms",
        "p99 ms",
        "p99 ratio",
    ]
    row = [
        result.engine,
        f"{result.receipts:,}",
        result.exports,
        *(f"{one * 1000:.1f}" for one in (*result.calm, *result.disturbed)),
        f"{result.disturbed[1] / result.calm[1]:.2f}",
    ]
    return f"{headline(result.machine)}\n\n{table(heads, [row])}"
