"""What the lines of a draft come to, gross and signed, before anything else is known of them."""

from collections.abc import Iterable
from decimal import Decimal

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import Direction, Draft, DraftLine, LinePurpose
from fiscus.regimes.de.documents import PAID_OUT, is_voucher

_LOWERING = frozenset({LinePurpose.DISCOUNT, LinePurpose.VOUCHER_REDEEMED})
_DISCOUNTED = frozenset({LinePurpose.SALE, LinePurpose.SURCHARGE, LinePurpose.DISCOUNT})

PRICE_TOLERANCE = Decimal("0.01")
"""So far the amount of a line may be from what its price comes to: either is rounded."""


def is_lowering(line: DraftLine) -> bool:
    """Whether the line takes from the total. What is given back turns the line around, but money
    paid out of the drawer leaves it whatever the direction says."""
    if line.purpose in PAID_OUT:
        return True
    return (line.purpose in _LOWERING) != (line.direction is Direction.RETURN)


def gross(line: DraftLine) -> Decimal:
    """In cents, never negative."""
    return cents_half_up(line.vat.inclusive)


def by_price(line: DraftLine) -> Decimal:
    """What quantity and price come to, less the discount, plus the surcharge."""
    return line.quantity * line.unit_price - line.discount + line.surcharge


def signed(line: DraftLine) -> Decimal:
    return -gross(line) if is_lowering(line) else gross(line)


def is_discounted(line: DraftLine) -> bool:
    """Whether a discount on the whole document is taken from this line too. Deposits, tips and
    vouchers are worth what they are worth."""
    return line.purpose in _DISCOUNTED and not is_voucher(line)


def turnover(draft: Draft) -> Decimal:
    """What discounts on the whole document are taken from."""
    return _sum(signed(line) for line in draft.lines if is_discounted(line))


def discounts(draft: Draft) -> Decimal:
    """All discounts on the whole document, signed: they lower a sale and lessen a return."""
    amount = _sum(each.amount for each in draft.discounts)
    return amount if turnover(draft) < 0 else -amount


def redeemed(draft: Draft) -> Decimal:
    """Vouchers taken in payment, signed."""
    return _sum(signed(x) for x in draft.lines if x.purpose is LinePurpose.VOUCHER_REDEEMED)


def total(draft: Draft) -> Decimal:
    """What is to be paid, now or later; negative if it is paid back."""
    return _sum(signed(line) for line in draft.lines) + discounts(draft)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
