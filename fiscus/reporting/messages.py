"""Reports as they are sent: made of the sealed entries when they are, so that a program that was
mended tells better."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from fiscus.channels import ObligationReport, ReportedDocument
from fiscus.journal import encode
from fiscus.model.kinds import StatementKind
from fiscus.model.places import Taxpayer
from fiscus.model.records import EntryBody
from fiscus.registry import versions
from fiscus.reporting.services import ReportingServices
from fiscus.store.schema import ENTRY


def made(
    tx: Connection, services: ReportingServices, rows: Sequence[Any]
) -> list[ObligationReport]:
    """One for each row, with all that the channel needs to tell it."""
    bodies = _bodies(tx, rows)
    taxpayers: dict[tuple[str, int], Taxpayer] = {}
    return [
        ObligationReport(
            id=row.id,
            record=row.record,
            kind=row.kind,
            content=row.content,
            document=None if row.content else _document(tx, services, row, bodies, taxpayers),
            reason=row.reason,
            was_sent=bool(row.was_sent),
        )
        for row in rows
    ]


def _bodies(tx: Connection, rows: Sequence[Any]) -> dict[str, EntryBody]:
    wanted = {row.record for row in rows if not row.content}
    wanted |= {row.cause for row in rows if row.cause}
    found = tx.execute(select(ENTRY.c.id, ENTRY.c.kind, ENTRY.c.body).where(ENTRY.c.id.in_(wanted)))
    return {row.id: encode.decode(row.kind, row.body) for row in found}


def _document(
    tx: Connection,
    services: ReportingServices,
    row: Any,
    bodies: Mapping[str, EntryBody],
    taxpayers: dict[tuple[str, int], Taxpayer],
) -> ReportedDocument:
    body = bodies[row.record]
    key = (body.place.taxpayer, body.place.taxpayer_version)
    if key not in taxpayers:
        content = versions.content(tx, StatementKind.TAXPAYER, *key)
        taxpayers[key] = msgspec.json.decode(content, type=Taxpayer)
    taxpayer = taxpayers[key]
    return ReportedDocument(
        body=body,
        taxpayer=taxpayer,
        void=bodies[row.cause] if row.cause else None,
        settings=services.settings.get(taxpayer.regime, {}),
    )
