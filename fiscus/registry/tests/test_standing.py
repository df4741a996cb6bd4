from itertools import product

import pytest

from fiscus.model.faults import Refused
from fiscus.registry.standing import moved
from fiscus.registry.things import MOVES, Mode, Standing, State

ALL = [*product(State, Mode)]


def test_every_standing_can_be_reached_and_the_last_one_is_the_end() -> None:
    reached: set[Standing] = {(State.ACQUIRED, Mode.INACTIVE)}
    for _ in MOVES:
        reached |= {to for now in reached for to in MOVES[now]}

    assert reached == set(MOVES)
    assert MOVES[State.DECOMMISSIONED, Mode.INACTIVE] == frozenset()


@pytest.mark.parametrize("now", MOVES, ids=str)
@pytest.mark.parametrize("to", ALL, ids=str)
def test_a_full_wish_is_granted_exactly_if_the_table_knows_the_move(
    now: Standing, to: Standing
) -> None:
    if to == now or to in MOVES[now]:
        assert moved(now, *to) == to
    else:
        with pytest.raises(Refused):
            moved(now, *to)


@pytest.mark.parametrize("now", MOVES, ids=str)
def test_the_same_wish_again_changes_nothing(now: Standing) -> None:
    for state, mode in product((now[0], None), (now[1], None)):
        assert moved(now, state, mode) == now


def test_a_state_alone_brings_its_mode() -> None:
    assert moved((State.ACQUIRED, Mode.INACTIVE), State.COMMISSIONED, None) == (
        State.COMMISSIONED,
        Mode.OPERATIVE,
    )
    assert moved((State.COMMISSIONED, Mode.SUSPENDED), State.DECOMMISSIONED, None) == (
        State.DECOMMISSIONED,
        Mode.INACTIVE,
    )


def test_a_mode_alone_keeps_the_state() -> None:
    now = (State.COMMISSIONED, Mode.OPERATIVE)

    assert moved(now, None, Mode.SUSPENDED) == (State.COMMISSIONED, Mode.SUSPENDED)
    with pytest.raises(Refused):
        moved(now, None, Mode.INACTIVE)
