"""Pages of a list: what the books are asked for, and the envelope around what they found."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fiscus.accounting.pages import Page, PageRequest, SortOrder
from fiscus.api.families.export_jobs.calls import ExportCall
from fiscus.api.families.export_jobs.errors import BAD_QUERY
from fiscus.api.families.export_jobs.queries import snake
from fiscus.api.families.export_jobs.wire.envelope import LIMIT_MAX, PageQuery
from fiscus.model.faults import Fault, Refused

Json = dict[str, Any]
Row = TypeVar("Row")

_OF_PAGING = frozenset({"before", "after", "offset", "limit", "sorting_keys", "sorting_order"})


def request(call: ExportCall, keys: Mapping[str, str]) -> PageRequest:
    """What the query asks for. `keys`: what lists of this kind can be sorted by, in the contract's
    words, and the name in the books. Raises `Refused` for others."""
    query: PageQuery = call.query
    wrong = [
        f"sorting_keys[{index}]" for index, key in enumerate(query.sorting_keys) if key not in keys
    ]
    if wrong:
        text = f"should be one of {', '.join(keys)}"
        fault = Fault(code=BAD_QUERY.id, text=text, paths=tuple(wrong))
        raise Refused(BAD_QUERY, faults=(fault,))
    orders = query.sorting_order or ["ASC"] * len(query.sorting_keys)
    return PageRequest(
        after=query.after or "",
        before=query.before or "",
        offset=query.offset or 0,
        limit=min(query.limit, LIMIT_MAX),
        sort=tuple(
            (keys[key], SortOrder(order))
            for key, order in zip(query.sorting_keys, orders, strict=True)
        ),
    )


def shown(
    call: ExportCall,
    found: Page[Row],
    show: Callable[[Row], Json],
    default: str = "createdAt",
) -> Json:
    """The list's answer. `default`: by which key it is sorted if the query says none."""
    return {
        "data": [show(row) for row in found.rows],
        "pagination": pagination(call, found, default),
    }


def pagination(call: ExportCall, found: Page[Any], default: str) -> Json:
    """A cursor that is not there is left out: the contract's are not nullable."""
    query: PageQuery = call.query
    keys = query.sorting_keys or [default]
    current: Json = {
        "parameters": {
            name: values for name, values in call.asked.items() if snake(name) not in _OF_PAGING
        },
        "limit": min(query.limit, LIMIT_MAX),
        "sortingKeys": keys,
        "sortingOrder": query.sorting_order or ["ASC"] * len(keys),
    }
    if query.after or query.before:
        current |= {
            name: said
            for name, said in (("after", query.after), ("before", query.before))
            if said is not None
        }
    else:
        current["offset"] = query.offset or 0
    told: Json = {
        "currentRequestPagination": current,
        "hasNextPage": found.has_next,
        "hasPreviousPage": found.has_previous,
        "total": found.total,
    }
    if found.start_cursor:
        told["startCursor"] = found.start_cursor
    if found.end_cursor:
        told["endCursor"] = found.end_cursor
    return told
