import threading
from decimal import Decimal, FloatOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.amounts import (
    cents_by_largest_remainder,
    cents_half_up,
    cents_nearest_to,
    cents_that_add_up,
    decimals_half_up,
    five_decimals_half_up,
    money,
    plain,
    trimmed,
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


def test_any_number_of_decimals() -> None:
    assert str(decimals_half_up(Decimal("1.617886178861"), 8)) == "1.61788618"
    assert str(decimals_half_up(Decimal("0.5"), 0)) == "1"


@pytest.mark.parametrize(
    ("amount", "short"),
    [
        ("2.00000000", "2.00"),
        ("1.61788618", "1.61788618"),
        ("0.12500000", "0.125"),
        ("0E-8", "0.00"),
    ],
)
def test_zeros_at_the_end_go_but_cents_stay(amount: str, short: str) -> None:
    assert str(trimmed(Decimal(amount))) == short


@given(st.lists(st.decimals(0, 10**6, places=6), min_size=1, max_size=12), st.booleans())
def test_parts_cut_to_the_cent_add_up(amounts: list[Decimal], is_last_first: bool) -> None:
    total = cents_half_up(sum(amounts, Decimal(0)))

    parts = cents_that_add_up(amounts, total, is_last_first=is_last_first)

    assert sum(parts, Decimal(0)) == total
    assert all(abs(part - x) < Decimal("0.01") for part, x in zip(parts, amounts, strict=True))


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 999)), min_size=1, max_size=12))
def test_two_lists_that_make_whole_cents_in_pairs_still_do(said: list[tuple[int, int]]) -> None:
    whole = [Decimal(cents) / 100 for cents, _ in said]
    taxes = [amount * part / 1000 for amount, (_, part) in zip(whole, said, strict=True)]
    nets = [amount - tax for amount, tax in zip(whole, taxes, strict=True)]
    tax = cents_half_up(sum(taxes, Decimal(0)))

    pairs = zip(
        cents_that_add_up(nets, sum(whole, Decimal(0)) - tax),
        cents_that_add_up(taxes, tax, is_last_first=True),
        strict=True,
    )

    assert [net + vat for net, vat in pairs] == whole


@pytest.mark.parametrize(
    ("amounts", "total", "shares"),
    [
        ((), "0", ()),
        (("0.004", "0.004"), "0.01", ("0.01", "0.00")),
        (("0.003", "0.004"), "0.01", ("0.00", "0.01")),
        (("-0.004", "-0.004"), "-0.01", ("-0.01", "0.00")),
        (("0.006", "0.006", "-1.00"), "-0.99", ("0.00", "0.01", "-1.00")),
        (("1.00",), "1.02", ("1.02",)),
        (("1.00", "2.00"), "1000000.01", ("499999.51", "500000.50")),
    ],
)
def test_amounts_are_moved_to_a_total_where_rounding_took_most(
    amounts: tuple[str, ...], total: str, shares: tuple[str, ...]
) -> None:
    found = cents_nearest_to([Decimal(each) for each in amounts], Decimal(total))

    assert found == tuple(Decimal(each) for each in shares)


@given(st.lists(AMOUNTS, min_size=1, max_size=9))
def test_amounts_moved_to_their_rounded_sum_are_off_by_less_than_a_cent(
    amounts: list[Decimal],
) -> None:
    total = cents_half_up(sum(amounts, Decimal(0)))
    found = cents_nearest_to(amounts, total)

    assert sum(found, Decimal(0)) == total
    for one, other in zip(amounts, found, strict=True):
        assert abs(one - other) < Decimal("0.01")
