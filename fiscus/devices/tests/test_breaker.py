from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.devices.breaker import PROBE_FIRST, PROBE_MAX, CircuitBreaker
from fiscus.model.tests.clock import StandingClock
from fiscus.signers import SignerDown


def a_breaker() -> tuple[CircuitBreaker, StandingClock]:
    clock = StandingClock()
    return CircuitBreaker("device-1", clock), clock


def pause(breaker: CircuitBreaker, clock: StandingClock) -> int:
    """Seconds until the next probe is due."""
    seconds = 0
    while not breaker.is_due():
        clock.move(seconds=1)
        seconds += 1
    return seconds


def test_a_breaker_tells_the_first_reason_and_since_when() -> None:
    breaker, clock = a_breaker()
    breaker.expect_closed()
    breaker.failed(SignerDown("no answer"))
    clock.move(seconds=90)
    breaker.failed(SignerDown("still no answer"))

    with pytest.raises(SignerDown) as caught:
        breaker.expect_closed()

    assert str(caught.value) == "no answer (down since 2026-05-04T08:15:01+00:00)"
    assert (breaker.calls, breaker.failures, breaker.refusals) == (2, 2, 0)


def test_a_reason_without_words_is_named_after_its_kind() -> None:
    breaker, _ = a_breaker()
    breaker.failed(SignerDown())

    assert breaker.reason == "SignerDown"


def test_refusals_and_successes_leave_it_closed() -> None:
    breaker, _ = a_breaker()
    breaker.refused()
    breaker.succeeded()

    breaker.expect_closed()
    assert not breaker.is_due()
    assert (breaker.calls, breaker.failures, breaker.refusals) == (2, 0, 1)


def test_probes_become_rarer_up_to_once_a_minute() -> None:
    breaker, clock = a_breaker()
    breaker.failed(SignerDown("no answer"))
    pauses = []
    for _ in range(8):
        pauses.append(pause(breaker, clock))
        breaker.probe_failed()

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_device_that_answers_probes_but_no_calls_is_tried_less_and_less() -> None:
    breaker, clock = a_breaker()
    pauses = []
    for _ in range(3):
        breaker.failed(SignerDown("no answer"))
        pauses.append(pause(breaker, clock))
        breaker.probe_succeeded()
    breaker.succeeded()
    breaker.failed(SignerDown("no answer"))
    pauses.append(pause(breaker, clock))

    assert pauses == [1, 2, 4, 1]


@given(st.integers(min_value=61, max_value=10**9))
def test_a_clock_that_is_set_back_does_not_put_the_probe_off(seconds: int) -> None:
    breaker, clock = a_breaker()
    breaker.failed(SignerDown("no answer"))
    assert not breaker.is_due()

    clock.now -= timedelta(seconds=seconds) + PROBE_FIRST

    assert breaker.is_due()
    assert timedelta(seconds=60) == PROBE_MAX
