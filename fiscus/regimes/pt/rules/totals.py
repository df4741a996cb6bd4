"""What a document comes to: its currency, its totals, its limits, its payments."""

from collections.abc import Iterator
from decimal import Decimal

from fiscus.model.amounts import ZERO
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.pt.assess import totals
from fiscus.regimes.pt.documents import FR, FS, document_type
from fiscus.regimes.pt.parties import buyer_of, is_business
from fiscus.regimes.pt.payments import CASH_LIMIT, cash_kept, is_covered
from fiscus.regimes.pt.rules.law import DESPACHO, SAFT, rule
from fiscus.regimes.pt.rules.lines import AMOUNT_MAX

TOLERANCE_PER_LINE = Decimal("0.01")
TOLERANCE_MIN = Decimal("0.05")
SIMPLIFIED_MAX = Decimal(100)
SIMPLIFIED_RETAIL_MAX = Decimal(1000)


@rule(
    Code("PT-CURRENCY-01", "the document is not in euro"),
    law=f"{SAFT}, CurrencyCode",
)
def currency_is_euro(case: Case) -> Iterator[str]:
    if case.draft.currency != "EUR":
        yield "currency"


@rule(
    Code("PT-TOTAL-01", "the totals are not the sums of the lines"),
    law=f"{DESPACHO}, 3.2.3",
)
def totals_are_sums(case: Case) -> Iterator[str]:
    """Within a cent per line. Without any VAT in the lines there is none in the total either."""
    said, lines = case.draft.totals, case.draft.lines
    if said is None or not lines:
        return
    tolerance = max(TOLERANCE_MIN, TOLERANCE_PER_LINE * len(lines))
    vat = sum((line.vat.amount for line in lines), ZERO)
    if abs(sum((line.vat.exclusive for line in lines), ZERO) - said.exclusive) > tolerance:
        yield "totals.exclusive"
    if abs(vat - said.amount) > (tolerance if vat else ZERO):
        yield "totals.amount"
    if abs(sum((line.vat.inclusive for line in lines), ZERO) - said.inclusive) > tolerance:
        yield "totals.inclusive"


@rule(
    Code("PT-TOTAL-02", "the totals are negative, or net and VAT do not make gross"),
    law=f"{SAFT}, DocumentTotals",
)
def totals_agree(case: Case) -> Iterator[str]:
    said = case.draft.totals
    if said is None:
        return
    if said.exclusive < 0 or said.amount < 0 or said.amount > said.inclusive:
        yield "totals"
    elif abs(said.exclusive + said.amount - said.inclusive) > TOLERANCE_MIN:
        yield "totals.inclusive"


@rule(
    Code("PT-TOTAL-03", "the total is larger than the tax authority takes"),
    law=f"{SAFT}, monetary type",
)
def total_is_not_too_large(case: Case) -> Iterator[str]:
    if totals(case.draft).inclusive > AMOUNT_MAX:
        yield "totals.inclusive"


@rule(
    Code("PT-SIMPLIFIED-01", "the total is too much for a simplified invoice"),
    law="CIVA, art. 40 (1)",
)
def simplified_invoice_is_small(case: Case) -> Iterator[str]:
    """Up to 1000 euro for goods to someone who is no taxable person, up to 100 for all else."""
    draft = case.draft
    if document_type(draft) is not FS:
        return
    is_retail = not is_business(buyer_of(case)) and not any(x.is_service for x in draft.lines)
    if totals(draft).inclusive > (SIMPLIFIED_RETAIL_MAX if is_retail else SIMPLIFIED_MAX):
        yield "totals.inclusive"


@rule(
    Code("PT-PAYMENT-01", "a payment is negative"),
    law=f"{SAFT}, PaymentAmount",
)
def payments_are_not_negative(case: Case) -> Iterator[str]:
    for i, payment in enumerate(case.draft.payments):
        if payment.amount < 0:
            yield f"payments[{i}].amount"


@rule(
    Code(
        "PT-PAYMENT-02",
        "the payments do not cover the invoice-receipt, and nothing is marked as outstanding",
    ),
    law=f"{SAFT}, DocumentTotals/Payment",
    is_final=True,
)
def invoice_receipt_is_paid(case: Case) -> Iterator[str]:
    draft = case.draft
    if document_type(draft) is FR and not is_covered(draft, totals(draft).inclusive):
        yield "payments"


@rule(
    Code("PT-PAYMENT-03", "the cash payment is 3000 euro or more"),
    law="LGT, art. 63-E (1)",
)
def cash_is_limited(case: Case) -> Iterator[str]:
    draft = case.draft
    if draft.payments and cash_kept(draft, totals(draft).inclusive) >= CASH_LIMIT:
        yield "payments"


TOTALS = (
    currency_is_euro,
    totals_are_sums,
    totals_agree,
    total_is_not_too_large,
    simplified_invoice_is_small,
    payments_are_not_negative,
    invoice_receipt_is_paid,
    cash_is_limited,
)
