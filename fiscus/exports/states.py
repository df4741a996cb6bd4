"""The states of a file that an export makes."""

from enum import StrEnum


class State(StrEnum):
    ACCEPTED = "ACCEPTED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


MOVES: dict[State, frozenset[State]] = {
    State.ACCEPTED: frozenset({State.COMPLETED, State.FAILED}),
    State.COMPLETED: frozenset(),
    State.FAILED: frozenset(),
}
