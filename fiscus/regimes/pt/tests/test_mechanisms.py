"""What counts as paid."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.documents import Payment, PaymentMeans
from fiscus.regimes.pt.mechanisms import MECHANISMS, mechanism_of, paid

AMOUNTS = st.decimals(min_value=0, max_value=10_000, places=2)
PAYMENTS = st.lists(
    st.builds(Payment, means=st.sampled_from(PaymentMeans), amount=AMOUNTS), max_size=6
)


def test_only_what_is_outstanding_has_no_mechanism() -> None:
    assert set(PaymentMeans) - set(MECHANISMS) == {PaymentMeans.OUTSTANDING}


def test_change_is_taken_off_the_cash_wherever_it_stands() -> None:
    payments = [
        Payment(means=PaymentMeans.CARD_CREDIT, amount=Decimal(10)),
        Payment(means=PaymentMeans.CASH, amount=Decimal(20)),
        Payment(means=PaymentMeans.VOUCHER_MULTIPLE, amount=Decimal(5)),
    ]

    assert [tuple(one)[:2] for one in paid(payments, Decimal(18))] == [
        ("CC", Decimal(10)),
        ("NU", Decimal(3)),
        ("CO", Decimal(5)),
    ]


def test_each_payment_counts_in_whole_cents() -> None:
    amounts = ("1.0049", "1.455", "0.004")
    payments = [Payment(means=PaymentMeans.CARD_DEBIT, amount=Decimal(each)) for each in amounts]

    assert [one.amount for one in paid(payments, Decimal("2.46"))] == [
        Decimal("1.00"),
        Decimal("1.46"),
    ]


@pytest.mark.parametrize(
    ("means", "name", "mechanism"),
    [
        (PaymentMeans.OTHER, "MBWAY", "MB"),
        (PaymentMeans.OTHER, "MB WAY", "MB"),
        (PaymentMeans.ONLINE, "mb-way", "MB"),
        (PaymentMeans.OTHER, "Multibanco", "MB"),
        (PaymentMeans.OTHER, "TRANSFERENCIA", "TB"),
        (PaymentMeans.OTHER, "Transferência bancária", "TB"),
        (PaymentMeans.OTHER, "CHEQUE", "CH"),
        (PaymentMeans.OTHER, "Numerário", "NU"),
        (PaymentMeans.OTHER, "Cartão de crédito", "CC"),
        (PaymentMeans.OTHER, "Cartão de débito", "CD"),
        (PaymentMeans.OTHER, "CARD", "OU"),
        (PaymentMeans.ONLINE, "PayPal", "OU"),
        (PaymentMeans.OTHER, "", "OU"),
        (PaymentMeans.CARD_DEBIT, "CHEQUE", "CD"),
        (PaymentMeans.TRANSFER, "", "TB"),
    ],
)
def test_a_payment_by_name_has_the_mechanism_of_that_name(
    means: PaymentMeans, name: str, mechanism: str
) -> None:
    """Whatever was named MBWAY, Multibanco, TRANSFERENCIA or CHEQUE was told as something else."""
    assert mechanism_of(Payment(means=means, amount=Decimal(1), name=name)) == mechanism


@given(payments=PAYMENTS, gross=AMOUNTS)
def test_the_sum_is_what_was_paid_but_never_above_the_gross(
    payments: list[Payment], gross: Decimal
) -> None:
    total = sum(one.amount for one in payments if one.means is not PaymentMeans.OUTSTANDING)

    assert sum(one.amount for one in paid(payments, gross)) == min(total, gross)
