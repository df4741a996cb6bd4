"""What a line must say: a text, a quantity, a price, and amounts that follow from them."""

from collections.abc import Iterator
from decimal import Decimal

from fiscus.model.amounts import cents_half_up
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.de import worth
from fiscus.regimes.de.rules.law import EXPORT, LOGGED, RECEIPT, RECORDING, rule

AMOUNT_MAX = Decimal("99999999.99")
QUANTITY_DECIMALS = 3
PRICE_DECIMALS = 5


@rule(Code("DE-LINE-02", "a quantity is not greater than zero"), law=f"{RECEIPT} no. 3")
def quantity_is_positive(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.quantity <= 0:
            yield f"lines[{i}].quantity"


@rule(
    Code("DE-LINE-03", "an amount of a line is negative; its direction gives back"),
    law=RECORDING,
)
def amounts_are_not_negative(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        for name in ("unit_price", "discount", "surcharge"):
            if getattr(line, name) < 0:
                yield f"lines[{i}].{name}"
        for name in ("exclusive", "amount", "inclusive"):
            if getattr(line.vat, name) < 0:
                yield f"lines[{i}].vat.{name}"


@rule(
    Code("DE-LINE-04", "gross is not quantity times price less discount plus surcharge"),
    law=RECORDING,
)
def gross_follows_from_the_price(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if abs(worth.by_price(line) - line.vat.inclusive) > worth.PRICE_TOLERANCE:
            yield f"lines[{i}].vat.inclusive"


@rule(Code("DE-LINE-05", "a line does not name what is sold"), law=f"{RECEIPT} no. 3")
def line_has_a_text(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if not line.text.strip():
            yield f"lines[{i}].text"


@rule(
    Code("DE-LINE-06", "the gross amount of a line or a discount is not in whole cents"),
    law=f"{LOGGED} no. 4; {EXPORT}, annex I",
)
def gross_is_in_cents(case: Case) -> Iterator[str]:
    """The TSE is told cents: parts of a cent would be cut, and nothing would add up."""
    for i, line in enumerate(case.draft.lines):
        if line.vat.inclusive != cents_half_up(line.vat.inclusive):
            yield f"lines[{i}].vat.inclusive"
        for j, part in enumerate(line.parts):
            if part.vat.inclusive != cents_half_up(part.vat.inclusive):
                yield f"lines[{i}].parts[{j}].vat.inclusive"
    for i, discount in enumerate(case.draft.discounts):
        if discount.amount != cents_half_up(discount.amount):
            yield f"discounts[{i}].amount"


@rule(
    Code("DE-LINE-07", "a quantity or price has more digits than the export takes"),
    law=f"{EXPORT}, MENGE and STK_BR",
)
def numbers_fit_the_export(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.quantity > AMOUNT_MAX or _is_too_fine(line.quantity, QUANTITY_DECIMALS):
            yield f"lines[{i}].quantity"
        if line.unit_price > AMOUNT_MAX or _is_too_fine(line.unit_price, PRICE_DECIMALS):
            yield f"lines[{i}].unit_price"
        if line.vat.inclusive > AMOUNT_MAX:
            yield f"lines[{i}].vat.inclusive"
        for j, part in enumerate(line.parts):
            if part.quantity > AMOUNT_MAX or _is_too_fine(part.quantity, QUANTITY_DECIMALS):
                yield f"lines[{i}].parts[{j}].quantity"


@rule(Code("DE-DISCOUNT-01", "a discount on the whole document is not positive"), law=RECORDING)
def discount_is_positive(case: Case) -> Iterator[str]:
    for i, discount in enumerate(case.draft.discounts):
        if discount.amount <= 0:
            yield f"discounts[{i}].amount"


@rule(
    Code("DE-DISCOUNT-02", "the discounts are more than the turnover they are taken from"),
    law=f"{EXPORT}, annex C, Rabatt",
)
def discount_is_taken_from_turnover(case: Case) -> Iterator[str]:
    draft = case.draft
    if draft.discounts and abs(worth.discounts(draft)) > abs(worth.turnover(draft)):
        yield "discounts"


def _is_too_fine(number: Decimal, decimals: int) -> bool:
    return number != number.quantize(Decimal(1).scaleb(-decimals))


LINES = (
    quantity_is_positive,
    amounts_are_not_negative,
    gross_follows_from_the_price,
    line_has_a_text,
    gross_is_in_cents,
    numbers_fit_the_export,
    discount_is_positive,
    discount_is_taken_from_turnover,
)
