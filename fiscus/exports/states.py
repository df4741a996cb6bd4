"""The states of a file that an export makes."""

from enum import StrEnum


class ExportState(StrEnum):
    """Of an export job: taken in, its file made, or failed for good."""

    ACCEPTED = "ACCEPTED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


MOVES: dict[ExportState, frozenset[ExportState]] = {
    ExportState.ACCEPTED: frozenset({ExportState.COMPLETED, ExportState.FAILED}),
    ExportState.COMPLETED: frozenset(),
    ExportState.FAILED: frozenset(),
}
