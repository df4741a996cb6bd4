"""Inserts on both engines: many rows at little cost, and what becomes of rows that are there."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

_PARAMETER = {"sqlite": "?", "postgresql": "%s"}


def insert_once(tx: Connection, table: Table) -> Insert:
    """`INSERT … ON CONFLICT DO NOTHING`: of two processes that race, one wins, neither fails.

    The result's `rowcount` tells who won. The driver of PostgreSQL forgets it with the cursor, so
    it is kept at once.
    """
    return _once(tx.dialect.name, table).execution_options(preserve_rowcount=True)


@cache
def _once(dialect: str, table: Table) -> Insert:
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def insert_many(
    tx: Connection, table: Table, rows: Sequence[tuple[object, ...]], *, once: bool = False
) -> int:
    """Insert whole rows, values in the order of the table's columns; gives how many went in.

    The driver gets the tuples as they are: this is the writer's path, where translating each
    row's names costs more than writing it. `once` leaves existing rows alone.
    """
    if not rows:
        return 0
    return tx.exec_driver_sql(_many(tx.dialect.name, table, once), list(rows)).rowcount


@cache
def _many(dialect: str, table: Table, once: bool) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(_PARAMETER[dialect] for _ in table.columns)
    tail = " ON CONFLICT DO NOTHING" if once else ""
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({values}){tail}'


def replace_many(tx: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert whole rows as `insert_many` does; a row that has the primary key already gets the new
    values in all its other columns."""
    if rows:
        tx.exec_driver_sql(_replacing(tx.dialect.name, table), list(rows))


@cache
def _replacing(dialect: str, table: Table) -> str:
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    others = (column.name for column in table.columns if not column.primary_key)
    values = ", ".join(f'"{name}" = excluded."{name}"' for name in others)
    return f"{_many(dialect, table, False)} ON CONFLICT ({keys}) DO UPDATE SET {values}"
