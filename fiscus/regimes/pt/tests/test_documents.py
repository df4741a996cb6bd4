"""Which document a draft becomes."""

import pytest

from fiscus.model.documents import DocumentKind, Draft
from fiscus.regimes.pt import documents
from fiscus.regimes.pt.documents import FR, FS, FT, NC, ND, DocumentType
from fiscus.regimes.pt.tests.builders import (
    a_cancellation,
    a_credit,
    a_debit,
    a_draft,
    a_line,
    an_invoice,
    with_,
)

ABORT = Draft(kind=DocumentKind.ABORT)


@pytest.mark.parametrize(
    ("draft", "made"),
    [
        (a_draft(), FR),
        (a_draft(is_simplified=True), FS),
        (an_invoice(), FT),
        (an_invoice(is_simplified=True), FT),
        (a_credit(), NC),
        (a_debit(), ND),
        (with_(a_credit(), lines=(a_line(), *a_credit().lines)), NC),
        (a_cancellation(), None),
        (ABORT, None),
    ],
)
def test_a_draft_becomes_its_document(draft: Draft, made: DocumentType | None) -> None:
    assert documents.document_type(draft) == made


def test_a_return_on_a_receipt_makes_no_credit_note() -> None:
    back = a_draft(*a_credit().lines)

    assert not documents.is_credit(back)
    assert documents.document_type(back) == FR


def test_what_cancels_and_what_breaks_off_is_no_document() -> None:
    drafts = (a_draft(), an_invoice(), a_credit(), a_cancellation(), ABORT)

    assert [documents.is_document(draft) for draft in drafts] == [True, True, True, False, False]
    assert [documents.is_correction(draft) for draft in drafts] == [
        False,
        False,
        True,
        False,
        False,
    ]
