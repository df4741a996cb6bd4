"""The tax number, the VAT id and its check digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.de import vat as reference

from fiscus.regimes.de import GERMANY
from fiscus.regimes.de.identity import is_vat_id
from fiscus.regimes.de.tests.builders import FACTS

EIGHT = st.text("0123456789", min_size=8, max_size=8).filter(lambda head: head[0] != "0")


def codes(is_live: bool = False, **changes: str) -> list[str]:
    return [fault.code for fault in GERMANY.identity(FACTS | changes, is_live)]


@given(st.text("0123456789", min_size=9, max_size=9))
def test_agrees_with_an_independent_implementation(digits: str) -> None:
    assert is_vat_id(f"DE{digits}") == is_vat_id(digits) == reference.is_valid(digits)


@given(EIGHT)
def test_exactly_one_check_digit_is_right(head: str) -> None:
    assert sum(is_vat_id(f"DE{head}{digit}") for digit in range(10)) == 1


@pytest.mark.parametrize(
    "vat_id", ["", "DE", "DE12345678", "DE1234567890", "AT123456788", "de136695976", "DE012345678"]
)
def test_anything_but_nine_digits_is_no_vat_id(vat_id: str) -> None:
    assert not is_vat_id(vat_id)
    assert codes(vat_id_number=vat_id) == ["DE-IDENTITY-02"]


def test_the_check_digit_counts_in_live_only() -> None:
    assert codes(vat_id_number="DE136695976", is_live=True) == []
    assert codes(vat_id_number="DE136695978", is_live=True) == ["DE-IDENTITY-03"]
    assert codes(vat_id_number="DE136695978") == []


@pytest.mark.parametrize(
    "number", ["21/815/08150", "2181508150", "1121081508150", "151/815/08156", "93815/08152"]
)
def test_a_tax_number_is_taken_as_offices_write_it(number: str) -> None:
    assert codes(tax_number=number) == []


@pytest.mark.parametrize(
    "number", ["", "21/815/0815", "21 815 08150", "/2181508150", "21//81508150", "12345678901234"]
)
def test_other_tax_numbers_are_refused_in_test_too(number: str) -> None:
    assert codes(tax_number=number) == ["DE-IDENTITY-01"]


def test_both_numbers_are_needed_and_missed_at_once() -> None:
    faults = list(GERMANY.identity({}, False))

    assert [fault.code for fault in faults] == ["DE-IDENTITY-01", "DE-IDENTITY-02"]
    assert [fault.paths for fault in faults] == [("tax_number",), ("vat_id_number",)]


@pytest.mark.parametrize("given", ["DE123456788", "123456788"])
def test_the_vat_number_has_the_country_before_it(given: str) -> None:
    assert GERMANY.vat_number({"vat_id_number": given}) == "DE123456788"
    assert codes(vat_id_number=given) == []


def test_without_a_vat_id_there_is_no_vat_number() -> None:
    assert GERMANY.vat_number({}) == ""


def test_no_fact_is_frozen() -> None:
    assert GERMANY.frozen_facts == ()
