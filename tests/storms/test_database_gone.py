"""B-08: a database that goes away is answered with 503 and used again as soon as it is back."""

import asyncio
import time
from contextlib import suppress
from random import Random
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg
import pytest

from bench.installation import POSTGRES, Installation, fresh, postgres_server
from tests.storms.driver import Shop, judged, need, seed, size, told

pytestmark = pytest.mark.storm

GONE_SECONDS = 1.5
BACK_SECONDS = 10


def test_a_database_that_is_gone_answers_503_and_is_used_again_without_restart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    need(POSTGRES)
    times, chance = size("OUTAGES", 3, 30), seed()
    with fresh(POSTGRES, FISCUS_CHECKPOINT_SECONDS="1") as installation:
        installation.serve(2)
        merchant = installation.found(3)
        shop = Shop(
            installation=installation,
            merchant=merchant,
            series=["FR-A", "FR-B", "FR-C"],
            random=Random(chance),
        )
        waits = asyncio.run(outages(shop, times, Random(chance)))
        verdict = judged(shop)
        covered = checkpoint_size(installation, verdict.entries)
    told(
        capsys,
        "B-08 postgres",
        f"database gone {times} times for {GONE_SECONDS} s, seed {chance}; first document "
        f"{max(waits):.2f} s after its return at the latest; {shop.again} answers 503 or 409; "
        f"{verdict.sentence()}",
    )
    assert verdict.is_good, verdict
    assert shop.again > 0
    assert max(waits) < BACK_SECONDS
    # Those of the organization and of the installation are covered too.
    assert covered >= verdict.entries, "the worker has not come back"


async def outages(shop: Shop, times: int, random: Random) -> list[float]:
    """Load while the database comes and goes; gives how long the first document took each time."""
    is_over = asyncio.Event()
    load = asyncio.create_task(shop.sell(iter(lambda: is_over.is_set(), True), 12))
    waits = []
    for _ in range(times):
        await asyncio.sleep(random.uniform(0.3, 1.0))
        await asyncio.to_thread(allow, shop.installation, False)
        await asyncio.sleep(GONE_SECONDS)
        before = len(shop.sold)
        await asyncio.to_thread(allow, shop.installation, True)
        begun = time.monotonic()
        while len(shop.sold) == before and time.monotonic() < begun + BACK_SECONDS:
            await asyncio.sleep(0.01)
        waits.append(time.monotonic() - begun)
    is_over.set()
    await load
    return waits


def allow(installation: Installation, is_allowed: bool) -> None:
    """Let connections in; or let none in, and end those that are there."""
    name = urlsplit(installation.url).path.strip("/")
    with psycopg.connect(postgres_server(), autocommit=True) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {is_allowed}".encode())
        if not is_allowed:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )


def checkpoint_size(installation: Installation, wanted: int) -> int:
    """How many entries the newest checkpoint covers, a few seconds granted."""
    address, size_ = f"http://127.0.0.1:{installation.ports[0]}/checkpoint", 0
    deadline = time.monotonic() + 8
    while size_ < wanted and time.monotonic() < deadline:
        with suppress(URLError), urlopen(address) as note:
            size_ = int(note.read().decode().splitlines()[1])
        time.sleep(0.2)
    return size_
