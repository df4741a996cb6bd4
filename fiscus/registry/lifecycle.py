"""One function moves a taxpayer, location or register from standing to standing."""

from fiscus.model.faults import Code, Refused
from fiscus.registry.views import MOVES, LifecycleState, OperatingMode, Standing

FORBIDDEN = Code("REGISTRY-MOVE-01", "this change of state or mode is not allowed from here")


def moved(now: Standing, state: LifecycleState | None, mode: OperatingMode | None) -> Standing:
    """The standing after a request for a state, a mode, or both; the same request again changes
    nothing.

    Raises `Refused` for a move that the table does not know.
    """
    if (state or now[0]) == now[0] and (mode or now[1]) == now[1]:
        return now
    reachable = [
        to for to in MOVES[now] if to[0] == (state or now[0]) and (mode is None or to[1] == mode)
    ]
    if len(reachable) != 1:
        raise Refused(FORBIDDEN, *(["state"] if state else []), *(["mode"] if mode else []))
    return reachable[0]
