"""Which line of the original a line of a correction means."""

import pytest

from fiscus.model.documents import DraftLine
from fiscus.model.records import Case
from fiscus.regimes.pt.corrections import described, original_lines
from fiscus.regimes.pt.tests.builders import (
    a_case,
    a_credit,
    a_draft,
    a_line,
    a_note_case,
    bread,
)


def coffee(text: str = "Café", number: str = "") -> DraftLine:
    return a_line(text, net="1.00", quantity="1", number=number)


def meant(line: DraftLine, *originals: DraftLine) -> int:
    """The number of the line that is meant, 0 if that is unclear."""
    (found,) = original_lines(a_note_case(a_credit(line), a_draft(*originals)))
    return found.number if found else 0


def test_two_original_lines_of_one_number_are_told_apart_by_their_text() -> None:
    """A till may number its lines by product group: both lines are "7" then."""
    originals = coffee("Café", number="7"), coffee("Chá", number="7")

    assert meant(coffee("Café", number="7"), *originals) == 1
    assert meant(coffee("Chá", number="7"), *originals) == 2
    assert meant(coffee("Sumo", number="7"), *originals) == 0


def test_two_original_lines_of_one_number_and_one_text_are_not_told_apart() -> None:
    originals = coffee("Café", number="7"), coffee("Café", number="7"), coffee("Chá", number="7")

    assert meant(coffee("Café", number="7"), *originals) == 0
    assert meant(coffee("Chá", number="7"), *originals) == 3


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (coffee("anything", number="2"), 2),
        (coffee("anything", number="9"), 0),
        (coffee("Pão de centeio"), 2),
        (coffee(" Pão de centeio "), 2),
        (coffee("Café"), 0),
        (coffee("Sumo"), 0),
    ],
)
def test_a_line_is_meant_by_its_number_or_without_one_by_a_text_that_is_unique(
    line: DraftLine, found: int
) -> None:
    assert meant(line, coffee("Café"), bread(), coffee("Café")) == found


def test_a_document_of_somebody_else_has_no_lines_to_mean() -> None:
    case: Case = a_case(a_credit(coffee(number="1")))

    assert case.original is None
    assert original_lines(case) == (None,)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x", "x."),
        ("  x  ", "x."),
        ("ab", "ab"),
        ("a" * 200, "a" * 200),
        ("a" * 201, "a" * 200),
        ("a" * 199 + " b", "a" * 199),
        ("", ""),
    ],
)
def test_a_description_has_two_to_two_hundred_characters(text: str, written: str) -> None:
    assert described(text) == written
