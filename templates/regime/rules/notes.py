"""What may be corrected or cancelled."""

from collections.abc import Iterator

from fiscus.model.documents import DocumentKind
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.xx.rules.law import rule

LAW = "name of the law, article"

_REFERRING = frozenset({DocumentKind.CORRECTION, DocumentKind.CANCELLATION})


@rule(Code("XX-NOTE-01", "the correction or cancellation names no issued document"), law=LAW)
def names_a_document(case: Case) -> Iterator[str]:
    if case.draft.kind in _REFERRING and not (case.original and case.original.seal):
        yield "refers_to"


@rule(Code("XX-NOTE-02", "the document is already cancelled"), law=LAW)
def original_stands(case: Case) -> Iterator[str]:
    if case.draft.kind in _REFERRING and case.is_original_void:
        yield "refers_to"


NOTES = (names_a_document, original_stands)
