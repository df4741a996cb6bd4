import pytest

from fiscus.model.faults import (
    Code,
    Conflict,
    Corrupt,
    Fault,
    Missing,
    Refused,
    Trouble,
    Unavailable,
)

CODE = Code("PLACE-NOUN-01", "a sentence")


def test_the_five_errors_are_all_there_are() -> None:
    assert set(Trouble.__subclasses__()) == {Refused, Conflict, Missing, Unavailable, Corrupt}


@pytest.mark.parametrize("kind", [Refused, Conflict, Missing, Unavailable, Corrupt])
def test_an_error_says_its_code_its_sentence_and_the_places(kind: type[Trouble]) -> None:
    trouble = kind(CODE, "lines[0].text", "buyer")

    assert str(trouble) == "PLACE-NOUN-01: a sentence (lines[0].text, buyer)"
    assert trouble.faults == (
        Fault(code="PLACE-NOUN-01", text="a sentence", paths=("lines[0].text", "buyer")),
    )


def test_an_error_shows_all_the_faults_it_was_given() -> None:
    faults = (Fault(code="A-B-01", text="one"), Fault(code="A-B-02", text="two", paths=("x",)))

    assert str(Refused(CODE, faults=faults)) == "A-B-01: one; A-B-02: two (x)"
