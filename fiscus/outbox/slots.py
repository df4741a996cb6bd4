"""The slots of a lane: how many of its tasks one process does at once, and whose."""

import threading
from collections import Counter
from collections.abc import Collection, Mapping


class LaneSlots:
    """Counts the tasks at work by organization.

    All who have some at work have an equal share of the slots, and one share more is kept for who
    comes next: of sixteen one alone uses eight, two use five each. So one that has a thousand
    tasks, each of which takes long, holds up nobody who comes beside it.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._freed = threading.Event()

    def is_full(self) -> bool:
        with self._lock:
            return self._held.total() >= self._width

    @property
    def held(self) -> Mapping[str, int]:
        """How many each organization has at work."""
        with self._lock:
            return dict(self._held)

    def excluded(self) -> Collection[str]:
        """Organizations that may not take another slot now."""
        with self._lock:
            share = max(1, self._width // (len(self._held) + 1))
            return [one for one, count in self._held.items() if count >= share]

    def take(self, organization: str) -> None:
        with self._lock:
            self._held[organization] += 1

    def free(self, organization: str) -> None:
        with self._lock:
            self._held[organization] -= 1
            self._held += Counter()  # forgets those that hold none
        self._freed.set()

    def wait(self, seconds: float) -> None:
        """Until a slot is freed, or for so long; what was freed since the last wait counts."""
        self._freed.wait(seconds)
        self._freed.clear()

    def wake(self) -> None:
        """End the wait now."""
        self._freed.set()
