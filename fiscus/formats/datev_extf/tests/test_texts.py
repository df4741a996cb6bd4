"""The words of a booking fit, and nothing of them is lost."""

import pytest

from fiscus.formats.datev_extf.tests.bookings import a_line, a_sale
from fiscus.formats.datev_extf.texts import FULL_TEXT_MAX, booking_text, full_text, quoted
from fiscus.model.faults import Refused


@pytest.mark.parametrize(
    ("partner", "note", "text", "sub_type", "said"),
    [
        ("", "", "Bar", "payment", "Bar"),
        ("Café", "Tisch 4", "Bar", "payment", "Café, Tisch 4, Bar"),
        ("", "Bar", "Bar", "payment", "Bar"),
        ("", "", "", "sale_return", "Rückgabe"),
        ("", "", "", "rent", "rent"),
    ],
)
def test_a_booking_says_who_what_and_at_least_of_which_kind_it_is(
    partner: str, note: str, text: str, sub_type: str, said: str
) -> None:
    line = a_line(text=text)

    assert full_text(a_sale(line, partner=partner, note=note, sub_type=sub_type), line) == said


def test_quotes_are_doubled_and_what_cannot_be_written_is_refused() -> None:
    assert quoted('a "b"') == 'a ""b""'
    with pytest.raises(Refused):
        quoted("☕")


@pytest.mark.parametrize(
    ("length", "pieces"), [(60, []), (61, [61]), (209, [209]), (210, [209, 1])]
)
def test_a_text_is_whole_or_in_pieces(length: int, pieces: list[int]) -> None:
    text, found = booking_text("x" * length)

    assert len(text) == min(length, 60)
    assert [len(piece) for piece in found] == pieces


def test_a_text_is_cut_before_its_quotes_are_doubled() -> None:
    assert booking_text("x" * 59 + '"')[0] == "x" * 59 + '""'
    assert booking_text("x" * 59 + '"y')[0] == "x" * 59 + '""'


def test_an_endless_text_fills_the_free_pairs_and_no_more() -> None:
    assert sum(map(len, booking_text("x" * 10_000)[1])) == FULL_TEXT_MAX == 2717


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-1", "@a"])
def test_a_text_that_begins_like_a_formula_has_an_apostrophe_in_front(text: str) -> None:
    line = a_line(text=text)

    assert full_text(a_sale(line), line) == f"'{text}"
    assert full_text(a_sale(line, note=text), line) == f"'{text}"
    assert full_text(a_sale(line, note="a"), line) == f"a, {text}"


def test_each_piece_is_guarded_and_still_fits() -> None:
    pieces = booking_text("x" * 209 + "=" * 209)[1]

    assert pieces[1] == "'" + "=" * 209
