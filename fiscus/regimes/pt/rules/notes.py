"""What a credit or debit note may correct, and how much of it."""

from collections.abc import Iterator
from decimal import Decimal

from fiscus.model.amounts import ZERO
from fiscus.model.documents import Kind
from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.pt.assess import totals
from fiscus.regimes.pt.corrections import (
    credited_gross,
    described,
    invoice,
    left,
    original_lines,
    own_document,
    pairs,
)
from fiscus.regimes.pt.documents import is_correction, is_credit
from fiscus.regimes.pt.rules.law import DESPACHO, SAFT, rule

VALUE_TOLERANCE = Decimal("0.02")

REASON_MISSING = Code("PT-NOTE-01", "the correction or cancellation gives no reason")


@rule(REASON_MISSING, law=f"{SAFT}, References and DocumentStatus", is_formal=True)
def reason_is_given(case: Case) -> Iterator[str]:
    if case.draft.kind in (Kind.CORRECTION, Kind.CANCELLATION) and not case.draft.reason.strip():
        yield "reason"


@rule(
    Code("PT-NOTE-02", "the note does not correct an invoice that this taxpayer issued"),
    law="CIVA, art. 36 (6)",
)
def note_refers_to_an_invoice(case: Case) -> Iterator[str]:
    if is_correction(case.draft) and invoice(case) is None:
        yield "refers_to"


@rule(
    Code("PT-NOTE-03", "the document to correct is cancelled"),
    law=f"{DESPACHO}, 3.3.7",
)
def original_stands(case: Case) -> Iterator[str]:
    if is_correction(case.draft) and case.is_original_void:
        yield "refers_to"


@rule(
    Code("PT-NOTE-04", "the document is already credited in full"),
    law=f"{DESPACHO}, 3.3.7",
)
def something_is_left(case: Case) -> Iterator[str]:
    original = invoice(case)
    if original and case.notes and is_credit(case.draft):
        credited = credited_gross(case.notes)
        if credited and credited >= original.gross:
            yield "refers_to"


@rule(
    Code(
        "PT-NOTE-05",
        "a training document refers to a real one, or a real one to a training document",
    ),
    law=f"{DESPACHO}, 2.3.3",
)
def training_stays_training(case: Case) -> Iterator[str]:
    original = case.original.draft if case.original else None
    if original and original.is_training != case.draft.is_training:
        yield "refers_to"


@rule(
    Code("PT-NOTE-06", "a line does not name one line of the document it corrects"),
    law="CIVA, art. 36 (6)",
)
def line_names_an_original(case: Case) -> Iterator[str]:
    """By its number, or by a text that is unique. A debit note may add a line without a number."""
    if invoice(case) is None:
        return
    for i, original in enumerate(original_lines(case)):
        if original is None and (case.draft.lines[i].number or is_credit(case.draft)):
            yield f"lines[{i}].number"


@rule(
    Code("PT-NOTE-07", "a line has not the text of the line it corrects"),
    law=f"{DESPACHO}, 3.3.5",
)
def line_keeps_its_text(case: Case) -> Iterator[str]:
    for i, line, original in pairs(case):
        if described(line.text) != original.text:
            yield f"lines[{i}].text"


@rule(
    Code("PT-NOTE-08", "a line bears another tax than the line it corrects"),
    law="CIVA, art. 78",
)
def line_keeps_its_tax(case: Case) -> Iterator[str]:
    for i, line, original in pairs(case):
        percentage = ZERO if line.vat.is_exempt else line.vat.percentage
        if percentage != original.percentage:
            yield f"lines[{i}].vat.percentage"


@rule(
    Code("PT-NOTE-09", "more is credited than is left of the line"),
    law=f"{DESPACHO}, 3.2.7",
)
def line_credits_what_is_left(case: Case) -> Iterator[str]:
    """Quantity and value both count, those of earlier standing credit notes taken off."""
    seal = invoice(case)
    if seal is None or not is_credit(case.draft):
        return
    rest = left(seal, case.notes)
    for i, line, original in pairs(case):
        quantity, net = rest[original.number]
        quantity, net = quantity - line.quantity, net - line.vat.exclusive
        rest[original.number] = (quantity, net)
        if quantity < 0:
            yield f"lines[{i}].quantity"
        if net < -VALUE_TOLERANCE:
            yield f"lines[{i}].vat.exclusive"


@rule(
    Code("PT-NOTE-10", "credit notes together come to more than the document"),
    law=f"{DESPACHO}, 3.2.7",
)
def notes_stay_below_the_document(case: Case) -> Iterator[str]:
    original = invoice(case)
    if original is None or not is_credit(case.draft):
        return
    if credited_gross(case.notes) + totals(case.draft).inclusive > original.gross:
        yield "totals.inclusive"


@rule(
    Code("PT-VOID-01", "the cancellation does not name a document that this taxpayer issued"),
    law=f"{SAFT}, InvoiceStatus",
)
def cancellation_names_a_document(case: Case) -> Iterator[str]:
    if case.draft.kind is Kind.CANCELLATION and own_document(case) is None:
        yield "refers_to"


@rule(
    Code("PT-VOID-02", "the document is already cancelled"),
    law=f"{SAFT}, InvoiceStatus",
)
def not_cancelled_twice(case: Case) -> Iterator[str]:
    if case.draft.kind is Kind.CANCELLATION and case.is_original_void:
        yield "refers_to"


@rule(
    Code("PT-VOID-03", "the document has credit or debit notes; cancel them first"),
    law=f"{DESPACHO}, 3.3.8",
)
def no_note_stands(case: Case) -> Iterator[str]:
    if case.draft.kind is Kind.CANCELLATION and case.notes:
        yield "refers_to"


NOTES = (
    reason_is_given,
    note_refers_to_an_invoice,
    original_stands,
    something_is_left,
    training_stays_training,
    line_names_an_original,
    line_keeps_its_text,
    line_keeps_its_tax,
    line_credits_what_is_left,
    notes_stay_below_the_document,
    cancellation_names_a_document,
    not_cancelled_twice,
    no_note_stands,
)
