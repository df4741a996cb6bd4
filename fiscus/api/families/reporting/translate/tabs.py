"""A tab as the family shows it. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.translate_registry import moment
from fiscus.model import tabs
from fiscus.model.amounts import ZERO, money, plain
from fiscus.model.documents import DocumentKind, Draft, LinePurpose
from fiscus.model.records import EntryBody
from fiscus.model.tabs import OrderedThing, ThingLeft

Json = dict[str, Any]

_KINDS = {LinePurpose.SALE: "goods", LinePurpose.DEPOSIT: "deposit"}


def tab(recorded: Sequence[EntryBody]) -> Json:
    """`recorded`: the first order and what was recorded for its tab since, oldest first."""
    first, drafts = recorded[0], list(_drafts(recorded))
    left = {thing: one for thing, one in tabs.left(drafts).items() if one.quantity > 0}
    return {
        "id": ids.shown("tab", first.intent),
        "object": "tab",
        "register_id": ids.shown("reg", first.register),
        "status": "open" if left else "concluded",
        "currency": drafts[0].currency,
        "external_id": drafts[0].reference or None,
        "tables": list(dict.fromkeys(group for draft in drafts for group in draft.groups)),
        "opened_at": moment(first.at),
        "updated_at": moment(recorded[-1].at),
        "orders": _operations(recorded, DocumentKind.ORDER),
        "sales": _operations(recorded, DocumentKind.RECEIPT),
        "left": [_thing(thing, one) for thing, one in left.items()],
        "left_amount": money(sum((one.gross for one in left.values()), ZERO)),
    }


def _drafts(recorded: Iterable[EntryBody]) -> Iterable[Draft]:
    return (body.draft for body in recorded if body.draft is not None)


def _operations(recorded: Iterable[EntryBody], kind: DocumentKind) -> list[str]:
    return [
        ids.shown("op", body.intent)
        for body in recorded
        if body.draft is not None and body.draft.kind is kind
    ]


def _thing(thing: OrderedThing, left: ThingLeft) -> Json:
    return {
        "title": thing.text,
        "kind": _KINDS[thing.purpose],
        "rate": plain(thing.percentage / 100),
        "quantity": plain(left.quantity),
        "total_amount": money(left.gross),
    }
