"""What may be cancelled, and until when."""

from collections.abc import Iterator

from fiscus.model.documents import DocumentKind
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.model.times import day
from fiscus.regimes.pt.corrections import own_document
from fiscus.regimes.pt.months import ALLOWED, LATE_CANCELLATIONS, due
from fiscus.regimes.pt.rates import TIMEZONE
from fiscus.regimes.pt.rules.law import DESPACHO, REPORTS, SAFT, rule


@rule(
    Code("PT-VOID-01", "the cancellation does not name a document that this taxpayer issued"),
    law=f"{SAFT}, InvoiceStatus",
)
def cancellation_names_a_document(case: Case) -> Iterator[str]:
    if case.draft.kind is DocumentKind.CANCELLATION and own_document(case) is None:
        yield "refers_to"


@rule(
    Code("PT-VOID-02", "the document is already cancelled"),
    law=f"{SAFT}, InvoiceStatus",
)
def not_cancelled_twice(case: Case) -> Iterator[str]:
    if case.draft.kind is DocumentKind.CANCELLATION and case.is_original_void:
        yield "refers_to"


@rule(
    Code("PT-VOID-03", "the document has credit or debit notes; cancel them first"),
    law=f"{DESPACHO}, 3.3.8",
)
def no_note_stands(case: Case) -> Iterator[str]:
    if case.draft.kind is DocumentKind.CANCELLATION and case.notes:
        yield "refers_to"


@rule(
    Code(
        "PT-VOID-04",
        "the month of the document was reported, or the 5th of the next month is over; put it right"
        " with a credit or debit note",
    ),
    law=f"{REPORTS}; CIVA, art. 78",
)
def month_is_not_reported(case: Case) -> Iterator[str]:
    """Nothing is reported of what is done for practice."""
    original = own_document(case)
    if case.draft.kind is not DocumentKind.CANCELLATION or original is None:
        return
    if case.draft.is_training or case.settings.get(LATE_CANCELLATIONS) == ALLOWED:
        return
    if case.is_original_declared or day(case.at, TIMEZONE) > due(original.day):
        yield "refers_to"


VOIDS = (
    cancellation_names_a_document,
    not_cancelled_twice,
    no_note_stands,
    month_is_not_reported,
)
