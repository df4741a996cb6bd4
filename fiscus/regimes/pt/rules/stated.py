"""What is said twice is said the same: prices and lines, lines and breakdown."""

from collections.abc import Iterator

from fiscus.model import breakdowns
from fiscus.model.amounts import ZERO
from fiscus.model.documents import PaymentMeans, StatedVat
from fiscus.model.faults import Code
from fiscus.model.prices import is_net_of_price, is_priced
from fiscus.model.records import Case
from fiscus.regimes.pt.documents import FT, document_type
from fiscus.regimes.pt.rates import home_region, stated_region
from fiscus.regimes.pt.rules.law import DESPACHO, SAFT, rule


@rule(
    Code(
        "PT-PRICE-01",
        "quantity times price is not the line: state the price of one with VAT and before the"
        " discount, so that the line is quantity times price, less discount, plus surcharge",
    ),
    law=f"CIVA, art. 36 (5) d; {SAFT}, UnitPrice",
)
def price_makes_the_line(case: Case) -> Iterator[str]:
    """Discount and surcharge may be stated with VAT or without it. A cent is for rounding."""
    for i, line in enumerate(case.draft.lines):
        if not is_priced(line):
            yield f"lines[{i}].unit_price"


@rule(
    Code(
        "PT-PRICE-02", "the price without VAT is not that of the price with VAT at the line's rate"
    ),
    law=f"CIVA, art. 36 (5) d; {SAFT}, UnitPrice",
)
def net_price_fits(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if not is_net_of_price(line):
            yield f"lines[{i}].unit_net"


@rule(
    Code(
        "PT-BREAKDOWN-01",
        "the breakdown by tax is not what the lines of that tax come to, or leaves a tax out;"
        " add up the lines of each tax",
    ),
    law="CIVA, art. 36 (5) d",
)
def breakdown_is_of_the_lines(case: Case) -> Iterator[str]:
    home = home_region(case.place)

    def region_of(said: str) -> str | None:
        return stated_region(StatedVat(code="", exclusive=ZERO, inclusive=ZERO, region=said), home)

    yield from breakdowns.broken_at(case.draft, region_of)


@rule(
    Code(
        "PT-SETTLEMENT-01",
        "a discount on a payment is negative, or of something that was paid already; a discount"
        " that is granted belongs to the lines, one for paying in time to what is outstanding",
    ),
    law=f"{SAFT}, Settlement; {DESPACHO}, 3.2.8",
)
def settlement_is_of_what_is_owed(case: Case) -> Iterator[str]:
    is_bill = document_type(case.draft) is FT
    for i, payment in enumerate(case.draft.payments):
        is_owed = is_bill and payment.means is PaymentMeans.OUTSTANDING
        if payment.discount and not (is_owed and ZERO < payment.discount <= payment.amount):
            yield f"payments[{i}].discount"


STATED = (
    price_makes_the_line,
    net_price_fits,
    breakdown_is_of_the_lines,
    settlement_is_of_what_is_owed,
)
