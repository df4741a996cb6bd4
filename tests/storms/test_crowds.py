"""B-12: many clients at two processes share one series, gapless and in order of time."""

import asyncio
import time
from random import Random

import pytest

from bench.installation import fresh
from tests.storms.driver import Shop, engines, judged, need, seed, size, told

pytestmark = pytest.mark.storm

CLIENTS = 64


@engines
def test_two_processes_share_one_series_without_gap_and_with_dates_in_order(
    engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    need(engine)
    documents, chance = size("DOCUMENTS", 600, 20_000), seed()
    with fresh(engine) as installation:
        installation.serve(2)
        shop = Shop(
            installation=installation,
            merchant=installation.found(2),
            series=["FR-ONE"],
            random=Random(chance),
        )
        begun = time.monotonic()
        asyncio.run(shop.sell(iter(range(documents)), CLIENTS))
        seconds = time.monotonic() - begun
        verdict = judged(shop)
    told(
        capsys,
        f"B-12 {engine}",
        f"2 processes, {CLIENTS} clients, {documents / seconds:.0f} documents/s, seed {chance}; "
        f"{verdict.sentence()}; {shop.again} came back with 503 or 409",
    )
    assert verdict.is_good, verdict
    assert verdict.documents == len(shop.sold) == documents
    assert {one.number for one in shop.sold} == set(range(1, documents + 1))
