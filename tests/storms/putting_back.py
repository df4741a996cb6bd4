"""Rows as they were at an earlier moment, kept and put back: by somebody with full rights on the
database, also while the service runs."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, create_engine, text

from fiscus.store.columns import METADATA

Tables = Mapping[str, list[dict[str, Any]]]


def kept_rows(url: str) -> Tables:
    """All rows of all tables, at one moment."""
    engine = create_engine(url)
    options = {"isolation_level": "REPEATABLE READ"} if url.startswith("postgres") else {}
    with engine.connect().execution_options(**options) as tx:
        found = {
            name: [dict(row) for row in tx.execute(table.select()).mappings()]
            for name, table in METADATA.tables.items()
        }
    engine.dispose()
    return found


def put_back(url: str, tables: Tables, only: Iterable[str] = METADATA.tables) -> None:
    """These tables as they were, all others as they are."""
    engine = create_engine(url)
    with engine.begin() as tx:
        unguarded(tx)
        for name in only:
            table = METADATA.tables[name]
            tx.execute(table.delete())
            if tables[name]:
                tx.execute(table.insert(), tables[name])
    engine.dispose()


def changed(url: str, statement: str, **values: Any) -> int:
    """One statement of somebody with full rights; the number of rows that it changed."""
    engine = create_engine(url)
    with engine.begin() as tx:
        unguarded(tx)
        count = tx.execute(text(statement), values).rowcount
    engine.dispose()
    return count


def unguarded(tx: Connection) -> None:
    """Without triggers; SQLite has no other way than to drop them."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SET LOCAL session_replication_role = replica"))
        return
    names = tx.scalars(text("SELECT name FROM sqlite_schema WHERE type = 'trigger'")).all()
    for name in names:
        tx.execute(text(f'DROP TRIGGER "{name}"'))
