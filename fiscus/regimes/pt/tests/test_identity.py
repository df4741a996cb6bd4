"""The NIF and what a taxpayer must tell."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.pt import nif as reference

from fiscus.model.documents import Party
from fiscus.regimes.pt import PORTUGAL
from fiscus.regimes.pt.identity import is_nif
from fiscus.regimes.pt.parties import country, is_business, tax_number

GOOD = {"tax_id_number": "509876544", "has_credentials": "1"}


def codes(is_live: bool = False, **changes: str) -> list[str]:
    return [fault.code for fault in PORTUGAL.identity(GOOD | changes, is_live)]


def test_the_authority_s_test_numbers_are_judged_alike(shared_data: Path) -> None:
    with (shared_data / "pt" / "tables" / "nif_test_values.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) > 5
    for row in rows:
        assert is_nif(row["nif"]) == (row["valid_check_digit"] == "yes"), row["nif"]


@given(st.text("0123456789", min_size=9, max_size=9))
def test_agrees_with_an_independent_implementation(number: str) -> None:
    assert is_nif(number) == reference.is_valid(number)


@given(st.text("0123456789", min_size=8, max_size=8).filter(lambda head: head[0] != "0"))
def test_exactly_one_check_digit_is_right(head: str) -> None:
    assert sum(is_nif(f"{head}{digit}") for digit in range(10)) == 1


@pytest.mark.parametrize("number", ["", "12345678", "1234567890", "12345678A", "١٢٣٤٥٦٧٨٩"])
def test_anything_but_nine_digits_is_no_number(number: str) -> None:
    assert not is_nif(number)
    assert codes(tax_id_number=number) == ["PT-IDENTITY-01"]


def test_the_check_digit_counts_in_live_only() -> None:
    assert codes(tax_id_number="123456780") == []
    assert codes(is_live=True, tax_id_number="123456780") == ["PT-IDENTITY-02"]
    assert codes(is_live=True, tax_id_number="123456789") == []


def test_credentials_must_be_there() -> None:
    assert codes(has_credentials="") == ["PT-IDENTITY-03"]


def test_the_vat_number_has_the_country_before_it() -> None:
    assert PORTUGAL.vat_number(GOOD) == "PT509876544"
    assert PORTUGAL.vat_number({}) == ""


def test_the_producer_s_test_number_is_a_number() -> None:
    tests = {setting.name: setting.test_value for setting in PORTUGAL.settings}

    assert is_nif(tests["producer_tax_number"] or "")


@pytest.mark.parametrize(
    ("number", "is_taxable"),
    [
        ("214567893", False),
        ("514200111", True),
        ("999999990", False),
        ("", False),
        ("600000001", True),
    ],
)
def test_the_first_digit_tells_legal_persons(number: str, is_taxable: bool) -> None:
    assert is_business(Party(tax_number=number)) is is_taxable


@pytest.mark.parametrize(
    ("number", "land"),
    [
        ("", "PT"),
        ("214567893", "PT"),
        ("PT214567893", "PT"),
        ("ESB12345678", "ES"),
        ("EL123456789", "GR"),
        ("12-34", "Desconhecido"),
    ],
)
def test_without_an_address_the_number_tells_the_country(number: str, land: str) -> None:
    assert country(Party(tax_number=number)) == land


def test_a_leading_country_of_ours_is_stripped() -> None:
    assert tax_number(Party(tax_number="PT214567893")) == "214567893"
