"""The states of a report, and what may become what."""

from collections.abc import Mapping
from enum import StrEnum


class ReportState(StrEnum):
    """`pending`: it waits for its turn. `unknown`: it was sent, and nobody knows yet what became of
    it. `refused`: a person must mend something, then it is sent again. `deleted`: it had been
    accepted, and the authority has forgotten it by a person's order."""

    PENDING = "pending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DELETED = "deleted"


OPEN = (ReportState.PENDING, ReportState.UNKNOWN)

MOVES: Mapping[ReportState, frozenset[ReportState]] = {
    ReportState.PENDING: frozenset(
        {ReportState.UNKNOWN, ReportState.ACCEPTED, ReportState.REFUSED}
    ),
    ReportState.UNKNOWN: frozenset({ReportState.ACCEPTED, ReportState.REFUSED}),
    ReportState.ACCEPTED: frozenset({ReportState.DELETED}),
    ReportState.REFUSED: frozenset({ReportState.PENDING}),
    ReportState.DELETED: frozenset({ReportState.PENDING}),
}
