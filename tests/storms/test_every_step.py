"""B-03: whatever step of issuing fails, the document is issued exactly once or not at all."""

import multiprocessing
import time
from collections import Counter as Counted
from pathlib import Path
from random import Random

import msgspec
import pytest

from bench.judge import judge
from tests.storms.counter import Sale, a_counter, an_installation, sell
from tests.storms.driver import engines, seed, size, told
from tests.storms.faults import DEAD, Points

pytestmark = pytest.mark.storm

KINDS = ("first of a series", "receipt", "invoice", "correction", "cancellation")
STEPS_MAX = 200


@engines
@pytest.mark.either
@pytest.mark.parametrize("kind", KINDS)
def test_an_error_at_any_step_leaves_one_document_or_none(
    engine: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points, chance = Points(), seed()
    with a_counter(engine, tmp_path, points, Random(chance)) as counter:
        statuses = []
        for step in range(1, STEPS_MAX):
            sale = counter.sale(kind)
            before = counter.documents()
            points.arm(step)
            status, _ = sell(counter.caller, sale)
            points.disarm()
            assert counter.documents() - before in (0, 1)
            counter.good(sale)
            assert counter.documents() - before == 1, points.fired
            if not points.fired:
                break
            statuses.append((points.fired, status))
        verdict = judge(counter.url, counter.sold)
    told(
        capsys,
        f"B-03 error {engine}",
        f"{kind}: {len(statuses)} steps failed once each, seed {chance}; answers "
        f"{dict(Counted(status for _, status in statuses))}",
    )
    assert verdict.is_good, verdict
    assert len(statuses) > 10
    assert [(step, status) for step, status in statuses if status not in (200, 503)] == []


@engines
@pytest.mark.either
@pytest.mark.parametrize("kind", KINDS)
def test_death_at_any_step_leaves_one_document_or_none(
    engine: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = seed()
    random, stride, begun = Random(chance), size("STRIDE", 11, 1), time.monotonic()
    with a_counter(engine, tmp_path, Points(), random) as counter:
        deaths = 0
        for step in range(random.randint(1, stride), STEPS_MAX, stride):
            sale = counter.sale(kind)
            before = counter.documents()
            outcome = died(tmp_path, counter.url, sale, step)
            assert counter.documents() - before in (0, 1)
            counter.good(sale)
            assert counter.documents() - before == 1, step
            if outcome == 0:
                break
            assert outcome == DEAD
            deaths += 1
        verdict = judge(counter.url, counter.sold)
    told(
        capsys,
        f"B-03 death {engine}",
        f"{kind}: {deaths} deaths, every {stride}. step, seed {chance}, "
        f"{time.monotonic() - begun:.0f} s",
    )
    assert verdict.is_good, verdict
    assert deaths > 10 / stride


def died(folder: Path, url: str, sale: Sale, step: int) -> int | None:
    """Sell in a process that dies at this step; gives its exit code, 0 if it lived."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.storms.test_every_step"])
    process = context.Process(target=live, args=(str(folder), url, msgspec.json.encode(sale), step))
    process.start()
    process.join(60)
    return process.exitcode


def live(folder: str, url: str, encoded: bytes, step: int) -> None:
    sale = msgspec.json.decode(encoded, type=Sale)
    points = Points()
    with an_installation(Path(folder), url, points) as (_, caller):
        caller.bearer = sale.bearer
        points.arm(step, is_deadly=True)
        status, answer = sell(caller, sale)
        points.disarm()
    assert status == 200, answer
