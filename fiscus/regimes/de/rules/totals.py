"""What may be stated for a whole document: gross, net and VAT, to the cent."""

from collections.abc import Iterator

from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.de import worth
from fiscus.regimes.de.assess import assess
from fiscus.regimes.de.rules.law import RECEIPT, rule
from fiscus.regimes.de.rules.lines import (
    amounts_are_not_negative,
    discount_is_positive,
    discount_is_taken_from_turnover,
    gross_is_in_cents,
    quantity_is_positive,
)
from fiscus.regimes.de.rules.parts import parts_are_not_negative, parts_are_the_line
from fiscus.regimes.de.rules.taxes import rate_is_in_force
from fiscus.regimes.de.stated import is_lawfully_rounded

NEEDED = (
    quantity_is_positive,
    amounts_are_not_negative,
    gross_is_in_cents,
    discount_is_positive,
    discount_is_taken_from_turnover,
    parts_are_the_line,
    parts_are_not_negative,
    rate_is_in_force,
)
"""Who breaks one of these has lines that cannot be assessed: nothing follows from them."""


@rule(Code("DE-TOTAL-01", "the stated total is not the sum of the lines"), law=f"{RECEIPT} no. 5")
def total_is_the_sum(case: Case) -> Iterator[str]:
    """With vouchers taken in payment counted or not, and whichever sign a return is stated with."""
    draft = case.draft
    if draft.totals is None or not draft.lines:
        return
    said, found = abs(draft.totals.inclusive), worth.total(draft)
    if said not in (abs(found), abs(found - worth.redeemed(draft))):
        yield "totals.inclusive"


@rule(Code("DE-TOTAL-02", "the stated net and VAT do not make gross"), law=f"{RECEIPT} no. 5")
def net_and_vat_make_gross(case: Case) -> Iterator[str]:
    said = case.draft.totals
    if said and said.exclusive + said.amount != said.inclusive:
        yield "totals.exclusive"


@rule(
    Code(
        "DE-TOTAL-03",
        "the stated VAT is neither the exact one of each rate, rounded once, nor the sum of the"
        " lines, each rounded; compute it from the gross values of the lines",
    ),
    law=f"{RECEIPT} no. 5; UStG § 14 (4) no. 8",
)
def vat_is_rounded_lawfully(case: Case) -> Iterator[str]:
    draft = case.draft
    if not (draft.totals and draft.lines) or any(any(x.broken_at(case)) for x in NEEDED):
        return
    if not is_lawfully_rounded(draft, assess(case).lines):
        yield "totals.amount"


TOTALS = (total_is_the_sum, net_and_vat_make_gross, vat_is_rounded_lawfully)
