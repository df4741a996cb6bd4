"""What is said of things that no API family has a GET for: outages, series."""

from typing import Any

from sqlalchemy import Connection, select

from fiscus.journal import encode
from fiscus.model.times import micros_z
from fiscus.store.schema import ENTRY, SERIES
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import ToldEvent

_OUTAGES = (EventType.OUTAGE_BEGAN, EventType.OUTAGE_ENDED)


def plain(tx: Connection, event: ToldEvent) -> dict[str, Any]:
    """At least the id, and the company if there is one."""
    said: dict[str, Any] = {"id": event.subject}
    if event.company:
        said["companyId"] = event.company
    if event.type in _OUTAGES:
        said |= _outage(tx, event.subject)
    elif event.type is EventType.SERIES_BLOCKED:
        said |= _series(tx, event.subject)
    return said


def _outage(tx: Connection, id_: str) -> dict[str, Any]:
    """`outageId` is the entry with which it began: the same at its beginning and its end."""
    row = tx.execute(select(ENTRY.c.kind, ENTRY.c.body).where(ENTRY.c.id == id_)).one()
    body = encode.decode(row.kind, row.body)
    return {
        "outageId": body.refers or id_,
        "registerId": body.register,
        "locationId": body.place.location,
        "at": micros_z(body.at),
    } | ({"reason": body.note} if body.note else {})


def _series(tx: Connection, id_: str) -> dict[str, Any]:
    row = tx.execute(select(SERIES).where(SERIES.c.id == id_)).one()
    return {
        "locationId": row.location,
        "documentType": row.document_type,
        "name": row.name,
        "isTraining": bool(row.is_training),
        "state": row.state,
    }
