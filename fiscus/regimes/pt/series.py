"""Which numbered series a draft draws from, and what its name may look like."""

import re

from fiscus.model.documents import Draft
from fiscus.model.places import Place
from fiscus.model.records import SeriesWanted
from fiscus.model.times import day
from fiscus.regimes.pt.documents import DocumentType, document_type
from fiscus.regimes.pt.rates import TIMEZONE

CHANNEL = "at_portugal"
TRAINING_END = ".F"
NAME_LENGTH_MAX = 35

_NAME = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")


def series(draft: Draft, place: Place) -> SeriesWanted | None:
    """One series per document type and name; training documents have their own.

    A slash would end the series inside a document number, so it becomes a hyphen.
    """
    kind = document_type(draft)
    if kind is None:
        return None
    name = draft.series.replace("/", "-") or _default_name(kind, draft, place)
    return SeriesWanted(
        document_type=kind.code,
        name=name + TRAINING_END if draft.is_training else name,
        is_training=draft.is_training,
        channel=CHANNEL,
        facts={"class": kind.section, "type": kind.code, "processing": "PI"},
    )


def has_good_name(name: str) -> bool:
    """Whether the authority takes the name: letters, digits, single separators between them."""
    return len(name) <= NAME_LENGTH_MAX and _NAME.fullmatch(name) is not None


def short_id(place: Place) -> str:
    """The end of the register's id: its beginning is a time and much alike between registers."""
    return place.register.id[-6:].upper()


def _default_name(kind: DocumentType, draft: Draft, place: Place) -> str:
    year = day(draft.issued_at, TIMEZONE).year if draft.issued_at else ""
    return f"{kind.code}{year}{short_id(place)}"
