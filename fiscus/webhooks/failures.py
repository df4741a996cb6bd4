"""Endpoints that keep failing: they get less time, so that they do not hold up the messages of
others."""

import threading

IN_A_ROW = 5
"""After so many failed attempts, to whichever of its deliveries, an endpoint gets less time."""

WHOLE_EACH = 6
"""From then on each so many attempts get the whole time again: an endpoint that answers late, but
answers, is not shut out for ever."""


class FailureCounts:
    """How many attempts of each subscription failed in a row, as one process saw it: what another
    saw, or was seen before a restart, only means that it gets more time than it need."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def is_brief(self, subscription: str) -> bool:
        """Whether its next attempt gets less time."""
        with self._lock:
            beyond = self._counts.get(subscription, 0) - IN_A_ROW
        return beyond >= 0 and (beyond + 1) % WHOLE_EACH != 0

    def note(self, subscription: str, *, is_taken: bool) -> None:
        """Only those that fail are kept."""
        with self._lock:
            if is_taken:
                self._counts.pop(subscription, None)
            else:
                self._counts[subscription] = self._counts.get(subscription, 0) + 1
