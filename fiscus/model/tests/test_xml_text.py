"""Text between two tags."""

from fiscus.model.xml_text import allowed, clean, field


def test_markup_is_escaped_after_the_text_was_cut() -> None:
    assert field("a<b>&c", 4, "") == "a&lt;b&gt;"


def test_an_empty_field_gets_its_substitute() -> None:
    assert field(" \n\t", 10, "Desconhecido") == "Desconhecido"


def test_blanks_become_one_and_none_stands_at_the_cut() -> None:
    assert clean("  Pão \r\n de  ló", 4) == "Pão"


def test_characters_that_xml_does_not_know_are_marked() -> None:
    assert allowed("a\x00b\x1f\ufffe c\td") == "a\ufffdb\ufffd\ufffd c\td"
