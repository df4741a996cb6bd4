"""Whose turn it is to write to a SQLite file, among the threads of one process.

SQLite lets those that wait look again now and then, up to a tenth of a second later: a sale would
wait for many short transactions of others. Here the turn is handed to whoever waits. Sales go
first, but not twice in a row while something else waits: neither holds the other up for longer than
one transaction. Within its kind, who came first goes first.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class WriteTurns:
    """One transaction at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_taken = False
        self._was_sale = False
        self._sales: deque[threading.Event] = deque()
        self._others: deque[threading.Event] = deque()

    @contextmanager
    def turn(self, seconds: float, *, is_sale: bool) -> Iterator[bool]:
        """Wait for a turn and hold it for the block. Gives False, and holds nothing, if it did not
        come within these seconds."""
        if not self._taken(seconds, is_sale):
            yield False
            return
        try:
            yield True
        finally:
            self._pass_on()

    def waiting(self) -> int:
        """How many wait."""
        return len(self._sales) + len(self._others)

    def _taken(self, seconds: float, is_sale: bool) -> bool:
        queue = self._sales if is_sale else self._others
        with self._lock:
            if not self._is_taken:
                self._is_taken, self._was_sale = True, is_sale
                return True
            mine = threading.Event()
            queue.append(mine)
        if mine.wait(seconds):
            return True
        with self._lock:
            if mine.is_set():  # It came just now.
                return True
            queue.remove(mine)
            return False

    def _pass_on(self) -> None:
        with self._lock:
            is_sale = bool(self._sales) and not (self._was_sale and self._others)
            queue = self._sales if is_sale else self._others
            if queue:
                self._was_sale = is_sale
                queue.popleft().set()
            else:
                self._is_taken = False
