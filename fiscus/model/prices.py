"""Whether the price of one and what a line comes to are the same statement."""

from decimal import Decimal

from fiscus.model.documents import DraftLine
from fiscus.model.roundings import net_in

TOLERANCE = Decimal("0.01")
"""A price is rounded where a line is not, or the other way round."""


def is_priced(line: DraftLine) -> bool:
    """Whether quantity times price is the line with its discount and without its surcharge. Callers
    state those two with VAT or without it; the price has it in any case."""
    off, rate = line.discount - line.surcharge, line.vat.percentage
    worth = line.quantity * line.unit_price - line.vat.inclusive
    return any(abs(worth - each) <= TOLERANCE for each in {off, off * (100 + rate) / 100})


def is_net_of_price(line: DraftLine) -> bool:
    """Whether the price without VAT, if it is stated, is the net value of the price with it."""
    if line.unit_net is None:
        return True
    return abs(line.unit_net - net_in(line.unit_price, line.vat.percentage)) <= TOLERANCE
