"""Documents that another program issued, which a note names by their number and day.

A shop changes its program in the middle of a year; what was sold before is still given back. The
file names the document (`References`), and nothing more of it is known here.
"""

from collections.abc import Iterator

from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.pt.corrections import is_of_another_program, own_document
from fiscus.regimes.pt.documents import is_correction
from fiscus.regimes.pt.rates import issue_day
from fiscus.regimes.pt.rules.law import SAFT, rule
from fiscus.regimes.pt.series import is_number

REFERENCES = f"CIVA, art. 36 (6); {SAFT}, References"


@rule(
    Code(
        "PT-NOTE-13",
        "a document of another program is not named by its day and its whole number, as it was"
        " printed (internal code, series, number: `FT A/12`); copy both from the document",
    ),
    law=REFERENCES,
)
def document_elsewhere_is_named(case: Case) -> Iterator[str]:
    draft = case.draft
    if not is_of_another_program(draft):
        return
    if not is_number(draft.external_reference):
        yield "external_reference"
    if draft.external_on is None:
        yield "external_on"


@rule(
    Code(
        "PT-NOTE-14",
        "the document of another program is dated after the note; state the day that it bears",
    ),
    law=REFERENCES,
)
def document_elsewhere_is_older(case: Case) -> Iterator[str]:
    on = case.draft.external_on
    if is_of_another_program(case.draft) and on and on > issue_day(case):
        yield "external_on"


@rule(
    Code(
        "PT-NOTE-15",
        "the document that is said to be of another program was issued here; name its record",
    ),
    law=f"{REFERENCES}; Despacho n.º 8632/2014, 3.2.7",
)
def document_elsewhere_is_not_ours(case: Case) -> Iterator[str]:
    """What is left of our own documents is known, and counted."""
    if is_of_another_program(case.draft) and case.is_external_ours:
        yield "external_reference"


@rule(
    Code(
        "PT-NOTE-16",
        "the number or the day beside the record is not that of its document; leave them out",
    ),
    law=REFERENCES,
)
def number_beside_a_record_is_its_own(case: Case) -> Iterator[str]:
    """The legal number, or the words of the caller for it: number, or series and number."""
    draft, seal = case.draft, own_document(case)
    if not is_correction(draft) or not draft.refers_to or seal is None:
        return
    if draft.external_reference and draft.external_reference not in _names(case, seal.number):
        yield "external_reference"
    if draft.external_on and draft.external_on != seal.day:
        yield "external_on"


@rule(
    Code(
        "PT-NOTE-17",
        "a document that corrects nothing names one of another program; send a correction, or leave"
        " it out",
    ),
    law=REFERENCES,
)
def only_corrections_name_one(case: Case) -> Iterator[str]:
    if case.draft.external_reference and not is_correction(case.draft):
        yield "external_reference"


def _names(case: Case, number: str) -> frozenset[str]:
    said = case.original.draft if case.original else None
    own = (said.reference, f"{said.series}/{said.reference}") if said and said.reference else ()
    return frozenset((number, number.partition(" ")[2], *own))


ELSEWHERE = (
    document_elsewhere_is_named,
    document_elsewhere_is_older,
    document_elsewhere_is_not_ours,
    number_beside_a_record_is_its_own,
    only_corrections_name_one,
)
