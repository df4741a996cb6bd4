"""An amount means the same however it is typed."""

import pytest

from fiscus.console.typed_amounts import DIGITS_MAX, cents_of


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12,34", 1234),
        ("12.34", 1234),
        ("-12,34", 1234),
        ("+5", 500),
        ("1.234", 123400),
        ("1,234", 123400),
        ("1.234,5", 123450),
        ("1,234.50", 123450),
        ("1 234,50", 123450),
        ("1'234.50 €", 123450),
        ("€ 7", 700),
        ("0,05", 5),
        ("9" * DIGITS_MAX, int("9" * DIGITS_MAX) * 100),
        ("9" * (DIGITS_MAX + 1), None),
        ("", None),
        ("abc", None),
        ("12,345,6", None),
        ("1,23,456", None),
        ("12,", None),
        (",5", None),
        ("1e5", None),
        ("=1+1", None),
        ("--5", None),
        ("٣", None),
    ],
)
def test_what_is_typed_is_an_amount_in_cents(text: str, cents: int | None) -> None:
    assert cents_of(text) == cents
