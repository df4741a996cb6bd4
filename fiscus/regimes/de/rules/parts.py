"""What a composed line must say of its parts."""

from collections.abc import Iterator

from fiscus.model.amounts import ZERO
from fiscus.model.documents import DraftLine, LinePurpose
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.de import composed
from fiscus.regimes.de.rules.law import EXPORT, RECORDING, rule


@rule(
    Code("DE-PART-01", "the parts of a line do not add up to it, or not under its rate"),
    law=f"{EXPORT}, Bonpos_Zusatzinfo",
)
def parts_are_the_line(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.parts and not _is_sum(line):
            yield f"lines[{i}].parts"


@rule(
    Code("DE-PART-02", "the parts of a line do not each have an article number of their own"),
    law=f"{EXPORT}, ZI_ART_NR",
)
def parts_have_numbers(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        seen: set[str] = set()
        for j, part in enumerate(line.parts):
            if not part.product.strip() or part.product in seen:
                yield f"lines[{i}].parts[{j}].product"
            seen.add(part.product)


@rule(
    Code("DE-PART-03", "the quantity of a part is not greater than zero, or an amount negative"),
    law=RECORDING,
)
def parts_are_not_negative(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        for j, part in enumerate(line.parts):
            if part.quantity <= 0:
                yield f"lines[{i}].parts[{j}].quantity"
            for name in ("exclusive", "amount", "inclusive"):
                if getattr(part.vat, name) < 0:
                    yield f"lines[{i}].parts[{j}].vat.{name}"


@rule(
    Code("DE-PART-04", "only something sold without a discount of its own has parts"),
    law=f"{EXPORT}, Bonpos_Zusatzinfo",
)
def only_goods_have_parts(case: Case) -> Iterator[str]:
    """A discount on a menu is a line, or one on the whole document: how it falls on the parts
    nobody says."""
    for i, line in enumerate(case.draft.lines):
        is_plain = line.purpose is LinePurpose.SALE and not (line.discount or line.surcharge)
        if line.parts and not is_plain:
            yield f"lines[{i}].parts"


def _is_sum(line: DraftLine) -> bool:
    """Where the line is under one rate, its parts are so too."""
    for name in ("inclusive", "amount"):
        parts = sum((getattr(part.vat, name) for part in line.parts), ZERO)
        if parts != getattr(line.vat, name):
            return False
    rates = {(part.vat.is_exempt, part.vat.percentage) for part in line.parts}
    return composed.has_several_rates(line) or rates == {(line.vat.is_exempt, line.vat.percentage)}


PARTS = (parts_are_the_line, parts_have_numbers, parts_are_not_negative, only_goods_have_parts)
