"""Tabs: orders that are billed hours later, and what a receipt and its orders share."""

from collections.abc import Iterator

import msgspec

from fiscus.model.documents import Draft
from fiscus.model.records import Case
from fiscus.regimes.de.documents import is_order


def recorded(case: Case) -> tuple[Draft, ...]:
    """The orders and receipts of the tab so far; the draft itself is not among them."""
    return tuple(body.draft for body in case.tab if body.draft is not None)


def with_tables(case: Case) -> Draft:
    """The draft with the tables of its tab: a receipt is for all tables at which was ordered, an
    order that names none is for those of the order before it."""
    draft = case.draft
    if not case.tab or (is_order(draft) and draft.groups):
        return draft
    groups = (*draft.groups, *_of_tab(draft, recorded(case)))
    return msgspec.structs.replace(draft, groups=tuple(dict.fromkeys(groups)))


def _of_tab(draft: Draft, drafts: tuple[Draft, ...]) -> Iterator[str]:
    orders = [one for one in drafts if is_order(one)]
    for one in orders[-1:] if is_order(draft) else orders:
        yield from one.groups
