"""Text and numbers between two tags."""

from decimal import Decimal

import pytest

from fiscus.formats.saft.texts import clean, exact, field, short_id


def test_markup_is_escaped_after_the_text_was_cut() -> None:
    assert field("a<b>&c", 4, "") == "a&lt;b&gt;"


def test_an_empty_field_gets_its_substitute() -> None:
    assert field(" \n\t", 10, "Desconhecido") == "Desconhecido"


def test_blanks_become_one_and_none_stands_at_the_cut() -> None:
    assert clean("  Pão \r\n de  ló", 4) == "Pão"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("23.3938", "23.3938"),
        ("1E+2", "100"),
        ("0.00", "0"),
        ("3.33333333333333333", "3.333333333333"),
        ("0.1234567890125", "0.123456789013"),
        ("12.29999999999999999", "12.3"),
    ],
)
def test_amounts_keep_their_decimals_up_to_twelve(amount: str, text: str) -> None:
    assert exact(Decimal(amount)) == text


def test_an_id_made_from_words_ignores_case_and_blanks_but_not_where_words_end() -> None:
    assert short_id("Ana  Sá", "Lisboa") == short_id("ANA SÁ", "lisboa ")
    assert short_id("ab", "c") != short_id("a", "bc")
