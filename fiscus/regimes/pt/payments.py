"""What was really paid, in whole cents, with the change taken off the cash."""

from collections.abc import Iterable
from decimal import Decimal

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import Draft, Payment, PaymentMeans
from fiscus.regimes.pt.mechanisms import is_cash

CASH_LIMIT, CASH_LIMIT_ABROAD = Decimal(3000), Decimal(10000)


def total_paid(payments: Iterable[Payment]) -> Decimal:
    return _sum(each for each in payments if each.means is not PaymentMeans.OUTSTANDING)


def is_owed(payment: Payment) -> bool:
    return payment.means is PaymentMeans.OUTSTANDING and cents_half_up(payment.amount) > 0


def is_too_much(draft: Draft, gross: Decimal) -> bool:
    """Whether more was paid than the total and no change explains it: change is given in cash, and
    only where nothing is owed."""
    if any(map(is_owed, draft.payments)):
        return _sum(draft.payments) > gross
    return total_paid(draft.payments) - cash(draft) > gross


def cash(draft: Draft) -> Decimal:
    """The cash that was handed over."""
    return _sum(each for each in draft.payments if is_cash(each))


def cash_kept(draft: Draft, gross: Decimal) -> Decimal:
    """The cash that stays: what was handed over less the change."""
    change = max(ZERO, total_paid(draft.payments) - gross)
    return max(ZERO, cash(draft) - change)


def _sum(payments: Iterable[Payment]) -> Decimal:
    return sum((cents_half_up(each.amount) for each in payments), ZERO)
