"""A thread beside the worker: it goes on whatever happens, and ends when it is told to."""

import time
from collections.abc import Callable

import pytest

from fiscus.model.faults import Code, Unavailable
from fiscus.outbox.periodic import PeriodicThread

AWAY = Code("TEST-AWAY-01", "the database is away")
WAIT_SECONDS = 20


class Calls:
    """Counts how often it was called, and answers with what it was given, one after the other."""

    def __init__(self, *answers: float | Exception) -> None:
        self.answers = list(answers)
        self.count = 0

    def __call__(self) -> float:
        answer = self.answers[min(self.count, len(self.answers) - 1)]
        self.count += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


def until(is_true: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not is_true():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.005)


def test_it_begins_at_once_and_comes_again_when_it_said() -> None:
    calls = Calls(0.0, 0.01, 3600.0)
    thread = PeriodicThread("test", calls)
    thread.start()
    until(lambda: calls.count == 3)
    time.sleep(0.1)
    thread.stop()

    assert calls.count == 3


def test_whoever_wakes_it_need_not_wait() -> None:
    calls = Calls(3600.0)
    thread = PeriodicThread("test", calls)
    thread.start()
    until(lambda: calls.count == 1)
    thread.wake()
    until(lambda: calls.count == 2)
    thread.stop()


def test_being_woken_while_it_is_at_work_is_not_forgotten() -> None:
    calls = Calls(3600.0)

    def once() -> float:
        if calls.count == 0:
            thread.wake()
        return calls()

    thread = PeriodicThread("test", once)
    thread.start()
    until(lambda: calls.count == 2)
    thread.stop()


@pytest.mark.parametrize("trouble", [Unavailable(AWAY), ValueError("a mistake of ours")])
def test_what_goes_wrong_is_tried_again(
    trouble: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = Calls(trouble, 3600.0)
    thread = PeriodicThread("test", calls)
    thread.start()
    until(lambda: calls.count == 1)
    thread.wake()
    until(lambda: calls.count == 2)
    thread.stop()

    said = capsys.readouterr().out
    assert ("Traceback" in said) == isinstance(trouble, ValueError)
    assert str(trouble) in said


def test_it_ends_at_once_while_it_waits_and_may_never_have_begun() -> None:
    thread = PeriodicThread("test", Calls(3600.0))
    PeriodicThread("test", Calls(3600.0)).stop()
    thread.start()
    begun = time.monotonic()
    thread.stop()

    assert time.monotonic() - begun < 10
