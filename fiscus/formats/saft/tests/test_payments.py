"""What counts as paid."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fiscus.formats.saft.payments import MECHANISMS, paid
from fiscus.model.documents import Means, Payment

AMOUNTS = st.decimals(min_value=0, max_value=10_000, places=2)
PAYMENTS = st.lists(st.builds(Payment, means=st.sampled_from(Means), amount=AMOUNTS), max_size=6)


def test_only_what_is_outstanding_has_no_mechanism() -> None:
    assert set(Means) - set(MECHANISMS) == {Means.OUTSTANDING}


def test_change_is_taken_off_the_cash_wherever_it_stands() -> None:
    payments = [
        Payment(means=Means.CARD_CREDIT, amount=Decimal(10)),
        Payment(means=Means.CASH, amount=Decimal(20)),
        Payment(means=Means.VOUCHER_MULTIPLE, amount=Decimal(5)),
    ]

    assert [tuple(one)[:2] for one in paid(payments, Decimal(18))] == [
        ("CC", Decimal(10)),
        ("NU", Decimal(3)),
        ("CO", Decimal(5)),
    ]


@given(payments=PAYMENTS, gross=AMOUNTS)
def test_the_sum_is_what_was_paid_but_never_above_the_gross(
    payments: list[Payment], gross: Decimal
) -> None:
    total = sum(one.amount for one in payments if one.means is not Means.OUTSTANDING)

    assert sum(one.amount for one in paid(payments, gross)) == min(total, gross)
