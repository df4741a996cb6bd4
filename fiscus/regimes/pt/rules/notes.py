"""What a credit or debit note may correct, and how much of it."""

from collections.abc import Iterator
from decimal import Decimal

from fiscus.model.amounts import ZERO
from fiscus.model.documents import DocumentKind, StatedVat
from fiscus.model.faults import Code
from fiscus.model.records import AssessedLine, Case
from fiscus.regimes.pt.assess import mention_of
from fiscus.regimes.pt.corrections import (
    credited_gross,
    described,
    invoice,
    is_of_another_program,
    left,
    original_buyer,
    original_lines,
    pairs,
)
from fiscus.regimes.pt.documents import is_correction, is_credit
from fiscus.regimes.pt.parties import differences
from fiscus.regimes.pt.rates import (
    exempt_of,
    home_region,
    issue_day,
    rate_of,
    stated_region,
    tax_days,
)
from fiscus.regimes.pt.rules.law import DESPACHO, SAFT, rule
from fiscus.regimes.pt.sums import totals

VALUE_TOLERANCE = Decimal("0.02")

REASON_MISSING = Code("PT-NOTE-01", "the correction or cancellation gives no reason")


@rule(REASON_MISSING, law=f"{SAFT}, References and DocumentStatus", is_formal=True)
def reason_is_given(case: Case) -> Iterator[str]:
    if (
        case.draft.kind in (DocumentKind.CORRECTION, DocumentKind.CANCELLATION)
        and not case.draft.reason.strip()
    ):
        yield "reason"


@rule(
    Code("PT-NOTE-02", "the note does not correct an invoice that this taxpayer issued"),
    law="CIVA, art. 36 (6)",
)
def note_refers_to_an_invoice(case: Case) -> Iterator[str]:
    is_elsewhere = is_of_another_program(case.draft)
    if is_correction(case.draft) and invoice(case) is None and not is_elsewhere:
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
    Code(
        "PT-NOTE-08",
        "a line bears another tax than the line it corrects; leave region and reason out to have"
        " them from there",
    ),
    law="CIVA, art. 78",
)
def line_keeps_its_tax(case: Case) -> Iterator[str]:
    """Rate, code, region and the reason of an exemption."""
    home, days = home_region(case.place), tax_days(case)
    for i, line, original in pairs(case):
        vat = line.vat
        if stated_region(vat, home) != original.region:
            yield f"lines[{i}].vat.region"
        if (ZERO if vat.is_exempt else vat.percentage) != original.percentage:
            yield f"lines[{i}].vat.percentage"
        elif vat.is_exempt:
            yield from _of_exemption(f"lines[{i}].vat", vat, original)
        elif (rate := rate_of(vat, home, days)) and rate.tax_code != original.tax_code:
            yield f"lines[{i}].vat.code"


def _of_exemption(path: str, vat: StatedVat, original: AssessedLine) -> Iterator[str]:
    exempt = exempt_of(vat.code)
    if exempt is None:
        return  # another rule says so
    if exempt.code != original.exemption:
        yield f"{path}.code"
    elif mention_of(vat, exempt) != original.exemption_text:
        yield f"{path}.reason"


@rule(
    Code("PT-NOTE-09", "more is credited than is left of the line"),
    law=f"{DESPACHO}, 3.2.7",
)
def line_credits_what_is_left(case: Case) -> Iterator[str]:
    """Quantity and value both count, those of earlier standing credit notes taken off. A credit
    for the price of what stays with the buyer takes value only."""
    seal = invoice(case)
    if seal is None or not is_credit(case.draft):
        return
    rest = left(seal, case.notes)
    for i, line, original in pairs(case):
        now = rest[original.number].less(line.quantity, line.vat.inclusive)
        rest[original.number] = now
        if now.quantity < 0:
            yield f"lines[{i}].quantity"
        if now.net < -VALUE_TOLERANCE:
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
    Code(
        "PT-NOTE-11",
        "the note names another buyer than the document it corrects; leave the buyer out to have"
        " the same",
    ),
    law="CIVA, art. 36 (6); Despacho n.º 8632/2014, 3.3.3 and 3.3.4",
)
def note_keeps_the_buyer(case: Case) -> Iterator[str]:
    if invoice(case) is not None and case.draft.buyer is not None:
        yield from differences(case.draft.buyer, original_buyer(case))


@rule(
    Code("PT-NOTE-12", "the note is dated or entered before the document it corrects"),
    law="CIVA, art. 36 (6)",
)
def note_is_not_before_its_original(case: Case) -> Iterator[str]:
    original = invoice(case)
    if original is None:
        return
    is_entered_before = case.at < original.entered.replace(microsecond=0)
    if issue_day(case) < original.day or is_entered_before:
        yield "issued_at"


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
    note_keeps_the_buyer,
    note_is_not_before_its_original,
)
