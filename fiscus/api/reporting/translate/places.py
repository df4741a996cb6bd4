"""Where a draft breaks the law, in the words of the body that it was made of. Pure."""

import re

import msgspec

from fiscus.model.documents import Draft, Line, Purpose
from fiscus.model.faults import Fault

_PART = re.compile(r"(lines|discounts)\[([0-9]+)\](?:\.(.+))?")

_OF_DOCUMENT = {
    "lines": "line_items",
    "discounts": "cart_level_discounts",
    "refers_to": "related_operation_id",
    "external_reference": "external_related_operation.external_operation_id",
    "external_text": "external_related_operation.description",
    "text": "note",
}
_OF_LINE = {
    "text": "title",
    "vat.percentage": "taxes[0].rate",
    "vat.amount": "taxes[0].tax_amount",
    "vat.exclusive": "total_amount",
    "vat.inclusive": "total_amount",
}
_BEHIND = {Purpose.TIP_STAFF: "tip_amount", Purpose.VOUCHER_REDEEMED: "payments"}
"""Lines that stand behind those of the body, and are said elsewhere in it."""


def in_words(faults: tuple[Fault, ...], draft: Draft) -> tuple[Fault, ...]:
    """The same faults at the places that the caller knows."""
    return tuple(
        msgspec.structs.replace(fault, paths=tuple(_place(path, draft) for path in fault.paths))
        for fault in faults
    )


def _place(path: str, draft: Draft) -> str:
    found = _PART.fullmatch(path)
    if found is None:
        return _OF_DOCUMENT.get(path, path)
    part, index, member = found[1], int(found[2]), found[3]
    if part == "discounts":
        return _joined(f"cart_level_discounts[{index}]", {"text": "description"}, member)
    return _of_line(draft.lines[index], index, member)


def _of_line(line: Line, index: int, member: str | None) -> str:
    if line.purpose in _BEHIND:
        return _BEHIND[line.purpose]
    return _joined(f"line_items[{index}]", _OF_LINE, member)


def _joined(place: str, words: dict[str, str], member: str | None) -> str:
    return f"{place}.{words.get(member, member)}" if member else place
