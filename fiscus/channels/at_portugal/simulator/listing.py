"""What the authority knows, to be read: by a person, or by a storm that counts what was lost."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from fiscus.channels.at_portugal.simulator import known, series
from fiscus.channels.at_portugal.simulator.known import KnownDocument
from fiscus.channels.at_portugal.simulator.series import SeriesRow
from fiscus.channels.at_portugal.simulator.world import FILE, connected
from fiscus.model.faults import Code, Missing

NO_WORLD = Code("AT-SIMULATOR-01", "no simulated authority has kept anything in this folder")


def listed(folder: Path) -> dict[str, Any]:
    """Series and documents (deleted ones too) in the order they came, and how often each operation
    was asked for and how it ended. Changes nothing. Raises `Missing` where there is no world."""
    if not (folder / FILE).is_file():
        raise Missing(NO_WORLD, str(folder))
    with closing(connected(folder)) as db:
        return {
            "series": [_series(row) for row in series.all_series(db)],
            "documents": [_document(one) for one in known.all_documents(db)],
            "requests": _requests(db),
        }


def _series(row: SeriesRow) -> dict[str, Any]:
    return {
        "taxpayer": row.taxpayer,
        "type": row.document_type,
        "name": row.name,
        "class": row.class_,
        "purpose": row.purpose,
        "code": row.code,
        "state": row.state,
        "first_number": int(row.first_number),
        "last_number": int(row.last_number) if row.last_number else None,
        "starts_on": row.starts_on,
        "registered_on": row.registered_on.isoformat(),
    }


def _document(one: KnownDocument) -> dict[str, Any]:
    return {
        "taxpayer": one.taxpayer,
        "family": one.family,
        "number": one.number,
        "type": one.document_type,
        "date": one.dated,
        "atcud": one.atcud,
        "status": one.status,
        "standing": one.standing,
        "reason": one.reason,
        "reference": one.reference,
        "registered_at": one.registered_at,
        **_totals(one),
    }


def _totals(one: KnownDocument) -> dict[str, str]:
    """In euro, as they were told; empty of goods that travel, which have none."""
    [said] = json.loads(one.content).get("DocumentTotals") or [{}]
    names = {"net": "NetTotal", "tax": "TaxPayable", "gross": "GrossTotal"}
    return {name: "".join(said.get(told, ())) for name, told in names.items()}


def _requests(db: sqlite3.Connection) -> list[dict[str, Any]]:
    found = db.execute(
        "SELECT operation, code, fault, count(*) FROM requests"
        " GROUP BY operation, code, fault ORDER BY operation, code, fault"
    )
    names = ("operation", "code", "fault", "count")
    return [dict(zip(names, row, strict=True)) for row in found]
