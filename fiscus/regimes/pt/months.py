"""What the tax authority wants of each calendar month once it is over.

Decreto-Lei n.º 198/2012, art. 3: until the 5th of the next month the invoices of a month are
reported, or it is declared that there were none. It offers no web service for either: the file is
handed in, and the declaration made, in its portal.
"""

from datetime import date, timedelta

from fiscus.regimes import ReportingMonths
from fiscus.regimes.pt.documents import DOCUMENT_TYPES

DUE_DAY = 5
LATE_CANCELLATIONS, ALLOWED = "late_cancellations", "allowed"
"""The setting that lets documents of reported months be cancelled, and its word for that."""

_LONGEST = timedelta(days=31)
_INVOICES = "SI"


def due(month: date) -> date:
    """The 5th of the month after the one that begins on that day, be it a working day or not."""
    return (month.replace(day=1) + _LONGEST).replace(day=DUE_DAY)


MONTHS = ReportingMonths(
    due=due,
    invoices=frozenset(one.code for one in DOCUMENT_TYPES.values() if one.section == _INVOICES),
    file="saft",
    hand_in="hand it in in the e-Fatura pages of the Portal das Finanças",
    declare="declare in the e-Fatura pages of the Portal das Finanças that nothing was invoiced",
    law="Decreto-Lei n.º 198/2012, art. 3",
)
