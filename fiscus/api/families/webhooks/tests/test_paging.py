"""Pages in both directions, and by an offset."""

from typing import Any

import pytest

from fiscus.api.families.webhooks import queries
from fiscus.api.families.webhooks.calls import WebhookCall
from fiscus.api.families.webhooks.conventions import UNKNOWN
from fiscus.api.families.webhooks.paging import cursor, page
from fiscus.api.families.webhooks.wire.subscriptions import SubscriptionsQuery
from fiscus.model.faults import Refused
from fiscus.model.tests.clock import MORNING

ROWS = [f"row-{number}" for number in range(7)]


def paged(text: str, rows: list[str] = ROWS) -> Any:
    asked = queries.asked({"type": "http", "query_string": text.encode()})
    call = WebhookCall(operation=UNKNOWN, at=MORNING, id="i", digest_key=b"", asked=asked)
    call.query = queries.read(SubscriptionsQuery, asked)
    return page(call, rows, lambda row: row, lambda row: {"id": row})


def shown(answer: Any) -> list[int]:
    return [int(row["id"][-1]) for row in answer["data"]]


@pytest.mark.parametrize(
    ("text", "expected", "has_next", "has_previous"),
    [
        ("", [0, 1, 2, 3, 4, 5, 6], False, False),
        ("limit=3", [0, 1, 2], True, False),
        ("limit=7", [0, 1, 2, 3, 4, 5, 6], False, False),
        ("limit=0", [], True, False),
        ("limit=3&offset=3", [3, 4, 5], True, True),
        ("limit=3&offset=4", [4, 5, 6], False, True),
        ("offset=7", [], False, True),
        (f"limit=3&after={cursor('row-2')}", [3, 4, 5], True, True),
        (f"limit=3&after={cursor('row-6')}", [], False, True),
        (f"limit=3&before={cursor('row-5')}", [2, 3, 4], True, True),
        (f"limit=3&before={cursor('row-2')}", [0, 1], True, False),
        (f"limit=3&before={cursor('row-0')}", [], True, False),
    ],
)
def test_a_page_says_what_is_before_and_behind(
    text: str, expected: list[int], has_next: bool, has_previous: bool
) -> None:
    answer = paged(text)
    told = answer["pagination"]

    assert shown(answer) == expected
    assert (told["hasNextPage"], told["hasPreviousPage"], told["total"]) == (
        has_next,
        has_previous,
        7,
    )
    assert ("startCursor" in told) is bool(expected)


def test_whoever_follows_cursors_sees_every_row_once() -> None:
    found: list[int] = []
    answer = paged("limit=2")
    while True:
        found += shown(answer)
        if not answer["pagination"]["hasNextPage"]:
            break
        answer = paged(f"limit=2&after={answer['pagination']['endCursor']}")

    assert found == list(range(7))


def test_more_than_a_hundred_are_never_shown() -> None:
    rows = [f"row-{number:03d}" for number in range(150)]

    assert len(paged("limit=101", rows)["data"]) == 100


@pytest.mark.parametrize(
    "text",
    [
        f"after={cursor('row-1')}&before={cursor('row-3')}",
        f"after={cursor('row-1')}&offset=0",
        f"after={cursor('row-9')}",
        "before=AAA",
        "after=77777777",
    ],
)
def test_a_page_that_begins_nowhere_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        paged(text)


def test_a_page_repeats_what_it_was_asked_for() -> None:
    current = paged("limit=3&offset=2&status=ACTIVE")["pagination"]["currentRequestPagination"]

    assert current == {"parameters": {"status": ["ACTIVE"]}, "limit": 3, "offset": 2}
