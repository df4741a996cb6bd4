"""Which numbered series a draft draws from; an act without one is journaled and not sealed."""

from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.places import Place
from fiscus.model.records import SeriesPurpose, SeriesWanted

TRAINING_END = "-T"
NAME_LENGTH = 12
"""All that is random in an id: two registers must never meet in one series."""

DOCUMENT_TYPES = {DocumentKind.RECEIPT: "RECEIPT", DocumentKind.CORRECTION: "CORRECTION"}


def series(draft: Draft, place: Place) -> SeriesWanted | None:
    """One series for each register and type of document; training counts apart."""
    document_type = DOCUMENT_TYPES.get(draft.kind)
    if document_type is None:
        return None
    name = place.register.id[-NAME_LENGTH:].upper()
    return SeriesWanted(
        document_type=document_type,
        name=name + TRAINING_END if draft.is_training else name,
        purpose=SeriesPurpose.TRAINING if draft.is_training else SeriesPurpose.NORMAL,
    )
