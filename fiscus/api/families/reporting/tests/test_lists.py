"""What a list may be asked, at the bounds."""

from typing import Any

import pytest
from pydantic import ValidationError

from fiscus.api.families.reporting.wire.lists import ListQuery, PeriodQuery

MOMENT = "2026-05-04T08:15:01Z"


@pytest.mark.parametrize("limit", ["1", "200", "050", 7])
def test_a_limit_is_a_number_from_one_to_two_hundred(limit: Any) -> None:
    assert ListQuery.model_validate({"limit": limit}).limit == int(limit)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "+1", " 1", "1.0", "1_0", "\u0661", "", "x"])
def test_any_other_limit_is_refused(limit: str) -> None:
    with pytest.raises(ValidationError):
        ListQuery.model_validate({"limit": limit})


@pytest.mark.parametrize(("length", "is_read"), [(0, False), (1, True), (512, True), (513, False)])
def test_a_cursor_has_a_length_that_we_could_have_given(length: int, is_read: bool) -> None:
    if is_read:
        assert ListQuery.model_validate({"cursor": "c" * length}).cursor == "c" * length
        return
    with pytest.raises(ValidationError):
        ListQuery.model_validate({"cursor": "c" * length})


def test_who_asks_for_nothing_gets_the_first_fifty() -> None:
    asked = ListQuery.model_validate({})

    assert (asked.limit, asked.cursor) == (50, None)


def test_a_period_has_two_ends_and_a_list_of_things_has_none() -> None:
    asked = PeriodQuery.model_validate({"from": MOMENT})

    assert asked.since is not None
    assert asked.until is None
    for query in ({"from": "yesterday"}, {"since": MOMENT}, {"until": MOMENT}):
        with pytest.raises(ValidationError):
            PeriodQuery.model_validate(query)
    with pytest.raises(ValidationError):
        ListQuery.model_validate({"from": MOMENT})
