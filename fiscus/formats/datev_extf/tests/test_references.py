"""Two documents never get one number in Belegfeld 1."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.formats.datev_extf.references import belegfeld

ALLOWED = re.compile(r"[A-Za-z0-9_$&%*+\-/]{0,36}")


@pytest.mark.parametrize(
    ("reference", "written"),
    [
        ("FT A 1", "FT+A+1"),
        ("FT A1", "FT+A1"),
        ("RE-2026/17_b", "RE-2026/17_b"),
        ("RE.17", "RE%2E17"),
        ("ä", "%C3%A4"),
        ("A+1", "A%2B1"),
        ("A%201", "A%25201"),
        ("", ""),
        ("x" * 36, "x" * 36),
    ],
)
def test_a_number_is_written_as_forms_of_the_web_do(reference: str, written: str) -> None:
    assert belegfeld(reference) == written


def test_a_number_that_is_too_long_keeps_its_beginning_and_its_identity() -> None:
    first, second = belegfeld("x" * 37), belegfeld("x" * 36 + "y")

    assert first.startswith("x" * 25 + "*")
    assert len(first) == 36
    assert first != second


@given(st.text(), st.text())
def test_different_numbers_stay_different(first: str, second: str) -> None:
    assert ALLOWED.fullmatch(belegfeld(first))
    assert (belegfeld(first) == belegfeld(second)) == (first == second)


@given(st.text(alphabet="A 1+%_*", max_size=4), st.text(alphabet="A 1+%_*", max_size=4))
def test_numbers_made_of_blanks_and_signs_stay_different(first: str, second: str) -> None:
    assert (belegfeld(first) == belegfeld(second)) == (first == second)
