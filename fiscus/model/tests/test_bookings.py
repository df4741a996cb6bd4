"""Amounts that laws tell the books: in whole cents, together nothing."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.accounts import Booking, BookingRole
from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.bookings import (
    ROUNDING,
    TaxedPart,
    balanced,
    difference,
    in_cents,
    plain_booking,
)

PARTS = st.lists(
    st.builds(
        TaxedPart,
        key=st.sampled_from(["a", "b", "c"]),
        net=st.decimals(min_value=-999, max_value=999, places=5),
        vat=st.decimals(min_value=-99, max_value=99, places=5),
    ),
    min_size=1,
    max_size=8,
)


@given(PARTS)
def test_parts_of_a_tax_add_up_to_what_was_sealed_and_are_off_by_a_cent_at_most(
    parts: list[TaxedPart],
) -> None:
    net = cents_half_up(sum((each.net for each in parts), ZERO))
    vat = cents_half_up(sum((each.vat for each in parts), ZERO))
    found = {each.key: each for each in in_cents(parts, net=net, vat=vat)}

    assert sum((each.net for each in found.values()), ZERO) == net
    assert sum((each.vat for each in found.values()), ZERO) == vat
    for key, booking in found.items():
        exact = sum((each.net for each in parts if each.key == key), ZERO)
        assert abs(booking.net - exact) < Decimal("0.01")
        assert booking.amount == booking.net + booking.vat


def a_payment(amount: str, key: str = "payment/cash") -> Booking:
    return plain_booking(BookingRole.SETTLEMENT, key, Decimal(amount))


def test_bookings_of_one_key_are_one_and_nothing_is_left_out_but_nothing() -> None:
    found = balanced([a_payment("10.00"), a_payment("-2.70"), a_payment("0.00", "owed")])

    assert [(each.key, str(each.amount)) for each in found] == [
        ("payment/cash", "7.30"),
        (ROUNDING, "-7.30"),
    ]


def test_what_a_law_rounds_in_cash_is_a_difference_of_its_own() -> None:
    sale = plain_booking(BookingRole.SALE, "sale", Decimal("-7.32"))

    *_, rounded = balanced([sale, a_payment("7.30")])

    assert (rounded.key, rounded.amount) == (ROUNDING, Decimal("0.02"))
    assert balanced([sale, a_payment("7.32")])[-1].key == "payment/cash"


def test_amounts_that_cancel_out_but_not_their_vat_are_kept() -> None:
    one = Booking(
        role=BookingRole.SALE, key="a", amount=ZERO, net=Decimal("0.01"), vat=Decimal("-0.01")
    )
    assert balanced([one]) == (one,)


def test_what_is_short_is_an_expense_and_what_is_over_an_income() -> None:
    assert difference(Decimal("-0.50")).amount == Decimal("0.50")
    assert difference(Decimal("-0.50")).key == "difference/short"
    assert difference(Decimal("0.50")).amount == Decimal("-0.50")
    assert difference(Decimal("0.50")).key == "difference/over"
