"""What webhooks show of operations: the same as this family's GET.

Closings and exports are shown by their id alone: the addresses of files that their GET hands out
are good for the key that asked.
"""

from typing import Any

from sqlalchemy import Connection

from fiscus.api.families.reporting import ids, operations
from fiscus.api.families.reporting.calls import FAMILY
from fiscus.exports import jobs
from fiscus.exports.jobs import ExportType
from fiscus.journal import read
from fiscus.model.faults import Missing
from fiscus.services import Services
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import ToldEvent

RECORDS = (EventType.RECORD_SEALED, EventType.RECORD_REJECTED)
EXPORTS = (EventType.EXPORT_COMPLETED, EventType.EXPORT_FAILED)


def told(services: Services, tx: Connection, event: ToldEvent) -> dict[str, Any] | None:
    """What callers of this family made."""
    if event.type in EXPORTS:
        try:
            job = jobs.visible(tx, event.organization, event.subject, (ExportType.FORMAT,))
        except Missing:
            return None
        return {"id": ids.shown("exp", job.id), "status": job.state.value.lower()}
    if event.type not in (*RECORDS, EventType.CLOSING_COMPLETED):
        return None
    body = read.body(tx, event.subject)
    if body is None or body.said is None or body.said.family != FAMILY:
        return None
    if event.type is EventType.CLOSING_COMPLETED:
        return {
            "id": ids.shown("cls", body.id),
            "object": "closing",
            "register_id": ids.shown("reg", body.register),
        }
    return operations.shown(services, tx, event.organization, body.intent)
