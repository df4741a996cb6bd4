"""Rows as entries state them: docs/journal-format.md, section 6."""

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Connection, Table, select

from fiscus.model.records import StatedRow
from fiscus.store.schema import CONSOLE_SESSION, SERIES, SUBJECT

UNSTATED: Mapping[str, frozenset[str]] = {
    SERIES.name: frozenset(
        {
            *("number", "carried", "last_record", "last_day", "last_at"),
            *("holder", "held_until", "said", "said_at", "attempts"),
        }
    )
}
"""Columns that follow from entries, or are work; beside `link`, which is the statement's own."""

HASHED: Mapping[str, frozenset[str]] = {
    SUBJECT.name: frozenset({"secret_hash", "previous_hash"}),
    CONSOLE_SESSION.name: frozenset({"secret_hash"}),
}
"""Texts that are secrets: stated by their own SHA-256, as the bytes of secrets are."""

LINK = "link"


def key_of(table: Table) -> Column[str]:
    """The column by which statements name the rows of a table."""
    [key] = table.primary_key.columns
    return key


def read(tx: Connection, table: Table, key: str) -> StatedRow:
    """The row as it stands; None instead of its values if it is gone."""
    found = tx.execute(select(table).where(key_of(table) == key)).one_or_none()
    row = None if found is None else stated_values(table, found._asdict())
    return StatedRow(table=str(table.name), key=key, row=row)


def of(table: Table, key: str, row: Mapping[str, Any]) -> StatedRow:
    """A row that is about to be written."""
    return StatedRow(table=str(table.name), key=key, row=stated_values(table, row))


def stated_values(table: Table, row: Mapping[str, Any]) -> dict[str, str | int | None]:
    left_out = UNSTATED.get(table.name, frozenset()) | {LINK}
    hashed = HASHED.get(table.name, frozenset())
    names = (str(column.name) for column in table.columns if column.name not in left_out)
    return {name: _stated(row.get(name), is_secret=name in hashed) for name in names}


def _stated(value: object, *, is_secret: bool) -> str | int | None:
    if isinstance(value, str) and is_secret:
        value = value.encode()
    if isinstance(value, bytes | memoryview):
        return f"sha256:{hashlib.sha256(value).hexdigest()}"
    assert value is None or isinstance(value, str | int)
    return value
