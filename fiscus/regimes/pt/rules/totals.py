"""What a document comes to: its currency, its totals, its limits, its payments."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import PaymentMeans, StatedTotals
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.model.roundings import is_lawful, step
from fiscus.regimes.pt.documents import FR, FS, FT, document_type
from fiscus.regimes.pt.parties import is_business, is_private_abroad
from fiscus.regimes.pt.payments import (
    CASH_LIMIT,
    CASH_LIMIT_ABROAD,
    cash_kept,
    is_owed,
    is_too_much,
    total_paid,
)
from fiscus.regimes.pt.rates import issue_day
from fiscus.regimes.pt.rules.law import DESPACHO, SAFT, VOUCHERS, rule
from fiscus.regimes.pt.rules.lines import AMOUNT_MAX
from fiscus.regimes.pt.sums import rounded_gross, taxed, totals

SIMPLIFIED_MAX = Decimal(100)
SIMPLIFIED_RETAIL_MAX = Decimal(1000)
PAID = (FR, FS)
"""What proves payment. The law lets a simplified invoice wait for its money, but the file states
how it was paid, and a receipt says that it was."""

SOLD = (FR, FS, FT)
YEAR = timedelta(days=366)


@rule(
    Code("PT-CURRENCY-01", "the document is not in euro"),
    law=f"{SAFT}, CurrencyCode",
    judges_all=True,
)
def currency_is_euro(case: Case) -> Iterator[str]:
    """Of a drawer too: a closing adds up the documents and the drawer in one currency."""
    if case.draft.currency != "EUR":
        yield "currency"


@rule(
    Code(
        "PT-TOTAL-01",
        "the gross total is not the sum of the lines; add their gross values, and round once",
    ),
    law="CIVA, art. 36 (5) d",
)
def gross_is_the_sum(case: Case) -> Iterator[str]:
    said, lines = case.draft.totals, case.draft.lines
    if said and lines and said.inclusive not in rounded_gross(list(taxed(lines))):
        yield "totals.inclusive"


@rule(
    Code("PT-TOTAL-02", "the totals are negative, or net and VAT do not make gross"),
    law=f"{SAFT}, DocumentTotals",
)
def totals_agree(case: Case) -> Iterator[str]:
    """To the cent; who states parts of a cent may have rounded each of the three."""
    said = case.draft.totals
    if said is None:
        return
    if said.exclusive < 0 or said.amount < 0 or said.amount > said.inclusive:
        yield "totals"
    elif abs(said.exclusive + said.amount - said.inclusive) > _slack(said):
        yield "totals.inclusive"


def _slack(said: StatedTotals) -> Decimal:
    three = (said.exclusive, said.amount, said.inclusive)
    if all(amount == cents_half_up(amount) for amount in three):
        return ZERO
    return sum(map(step, three), ZERO) / 2


@rule(
    Code(
        "PT-TOTAL-04",
        "the VAT is neither the exact one of each rate, rounded once, nor the sum of the lines,"
        " each rounded; compute it from the gross values of the lines",
    ),
    law=f"CIVA, art. 36 (5) d; {DESPACHO}, 3.2.3",
)
def vat_is_rounded_lawfully(case: Case) -> Iterator[str]:
    said, lines = case.draft.totals, case.draft.lines
    if said and lines and not is_lawful(list(taxed(lines)), said.amount):
        yield "totals.amount"


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
    is_retail = not is_business(case.draft.buyer) and not any(x.is_service for x in draft.lines)
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
        "the payments do not cover the receipt, which proves that all of it was paid; send an"
        " invoice for what is paid later",
    ),
    law=f"{SAFT}, DocumentTotals/Payment",
    is_final=True,
)
def receipt_is_paid(case: Case) -> Iterator[str]:
    draft = case.draft
    if document_type(draft) in PAID and total_paid(draft.payments) < totals(draft).inclusive:
        yield "payments"


@rule(
    Code(
        "PT-PAYMENT-03",
        "the cash payment is 3000 euro or more; of a private person who lives abroad, and whose"
        " address says so, 10000 or more",
    ),
    law="LGT, art. 63-E (1) and (2)",
)
def cash_is_limited(case: Case) -> Iterator[str]:
    draft = case.draft
    limit = CASH_LIMIT_ABROAD if is_private_abroad(draft.buyer) else CASH_LIMIT
    if draft.payments and cash_kept(draft, totals(draft).inclusive) >= limit:
        yield "payments"


@rule(
    Code(
        "PT-PAYMENT-04",
        "something is outstanding on a receipt, which proves that all of it was paid; send an"
        " invoice for what is paid later",
    ),
    law=f"{SAFT}, DocumentTotals/Payment",
)
def nothing_is_owed_on_a_receipt(case: Case) -> Iterator[str]:
    if document_type(case.draft) in PAID:
        for i, payment in enumerate(case.draft.payments):
            if is_owed(payment):
                yield f"payments[{i}]"


@rule(
    Code(
        "PT-PAYMENT-05",
        "more is paid or owed than the document comes to, and it is no change in cash; state what"
        " is paid for this document",
    ),
    law=f"{SAFT}, DocumentTotals/Payment",
)
def nothing_is_overpaid(case: Case) -> Iterator[str]:
    """A tip or an advance is no payment of this document: the file would have to hide it."""
    draft = case.draft
    if document_type(draft) in SOLD and is_too_much(draft, totals(draft).inclusive):
        yield "payments"


@rule(
    Code(
        "PT-PAYMENT-06",
        "a payment is dated after its document, or more than a year before",
    ),
    law=f"{SAFT}, PaymentDate",
)
def payments_are_dated_well(case: Case) -> Iterator[str]:
    """What is outstanding may name the day when it falls due."""
    day = issue_day(case)
    for i, payment in enumerate(case.draft.payments):
        is_dated = payment.on is not None and payment.means is not PaymentMeans.OUTSTANDING
        if is_dated and not day - YEAR <= (payment.on or day) <= day:
            yield f"payments[{i}].on"


@rule(
    Code(
        "PT-PAYMENT-07",
        "payment with a voucher for one purpose is not implemented yet: its tax was due when it was"
        " sold, and would be counted twice",
    ),
    law=VOUCHERS,
    is_not_yet=True,
)
def no_single_voucher_pays(case: Case) -> Iterator[str]:
    for i, payment in enumerate(case.draft.payments):
        if payment.means is PaymentMeans.VOUCHER_SINGLE:
            yield f"payments[{i}].means"


TOTALS = (
    currency_is_euro,
    gross_is_the_sum,
    totals_agree,
    vat_is_rounded_lawfully,
    total_is_not_too_large,
    simplified_invoice_is_small,
    payments_are_not_negative,
    receipt_is_paid,
    cash_is_limited,
    nothing_is_owed_on_a_receipt,
    nothing_is_overpaid,
    payments_are_dated_well,
    no_single_voucher_pays,
)
