"""Which standing follows which: every request from every standing."""

from itertools import product

import pytest

from fiscus.model.faults import Refused
from fiscus.registry.lifecycle import moved
from fiscus.registry.views import MOVES, LifecycleState, OperatingMode, Standing

STATES, MODES = (None, *LifecycleState), (None, *OperatingMode)


@pytest.mark.parametrize("now", MOVES)
def test_a_request_leads_where_the_table_says_or_is_refused(now: Standing) -> None:
    for state, mode in product(STATES, MODES):
        asked = (state or now[0], mode or now[1])
        fitting = [to for to in MOVES[now] if to[0] == asked[0] and mode in (None, to[1])]
        if asked == now:
            assert moved(now, state, mode) == now
        elif len(fitting) == 1:
            assert moved(now, state, mode) == fitting[0]
        else:
            with pytest.raises(Refused):
                moved(now, state, mode)


def test_a_state_alone_brings_its_mode_along() -> None:
    made = moved(
        (LifecycleState.ACQUIRED, OperatingMode.INACTIVE), LifecycleState.COMMISSIONED, None
    )

    assert made == (LifecycleState.COMMISSIONED, OperatingMode.OPERATIVE)


def test_a_refusal_names_what_was_asked_for() -> None:
    gone = (LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE)
    for state, mode, paths in (
        (LifecycleState.COMMISSIONED, None, ("state",)),
        (None, OperatingMode.OPERATIVE, ("mode",)),
        (LifecycleState.COMMISSIONED, OperatingMode.OPERATIVE, ("state", "mode")),
    ):
        with pytest.raises(Refused) as caught:
            moved(gone, state, mode)
        assert caught.value.paths == paths
