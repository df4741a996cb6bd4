"""The lines the law wants on paper."""

from fiscus.regimes.pt.printing import NAMELESS_BUYER, TRAINING, printed_characters
from fiscus.regimes.pt.tests.builders import (
    a_business,
    a_case,
    a_credit,
    a_draft,
    a_line,
    a_note_case,
    an_exempt_vat,
    an_invoice,
    sealed,
)

NAMED = a_business()


def test_the_first_the_eleventh_the_21st_and_the_31st_character_are_printed() -> None:
    signature = "A" + "b" * 9 + "C" + "d" * 9 + "E" + "f" * 9 + "G" + "h" * 141

    assert printed_characters(signature) == "ACEG"


def test_the_atcud_stands_first_and_the_certificate_below() -> None:
    seal = sealed(a_case(a_draft(buyer=NAMED)))

    assert seal.prints == (
        "ATCUD:JF7T8K2Q-17",
        f"{seal.excerpt}-Processado por programa certificado n.º 9999/AT",
    )


def test_training_and_a_nameless_buyer_are_told() -> None:
    prints = sealed(a_case(a_draft(is_training=True))).prints

    assert prints[2:] == (TRAINING, NAMELESS_BUYER)


def test_a_note_says_what_it_corrects_and_why() -> None:
    seal = sealed(a_note_case(a_credit(reason=" Artigo devolvido "), an_invoice()))

    assert seal.prints[2:] == ("Referente a FT T01-2026/17: Artigo devolvido",)


def test_each_reason_of_an_exemption_is_told_once() -> None:
    lines = (a_line(vat=an_exempt_vat()), a_line("Outro", vat=an_exempt_vat()))
    seal = sealed(a_case(a_draft(*lines, buyer=NAMED)))

    assert len(seal.prints) == 3
    first = seal.lines[0]
    assert seal.prints[2] == f"{first.exemption} - {first.exemption_text}"
