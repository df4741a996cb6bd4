"""Numbers between two tags, and ids."""

from decimal import Decimal

import pytest

from fiscus.formats.saft.texts import exact, short_id


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("23.3938", "23.3938"),
        ("1E+2", "100"),
        ("0.00", "0"),
        ("3.33333333333333333", "3.33333333333333333"),
        ("0.1234567890123456789015", "0.123456789012345678902"),
        ("12.2999999999999999999999", "12.3"),
    ],
)
def test_amounts_keep_their_decimals_up_to_twenty_one(amount: str, text: str) -> None:
    assert exact(Decimal(amount)) == text


def test_an_id_made_from_words_ignores_case_and_blanks_but_not_where_words_end() -> None:
    assert short_id("Ana  Sá", "Lisboa") == short_id("ANA SÁ", "lisboa ")
    assert short_id("ab", "c") != short_id("a", "bc")
