"""B-27: a caller who means no good neither fills the memory nor keeps the others waiting."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from bench import hostile, sales
from bench.client import percentile
from bench.hostile import Told
from bench.installation import SQLITE, Installation, fresh
from bench.merchant import Merchant
from tests.storms.driver import size, told

pytestmark = [pytest.mark.storm, pytest.mark.alone]  # It measures how long others wait.

GROWTH_MIB = 200
LEFT_MIB = 100
ANSWER_SECONDS = 1.0
"""Bars of B-27."""

OTHERS_SECONDS = 2.0
"""The others' slowest answer: loose, because the machine may be busy. `bench.quiet` measures it."""

Thing = TypeVar("Thing")


def beside(
    installation: Installation, merchant: Merchant, attack: Callable[[], Awaitable[Thing]]
) -> tuple[Thing, float, list[float]]:
    """What became of an attack; how far memory grew meanwhile; another's latencies."""
    port = installation.ports[0]
    process = installation.processes[port].pid
    headers = {
        "Host": "x",
        "X-Api-Version": sales.VERSION,
        "Authorization": f"Bearer {merchant.bearer}",
        "Connection": "close",
    }
    quiet = hostile.head("GET", "/systems?limit=1", headers)

    async def story() -> tuple[Thing, float, list[float]]:
        is_over = asyncio.Event()
        before = hostile.memory_mib(process)
        watch = asyncio.create_task(hostile.watched(process, is_over))
        others = asyncio.create_task(hostile.asked_on(port, quiet, is_over))
        try:
            outcome = await attack()
        finally:
            is_over.set()
        return outcome, await watch - before, await others

    return asyncio.run(story())


def a_sale(merchant: Merchant) -> bytes:
    return sales.conclusion(merchant.systems[0], sales.a_receipt("A"))


@pytest.mark.parametrize("is_known", [False, True], ids=["stranger", "key"])
def test_bodies_that_must_be_refused_are_refused_at_once(
    is_known: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with fresh(SQLITE) as installation:
        installation.serve(1)
        merchant, port = installation.found(1), installation.ports[0]
        bearer = merchant.bearer if is_known else ""
        good = a_sale(merchant)

        async def attack() -> list[tuple[str, Told]]:
            return [
                (name, await hostile.told(port, hostile.records(bearer, len(body)) + body))
                for name, body in hostile.bodies(good)
            ]

        answers, growth, others = beside(installation, merchant, attack)
    slowest = max(answers, key=lambda one: one[1].seconds)
    told(
        capsys,
        f"B-27 bodies, {'a key' if is_known else 'a stranger'}",
        f"{len(answers)} bodies, slowest answer {slowest[1].seconds * 1000:.0f} ms ({slowest[0]}), "
        f"memory +{growth:.0f} MiB, the others' p50 {percentile(others, 50) * 1000:.0f} ms, p99 "
        f"{percentile(others, 99) * 1000:.0f} ms",
    )
    assert {name: one.status for name, one in answers if one.status not in (400, 401)} == {}
    for _, one in answers:
        error = json.loads(one.body)["content"]
        assert error["status"] == one.status
        assert error["message"]
    assert slowest[1].seconds < ANSWER_SECONDS
    assert growth < GROWTH_MIB
    assert max(others) < OTHERS_SECONDS


@pytest.mark.parametrize("kind", ["stranger", "key", "header"])
def test_hundreds_that_never_end_hold_little_and_are_gone_after_a_minute(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    count = size("HALF_SENT", 600, 600)
    with fresh(SQLITE) as installation:
        installation.serve(1)
        merchant, port = installation.found(1), installation.ports[0]
        process = installation.processes[port].pid
        before = hostile.memory_mib(process)

        async def attack() -> list[Told]:
            if kind == "header":
                begun = b"GET /systems HTTP/1.1\r\nX: "
                drips = (hostile.dripping(port, begun, b"x") for _ in range(count))
                return await asyncio.gather(*drips)
            return await hostile.half_sent(port, count, merchant.bearer if kind == "key" else "")

        ended, growth, others = beside(installation, merchant, attack)
        begun = time.monotonic()
        while hostile.memory_mib(process) > before + LEFT_MIB and time.monotonic() < begun + 60:
            time.sleep(0.5)
        left = hostile.memory_mib(process) - before
    statuses = Counter(one.status for one in ended)
    told(
        capsys,
        f"B-27 half sent, {kind}",
        f"{count} at once, answers {dict(statuses)}, the last gone after "
        f"{max(one.seconds for one in ended):.0f} s, memory +{growth:.0f} MiB, then +{left:.0f}, "
        f"the others' p50 {percentile(others, 50) * 1000:.0f} ms, p99 "
        f"{percentile(others, 99) * 1000:.0f} ms",
    )
    assert set(statuses) <= {401, 408, 429, 503}  # 429: strangers share one limit
    assert growth < GROWTH_MIB
    assert left < LEFT_MIB
    assert max(one.seconds for one in ended) < hostile.PATIENCE_SECONDS
    assert max(others) < OTHERS_SECONDS
