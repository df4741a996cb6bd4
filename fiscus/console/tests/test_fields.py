"""Days as they are typed into forms."""

from datetime import date

import pytest

from fiscus.console import fields


@pytest.mark.parametrize("text", ["", "2026-02-30", "20261130", "2026-W48-1", "today", "2026-11-3"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert fields.day(text) is None


def test_a_range_ends_on_the_day_it_begins_or_later() -> None:
    one = date(2026, 11, 30)

    assert fields.days("2026-11-30", "2026-11-30") == ((one, one), [])
    found, [fault] = fields.days("2026-11-30", "2026-11-29", "X-1")
    assert found is None
    assert (fault.field, fault.code) == ("last", "X-1")


def test_both_ends_are_told_at_once() -> None:
    found, faults = fields.days("never", "")

    assert found is None
    assert [fault.field for fault in faults] == ["first", "last"]
