"""Pages of lists, as the contract of subscriptions has them: cursors in both directions, or an
offset."""

from base64 import b32decode, b32encode
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fiscus.api.families.webhooks.calls import WebhookCall
from fiscus.api.families.webhooks.errors import BAD_QUERY
from fiscus.api.families.webhooks.wire.subscriptions import LIMIT_MAX
from fiscus.model.faults import Refused

Thing = TypeVar("Thing")
Json = dict[str, Any]

_PAGING = ("before", "after", "offset", "limit")


def page(
    call: WebhookCall,
    rows: Sequence[Thing],
    place: Callable[[Thing], str],
    show: Callable[[Thing], Json],
) -> Json:
    """A page of a list that is there as a whole; `place` is a row's own, for cursors. Raises
    `Refused` for a cursor that we did not give, or more than one way to say where to begin."""
    query = call.query
    ways = [name for name in ("before", "after", "offset") if getattr(query, name) is not None]
    if len(ways) > 1:
        raise Refused(BAD_QUERY, *ways)
    limit = min(query.limit, LIMIT_MAX)
    first, end = query.offset or 0, len(rows)
    if query.after is not None:
        first = _index(rows, place, query.after, "after") + 1
    if query.before is not None:
        end = _index(rows, place, query.before, "before")
        first = max(0, end - limit)
    shown = rows[first : min(end, first + limit)]
    current: Json = {
        "parameters": {name: values for name, values in call.asked.items() if name not in _PAGING},
        "limit": limit,
    }
    current |= {name: getattr(query, name) for name in ways}
    told: Json = {
        "currentRequestPagination": current,
        "hasNextPage": first + len(shown) < len(rows),
        "hasPreviousPage": first > 0,
        "total": len(rows),
    }
    if shown:
        told |= {"startCursor": cursor(place(shown[0])), "endCursor": cursor(place(shown[-1]))}
    return {"data": [show(row) for row in shown], "pagination": told}


def _index(rows: Sequence[Thing], place: Callable[[Thing], str], said: str, name: str) -> int:
    """Where the row of a cursor stands; one that has gone meanwhile must be asked for anew."""
    try:
        wanted = b32decode(said).decode("ascii")
    except ValueError:
        raise Refused(BAD_QUERY, name) from None
    for index, row in enumerate(rows):
        if place(row) == wanted:
            return index
    raise Refused(BAD_QUERY, name)


def cursor(place: str) -> str:
    return b32encode(place.encode("ascii")).decode("ascii")
