"""What a till states as a document's number is the number that it gets."""

import pytest

from fiscus.model.documents import DocumentKind
from fiscus.regimes.pt.tests.builders import a_case, a_draft, a_slot, an_invoice, broken

CODE = "PT-NUMBER-01"


@pytest.mark.parametrize(
    ("reference", "is_wrong"),
    [
        ("17", False),
        ("0017", False),
        ("16", True),
        ("18", True),
        ("T01-2026/17", False),
        ("t01-2026/17", False),
        ("T01-2026/18", True),
        ("FR T01-2026/17", False),
        ("FR T01-2026/18", True),
        ("FS T01-2026/17", True),  # it would print another type
        ("XX T01-2026/18", False),
        ("T02-2026/18", False),
        ("17A", False),
        ("", False),
        ("/18", False),
        ("١٨", False),
    ],
)
def test_digits_alone_or_behind_the_series_are_compared(reference: str, is_wrong: bool) -> None:
    case = a_case(a_draft(reference=reference), is_number_claimed=True)

    assert (CODE in broken(case)) is is_wrong


def test_both_numbers_are_named() -> None:
    found = broken(a_case(an_invoice(reference="18"), is_number_claimed=True))

    assert found[CODE] == ("reference 18, next is FT T01-2026/17",)


def test_a_series_that_is_not_registered_yet_begins_at_one() -> None:
    def codes(reference: str) -> set[str]:
        return set(broken(a_case(a_draft(reference=reference), slot=None, is_number_claimed=True)))

    assert CODE not in codes("1")
    assert CODE in codes("17")


def test_a_slash_in_the_name_of_a_series_became_a_hyphen() -> None:
    draft = a_draft(series="T01/2026", reference="T01/2026/18")

    assert CODE in broken(a_case(draft, is_number_claimed=True))


def test_practice_may_be_stated_with_the_ending_of_its_series_or_without() -> None:
    for reference in ("T01-2026/18", "T01-2026.F/18"):
        draft = a_draft(is_training=True, reference=reference)
        assert CODE in broken(a_case(draft, slot=a_slot(draft), is_number_claimed=True))


def test_who_claims_nothing_is_not_compared_and_an_act_has_no_number() -> None:
    act = a_draft(kind=DocumentKind.ABORT, reference="18")

    assert CODE not in broken(a_case(a_draft(reference="18")))
    assert CODE not in broken(a_case(act, is_number_claimed=True))
