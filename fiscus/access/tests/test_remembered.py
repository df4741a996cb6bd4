"""What was found out is remembered for a short time."""

from datetime import UTC, datetime, timedelta

import pytest

from fiscus.access import remembered
from fiscus.access.remembered import LIFE, ShortMemory

NOW = datetime(2026, 5, 4, 8, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("later", "is_known"),
    [(-SECOND, False), (0 * SECOND, True), (LIFE - SECOND, True), (LIFE, False)],
)
def test_a_thing_is_known_until_its_time_is_over(later: timedelta, is_known: bool) -> None:
    memory = ShortMemory[str]()
    assert memory.keep(("a",), "thing", NOW) == "thing"

    assert memory.recall(("a",), NOW + later) == ("thing" if is_known else None)
    assert memory.recall(("b",), NOW) is None


def test_a_full_memory_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "REMEMBERED_MAX", 2)
    memory = ShortMemory[str]()
    for name in ("a", "b", "c"):
        memory.keep((name,), name, NOW)

    assert [memory.recall((name,), NOW) for name in ("a", "b", "c")] == [None, None, "c"]
