"""What webhooks show of records, files and reports: the same as this family's GET."""

from typing import Any

from sqlalchemy import Connection

from fiscus.api.families.unified import files, records, translate
from fiscus.api.families.unified.calls import FAMILY
from fiscus.exports import jobs
from fiscus.journal import read
from fiscus.model.faults import Missing
from fiscus.model.kinds import EntryKind
from fiscus.reporting import listing
from fiscus.services import Services
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import ToldEvent

RECORDS = (EventType.RECORD_SEALED, EventType.RECORD_REJECTED, EventType.CLOSING_COMPLETED)
REPORTS = (EventType.REPORT_ACCEPTED, EventType.REPORT_REFUSED)
EXPORTS = (EventType.EXPORT_COMPLETED, EventType.EXPORT_FAILED)


def told(services: Services, tx: Connection, event: ToldEvent) -> dict[str, Any] | None:
    """Records that callers of this family made, and those that nobody asked for; ZIPs."""
    if event.type in RECORDS:
        found = read.one(tx, event.organization, event.subject)
        said = found.record.body.said
        is_ours = said is None or said.family == FAMILY
        is_shown = is_ours and EntryKind(found.record.kind) in records.VISIBLE
        return records.whole(tx, found, frozenset()) if is_shown else None
    if event.type in REPORTS:
        return translate.report(listing.read(tx, event.subject, event.organization))
    if event.type in EXPORTS:
        try:
            return files.shown(jobs.visible(tx, event.organization, event.subject))
        except Missing:
            return None
    return None
