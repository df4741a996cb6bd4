"""Rows of a table say what may stand where, how often."""

import pytest

from fiscus.grammars.tables import Grammar, Particle, particles
from fiscus.grammars.values import SimpleType

TYPES = {"text": SimpleType(base="string")}
GRAMMAR = Grammar(
    tables={"a": "b text\nc? text\nd|e* text\nf+ text"},
    simple_type=TYPES.__getitem__,
    namespace="{urn:x}",
)


def test_a_row_has_names_an_occurrence_and_kinds() -> None:
    assert particles("\n  a text 1 30\n  b|c? text|other\n\n  d* t\n  e+ t\n") == (
        Particle(kinds={"a": "text 1 30"}, least=1, most=1),
        Particle(kinds={"b": "text", "c": "other"}, least=0, most=1),
        Particle(kinds={"d": "t"}, least=0, most=None),
        Particle(kinds={"e": "t"}, least=1, most=None),
    )


@pytest.mark.parametrize(
    ("children", "expected"),
    [
        ("b f", ()),
        ("b c d e d f f", ()),
        ("f b", (("misplaced", "b"),)),
        ("b", (("missing", "f"),)),
        ("b c c f", (("repeated", "c"),)),
        ("b x f", (("unknown", "{urn:y}x"),)),
        ("", (("missing", "b"), ("missing", "f"))),
    ],
)
def test_complaints_name_what_is_wrong_with_the_order(
    children: str, expected: tuple[tuple[str, str], ...]
) -> None:
    tags = tuple(f"{{urn:{'y' if name == 'x' else 'x'}}}{name}" for name in children.split())

    assert GRAMMAR.complaints("a", tags) == expected


def test_children_know_what_judges_their_value() -> None:
    name, kind, judge = GRAMMAR.children("a")["{urn:x}e"]

    assert (name, kind) == ("e", "text")
    assert judge is not None
    assert judge("anything") == "right"
