"""What a line must say: a text, a quantity, amounts that are not negative, one direction."""

from collections.abc import Iterator
from decimal import Decimal

from fiscus.model.documents import Direction, LinePurpose
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.pt.assess import product_code
from fiscus.regimes.pt.corrections import described, original_lines
from fiscus.regimes.pt.documents import is_correction, is_credit, is_document
from fiscus.regimes.pt.rules.law import DESPACHO, SAFT, VOUCHERS, rule

AMOUNT_MAX = Decimal("9999999999999.99")
VOUCHER_PURPOSES = frozenset({LinePurpose.VOUCHER_SOLD, LinePurpose.VOUCHER_REDEEMED})


@rule(
    Code("PT-LINE-01", "the document has no line"),
    law="CIVA, art. 36 (5) b",
)
def has_a_line(case: Case) -> Iterator[str]:
    if is_document(case.draft) and not case.draft.lines:
        yield "lines"


@rule(
    Code("PT-LINE-02", "a quantity is not greater than zero"),
    law="CIVA, art. 36 (5) b",
)
def quantity_is_positive(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.quantity <= 0:
            yield f"lines[{i}].quantity"


@rule(
    Code("PT-LINE-03", "an amount of a line is negative; give it back with a credit note"),
    law=f"{DESPACHO}, 2.2.6",
)
def amounts_are_not_negative(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        vat = line.vat
        if line.unit_price < 0:
            yield f"lines[{i}].unit_price"
        if vat.exclusive < 0 or vat.amount < 0 or vat.inclusive < 0:
            yield f"lines[{i}].vat"


@rule(
    Code("PT-LINE-04", "a line of a sale gives something back; that belongs in a credit note"),
    law=f"{DESPACHO}, 3.3.9",
)
def sale_gives_nothing_back(case: Case) -> Iterator[str]:
    if is_correction(case.draft):
        return
    for i, line in enumerate(case.draft.lines):
        if line.direction is Direction.RETURN:
            yield f"lines[{i}].direction"


@rule(
    Code("PT-LINE-05", "a line of a credit note sells something; that belongs in an invoice"),
    law=f"{DESPACHO}, 3.3.9",
)
def credit_note_sells_nothing(case: Case) -> Iterator[str]:
    if not is_credit(case.draft):
        return
    for i, line in enumerate(case.draft.lines):
        if line.direction is Direction.SALE:
            yield f"lines[{i}].direction"


@rule(
    Code("PT-LINE-06", "a discount or surcharge is negative"),
    law=f"{DESPACHO}, 3.2.8",
)
def discount_is_not_negative(case: Case) -> Iterator[str]:
    """A discount above the whole price makes the line negative, which PT-LINE-03 refuses."""
    for i, line in enumerate(case.draft.lines):
        if line.discount < 0:
            yield f"lines[{i}].discount"
        if line.surcharge < 0:
            yield f"lines[{i}].surcharge"


@rule(
    Code("PT-LINE-07", "a line does not name what is sold"),
    law="CIVA, art. 36 (5) b",
)
def line_has_a_text(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if not line.text.strip():
            yield f"lines[{i}].text"


@rule(
    Code("PT-LINE-08", "an amount or quantity is larger than the tax authority takes"),
    law=f"{SAFT}, monetary type",
)
def amounts_are_not_too_large(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.vat.inclusive > AMOUNT_MAX or line.vat.exclusive > AMOUNT_MAX:
            yield f"lines[{i}].vat"
        if line.quantity > AMOUNT_MAX:
            yield f"lines[{i}].quantity"


@rule(
    Code(
        "PT-LINE-09",
        "a line is a voucher or a gift, which is not implemented yet: it would be taxed like any"
        " other line",
    ),
    law=VOUCHERS,
    is_not_yet=True,
)
def no_voucher_and_no_gift(case: Case) -> Iterator[str]:
    """A voucher for many purposes is no supply when it is sold, one for a single purpose is none
    when it is redeemed; what is given away has a price that nobody pays."""
    for i, line in enumerate(case.draft.lines):
        if line.is_voucher or line.is_gift or line.purpose in VOUCHER_PURPOSES:
            yield f"lines[{i}]"


@rule(
    Code(
        "PT-DEPOSIT-01",
        "a line is a deposit, which is not implemented yet: it stands behind the total of a"
        " document, and is no product of it",
    ),
    law=f"{DESPACHO}, 2.2.7",
    is_not_yet=True,
)
def no_deposit(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.purpose is LinePurpose.DEPOSIT:
            yield f"lines[{i}]"


@rule(
    Code(
        "PT-RECEIVABLE-01",
        "a line pays what an invoice left owed, which is not implemented yet: that is proved by a"
        " receipt of its own, and is no sale",
    ),
    law="CIVA, art. 36; Portaria n.º 302/2016, Payments",
    is_not_yet=True,
)
def no_receivable(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if line.purpose is LinePurpose.RECEIVABLE_SETTLED:
            yield f"lines[{i}]"


@rule(
    Code("PT-PRODUCT-01", "a product that was sold before has another description now"),
    law=f"{DESPACHO}, 3.3.5",
)
def product_keeps_its_description(case: Case) -> Iterator[str]:
    """Within the document too: a code has one description. A line that corrects one has the product
    of that one."""
    seen: dict[str, str] = {}
    originals = original_lines(case)
    for i, line in enumerate(case.draft.lines):
        if originals[i] or not line.product:
            continue
        text = described(line.text)
        code = product_code(line.product, text)
        frozen = case.remembered.get(code) or seen.setdefault(code, text)
        if frozen != text:
            yield f"lines[{i}].text"


LINES = (
    has_a_line,
    quantity_is_positive,
    amounts_are_not_negative,
    sale_gives_nothing_back,
    credit_note_sells_nothing,
    discount_is_not_negative,
    line_has_a_text,
    amounts_are_not_too_large,
    no_voucher_and_no_gift,
    no_deposit,
    no_receivable,
    product_keeps_its_description,
)
