"""Where trouble lies, in the words of this family's bodies: the core has neutral ones. Pure."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from fiscus.api.families.reporting.translate.payments import (
    NOTHING_MOVED,
    is_redemption,
    was_given_back,
)
from fiscus.model.documents import Draft, DraftLine, LinePurpose
from fiscus.model.faults import Trouble

Json = dict[str, Any]

_PART = re.compile(r"(lines|discounts|payments)\[([0-9]+)\](?:\.(.+))?")

_OF_ORDER = {
    "register": "register_id",
    "location": "location_id",
    "intent": "operation_id",
    "kind": "type",
    "refers_to": "related_operation_id",
    "tax_number": "fiscal_identities",
    "tab": "tab_id",
    "groups": "tables",
    "facts": "fiscal_identities",
    "since": "from",
    "until": "to",
}

_OF_DOCUMENT = {
    "lines": "line_items",
    "discounts": "cart_level_discounts",
    "refers_to": "related_operation_id",
    "external_reference": "external_related_operation.external_operation_id",
    "external_on": "external_related_operation",
    "external_text": "external_related_operation.description",
    "text": "note",
    "tab": "tab_id",
    "groups": "tables",
    "reference": "external_id",
    "totals": "total_amount",
    "totals.inclusive": "total_amount",
    "totals.exclusive": "pretax_amount",
    "totals.amount": "tax_amount",
    "operator": "operator.id",
    "operator_name": "operator.name",
    "buyer.name": "customer.name",
    "buyer.code": "customer.number",
    "buyer.sort": "customer.type",
    "buyer.vat_number": "customer.vat_id",
    "buyer.address.street": "customer.address.line1",
    "buyer.address.code": "customer.address.postal_code",
    "buyer.address.city": "customer.address.city",
    "buyer.address.country": "customer.address.country_code",
}
_OF_LINE = {
    "text": "title",
    "direction": "total_amount",
    "purpose": "kind",
    "is_voucher": "kind",
    "vat": "taxes",
    "vat.code": "taxes",
    "vat.region": "taxes",
    "vat.percentage": "taxes[0].rate",
    "vat.amount": "taxes[0].tax_amount",
    "vat.exclusive": "total_amount",
    "vat.inclusive": "total_amount",
    "vat.reason": "taxes[0].name",
    "product": "article_number",
    "product_group": "article_group.id",
    "product_group_name": "article_group.name",
    "parts": "components",
    "voucher": "voucher.number",
    "voucher_kind": "voucher.kind",
}
_OF_REDEMPTION = {
    "voucher": "gift_card_id",
    "voucher_kind": "voucher.kind",
    "vat.percentage": "voucher.rate",
    "vat.amount": "voucher.rate",
    "text": "method",
    **dict.fromkeys(
        ("direction", "quantity", "unit_price", "vat.exclusive", "vat.inclusive"), "amount"
    ),
}
_PART_OF_LINE = re.compile(r"parts\[([0-9]+)\](?:\.(.+))?")
_OF_DISCOUNT = {"text": "description"}
_OF_PAYMENT = {"means": "method", "name": "card_brand", "foreign_amount": "amount"}
_OF_EVENTS = {
    "session_open": ("opening_balance_amount",),
    "session_cash_adjustment": ("amount", "adjustment_amount"),
    "session_cash_count": ("variance", "variance_amount"),
    "session_close": ("cash_out_amount", "cash_in_amount"),
}
"""What an event of the drawer says instead of lines, under one of these names."""


def in_words(trouble: Trouble) -> Trouble:
    """The same trouble in words that all bodies and queries of this family share."""
    return _changed(trouble, _shared)


def in_order(trouble: Trouble, draft: Draft, body: Json) -> Trouble:
    """The same trouble at the places of the body that an order was made of. What a body leaves out
    of its draft (payments that moved nothing, discounts of zero) counts there all the same."""
    return _changed(trouble, lambda path: _place(path, draft, body))


def _changed(trouble: Trouble, place: Callable[[str], str]) -> Trouble:
    faults = tuple(
        msgspec.structs.replace(fault, paths=tuple(dict.fromkeys(map(place, fault.paths))))
        for fault in trouble.faults
    )
    return type(trouble)(trouble.code, *map(place, trouble.paths), faults=faults)


def _shared(path: str) -> str:
    head, _, _ = path.partition(".")
    return _OF_ORDER.get(head, path)


def _place(path: str, draft: Draft, body: Json) -> str:
    event = _OF_EVENTS.get(body.get("type", ""))
    if event is not None and re.split(r"[\[.]", path)[0] in ("lines", "payments", "totals"):
        return next((name for name in event if name in body), event[0])
    found = _PART.fullmatch(path)
    if found is None:
        if path.startswith("groups["):
            return path.replace("groups", "tables", 1)
        if path == "reason" and path not in body:
            return "note"
        return _OF_DOCUMENT.get(path, path)
    part, index, member = found[1], int(found[2]), found[3]
    if part == "discounts":
        at = _index(index, body.get("cart_level_discounts", []), _is_discount)
        return _joined(f"cart_level_discounts[{at}]", _OF_DISCOUNT, member)
    if part == "payments":
        at = _index_of_payment(index, draft, body)
        if member == "amount" and draft.payments[index].currency:
            return f"payments[{at}].base_amount"
        return _joined(f"payments[{at}]", _OF_PAYMENT, member)
    return _of_line(draft.lines, body, index, member)


def _index(index: int, said: list[Json], is_drafted: Callable[[Json], bool]) -> int:
    """Which of those that were said is that one of the draft."""
    drafted = [at for at, one in enumerate(said) if is_drafted(one)]
    return drafted[index] if index < len(drafted) else index


def _index_of_payment(index: int, draft: Draft, body: Json) -> int:
    """What was given back again is in the draft only if nothing was paid instead."""
    legs = body.get("payments", [])
    is_whole = sum(map(_is_payment, legs)) == len(draft.payments)
    return _index(
        index, legs, lambda leg: _is_payment(leg) and (is_whole or not _was_given_back(leg))
    )


def _was_given_back(leg: Json) -> bool:
    return was_given_back(status=leg["status"], amount=Decimal(leg["amount"]))


def _is_discount(one: Json) -> bool:
    return Decimal(one["amount"]) != 0


def _is_payment(leg: Json) -> bool:
    """Whether a leg of the body is a payment of the draft."""
    worth = leg["amount"] if leg.get("base_amount") is None else leg["base_amount"]
    has_moved = leg["status"] not in NOTHING_MOVED
    return has_moved and not _redeems(leg) and Decimal(worth) != 0


def _is_redemption(leg: Json) -> bool:
    """Whether a leg of the body is a line of the draft."""
    has_moved = leg["status"] not in NOTHING_MOVED
    return has_moved and _redeems(leg) and Decimal(leg["amount"]) != 0


def _redeems(leg: Json) -> bool:
    return is_redemption(
        method=leg["method"],
        status=leg["status"],
        amount=Decimal(leg["amount"]),
        has_voucher=leg.get("voucher") is not None,
    )


def _of_line(lines: Sequence[DraftLine], body: Json, index: int, member: str | None) -> str:
    """A tip stands behind the lines of the body, and vouchers taken in payment behind the tip."""
    if lines[index].purpose is LinePurpose.TIP_STAFF:
        return "tip_amount"
    if lines[index].purpose is not LinePurpose.VOUCHER_REDEEMED:
        part = _PART_OF_LINE.fullmatch(member or "")
        if part is not None:
            return _joined(f"line_items[{index}].components[{part[1]}]", _OF_LINE, part[2])
        return _joined(f"line_items[{index}]", _OF_LINE, member)
    legs = body.get("payments", [])
    redeemed = [i for i, line in enumerate(lines) if line.purpose is LinePurpose.VOUCHER_REDEEMED]
    at = _index(redeemed.index(index), legs, _is_redemption)
    return _joined(f"payments[{at}]", _OF_REDEMPTION, member)


def _joined(place: str, words: dict[str, str], member: str | None) -> str:
    return f"{place}.{words.get(member, member)}" if member else place
