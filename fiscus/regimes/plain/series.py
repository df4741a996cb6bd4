"""One series per register, whatever the document; training and closings count apart."""

from fiscus.model.documents import Draft, Kind
from fiscus.model.places import Place
from fiscus.model.records import SeriesWanted

DOCUMENT_TYPE = "DOC"
CLOSING_TYPE = "CLOSING"

_NUMBERED = frozenset({Kind.RECEIPT, Kind.INVOICE, Kind.CORRECTION})


def series(draft: Draft, place: Place) -> SeriesWanted | None:
    name = place.register.id[-6:].upper()
    if draft.kind is Kind.CLOSING:
        return SeriesWanted(document_type=CLOSING_TYPE, name=name)
    if draft.kind not in _NUMBERED:
        return None
    return SeriesWanted(
        document_type=DOCUMENT_TYPE,
        name=f"{name}-T" if draft.is_training else name,
        is_training=draft.is_training,
    )
