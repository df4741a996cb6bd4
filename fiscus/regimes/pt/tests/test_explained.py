"""The explanation of a Portuguese document: values are the sealed ones, and sums come to them."""

from base64 import b64decode
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.documents import Draft
from fiscus.model.explained import ExplainedPart, ExplainedTotal
from fiscus.model.records import EntryBody
from fiscus.regimes.pt import PORTUGAL
from fiscus.regimes.pt import explained_words as words
from fiscus.regimes.pt.tests.builders import (
    a_body,
    a_case,
    a_credit,
    a_draft,
    a_line,
    a_note_case,
    a_vat,
    an_exempt_vat,
    bread,
    with_,
)


def parts_of(body: EntryBody) -> dict[str, ExplainedPart]:
    return {part.title.en: part for part in PORTUGAL.explained(body)}


def totals_of(body: EntryBody) -> list[ExplainedTotal]:
    return [total for part in PORTUGAL.explained(body) for total in part.totals]


def a_basket() -> Draft:
    return a_draft(a_line(net="1.62"), bread(), a_line("Água", vat=an_exempt_vat("1.00")))


def test_what_was_signed_is_shown_part_by_part_and_as_bytes() -> None:
    body = a_body(a_case())
    assert body.seal is not None
    part = parts_of(body)[words.SIGNED.en]

    assert part.signature is not None
    assert part.signature.message == body.seal.signed_text.encode()
    assert part.signature.signature == b64decode(body.seal.signature)
    assert ";".join(value.value for value in part.values) == body.seal.signed_text
    assert [value.name for value in part.values] == [
        "InvoiceDate",
        "SystemEntryDate",
        "InvoiceNo",
        "GrossTotal",
        "Hash (-1)",
    ]


def test_the_printed_characters_are_the_1st_11th_21st_and_31st() -> None:
    body = a_body(a_case())
    assert body.seal is not None
    values = parts_of(body)[words.PRINTED.en].values

    assert "".join(value.value for value in values[:4]) == body.seal.excerpt
    assert [value.name for value in values] == ["1", "11", "21", "31", "ATCUD"]
    assert values[4].value == body.seal.code


def test_each_field_of_the_qr_code_is_named() -> None:
    body = a_body(a_case(a_basket()))
    assert body.seal is not None
    values = parts_of(body)[words.QR.en].values

    assert "*".join(f"{value.name}:{value.value}" for value in values) == body.seal.qr
    assert {"A", "H", "I1", "I2", "I8", "O", "Q", "R"} <= {value.name for value in values}
    assert not [value for value in values if value.meaning.en.startswith("not a field")]


def test_a_letter_without_a_field_is_said_to_be_none() -> None:
    assert words.qr_field("Z") == words.qr_field("I9")
    assert words.qr_field("Z").en == "not a field of the specification"


def test_every_sum_comes_to_what_was_sealed() -> None:
    for body in (
        a_body(a_case()),
        a_body(a_case(a_basket())),
        a_body(a_note_case(a_credit(a_line(net="2.00")))),
    ):
        totals = totals_of(body)
        assert len([total for total in totals if total.sealed is not None]) >= 9
        assert [total for total in totals if not total.is_right] == []


@given(
    st.lists(
        st.tuples(
            st.decimals("0.01", "999", places=2),
            st.sampled_from([("23", "STANDARD"), ("13", "REDUCED_1"), ("6", "REDUCED_2")]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_net_and_vat_follow_from_the_lines_computed_by_hand(
    lines: list[tuple[Decimal, tuple[str, str]]],
) -> None:
    draft = a_draft(
        *(a_line(f"Café {i}", vat=a_vat(str(net), *tax)) for i, (net, tax) in enumerate(lines))
    )
    body = a_body(a_case(draft))
    assert body.seal is not None

    exact = sum(
        Fraction(line.vat.inclusive)
        * Fraction(line.vat.percentage)
        / (100 + Fraction(line.vat.percentage))
        for line in draft.lines
    )
    totals = {total.name.en: total for total in parts_of(body)[words.TOTALS.en].totals}

    assert totals["VAT"].value == exact
    assert abs(Fraction(body.seal.vat) - exact) <= Fraction(1, 200)
    assert totals["with tax"].result == sum(line.vat.inclusive for line in draft.lines)
    assert [total for total in totals_of(body) if not total.is_right] == []


@pytest.mark.parametrize("member", ["net", "vat", "gross"])
def test_a_total_that_was_altered_does_not_come_to_its_sum(member: str) -> None:
    body = a_body(a_case())
    assert body.seal is not None
    altered = with_(body.seal, **{member: getattr(body.seal, member) + Decimal("0.01")})

    assert [total for total in totals_of(with_(body, seal=altered)) if not total.is_right]


def test_a_line_that_was_altered_does_not_come_to_what_the_caller_stated() -> None:
    body = a_body(a_case())
    assert body.seal is not None
    line = with_(body.seal.lines[0], net=body.seal.lines[0].net + Decimal("0.02"))
    altered = with_(body.seal, lines=(line, *body.seal.lines[1:]))

    wrong = [total.name.en for total in totals_of(with_(body, seal=altered)) if not total.is_right]

    assert wrong[0].endswith(": net")


def test_nothing_is_told_of_what_was_not_signed() -> None:
    body = a_body(a_case())

    assert PORTUGAL.explained(with_(body, seal=None)) == ()


def test_every_sentence_is_there_in_each_language() -> None:
    parts = PORTUGAL.explained(a_body(a_case(a_basket())))
    texts = [
        text
        for part in parts
        for text in (part.title, part.text, *(value.meaning for value in part.values))
    ]

    assert all(text.de and text.pt and text.en not in (text.de, text.pt) for text in texts)
