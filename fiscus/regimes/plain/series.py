"""One series per register, whatever the document; training and closings count apart."""

from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.places import Place
from fiscus.model.records import SeriesPurpose, SeriesWanted

DOCUMENT_TYPE = "DOC"
CLOSING_TYPE = "CLOSING"

_NUMBERED = frozenset({DocumentKind.RECEIPT, DocumentKind.INVOICE, DocumentKind.CORRECTION})


def series(draft: Draft, place: Place) -> SeriesWanted | None:
    name = place.register.id[-6:].upper()
    if draft.kind is DocumentKind.CLOSING:
        return SeriesWanted(document_type=CLOSING_TYPE, name=name)
    if draft.kind not in _NUMBERED:
        return None
    return SeriesWanted(
        document_type=DOCUMENT_TYPE,
        name=f"{name}-T" if draft.is_training else name,
        purpose=SeriesPurpose.TRAINING if draft.is_training else SeriesPurpose.NORMAL,
    )
