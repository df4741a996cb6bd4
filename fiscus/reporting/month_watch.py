"""How many months are due and overdue, counted once a minute: with many taxpayers it takes a while,
and whoever watches an installation asks often."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from fiscus.reporting import month_listing
from fiscus.reporting.month_listing import MonthCounts

FRESH = timedelta(minutes=1)


class MonthsWatch:
    """The counts of one process. Two that ask at once may both count: they find the same."""

    def __init__(self) -> None:
        self._found: tuple[MonthCounts, datetime] | None = None

    def counts(self, tx: Connection, at: datetime) -> MonthCounts:
        """Not older than a minute; a clock that is set back does not make old ones new."""
        found = self._found
        if found is None or not found[1] <= at < found[1] + FRESH:
            self._found = found = month_listing.counts(tx, at), at
        return found[0]
