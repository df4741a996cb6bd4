"""The two roundings of VAT that are lawful, and nothing besides."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.roundings import (
    TaxedLine,
    are_rounded,
    exact_net,
    exact_vat,
    is_lawful,
    is_rounded,
    net_in,
    shares,
    step,
    vat_in,
)

D = Decimal


def lines(count: int, gross: str, rate: str = "23") -> list[TaxedLine]:
    """Each with its VAT rounded."""
    worth, percentage = D(gross), D(rate)
    return [TaxedLine(rate, percentage, worth, cents_half_up(vat_in(worth, percentage)))] * count


def lawful(taxed: list[TaxedLine]) -> list[str]:
    """All that may be stated, looked for around it."""
    near = int(exact_vat(taxed) * 100)
    return [str(D(c) / 100) for c in range(near - 60, near + 60) if is_lawful(taxed, D(c) / 100)]


@pytest.mark.parametrize(
    ("taxed", "may_be_stated"),
    [
        (lines(1, "1.99"), ["0.37"]),
        (lines(3, "0.10"), ["0.06"]),
        (lines(20, "0.03"), ["0.11", "0.2"]),
        (lines(3, "0.33", "19"), ["0.15", "0.16"]),
        (lines(3, "-0.33", "19"), ["-0.16", "-0.15"]),
        ([*lines(3, "0.33", "19"), *lines(3, "0.25", "7")], ["0.2", "0.21", "0.22"]),
        ([*lines(1, "0.24"), *lines(1, "0.08", "13")], ["0.05"]),
        (lines(2, "5.00", "0"), ["0"]),
        (lines(1, "0.13", "4"), ["0", "0.01"]),
        (lines(3, "0.13", "4"), ["0", "0.01", "0.02", "0.03"]),
        ([], ["0"]),
    ],
)
def test_each_rate_is_rounded_once_or_line_by_line(
    taxed: list[TaxedLine], may_be_stated: list[str]
) -> None:
    assert lawful(taxed) == may_be_stated


def test_all_rates_together_may_be_rounded_once() -> None:
    taxed = [*lines(1, "0.08"), *lines(1, "0.12", "13")]

    assert (exact_vat(taxed) > D("0.025"), shares(taxed, D("0.03"))) == (True, None)
    assert is_lawful(taxed, D("0.03"))
    assert is_lawful(taxed, D("0.02"))


def test_parts_of_a_cent_are_a_sum_that_nobody_rounded() -> None:
    (coffee,) = lines(1, "50.00")
    exact = coffee._replace(vat=D("9.34959350"))

    assert is_lawful([exact], D("9.34959350"))
    assert is_lawful([exact] * 3, D("28.04878050"))
    assert not is_lawful([exact], D("9.34961"))
    assert not is_lawful([coffee], D("9.345"))


def test_shares_say_what_each_rate_bears() -> None:
    taxed = [*lines(3, "0.33", "19"), *lines(3, "0.25", "7")]

    assert shares(taxed, D("0.21")) == {"19": D("0.15"), "7": D("0.06")}
    assert shares(taxed, D("0.22")) == {"19": D("0.16"), "7": D("0.06")}
    assert shares(taxed, D("0.23")) is None


@given(
    st.lists(st.tuples(st.integers(-500, 5000), st.sampled_from(["23", "13", "6"])), max_size=30)
)
def test_both_roundings_are_always_lawful(said: list[tuple[int, str]]) -> None:
    taxed = [one for cents, rate in said for one in lines(1, str(D(cents) / 100), rate)]
    grosses: dict[Decimal, Decimal] = {}
    for one in taxed:
        grosses[one.percentage] = grosses.get(one.percentage, ZERO) + one.gross
    once = sum((cents_half_up(vat_in(gross, rate)) for rate, gross in grosses.items()), ZERO)

    assert is_lawful(taxed, once)
    assert is_lawful(taxed, sum((one.vat for one in taxed), ZERO))
    assert abs(exact_net(taxed) + exact_vat(taxed) - sum((x.gross for x in taxed), ZERO)) < D(
        "1E-9"
    )


@pytest.mark.parametrize(
    ("stated", "exact", "is_it"),
    [
        ("0.37", "0.3721", True),
        ("0.3700", "0.3721", True),
        ("0.38", "0.3721", False),
        ("0.37", "0.3751", False),
        ("0.375", "0.375", True),
        ("0.372", "0.37211", True),
        ("0.374", "0.37211", False),
        ("12000", "12000.004", True),
        ("40.98360655", "40.983606557", True),
    ],
)
def test_a_value_is_exact_as_far_as_it_is_stated(stated: str, exact: str, is_it: bool) -> None:
    assert is_rounded(D(stated), D(exact)) is is_it


@pytest.mark.parametrize(
    ("stated", "digit"), [("1", "0.01"), ("100", "0.01"), ("0.10", "0.01"), ("0.1250", "0.001")]
)
def test_the_last_digit_is_the_last_that_says_something(stated: str, digit: str) -> None:
    assert step(D(stated)) == D(digit)


@pytest.mark.parametrize(
    ("net", "vat", "gross", "is_it"),
    [
        ("1.62", "0.37", "1.99", True),
        ("0.99", "0.2277", "1.22", True),
        ("0.99", "0.2277", "1.2177", True),
        ("0.01", "0.02", "0.03", False),
        ("0.03", "0.00", "0.03", False),
        ("1.63", "0.37", "1.99", False),
    ],
)
def test_a_line_follows_from_its_gross_or_from_its_net_value(
    net: str, vat: str, gross: str, is_it: bool
) -> None:
    found = are_rounded(net=D(net), vat=D(vat), gross=D(gross), percentage=D(23))

    assert found is is_it


def test_without_a_rate_net_is_gross() -> None:
    assert (net_in(D("5.00"), D(0)), vat_in(D("5.00"), D(0))) == (D("5.00"), D(0))


def test_more_rates_than_any_law_has_are_not_tried_out() -> None:
    taxed = [TaxedLine(str(i), D(4), D("0.13"), D("0.01")) for i in range(1000)]

    assert not is_lawful(taxed, D("3.21"))
    assert is_lawful(taxed, D("5.00"))
