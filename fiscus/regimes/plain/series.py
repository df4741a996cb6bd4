"""One series per register, whatever the document; training documents count apart."""

from fiscus.model.documents import Draft, Kind
from fiscus.model.places import Place
from fiscus.model.records import SeriesWanted

DOCUMENT_TYPE = "DOC"

_NUMBERED = frozenset({Kind.RECEIPT, Kind.INVOICE, Kind.CORRECTION})


def series(draft: Draft, place: Place) -> SeriesWanted | None:
    if draft.kind not in _NUMBERED:
        return None
    name = place.register.id[-6:].upper()
    return SeriesWanted(
        document_type=DOCUMENT_TYPE,
        name=f"{name}-T" if draft.is_training else name,
        is_training=draft.is_training,
    )
