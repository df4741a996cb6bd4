"""Which VAT a line may bear."""

from collections.abc import Iterator
from decimal import Decimal

from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.de.documents import is_untaxed
from fiscus.regimes.de.rates import is_in_force, percentage
from fiscus.regimes.de.rules.law import EXPORT, RECEIPT, rule

TOLERANCE = Decimal("0.01")
RATE_TOLERANCE = Decimal("0.02")
"""A till may round the VAT of a price and that of its discount apart."""


@rule(
    Code("DE-TAX-01", "no such rate was in force on the day of supply"),
    law="UStG §§ 12, 24 (1), 28 (1) and (2)",
)
def rate_is_in_force(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        rate = percentage(line.vat)
        if rate and not is_in_force(case, rate):
            yield f"lines[{i}].vat.percentage"


@rule(Code("DE-TAX-02", "a line without a rate bears VAT"), law=f"{RECEIPT} no. 5")
def nothing_bears_no_vat(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if not percentage(line.vat) and line.vat.amount:
            yield f"lines[{i}].vat.amount"


@rule(
    Code("DE-TAX-03", "what is no turnover has a rate"),
    law=f"{EXPORT}, annex C, GV_TYP",
)
def money_has_no_rate(case: Case) -> Iterator[str]:
    """Tips to the staff, the float, money put in or taken out."""
    for i, line in enumerate(case.draft.lines):
        if is_untaxed(line) and percentage(line.vat):
            yield f"lines[{i}].vat.percentage"


@rule(Code("DE-TAX-04", "gross is not net plus VAT"), law=f"{RECEIPT} no. 5")
def gross_is_net_and_vat(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        vat = line.vat
        if abs(vat.exclusive + vat.amount - vat.inclusive) > TOLERANCE:
            yield f"lines[{i}].vat.inclusive"


@rule(Code("DE-TAX-05", "the VAT of a line is not that of its rate"), law="UStG § 12")
def vat_is_that_of_the_rate(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        rate = percentage(line.vat)
        due = line.vat.inclusive * rate / (100 + rate) if rate > 0 else None
        if due is not None and abs(due - line.vat.amount) > RATE_TOLERANCE:
            yield f"lines[{i}].vat.amount"


TAXES = (
    rate_is_in_force,
    nothing_bears_no_vat,
    money_has_no_rate,
    gross_is_net_and_vat,
    vat_is_that_of_the_rate,
)
