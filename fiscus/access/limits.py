"""How often a caller may ask, and how often log in wrongly. Each process counts for itself, in a
bounded memory: of those who were not heard of for longest, the count is forgotten first."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from fiscus import metrics
from fiscus.model.faults import Code, Missing, Unavailable
from fiscus.model.times import Clock

TOO_MANY_LOGINS = Code(
    "ACCESS-LOGIN-01", "too many failed attempts with this key or from this address; wait a minute"
)

PER_SECOND = 500
"""Requests per second of one caller, where nothing else is set: what the Reporting API's page
promises for a key."""

PROCESSOR_SHARE = 10
DEBT_SECONDS = 2
FREE_SECONDS = 0.001
STRANGER = "address "
"""How the names of callers without a credential begin."""

FAILURES_MAX = 10
WINDOW = timedelta(minutes=1)
_REMEMBERED_MAX = 10_000
_NAME_MAX = 64

Count = TypeVar("Count")


class _BoundedCounts(Generic[Count]):
    """Counts by name; the caller holds the lock."""

    def __init__(self) -> None:
        self._counts: dict[str, Count] = {}

    def get(self, name: str) -> Count | None:
        return self._counts.get(name)

    def put(self, name: str, count: Count) -> None:
        self._counts.pop(name, None)
        if len(self._counts) >= _REMEMBERED_MAX:
            del self._counts[next(iter(self._counts))]
        self._counts[name] = count

    def __len__(self) -> int:
        return len(self._counts)


class RateLimits:
    """A token bucket for each caller, of one second's worth of requests.

    `per_second` None: by itself, a limit for strangers, and for keys once `is_shared`: once there
    is another unit that they could slow. 0: no limit at all.
    """

    def __init__(self, per_second: int | None, clock: Clock) -> None:
        self._is_chosen = per_second is not None
        self._per_second = PER_SECOND if per_second is None else per_second
        self._clock = clock
        self.is_shared = False
        self._lock = threading.Lock()
        self._buckets = _BoundedCounts[tuple[float, datetime]]()

    def admits(self, who: str) -> bool:
        if not self._counts(who):
            return True
        with self._lock:
            level, now = self._level(who)
            self._buckets.put(who, (level - 1 if level >= 1 else level, now))
            return level >= 1

    def charge(self, who: str, seconds: float) -> None:
        """Let a request that kept the processor busy for long count as many: a caller gets no more
        than a tenth of one. Until it is paid, nothing more is parsed for it."""
        if not self._counts(who) or seconds < FREE_SECONDS:
            return
        with self._lock:
            level, now = self._level(who)
            level -= seconds * PROCESSOR_SHARE * self._per_second
            self._buckets.put(who, (max(level, -DEBT_SECONDS * self._per_second), now))

    def owes(self, who: str) -> bool:
        with self._lock:
            return self._counts(who) and self._level(who)[0] < 0

    def _counts(self, who: str) -> bool:
        if self._is_chosen:
            return self._per_second > 0
        return self.is_shared or who.startswith(STRANGER)

    def _level(self, who: str) -> tuple[float, datetime]:
        now = self._clock()
        level, since = self._buckets.get(who) or (self._per_second, now)
        # A clock that is set back gives nothing, but takes nothing away either.
        level += max(0.0, (now - since).total_seconds()) * self._per_second
        return min(level, self._per_second), now


class LoginLimits:
    """Failed logins by key and by address; a good one takes nothing.

    An address from which a key was proved has a count of its own for that key: who guesses at it
    elsewhere does not lock it there, and one till with a wrong secret does not stop the shop.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = _BoundedCounts[deque[datetime]]()
        self._proved = _BoundedCounts[bool]()

    @contextmanager
    def attempt(self, key: str, address: str) -> Iterator[None]:
        """One login; `Missing` raised inside means that it failed. Raises `Unavailable` before
        anything is looked up if there were too many failures."""
        with self._lock:
            names = self._names(key, address)
            is_locked = any(self._is_full(name) for name in names)
        if is_locked:
            metrics.LOGINS.labels("limited").inc()
            raise Unavailable(TOO_MANY_LOGINS)
        try:
            yield
        except Missing:
            metrics.LOGINS.labels("failed").inc()
            with self._lock:
                for name in names:
                    self._note(name)
            raise
        with self._lock:
            self._proved.put(_pair(key, address), True)

    def _names(self, key: str, address: str) -> tuple[str, ...]:
        pair = _pair(key, address)
        if self._proved.get(pair):
            return (pair,)
        return f"key {key[:_NAME_MAX]}", f"address {address}"

    def _is_full(self, name: str) -> bool:
        return len(self._recent(name)) >= FAILURES_MAX

    def _recent(self, name: str) -> deque[datetime]:
        now = self._clock()
        kept = self._failures.get(name) or ()
        return deque((at for at in kept if now - WINDOW < at <= now), FAILURES_MAX)

    def _note(self, name: str) -> None:
        failures = self._recent(name)
        failures.append(self._clock())
        self._failures.put(name, failures)


def _pair(key: str, address: str) -> str:
    return f"pair {key[:_NAME_MAX]} {address}"
