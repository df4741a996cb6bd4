"""Which counter a draft draws from: one for all that a register has signed, one per report."""

from fiscus.model.documents import Draft
from fiscus.model.places import Place
from fiscus.model.records import SeriesWanted
from fiscus.regimes.de.documents import REPORTS

RECEIPTS = "BON"
ONLINE = "ONLINE"
NAME_LENGTH = 12
"""All that is random in an id: two registers must never share a counter."""


def series(draft: Draft, place: Place) -> SeriesWanted | None:
    """Training counts among the rest: the numbers of a register's operations have no gap.

    What seals a period draws from the same counter because it is signed like a receipt; reports
    over closings are signed by nobody.
    What is sold online passes through no register, so it counts apart.
    """
    if place.is_online:
        return SeriesWanted(document_type=ONLINE, name=short_id(place))
    document_type = REPORTS[draft.closing] if draft.closing and draft.is_report else RECEIPTS
    return SeriesWanted(document_type=document_type, name=short_id(place))


def short_id(place: Place) -> str:
    """The end of the register's id: its beginning is a time and much alike between registers."""
    return place.register.id[-NAME_LENGTH:].upper()
