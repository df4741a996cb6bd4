"""What was found out about a credential, remembered for a short time."""

from datetime import datetime, timedelta
from typing import Generic, TypeVar

LIFE = timedelta(seconds=60)
REMEMBERED_MAX = 10_000

Thing = TypeVar("Thing")


class ShortMemory(Generic[Thing]):
    """What was found out, for a short time; a clock that goes back makes nothing live longer."""

    def __init__(self, life: timedelta = LIFE) -> None:
        self._life = life
        self._known: dict[tuple[str, ...], tuple[Thing, datetime]] = {}

    def recall(self, key: tuple[str, ...], now: datetime) -> Thing | None:
        known = self._known.get(key)
        if known is None or not known[1] <= now < known[1] + self._life:
            return None
        return known[0]

    def keep(self, key: tuple[str, ...], thing: Thing, now: datetime) -> Thing:
        if len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
        self._known[key] = (thing, now)
        return thing
