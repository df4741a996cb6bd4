"""What was really paid, with the change taken off the cash."""

from collections.abc import Iterable
from decimal import Decimal

from fiscus.model.amounts import ZERO
from fiscus.model.documents import Draft, Means, Payment

TOLERANCE = Decimal("0.05")
CASH_LIMIT = Decimal(3000)


def total_paid(payments: Iterable[Payment]) -> Decimal:
    return sum((each.amount for each in payments if each.means is not Means.OUTSTANDING), ZERO)


def is_covered(draft: Draft, gross: Decimal) -> bool:
    """Whether the payments make up the total, or the caller says that something is owed."""
    is_owed = any(each.means is Means.OUTSTANDING for each in draft.payments)
    return is_owed or total_paid(draft.payments) >= gross - TOLERANCE


def cash_kept(draft: Draft, gross: Decimal) -> Decimal:
    """The cash that stays: what was handed over less the change."""
    cash = sum((each.amount for each in draft.payments if each.means is Means.CASH), ZERO)
    change = max(ZERO, total_paid(draft.payments) - gross)
    return max(ZERO, cash - change)
