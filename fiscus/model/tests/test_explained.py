"""Sums as they are explained: exact values, roundings, and what counts as right."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.amounts import cents_half_up
from fiscus.model.explained import (
    ExplainedTerm,
    ExplainedTotal,
    PageText,
    TotalRounding,
    summed,
)

D = Decimal
NAME = PageText("net")


def a_total(rounding: TotalRounding, *amounts: str, sealed: str | None = None) -> ExplainedTotal:
    return ExplainedTotal(
        name=NAME,
        terms=summed(map(D, amounts)),
        rounding=rounding,
        sealed=None if sealed is None else D(sealed),
    )


def test_a_sentence_stands_in_each_language_and_in_english_where_one_is_missing() -> None:
    text = PageText("net", "netto", "")

    assert [text.said(language) for language in ("en", "de", "pt", "xx")] == [
        "net",
        "netto",
        "net",
        "net",
    ]


def test_a_term_is_its_amount_times_one_number_by_another() -> None:
    assert ExplainedTerm(D("1.99"), D(100), D(123)).value == Fraction(19900, 12300)


def test_an_exact_value_is_shown_whole_if_it_ends_and_by_its_first_digits_if_not() -> None:
    ends = ExplainedTotal(name=NAME, terms=(ExplainedTerm(D("1.00"), D(1), D(8)),))
    goes_on = ExplainedTotal(name=NAME, terms=(ExplainedTerm(D("-2.00"), D(1), D(3)),))

    assert (ends.exact, goes_on.exact) == (D("0.125"), D("-0.666666666667"))


@pytest.mark.parametrize(
    ("rounding", "amount", "choices"),
    [
        (TotalRounding.EXACT, "1.005", ["1.005"]),
        (TotalRounding.HALF_UP, "1.005", ["1.01"]),
        (TotalRounding.HALF_UP, "1.0049", ["1.00"]),
        (TotalRounding.HALF_UP, "-1.005", ["-1.01"]),
        (TotalRounding.HALF_EITHER, "1.005", ["1.01", "1.00"]),
        (TotalRounding.HALF_EITHER, "1.0051", ["1.01"]),
        (TotalRounding.NEXT, "1.001", ["1.00", "1.01"]),
        (TotalRounding.NEXT, "1.00", ["1.00"]),
        (TotalRounding.CUT, "1.019", ["1.01"]),
        (TotalRounding.CUT, "-1.019", ["-1.01"]),
        (TotalRounding.CUT, "-1.01", ["-1.01"]),
    ],
)
def test_each_rounding_gives_what_its_name_says(
    rounding: TotalRounding, amount: str, choices: list[str]
) -> None:
    assert a_total(rounding, amount).choices == tuple(map(D, choices))


def test_a_sealed_value_is_right_if_it_is_one_of_the_choices() -> None:
    assert a_total(TotalRounding.HALF_EITHER, "1.005", sealed="1.00").is_right
    assert a_total(TotalRounding.NEXT, "1.001", sealed="1.01").is_right
    assert not a_total(TotalRounding.NEXT, "1.001", sealed="1.02").is_right
    assert not a_total(TotalRounding.EXACT, "1.00", "2.00", sealed="3.01").is_right


def test_a_value_that_the_record_does_not_state_cannot_be_wrong() -> None:
    assert a_total(TotalRounding.EXACT, "1.00").is_right


@given(st.decimals(-10_000, 10_000, places=6))
def test_rounding_half_up_is_that_of_amounts(amount: Decimal) -> None:
    assert a_total(TotalRounding.HALF_UP, str(amount)).result == cents_half_up(amount)
