"""Which API keys are good now: asked of the database, and remembered for less than a second."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime

import msgspec
from sqlalchemy import Engine

from fiscus.registry import keys
from fiscus.registry.views import KeyState, Subject
from fiscus.store.connect import reading

FRESH_SECONDS = 0.4
OLD_SECONDS = 0.8
"""A key that is stopped opens nothing a second later, in every process. Between the two, one
request looks again and the others need not wait for it."""

REFUSED_SECONDS = 0.05
"""What was refused is looked up again much sooner: the key may be enabled or rotated by now."""

_REMEMBERED_MAX = 10_000

Ticks = Callable[[], float]
"""Seconds that never go back: a wall clock that is set must not keep a stopped key alive."""


class _CachedKey(msgspec.Struct, kw_only=True):
    """A key as it was found at a moment (seconds that never go back); None: there is none."""

    subject: Subject | None
    at: float
    is_renewed: bool = False


class KeyCache:
    """Asked by the loop alone; what waits for the database runs in `threads`."""

    def __init__(self, engine: Engine, threads: Executor, ticks: Ticks = time.monotonic) -> None:
        self._engine = engine
        self._threads = threads
        self._ticks = ticks
        self._seen: dict[str, _CachedKey] = {}
        self._used: dict[str, datetime] = {}

    def last_used(self, id_: str) -> datetime | None:
        """When this process last let a key in, since it started. None: not since then, or so many
        others were used meanwhile that it was forgotten. Read from any thread."""
        return self._used.get(id_)

    async def good(self, id_: str, generation: int, now: datetime) -> Subject | None:
        """The subject, if its key is enabled and takes what the secret of this number opened."""
        found = await self._judged(id_, generation, now)
        if found is not None:
            self._note(id_, now)
        return found

    def _note(self, id_: str, now: datetime) -> None:
        """Those that were used last stand at the end."""
        if self._used.pop(id_, None) is None and len(self._used) >= _REMEMBERED_MAX:
            del self._used[next(iter(self._used))]
        self._used[id_] = now

    async def _judged(self, id_: str, generation: int, now: datetime) -> Subject | None:
        seen = self._seen.get(id_)
        age = OLD_SECONDS if seen is None else self._ticks() - seen.at
        if seen is None or age >= OLD_SECONDS:
            seen = await self._looked_up(id_)
        elif age >= FRESH_SECONDS and not seen.is_renewed:
            seen.is_renewed = True
            seen = await self._looked_up(id_)
        elif age >= REFUSED_SECONDS and not _is_good(seen.subject, generation, now):
            seen = await self._looked_up(id_)
        return seen.subject if _is_good(seen.subject, generation, now) else None

    def forget(self, id_: str) -> None:
        """Forget a key that has just logged in: it may have been enabled or rotated since it was
        read."""
        self._seen.pop(id_, None)

    async def _looked_up(self, id_: str) -> _CachedKey:
        at = self._ticks()  # before the question: the answer may be as old as that
        loop = asyncio.get_running_loop()
        seen = _CachedKey(subject=await loop.run_in_executor(self._threads, self._find, id_), at=at)
        if len(self._seen) >= _REMEMBERED_MAX:
            self._seen.clear()
        self._seen[id_] = seen
        return seen

    def _find(self, id_: str) -> Subject | None:
        with reading(self._engine) as tx:
            return keys.find(tx, id_)


def _is_good(subject: Subject | None, generation: int, now: datetime) -> bool:
    if subject is None or subject.state is not KeyState.ENABLED:
        return False
    return subject.takes(generation, now)
