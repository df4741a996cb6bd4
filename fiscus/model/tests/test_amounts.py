import threading
from decimal import Decimal, FloatOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.amounts import (
    cents_by_largest_remainder,
    cents_half_up,
    five_decimals_half_up,
    money,
    plain,
)

AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, allow_nan=False, places=6)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("1.0049999", "1.00"),
        ("2.675", "2.68"),
        ("2", "2.00"),
        ("999999999999999999.995", "1000000000000000000.00"),
    ],
)
def test_halves_round_away_from_zero(amount: str, rounded: str) -> None:
    assert str(cents_half_up(Decimal(amount))) == rounded


@given(AMOUNTS)
def test_rounding_moves_an_amount_by_half_a_cent_at_most(amount: Decimal) -> None:
    assert abs(cents_half_up(amount) - amount) <= Decimal("0.005")


@given(AMOUNTS)
def test_rounding_twice_is_rounding_once(amount: Decimal) -> None:
    once = cents_half_up(amount)

    assert cents_half_up(once) == once


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("8.403361344", "8.40336"),
        ("1.596635", "1.59664"),
        ("-0.000005", "-0.00001"),
        ("2", "2.00000"),
    ],
)
def test_five_decimals_round_halves_away_from_zero(amount: str, rounded: str) -> None:
    assert str(five_decimals_half_up(Decimal(amount))) == rounded


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        ("1.00", ["1", "1", "1"], ["0.34", "0.33", "0.33"]),
        ("2.00", ["10", "5.35"], ["1.30", "0.70"]),
        ("0.01", ["1", "2"], ["0.00", "0.01"]),
        ("5.00", ["7", "0"], ["5.00", "0.00"]),
        ("0.00", ["3", "4"], ["0.00", "0.00"]),
    ],
)
def test_cents_left_over_go_to_the_largest_remainders(
    total: str, weights: list[str], shares: list[str]
) -> None:
    found = cents_by_largest_remainder(Decimal(total), [Decimal(weight) for weight in weights])

    assert [str(share) for share in found] == shares


CENTS = st.decimals(min_value=0, max_value=10**9, places=2)


@given(CENTS, st.lists(CENTS, min_size=1, max_size=6).filter(any))
def test_shares_add_up_and_stay_within_a_cent_of_their_weight(
    total: Decimal, weights: list[Decimal]
) -> None:
    shares = cents_by_largest_remainder(total, weights)

    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - total * weight) < Decimal("0.01") * sum(weights)


@given(AMOUNTS)
def test_money_has_exactly_two_decimals_and_no_exponent(amount: Decimal) -> None:
    whole, _, cents = money(amount).partition(".")

    assert len(cents) == 2
    assert whole.removeprefix("-").isdecimal()
    assert Decimal(money(amount)) == cents_half_up(amount)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("23.39380", "23.3938"),
        ("2.00", "2"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
        ("0.00", "0"),
    ],
)
def test_plain_has_neither_exponent_nor_trailing_zeros(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


@given(AMOUNTS)
def test_plain_loses_nothing(amount: Decimal) -> None:
    assert Decimal(plain(amount)) == amount


def test_a_decimal_is_never_made_of_a_float_in_any_thread() -> None:
    caught: list[bool] = []

    def mix() -> None:
        with pytest.raises(FloatOperation):
            Decimal(0.1)  # noqa: RUF032 - the very mistake that must not pass
        with pytest.raises(FloatOperation):
            _ = Decimal("0.1") < 0.2
        caught.append(True)

    mix()
    thread = threading.Thread(target=mix)
    thread.start()
    thread.join()
    assert caught == [True, True]
