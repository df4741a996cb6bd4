"""How many bytes of request bodies the process may hold at one time: of all callers, and of one."""

from collections.abc import Iterator
from contextlib import contextmanager

from fiscus.model.faults import Code, Unavailable

FULL = Code(
    "INTAKE-BUDGET-01",
    "too many request bodies are on their way; send the same request again a little later",
)

UNFINISHED_BYTES_MAX = 64 * 1024 * 1024
UNFINISHED_SHARE = 8
"""One caller gets no more than this part of it."""


class BodyReservation:
    """What one request holds of the budget, until it is answered."""

    def __init__(self, budget: "BodyBudget") -> None:
        self._budget = budget
        self._owner = ""
        self._bytes = 0

    def take(self, owner: str, count: int) -> None:
        """Raises `Unavailable` if there is no place for so many bytes more."""
        self._budget.take(owner, count)
        self._owner = owner
        self._bytes += count

    def release(self) -> None:
        self._budget.give_back(self._owner, self._bytes)
        self._bytes = 0


class BodyBudget:
    """Bytes of bodies whose requests are not answered yet. Used by the loop alone."""

    def __init__(self, bytes_max: int = UNFINISHED_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._taken: dict[str, int] = {}
        self._total = 0

    @contextmanager
    def hold(self) -> Iterator[BodyReservation]:
        hold = BodyReservation(self)
        try:
            yield hold
        finally:
            hold.release()

    def take(self, owner: str, count: int) -> None:
        own = self._taken.get(owner, 0) + count
        if own > self._bytes_max // UNFINISHED_SHARE or self._total + count > self._bytes_max:
            raise Unavailable(FULL)
        self._taken[owner] = own
        self._total += count

    def give_back(self, owner: str, count: int) -> None:
        if not count:
            return
        self._total -= count
        self._taken[owner] -= count
        if not self._taken[owner]:
            del self._taken[owner]

    @property
    def total(self) -> int:
        return self._total
