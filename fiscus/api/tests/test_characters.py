"""Control characters, and those that turn the direction of writing round, are found with their
places in any JSON body."""

import json

import pytest

from fiscus.api.characters import FOUND_MAX, forbidden

FORBIDDEN = (
    *(chr(code) for code in range(0x20) if chr(code) not in "\t\n\r"),
    *(chr(code) for code in range(0x7F, 0xA0)),
    *(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFFFE, 0xFFFF)),
)
ALLOWED = ("Café\t☕\r\n", "قهوة", "עברית", "=1+1", "@x", "a\u200bb", "\u200f", "\u00a0", "\u2029")


@pytest.mark.parametrize("is_escaped", [True, False])
@pytest.mark.parametrize("character", FORBIDDEN)
def test_each_forbidden_character_is_found_however_it_is_written(
    character: str, is_escaped: bool
) -> None:
    raw = json.dumps({"a": [{"b": f"x{character}y"}]}, ensure_ascii=is_escaped).encode()

    assert forbidden(raw) == (("a[0].b", f"must not contain U+{ord(character):04X}"),)


@pytest.mark.parametrize("is_escaped", [True, False])
@pytest.mark.parametrize("text", ALLOWED)
def test_all_other_characters_pass(text: str, is_escaped: bool) -> None:
    assert forbidden(json.dumps({"a": text, text: 1}, ensure_ascii=is_escaped).encode()) == ()


def test_the_name_of_a_member_counts_as_the_place_of_its_object() -> None:
    assert forbidden(b'{"m":{"a\\u0007":"x"}}') == (("m", "must not contain U+0007"),)


def test_all_places_are_told_up_to_a_hundred() -> None:
    raw = json.dumps(["\x1b"] * (FOUND_MAX + 1)).encode()

    found = forbidden(raw)

    assert [place for place, _ in found[:2]] == ["[0]", "[1]"]
    assert len(found) == FOUND_MAX
