"""The envelope around a page: cursors that are not there are left out."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fiscus.accounting.pages import Page, SortOrder
from fiscus.api.families.export_jobs import paging, queries
from fiscus.api.families.export_jobs.calls import ExportCall, ExportOperation
from fiscus.api.families.export_jobs.wire.envelope import PageQuery
from fiscus.model.faults import Refused

KEYS = {"createdAt": "created_at", "id": "id"}


def a_call(query: str) -> ExportCall:
    operation = ExportOperation(
        id="a", method="GET", path="/v3/a", version=3, summary="A", statuses=(200,), query=PageQuery
    )
    asked = queries.asked({"query_string": query.encode()})
    return ExportCall(
        operation=operation,
        at=datetime(2026, 5, 4, tzinfo=UTC),
        id="1",
        digest_key=b"",
        asked=asked,
        query=queries.read(PageQuery, asked),
    )


def told(query: str, **page: Any) -> dict[str, Any]:
    found: Page[int] = Page(rows=[1], total=1, **page)
    shown: dict[str, Any] = paging.shown(a_call(query), found, lambda row: {"row": row})
    return shown


def test_a_question_is_asked_in_the_words_of_the_books() -> None:
    request = paging.request(
        a_call(
            "limit=500&sorting_keys=createdAt&sorting_keys=id&sorting_order=DESC"
            "&sorting_order=ASC_NULLS_FIRST&offset=3"
        ),
        KEYS,
    )

    assert request.sort == (("created_at", SortOrder.DESC), ("id", SortOrder.ASC_NULLS_FIRST))
    assert (request.limit, request.offset, request.after, request.before) == (100, 3, "", "")


def test_a_key_that_cannot_be_sorted_by_is_named_with_those_that_can() -> None:
    with pytest.raises(Refused) as caught:
        paging.request(a_call("sorting_keys=id&sorting_keys=created_at"), KEYS)

    (fault,) = caught.value.faults
    assert fault.paths == ("sorting_keys[1]",)
    assert fault.text == "should be one of createdAt, id"


def test_an_offset_is_told_where_no_cursor_was_said() -> None:
    assert told("offset=5")["pagination"]["currentRequestPagination"]["offset"] == 5
    current = told("after=AA")["pagination"]["currentRequestPagination"]
    assert current["after"] == "AA"
    assert "offset" not in current
    assert "before" in told("before=AA")["pagination"]["currentRequestPagination"]


def test_cursors_are_there_if_there_are_rows() -> None:
    assert "startCursor" not in told("")["pagination"]
    whole = told("", start_cursor="AA", end_cursor="BB", has_next=True)["pagination"]
    assert (whole["startCursor"], whole["endCursor"]) == ("AA", "BB")
    assert (whole["hasNextPage"], whole["hasPreviousPage"], whole["total"]) == (True, False, 1)
