"""What the journal states of tables, read from the stored bytes, and compared with the tables."""

import hashlib
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, select

from fiscus.model.kinds import StatementKind
from fiscus.store.schema import (
    DATA_KEY,
    DEVICE,
    ENTRY,
    FITTING,
    LOCATION,
    ORGANIZATION,
    REGISTER,
    REGISTER_KEY,
    SERIES,
    SETTING_KEY,
    SUBJECT,
    TAXPAYER,
)

Json = dict[str, Any]

STATED = (
    DATA_KEY,
    DEVICE,
    FITTING,
    LOCATION,
    ORGANIZATION,
    REGISTER,
    REGISTER_KEY,
    SERIES,
    SETTING_KEY,
    SUBJECT,
    TAXPAYER,
)
"""The tables of which whole rows are stated in the chains of organizations and of the installation,
and nowhere else."""

OF_ENTRIES = {"number", "carried", "last_record", "last_day", "last_at"}
SECRETS = {"secret", "secrets", "wrapped", "secret_hash", "previous_hash"}
WORK = {"holder", "held_until", "said", "said_at", "attempts"}


class FoundStatement(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that states one row: `row` is None if it is gone."""

    kind: str
    chain: str
    link: str
    by: str
    table: str
    key: str
    row: Json | None


def statements(tx: Connection, after: int = 0) -> list[FoundStatement]:
    """All of the database in the order in which they were made, but the first ones."""
    kinds = [kind.value for kind in StatementKind]
    query = select(ENTRY).where(ENTRY.c.kind.in_(kinds)).order_by(ENTRY.c.id)
    found = []
    for entry in tx.execute(query):
        body = msgspec.json.decode(entry.body)
        [said] = body["rows"]
        assert (entry.thing, entry.version) == (said["key"], (said["row"] or {}).get("version"))
        found.append(
            FoundStatement(
                kind=entry.kind, chain=entry.chain, link=entry.link, by=body["by"], **said
            )
        )
    return found[after:]


def assert_tables_are_as_stated(tx: Connection) -> None:
    """Section 6 of the format: the newest statement holds, and there is no row without one."""
    newest = {(one.table, one.key): one for one in statements(tx)}
    for table in STATED:
        there = {_key(table, row): row._asdict() for row in tx.execute(select(table))}
        said = {key: one for (name, key), one in newest.items() if name == table.name}
        assert set(there) == {key for key, one in said.items() if one.row is not None}
        for key, row in there.items():
            assert said[key].row == _stated(table, row)
            assert row.get("link", said[key].link) == said[key].link


def _key(table: Table, row: Any) -> str:
    [column] = table.primary_key.columns
    return str(row._asdict()[column.name])


def _hashed(value: bytes | str | None) -> str | None:
    if value is None:
        return None
    held = value.encode() if isinstance(value, str) else value
    return f"sha256:{hashlib.sha256(held).hexdigest()}"


def _stated(table: Table, row: Json) -> Json:
    left_out = {"link"} | (OF_ENTRIES | WORK if table is SERIES else set())
    return {
        name: _hashed(value) if name in SECRETS else value
        for name, value in row.items()
        if name not in left_out
    }
