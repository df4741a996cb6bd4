"""Which VAT a line may bear."""

from collections.abc import Iterator
from decimal import Decimal

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import DraftLine
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.model.roundings import are_rounded, step, vat_in
from fiscus.regimes.de.composed import bearers
from fiscus.regimes.de.documents import is_untaxed
from fiscus.regimes.de.rates import is_in_force, percentage
from fiscus.regimes.de.rules.law import EXPORT, RECEIPT, rule


@rule(
    Code("DE-TAX-01", "no such rate was in force on the day of supply"),
    law="UStG §§ 12, 24 (1), 28 (1) and (2)",
)
def rate_is_in_force(case: Case) -> Iterator[str]:
    for path, line in bearers(case.draft):
        rate = percentage(line.vat)
        if rate and not is_in_force(case, line, rate):
            yield f"{path}.vat.percentage"


@rule(Code("DE-TAX-02", "a line without a rate bears VAT"), law=f"{RECEIPT} no. 5")
def nothing_bears_no_vat(case: Case) -> Iterator[str]:
    for path, line in bearers(case.draft):
        if not percentage(line.vat) and line.vat.amount:
            yield f"{path}.vat.amount"


@rule(
    Code("DE-TAX-03", "what is no turnover has a rate"),
    law=f"{EXPORT}, annex C, GV_TYP",
)
def money_has_no_rate(case: Case) -> Iterator[str]:
    """Tips to the staff, the float, money put in or taken out."""
    for path, line in bearers(case.draft):
        if is_untaxed(line) and percentage(line.vat):
            yield f"{path}.vat.percentage"


@rule(Code("DE-TAX-04", "gross is not net plus VAT"), law=f"{RECEIPT} no. 5")
def gross_is_net_and_vat(case: Case) -> Iterator[str]:
    """Each of the three may be rounded."""
    for path, line in bearers(case.draft):
        net, vat, gross = line.vat.exclusive, line.vat.amount, line.vat.inclusive
        if abs(net + vat - gross) > sum(map(step, (net, vat, gross)), ZERO) / 2:
            yield f"{path}.vat.inclusive"


@rule(Code("DE-TAX-05", "the VAT of a line is not that of its rate"), law="UStG § 12")
def vat_is_that_of_the_rate(case: Case) -> Iterator[str]:
    """As far as it is stated: in cents to half a cent, with more decimals to the last of them. A
    till may round the VAT of a price and that of its discount apart."""
    for path, line in bearers(case.draft):
        rate = percentage(line.vat)
        if rate > 0 and not _is_exact(line, rate):
            yield f"{path}.vat.amount"


def _is_exact(line: DraftLine, rate: Decimal) -> bool:
    vat = line.vat
    if are_rounded(net=vat.exclusive, vat=vat.amount, gross=vat.inclusive, percentage=rate):
        return True
    price = vat.inclusive + line.discount - line.surcharge
    parts = (price, -line.discount, line.surcharge)
    apart = sum((cents_half_up(vat_in(part, rate)) for part in parts), ZERO)
    return bool(line.discount or line.surcharge) and vat.amount == apart


TAXES = (
    rate_is_in_force,
    nothing_bears_no_vat,
    money_has_no_rate,
    gross_is_net_and_vat,
    vat_is_that_of_the_rate,
)
