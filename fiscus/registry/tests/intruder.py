"""Somebody who may write the database, and has no key."""

from typing import Any

from sqlalchemy import Connection, Engine, text

from fiscus.store.connect import is_postgres, writing


def without_triggers(tx: Connection, table: str) -> None:
    """Nothing in the database holds him up any more in this table."""
    if is_postgres(tx):
        tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        return
    query = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    for name in tx.scalars(query, {"table": table}).all():
        tx.execute(text(f"DROP TRIGGER {name}"))


def changes(engine: Engine, table: str, statement: str, **values: Any) -> None:
    """One statement of SQL about this table."""
    with writing(engine) as tx:
        without_triggers(tx, table)
        tx.execute(text(statement), values)
