"""What was really paid, with the change taken off the cash."""

from decimal import Decimal

import pytest

from fiscus.model.documents import Draft, Payment, PaymentMeans
from fiscus.regimes.pt import payments
from fiscus.regimes.pt.tests.builders import a_draft

D = Decimal
TOTAL = D("10.00")


def paid(**amounts: str) -> Draft:
    """By means: `paid(CASH="5.00")`."""
    return a_draft(
        payments=tuple(
            Payment(means=PaymentMeans[name], amount=D(each)) for name, each in amounts.items()
        )
    )


def test_what_is_owed_is_not_paid() -> None:
    draft = paid(CASH="4.00", OUTSTANDING="6.00")

    assert payments.total_paid(draft.payments) == D("4.00")
    assert [payments.is_owed(one) for one in draft.payments] == [False, True]
    assert not payments.is_owed(paid(OUTSTANDING="0.004").payments[0])
    assert payments.is_owed(paid(OUTSTANDING="0.005").payments[0])


@pytest.mark.parametrize(
    ("amounts", "is_too_much"),
    [
        ({"CASH": "10.00"}, False),
        ({"CASH": "50.00"}, False),
        ({"CARD_DEBIT": "10.00"}, False),
        ({"CARD_DEBIT": "10.01"}, True),
        ({"CARD_DEBIT": "10.00", "CASH": "20.00"}, False),
        ({"CARD_DEBIT": "10.01", "CASH": "20.00"}, True),
        ({"CASH": "4.00", "OUTSTANDING": "6.00"}, False),
        ({"CASH": "4.01", "OUTSTANDING": "6.00"}, True),
        ({"CASH": "50.00", "OUTSTANDING": "0.00"}, False),
    ],
)
def test_only_cash_may_be_more_than_the_total_and_only_where_nothing_is_owed(
    amounts: dict[str, str], is_too_much: bool
) -> None:
    assert payments.is_too_much(paid(**amounts), TOTAL) is is_too_much


@pytest.mark.parametrize(
    ("amounts", "kept"),
    [
        ({"CASH": "10.00"}, "10.00"),
        ({"CASH": "50.00"}, "10.00"),
        ({"CASH": "7.00"}, "7.00"),
        ({"CARD_DEBIT": "4.00", "CASH": "20.00"}, "6.00"),
        ({"CARD_DEBIT": "10.00", "CASH": "20.00"}, "0.00"),
        ({"CARD_DEBIT": "30.00", "CASH": "5.00"}, "0.00"),
        ({"CARD_DEBIT": "10.00"}, "0.00"),
    ],
)
def test_the_cash_that_stays_is_what_was_handed_over_less_the_change(
    amounts: dict[str, str], kept: str
) -> None:
    assert payments.cash_kept(paid(**amounts), TOTAL) == D(kept)


@pytest.mark.parametrize("name", ["numerário", "Dinheiro", "NU"])
def test_cash_is_cash_under_whatever_means_it_is_named(name: str) -> None:
    payment = Payment(means=PaymentMeans.OTHER, name=name, amount=D(5000))

    assert payments.cash(a_draft(payments=(payment,))) == D(5000)
