"""What a return or an exchange refers to."""

from collections.abc import Iterator

from fiscus.model.documents import DocumentKind, LinePurpose
from fiscus.model.faults import Code
from fiscus.model.records import Case, EntryBody
from fiscus.regimes.de.documents import is_receipt, is_settling
from fiscus.regimes.de.rules.law import EXPORT, RECORDING, rule


@rule(
    Code("DE-REFERENCE-01", "the correction does not name exactly one document that it corrects"),
    law=f"{EXPORT}, Bon_Referenzen",
)
def correction_names_one_document(case: Case) -> Iterator[str]:
    """Empties are taken back by whoever has them: nobody knows with which sale they went out."""
    draft = case.draft
    named = bool(draft.refers_to) + bool(draft.external_reference)
    is_of_empties = all(line.purpose is LinePurpose.DEPOSIT for line in draft.lines)
    if draft.kind is DocumentKind.CORRECTION and (named > 1 or not (named or is_of_empties)):
        yield "refers_to"


@rule(
    Code(
        "DE-REFERENCE-02",
        "an operation names a document though it corrects none, nor pays what one left owed",
    ),
    law=f"{EXPORT}, Bon_Referenzen",
)
def only_corrections_refer(case: Case) -> Iterator[str]:
    draft = case.draft
    if draft.kind is not DocumentKind.CORRECTION and not is_settling(draft):
        for name in ("refers_to", "external_reference"):
            if getattr(draft, name):
                yield name


@rule(
    Code("DE-REFERENCE-03", "the document to correct was not issued by this taxpayer"),
    law=f"{EXPORT}, REF_BON_ID",
)
def original_is_ours(case: Case) -> Iterator[str]:
    if _names_ours(case) and _own(case) is None:
        yield "refers_to"


@rule(
    Code("DE-REFERENCE-04", "the document to correct is neither a sale nor a return"),
    law=f"{EXPORT}, REF_BON_ID",
)
def original_is_a_receipt(case: Case) -> Iterator[str]:
    """Nothing was sold in an aborted receipt, and the drawer is not a customer."""
    original = _own(case) if _names_ours(case) else None
    if original and not (original.draft and is_receipt(original.draft)):
        yield "refers_to"


@rule(
    Code("DE-REFERENCE-05", "training refers to a real document, or a real one to training"),
    law=RECORDING,
)
def training_stays_training(case: Case) -> Iterator[str]:
    original = _own(case) if _names_ours(case) else None
    if original and original.draft and original.draft.is_training != case.draft.is_training:
        yield "refers_to"


@rule(
    Code("DE-REFERENCE-06", "a document outside of our data is not described"),
    law=f"{EXPORT}, REF_NAME",
)
def external_document_is_described(case: Case) -> Iterator[str]:
    if case.draft.external_reference and not case.draft.external_text.strip():
        yield "external_text"


def _names_ours(case: Case) -> bool:
    return bool(case.draft.refers_to)


def _own(case: Case) -> EntryBody | None:
    original = case.original
    if original is None or original.place.taxpayer != case.place.taxpayer.id:
        return None
    return original if original.seal else None


REFERENCES = (
    correction_names_one_document,
    only_corrections_refer,
    original_is_ours,
    original_is_a_receipt,
    training_stays_training,
    external_document_is_described,
)
