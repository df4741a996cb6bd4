"""Pages of a list: an opaque cursor says after what the next one begins."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fiscus.api.families.reporting.calls import ReportingCall
from fiscus.api.families.reporting.errors import BAD_QUERY
from fiscus.api.families.reporting.wire.lists import ListQuery, PeriodQuery
from fiscus.model.faults import Refused

__all__ = ["ListQuery", "PeriodQuery", "after", "page"]


def after(call: ReportingCall) -> str:
    """The place behind which the page begins, empty for the first one.

    Raises `Refused` for a cursor that we did not give.
    """
    cursor: str | None = call.query.cursor
    if cursor is None:
        return ""
    try:
        place = str(UUID(urlsafe_b64decode(cursor.encode("ascii")).decode("ascii")))
    except (ValueError, binascii.Error):
        raise Refused(BAD_QUERY, "cursor") from None
    if _cursor(place) != cursor:
        raise Refused(BAD_QUERY, "cursor")
    return place


def page(
    call: ReportingCall, rows: Sequence[tuple[str, dict[str, Any]]], stopped_at: str = ""
) -> dict[str, Any]:
    """The list's answer. Each row is its own place in the list and how it is shown.

    Fetch `call.query.limit + 1` rows behind `after(call)`: the one too many tells whether there
    is a next page, and is not shown. Whoever stops looking before a page is full says where.
    """
    limit: int = call.query.limit
    has_more = len(rows) > limit
    shown = rows[:limit]
    place = shown[-1][0] if has_more else stopped_at
    return {
        "object": "list",
        "data": [row for _, row in shown],
        "has_more": bool(place),
        "next_cursor": _cursor(place) if place else None,
    }


def _cursor(place: str) -> str:
    return urlsafe_b64encode(place.encode()).decode("ascii")
