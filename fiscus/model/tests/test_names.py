"""A name without what people spell differently."""

import pytest

from fiscus.model.names import folded


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Oficina Marés, Lda.", "OFICINA MARES LDA"),
        ("  Straße 7 ", "strasse-7"),
        ("Małgorzata  Śliwa", "Małgorzata Sliwa"),
        ("Padaria do Cais", "Padaria\u00a0do\u200bCais"),
    ],
)
def test_one_name_in_two_spellings_is_one(name: str, other: str) -> None:
    assert folded(name) == folded(other)


def test_letters_and_digits_tell_names_apart() -> None:
    assert folded("Ana 1") == "ana1"
    assert folded("Ana 1") != folded("Ana 2")
    assert folded("…") == ""
