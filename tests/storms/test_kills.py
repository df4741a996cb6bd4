"""B-01: processes killed at random moments under load lose nothing and number nothing twice."""

import asyncio
import threading
import time
from itertools import count, takewhile
from random import Random

import pytest

from bench.installation import POSTGRES, fresh
from tests.storms.driver import Shop, engines, judged, need, seed, size, told

pytestmark = pytest.mark.storm

SERIES = ["FR-A", "FR-B", "FR-C"]
CLIENTS = 12


@engines
def test_kill_9_under_load_leaves_no_gap_no_duplicate_and_no_lost_document(
    engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    need(engine)
    kills, chance = size("KILLS", 5, 200), seed()
    with fresh(engine) as installation:
        installation.serve(2 if engine == POSTGRES else 1)
        merchant = installation.found(len(SERIES))
        shop = Shop(
            installation=installation, merchant=merchant, series=SERIES, random=Random(chance)
        )
        begun = time.monotonic()
        asyncio.run(storm(shop, kills, Random(chance)))
        seconds = time.monotonic() - begun
        verdict = judged(shop)
    told(
        capsys,
        f"B-01 {engine}",
        f"{kills} kills in {seconds:.0f} s, seed {chance}; {verdict.sentence()}; "
        f"{shop.cut} requests cut off, {shop.replayed} of them had been carried out, "
        f"{shop.again} came back with 503 or 409",
    )
    assert verdict.is_good, verdict
    assert verdict.documents == len(shop.sold) > kills
    assert shop.cut > 0


async def storm(shop: Shop, kills: int, random: Random) -> None:
    """Load without end while servers are killed, until it was enough."""
    is_over = threading.Event()
    load = asyncio.create_task(
        shop.sell(takewhile(lambda _: not is_over.is_set(), count()), CLIENTS)
    )
    for _ in range(kills):
        await asyncio.sleep(random.uniform(0.005, 0.5))
        victims = random.sample(
            shop.installation.ports, random.randint(1, len(shop.installation.ports))
        )
        await asyncio.to_thread(kill, shop, victims)
        await sold_again(shop, load)
    is_over.set()
    await load


def kill(shop: Shop, victims: list[int]) -> None:
    """Kill these servers at once and start them again."""
    for port in victims:
        shop.installation.kill(port)
    for port in victims:
        shop.installation.start(port)
    for port in victims:
        shop.installation.wait(port)


async def sold_again(shop: Shop, load: "asyncio.Task[None]") -> None:
    """Until the load flows again, so that the next kill meets it."""
    before = len(shop.sold)
    while len(shop.sold) < before + CLIENTS and not load.done():
        await asyncio.sleep(0.01)
