"""What was paid at issue, in the file's words; change given back is no payment."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from fiscus.model.documents import Means, Payment

MECHANISMS = {
    Means.CASH: "NU",
    Means.CARD_CREDIT: "CC",
    Means.CARD_DEBIT: "CD",
    Means.CARD_PREPAID: "CO",
    Means.CARD_GIFT: "CO",
    Means.CARD_TICKET: "TR",
    Means.ONLINE: "OU",
    Means.TRANSFER: "TB",
    Means.VOUCHER_SINGLE: "CO",
    Means.VOUCHER_MULTIPLE: "CO",
    Means.OTHER: "OU",
}
"""`outstanding` is missing on purpose: what is still owed was not paid."""


class Paid(NamedTuple):
    mechanism: str
    amount: Decimal
    on: date | None


def paid(payments: Iterable[Payment], gross: Decimal) -> Iterator[Paid]:
    """The payments, in their order, with what was paid too much taken off: first off the cash."""
    real = [one for one in payments if one.means in MECHANISMS and one.amount > 0]
    excess = sum((one.amount for one in real), Decimal(0)) - gross
    amounts = [one.amount for one in real]
    if excess > 0:
        amounts = _without(excess, real)
    for one, amount in zip(real, amounts, strict=True):
        if amount > 0:
            yield Paid(MECHANISMS[one.means], amount, one.on)


def _without(excess: Decimal, payments: list[Payment]) -> list[Decimal]:
    amounts = [one.amount for one in payments]
    order = sorted(range(len(payments)), key=lambda i: (payments[i].means != Means.CASH, -i))
    for i in order:
        change = min(excess, amounts[i])
        amounts[i] -= change
        excess -= change
    return amounts
