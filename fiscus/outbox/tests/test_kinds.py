from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.outbox import kinds
from fiscus.outbox.kinds import Lane, TaskKind

A_KIND = TaskKind(
    name="call", lane=Lane.QUICK, waits=(timedelta(seconds=10), timedelta(hours=1)), attempts_max=5
)


@given(st.text(), st.integers(1, 50), st.integers(0, 100))
def test_a_wait_is_shortened_by_the_jitter_at_most_and_never_longer(
    task: str, attempts: int, jitter: int
) -> None:
    kind = TaskKind(name="call", lane=Lane.QUICK, waits=A_KIND.waits, jitter_percent=jitter)
    full = A_KIND.waits[0] if attempts == 1 else A_KIND.waits[1]

    wait = kind.wait(task, attempts)

    assert full * (100 - jitter) / 100 <= wait <= full
    assert wait == kind.wait(task, attempts)


def test_waits_are_the_same_on_every_machine() -> None:
    assert [A_KIND.wait("t-1", number) for number in (1, 2, 3)] == [
        timedelta(seconds=9, microseconds=108012),
        timedelta(seconds=3390, microseconds=925345),
        timedelta(seconds=3488, microseconds=168112),
    ]


def test_tasks_that_failed_together_come_back_spread_over_the_jitter() -> None:
    waits = sorted(A_KIND.wait(f"task-{number}", 2) for number in range(1_000))
    tenths = [(timedelta(hours=1) - one) // timedelta(seconds=36) for one in waits]

    assert {tenths.count(tenth) > 50 for tenth in range(10)} == {True}


def test_without_jitter_a_wait_is_as_long_as_it_says() -> None:
    kind = TaskKind(name="call", lane=Lane.QUICK, jitter_percent=0)

    waits = [kind.wait("t-1", number).seconds for number in range(1, 9)]
    assert waits == [2, 4, 8, 16, 32, 64, 128, 128]


def test_a_kind_may_be_declared_again_but_not_otherwise() -> None:
    kind = TaskKind(name="declared twice", lane=Lane.QUICK)
    assert kinds.declare(kind) is kind
    kinds.declare(TaskKind(name="declared twice", lane=Lane.QUICK))

    with pytest.raises(AssertionError):
        kinds.declare(TaskKind(name="declared twice", lane=Lane.HEAVY))
    assert kinds.declared("declared twice") == kind


def test_a_kind_of_another_version_has_the_usual_terms() -> None:
    assert kinds.of("of tomorrow") == TaskKind(name="of tomorrow", lane=Lane.STEADY)
    with pytest.raises(KeyError):
        kinds.declared("of tomorrow")


def test_every_lane_has_slots() -> None:
    """A worker that does tasks of a lane without any does not start."""
    assert set(kinds.SLOTS) == set(Lane)
    assert all(width > 0 for width in kinds.SLOTS.values())
