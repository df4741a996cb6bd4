"""How an operation is paid: to the cent, each payment in the currency it was made in."""

from collections.abc import Iterator

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import PaymentMeans
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.de import worth
from fiscus.regimes.de.documents import EMPTY, is_order
from fiscus.regimes.de.rules.law import EXPORT, LOGGED, rule


@rule(Code("DE-PAYMENT-01", "the payments are not the total"), law=f"{LOGGED} no. 5", is_final=True)
def payments_are_the_total(case: Case) -> Iterator[str]:
    """Signed: money given back is negative. What is outstanding counts as paid by a receivable."""
    paid = sum((each.amount for each in case.draft.payments), ZERO)
    if (
        case.draft.kind not in EMPTY
        and not is_order(case.draft)
        and paid != worth.total(case.draft)
    ):
        yield "payments"


@rule(Code("DE-PAYMENT-02", "a payment is not in whole cents"), law=f"{LOGGED} no. 5")
def payments_are_in_cents(case: Case) -> Iterator[str]:
    for i, payment in enumerate(case.draft.payments):
        foreign = payment.foreign_amount
        if payment.amount != cents_half_up(payment.amount):
            yield f"payments[{i}].amount"
        if foreign is not None and foreign != cents_half_up(foreign):
            yield f"payments[{i}].foreign_amount"


@rule(
    Code(
        "DE-PAYMENT-03",
        "a payment in a foreign currency does not say how much of it, or another does",
    ),
    law=f"{EXPORT}, ZAHLWAEH_BETRAG",
)
def foreign_money_says_how_much(case: Case) -> Iterator[str]:
    home = case.draft.currency
    for i, payment in enumerate(case.draft.payments):
        is_foreign = (payment.currency or home) != home
        if is_foreign != (payment.foreign_amount is not None):
            yield f"payments[{i}].foreign_amount"


@rule(
    Code("DE-PAYMENT-04", "an amount and the same in a foreign currency go different ways"),
    law=f"{EXPORT}, ZAHLWAEH_BETRAG",
)
def both_amounts_go_one_way(case: Case) -> Iterator[str]:
    for i, payment in enumerate(case.draft.payments):
        foreign = payment.foreign_amount
        if foreign is not None and (foreign > 0) != (payment.amount > 0):
            yield f"payments[{i}].foreign_amount"


@rule(
    Code("DE-PAYMENT-05", "what is sold online is paid in cash, which is taken at a register only"),
    law="AO § 146a (1)",
)
def online_takes_no_cash(case: Case) -> Iterator[str]:
    """Else every sale at the counter could be told as one that no device has to sign."""
    for i, payment in enumerate(case.draft.payments):
        if case.place.is_online and payment.means is PaymentMeans.CASH:
            yield f"payments[{i}].means"


PAYMENTS = (
    payments_are_the_total,
    payments_are_in_cents,
    foreign_money_says_how_much,
    both_amounts_go_one_way,
    online_takes_no_cash,
)
