from itertools import product

import pytest

from fiscus.model.faults import Refused
from fiscus.registry.lifecycle import moved
from fiscus.registry.views import MOVES, LifecycleState, OperatingMode, Standing

ALL = [*product(LifecycleState, OperatingMode)]


def test_every_standing_can_be_reached_and_the_last_one_is_the_end() -> None:
    reached: set[Standing] = {(LifecycleState.ACQUIRED, OperatingMode.INACTIVE)}
    for _ in MOVES:
        reached |= {to for now in reached for to in MOVES[now]}

    assert reached == set(MOVES)
    assert MOVES[LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE] == frozenset()


@pytest.mark.parametrize("now", MOVES, ids=str)
@pytest.mark.parametrize("to", ALL, ids=str)
def test_a_full_request_is_granted_exactly_if_the_table_knows_the_move(
    now: Standing, to: Standing
) -> None:
    if to == now or to in MOVES[now]:
        assert moved(now, *to) == to
    else:
        with pytest.raises(Refused):
            moved(now, *to)


@pytest.mark.parametrize("now", MOVES, ids=str)
def test_the_same_request_again_changes_nothing(now: Standing) -> None:
    for state, mode in product((now[0], None), (now[1], None)):
        assert moved(now, state, mode) == now


def test_a_state_alone_brings_its_mode() -> None:
    assert moved(
        (LifecycleState.ACQUIRED, OperatingMode.INACTIVE), LifecycleState.COMMISSIONED, None
    ) == (
        LifecycleState.COMMISSIONED,
        OperatingMode.OPERATIVE,
    )
    assert moved(
        (LifecycleState.COMMISSIONED, OperatingMode.SUSPENDED), LifecycleState.DECOMMISSIONED, None
    ) == (
        LifecycleState.DECOMMISSIONED,
        OperatingMode.INACTIVE,
    )


def test_a_mode_alone_keeps_the_state() -> None:
    now = (LifecycleState.COMMISSIONED, OperatingMode.OPERATIVE)

    assert moved(now, None, OperatingMode.SUSPENDED) == (
        LifecycleState.COMMISSIONED,
        OperatingMode.SUSPENDED,
    )
    with pytest.raises(Refused):
        moved(now, None, OperatingMode.INACTIVE)
