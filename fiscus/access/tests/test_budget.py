from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.access.budget import FULL, UNFINISHED_SHARE, BodyBudget
from fiscus.model.faults import Unavailable

OWN = 1000 // UNFINISHED_SHARE


def test_one_caller_gets_an_eighth_and_all_together_the_whole() -> None:
    budget = BodyBudget(1000)
    for number in range(UNFINISHED_SHARE):
        budget.take(f"key {number}", OWN)

    with pytest.raises(Unavailable) as own:
        budget.take("key 0", 1)
    with pytest.raises(Unavailable) as whole:
        budget.take("key 9", 1)

    assert own.value.code == whole.value.code == FULL
    assert budget.total == 1000


def test_what_was_refused_takes_nothing() -> None:
    budget = BodyBudget(1000)
    with pytest.raises(Unavailable):
        budget.take("key a", OWN + 1)

    assert budget.total == 0
    budget.take("key a", OWN)


@pytest.mark.parametrize("error", [RuntimeError, GeneratorExit, KeyboardInterrupt])
def test_a_hold_ends_however_the_request_ends(error: type[BaseException]) -> None:
    budget = BodyBudget(1000)

    def request() -> None:
        with budget.hold() as hold:
            hold.take("key a", 50)
            hold.take("key a", 50)
            assert budget.total == 100
            raise error

    with pytest.raises(error):
        request()
    assert budget.total == 0
    budget.take("key a", OWN)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 300)), max_size=30))
def test_nothing_is_left_when_all_have_gone(reservations: list[tuple[str, int]]) -> None:
    budget = BodyBudget(1000)
    holds = []
    for owner, count in reservations:
        with budget.hold() as kept:
            pass
        with suppress(Unavailable):
            kept.take(owner, count)
        holds.append(kept)
        assert 0 <= budget.total <= 1000
    for kept in holds:
        kept.release()
        kept.release()

    assert budget.total == 0
