"""Words of other countries' files: what cannot be recorded here is sent back, not dropped."""

from collections.abc import Iterator

from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.pt.rules.law import SAFT, rule

_OF_LINES = ("gtin", "product_group", "product_group_name", "parts")
_OF_BUYERS = ("vat_number", "sort")


@rule(
    Code(
        "PT-SAID-01",
        "this has no place in the files of Portugal yet",
    ),
    law=SAFT,
    is_not_yet=True,
)
def every_word_has_a_place(case: Case) -> Iterator[str]:
    draft = case.draft
    if draft.discounts:
        yield "discounts"
    if draft.is_full_reversal:
        yield "is_full_reversal"
    for i, line in enumerate(draft.lines):
        for name in _OF_LINES:
            if getattr(line, name):
                yield f"lines[{i}].{name}"
        if line.is_eaten_in is not None:
            yield f"lines[{i}].is_eaten_in"
    for name in _OF_BUYERS if draft.buyer else ():
        if getattr(draft.buyer, name):
            yield f"buyer.{name}"


SAID = (every_word_has_a_place,)
