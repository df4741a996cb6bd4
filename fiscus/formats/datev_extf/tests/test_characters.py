"""What Windows-1252 lacks is spelled in another way, or named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.formats.datev_extf.characters import foreign, transliterated


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Łódź", "Lodz"),
        ("Nº 5", "Nº 5"),
        ("Müller & Łódź", "Müller & Lodz"),
        ("Groß Œuvre", "Groß Œuvre"),
        ("Großšková", "Großšková"),
        ("Großřek", "Grossrek"),
        ("Cafe\u0301", "Café"),
        ("a\nb\tc", "a b c"),
        ("zero\u200bwidth", "zerowidth"),
        ("½ ﬁn", "½ fin"),
        ("→", "->"),
        ("€ “quoted” – …", "€ “quoted” – …"),
        ("", ""),
    ],
)
def test_a_text_is_spelled_with_what_there_is(text: str, written: str) -> None:
    assert transliterated(text) == written
    assert foreign(written) == ()


def test_what_has_no_spelling_is_named_once() -> None:
    assert foreign(transliterated("☕ Łódź ☕ 茶")) == ("☕ U+2615", "茶 U+8336")


@given(st.text())
def test_a_text_can_be_encoded_or_its_characters_are_named(text: str) -> None:
    written = transliterated(text)
    if foreign(written):
        assert all(one[0] in written for one in foreign(written))
    else:
        assert written.encode("cp1252").decode("cp1252") == written
        assert written.isprintable() or "\xad" in written or "\xa0" in written


@given(st.text())
def test_what_was_spelled_stays_as_it_is(text: str) -> None:
    assert transliterated(transliterated(text)) == transliterated(text)
