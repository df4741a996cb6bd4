"""One counter for all that a register signs: receipts, corrections, and closings of zero."""

from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.places import Place
from fiscus.model.records import SeriesWanted

DOCUMENT_TYPE = "BELEG"

_SIGNED = frozenset({DocumentKind.RECEIPT, DocumentKind.CORRECTION, DocumentKind.CLOSING})


def series(draft: Draft, place: Place) -> SeriesWanted | None:
    if draft.kind not in _SIGNED:
        return None
    return SeriesWanted(document_type=DOCUMENT_TYPE, name=place.register.id[-12:].upper())
