"""Every change of a thing is stated in its organization's chain; what was stated stays for ever."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, Update, select

from fiscus.journal import encode, stated
from fiscus.model.faults import Code, Conflict, Corrupt
from fiscus.model.kinds import StatementKind
from fiscus.model.times import instant
from fiscus.store.schema import ENTRY

NOT_STATED = Code(
    "REGISTRY-STATED-01",
    "this row is not what the journal states: somebody has changed the database; run "
    "`fiscus verify`",
)

CHANGED = Code(
    "REGISTRY-VERSION-01",
    "somebody else has changed it at the same moment: read it again, and repeat the change",
)


def replace(tx: Connection, table: Table, id_: str, version: int, change: Update) -> None:
    """Carry out a change of the row with that id, whose version was read before. Raises `Conflict`
    if there is a newer one meanwhile: two things would have the same version for ever."""
    statement = change.where(table.c.id == id_, table.c.version == version)
    if tx.execute(statement).rowcount != 1:
        raise Conflict(CHANGED, id_)


def content(tx: Connection, kind: StatementKind, id_: str, version: int) -> str:
    """The content of one version of a thing, as JSON text."""
    found = tx.execute(
        select(ENTRY.c.kind, ENTRY.c.body).where(
            ENTRY.c.kind == kind.value, ENTRY.c.thing == id_, ENTRY.c.version == version
        )
    ).one()
    return str(_row(found.kind, found.body)["content"])


def rows(tx: Connection, kind: StatementKind, id_: str) -> Iterator[dict[str, Any]]:
    """All that was stated of a thing, oldest first: its row each time."""
    query = (
        select(ENTRY.c.kind, ENTRY.c.body)
        .where(ENTRY.c.kind == kind.value, ENTRY.c.thing == id_, ENTRY.c.version.is_not(None))
        .order_by(ENTRY.c.version)
    )
    for found in tx.execute(query):
        yield _row(found.kind, found.body)


def _row(kind: str, stored: bytes) -> dict[str, Any]:
    row = encode.statement(kind, stored).rows[0].row
    assert row is not None, "what has versions is never removed"
    return row


def expect_stated(tx: Connection, table: Table, id_: str) -> None:
    """What is handed out of a row is what the journal states of it. Raises `Corrupt`."""
    query = (
        select(ENTRY.c.kind, ENTRY.c.body)
        .where(ENTRY.c.thing == id_)
        .order_by(ENTRY.c.at.desc(), ENTRY.c.epoch.desc(), ENTRY.c.sequence.desc())
    )
    said = (
        row
        for found in tx.execute(query)
        for row in encode.statement(found.kind, found.body).rows
        if (row.table, row.key) == (table.name, id_)
    )
    if next(said, None) != stated.read(tx, table, id_):
        raise Corrupt(NOT_STATED, f"{table.name} {id_}")


def as_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def since(tx: Connection, kind: StatementKind, id_: str, state: str) -> datetime | None:
    """When a thing came into a state first; None if it never was in it."""
    first = (row["updated_at"] for row in rows(tx, kind, id_) if row["state"] == state)
    found = next(first, None)
    return instant(found) if found else None
