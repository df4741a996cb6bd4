"""B-03 under German law: whatever step fails, also on the way to the device and back, an operation
is concluded exactly once or not at all, and journal and device are of one mind."""

import multiprocessing
import time
from collections import Counter as Counted
from pathlib import Path
from random import Random

import msgspec
import pytest

from fiscus.issuing import driver
from fiscus.journal.audit import verify_database
from tests.storms.counter import an_installation
from tests.storms.driver import engines, seed, size, told
from tests.storms.faults import DEAD, Points
from tests.storms.german_counter import Deed, GermanCounter, LateClock, a_german_counter, do
from tests.storms.german_shop import GOOD

pytestmark = pytest.mark.storm

KINDS = ("sale", "void", "session_open", "movement", "closing")
STEPS_MAX = 300
SILENCES = [
    "after device.finish",
    "after device.start",
    "before device.finish",
    "before device.start",
]


@engines
@pytest.mark.either
@pytest.mark.parametrize("kind", KINDS)
def test_an_error_at_any_step_leaves_one_record_or_none(
    engine: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points, chance, begun = Points(), seed(), time.monotonic()
    with a_german_counter(engine, tmp_path, points, Random(chance)) as counter:
        statuses = []
        for step in range(1, STEPS_MAX):
            deed, before = counter.deed(kind), counter.concluded()
            points.arm(step)
            status, _, _ = do(counter.send, deed)
            points.disarm()
            settled(counter, deed, kind, before, step)
            if not points.fired:
                break
            statuses.append((points.fired, status))
        verdict = counter.judged()
        findings = verify_database(counter.services.engine).findings
    told(
        capsys,
        f"B-03 error Germany {engine}",
        f"{kind}: {len(statuses)} steps failed once each, seed {chance}; answers "
        f"{dict(Counted(status for _, status in statuses))}; {time.monotonic() - begun:.0f} s; "
        f"{verdict.sentence()}",
    )
    assert verdict.is_good, verdict
    assert findings == ()
    assert [one for one in statuses if one[1] not in (*GOOD, 503)] == []
    silences = [name for name, _ in statuses if "device." in name]
    assert sorted(silences) == SILENCES
    assert verdict.unsigned == len(silences)


@engines
@pytest.mark.either
@pytest.mark.parametrize("kind", KINDS)
def test_death_at_any_step_leaves_one_record_or_none(
    engine: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = seed()
    random, stride, begun = Random(chance), size("STRIDE", 11, 1), time.monotonic()
    with a_german_counter(engine, tmp_path, Points(), random) as counter:
        deaths = 0
        for step in range(random.randint(1, stride), STEPS_MAX, stride):
            deed, before = counter.deed(kind), counter.concluded()
            outcome = died(tmp_path, counter, deed, step)
            settled(counter, deed, kind, before, step)
            if outcome == 0:
                break
            assert outcome == DEAD
            deaths += 1
        verdict = counter.judged()
    told(
        capsys,
        f"B-03 death Germany {engine}",
        f"{kind}: {deaths} deaths, every {stride}. step, seed {chance}, "
        f"{time.monotonic() - begun:.0f} s; {verdict.sentence()}",
    )
    assert verdict.is_good, verdict
    assert (verdict.unsigned, verdict.answers_lost, verdict.left_open) == (0, 0, 0)
    assert deaths > 10 / stride


def settled(counter: GermanCounter, deed: Deed, kind: str, before: int, step: int) -> None:
    """Nothing or one came of it, and one it is when it is sent again with its keys: half of the
    time the service has recovered it by itself before."""
    assert counter.concluded() - before in (0, 1)
    counter.wait()
    if step % 2:
        counter.recover()
    counter.good(deed)
    assert counter.concluded() - before == 1, step
    counter.afterwards(kind)


@engines
@pytest.mark.parametrize("call", ["start", "finish"])
def test_death_at_any_step_of_recovery_is_recovered_too(
    engine: str, call: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = seed()
    random, stride, begun = Random(chance), size("STRIDE", 11, 1), time.monotonic()
    with a_german_counter(engine, tmp_path, Points(), random) as counter:
        deaths = 0
        for step in range(random.randint(1, stride), STEPS_MAX, stride):
            deed, before = counter.deed("sale"), counter.concluded()
            assert died(tmp_path, counter, deed, 1, only=f"after device.{call}") == DEAD
            counter.wait()
            outcome = died(tmp_path, counter, None, step)
            settled(counter, deed, "sale", before, step)
            if outcome == 0:
                break
            assert outcome == DEAD
            deaths += 1
        verdict = counter.judged()
    told(
        capsys,
        f"B-03 recovery Germany {engine}",
        f"{deaths} deaths on the way back from a lost answer to {call}, every {stride}. step, seed "
        f"{chance}, {time.monotonic() - begun:.0f} s; {verdict.sentence()}",
    )
    assert verdict.is_good, verdict
    assert (verdict.unsigned, verdict.answers_lost, verdict.left_open) == (0, 0, 0)
    assert deaths > 10 / stride


def died(
    folder: Path, counter: GermanCounter, deed: Deed | None, step: int, only: str = ""
) -> int | None:
    """Do it, or recover what is overdue, in a process that dies at this step; gives its exit code,
    0 if it lived."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.storms.test_every_german_step"])
    said = (str(folder), counter.url, counter.clock.seconds, msgspec.json.encode(deed), step, only)
    process = context.Process(target=live, args=said)
    process.start()
    process.join(60)
    return process.exitcode


def live(folder: str, url: str, seconds: float, encoded: bytes, step: int, only: str) -> None:
    deed = msgspec.json.decode(encoded, type=Deed | None)
    points = Points()
    with an_installation(Path(folder), url, points, LateClock(seconds)) as (services, caller):
        points.arm(step, is_deadly=True, only=only)
        if deed is None:
            driver.recover(services.issuing, services.channels)
        else:
            status, answer, _ = do(caller.send, deed)
            assert status in GOOD, answer
        points.disarm()
