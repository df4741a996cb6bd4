"""Which language a visitor reads, and that catalogues are read."""

import pytest

from fiscus.console import languages


@pytest.mark.parametrize(
    ("said", "accepted", "chosen"),
    [
        ("", "", "en"),
        ("de", "pt", "de"),
        ("xx", "pt-PT,pt;q=0.9,en;q=0.8", "pt"),
        ("", "fr, de-AT;q=0.7, en;q=0.9", "en"),
        ("", "de-AT", "de"),
        ("", "de;q=0, en;q=0.1", "en"),
        ("", "de;q=nonsense, pt;q=NaN", "en"),
        ("", "*", "en"),
    ],
)
def test_the_language_of_a_visitor(said: str, accepted: str, chosen: str) -> None:
    assert languages.chosen(said, accepted) == chosen


def test_catalogues_are_read_and_english_is_what_stands_there() -> None:
    said = {one: languages.translations(one).gettext("Sign out") for one in languages.LANGUAGES}

    assert said == {"en": "Sign out", "de": "Abmelden", "pt": "Terminar sessão"}


def test_where_numbers_are_written_as_a_language_writes_them() -> None:
    found = {one: str(languages.locale(one)) for one in languages.LANGUAGES}

    assert found == {"en": "en_150", "de": "de_DE", "pt": "pt_PT"}
