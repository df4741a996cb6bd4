"""What is said besides the till's own words agrees with the lines, or has a place in the export."""

from collections.abc import Iterator

from fiscus.model import breakdowns
from fiscus.model.faults import Code
from fiscus.model.prices import is_net_of_price
from fiscus.model.records import Case
from fiscus.regimes.de.rules.law import EXPORT, RECEIPT, rule


@rule(
    Code(
        "DE-BREAKDOWN-01",
        "the breakdown by tax is not what the lines of that tax come to, or leaves a tax out;"
        " add up the lines of each tax",
    ),
    law=f"{RECEIPT} no. 5; UStG § 14 (4) no. 7 and 8",
)
def breakdown_is_of_the_lines(case: Case) -> Iterator[str]:
    """Germany is one region, whatever a caller calls it."""
    yield from breakdowns.broken_at(case.draft, lambda region: "")


@rule(
    Code(
        "DE-PRICE-01",
        "the price without VAT is not that of the price with VAT, less the VAT of the line's rate",
    ),
    law=f"{EXPORT}, STK_BR",
)
def net_price_fits(case: Case) -> Iterator[str]:
    for i, line in enumerate(case.draft.lines):
        if not is_net_of_price(line):
            yield f"lines[{i}].unit_net"


@rule(
    Code(
        "DE-PLACE-01",
        "neither the export nor the log of the TSE has a place for this, so it would be lost; leave"
        " it out, or write it into the text of the document",
    ),
    law=EXPORT,
)
def everything_said_has_a_place(case: Case) -> Iterator[str]:
    draft = case.draft
    for name in ("order_references", "payment_terms", "delivery", "activity"):
        if getattr(draft, name):
            yield name
    for i, line in enumerate(draft.lines):
        if line.serial:
            yield f"lines[{i}].serial"
    for i, payment in enumerate(draft.payments):
        if payment.discount:
            yield f"payments[{i}].discount"


@rule(
    Code(
        "DE-ORIGIN-01",
        "the buyer is said to be from here and has an address abroad, or the other way round",
    ),
    law=f"{EXPORT}, KUNDE_LAND",
)
def origin_fits_the_address(case: Case) -> Iterator[str]:
    buyer = case.draft.buyer
    if buyer is not None and buyer.contradicts_address("DE"):
        yield "buyer.is_foreign"


SAID = (
    breakdown_is_of_the_lines,
    net_price_fits,
    everything_said_has_a_place,
    origin_fits_the_address,
)
