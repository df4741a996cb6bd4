"""Queries: lists as repeated keys or with commas, and every fault at its name."""

import pytest

from fiscus.api.families.webhooks import queries
from fiscus.api.families.webhooks.wire.subscriptions import ActivitiesQuery, SubscriptionsQuery
from fiscus.model.faults import Refused


def asked(text: str) -> dict[str, list[str]]:
    return queries.asked({"type": "http", "query_string": text.encode()})


@pytest.mark.parametrize(
    "text", ["operation_types=CREATE&operation_types=DELETE", "operation_types=CREATE,DELETE"]
)
def test_a_list_is_said_in_either_way(text: str) -> None:
    assert queries.read(ActivitiesQuery, asked(text)).operation_types == ["CREATE", "DELETE"]


def test_a_query_that_says_nothing_has_the_defaults() -> None:
    found = queries.read(SubscriptionsQuery, {})

    assert (found.limit, found.offset, found.status, found.event_types) == (20, None, None, [])
    assert queries.read(None, {}) is None


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("x=1", ("x",)),
        ("limit=1&limit=2", ("limit",)),
        ("limit=-1", ("limit",)),
        ("limit=1_0", ("limit",)),
        ("status=active", ("status",)),
        ("after=abc", ("after",)),
        ("status=no&limit=x", ("limit", "status")),
        ("event_types=", ("event_types[0]",)),
        ("status=%00", ()),
        ("&".join(f"a{n}=1" for n in range(201)), ("",)),
    ],
)
def test_what_is_wrong_is_named(text: str, places: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refused:
        queries.read(SubscriptionsQuery, asked(text))

    found = tuple(sorted(place for fault in refused.value.faults for place in fault.paths))
    assert found == tuple(place for place in places if place)


def test_an_operation_without_a_query_takes_none() -> None:
    with pytest.raises(Refused) as refused:
        queries.read(None, {"limit": ["1"], "x": ["2"]})

    assert [fault.paths for fault in refused.value.faults] == [("limit",), ("x",)]
