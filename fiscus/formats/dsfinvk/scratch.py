"""A scratch copy of the tables, so that rules can ask across files in any order.

It is a temporary SQLite file that is gone when the check ends: a period may have more receipts
than fit in memory, and nothing says that the files list them in the same order. Numbers lie in
it without their comma (`12,50000` as 1250000), empty ones as NULL.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime

from fiscus.formats.dsfinvk.columns import Table
from fiscus.formats.dsfinvk.tables import TABLES
from fiscus.formats.dsfinvk.tables_master import TSE
from fiscus.formats.dsfinvk.values import Cell

Scratch = sqlite3.Connection

CACHE_KIBIBYTES = 64 * 1024

MORE = "MORE"
"""The column of `tse` for what stands in columns beyond the prescribed ones."""


@contextmanager
def scratch() -> Iterator[Scratch]:
    with closing(sqlite3.connect("", isolation_level=None)) as tables:
        tables.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
        tables.execute("PRAGMA journal_mode = OFF")
        tables.execute("PRAGMA temp_store = FILE")
        tables.create_function("instant", 1, _instant, deterministic=True)
        for table in TABLES:
            names = ", ".join(_names(table))
            tables.execute(f'CREATE TABLE "{table.stem}" (row INTEGER PRIMARY KEY, {names})')
        yield tables


def fill(tables: Scratch, table: Table, rows: Iterable[tuple[Cell, ...]]) -> None:
    marks = ", ".join("?" * (1 + len(_names(table))))
    tables.execute("BEGIN")
    tables.executemany(f'INSERT INTO "{table.stem}" VALUES ({marks})', rows)
    tables.execute("COMMIT")
    tables.execute(f'CREATE INDEX "{table.stem}_key" ON "{table.stem}" ({", ".join(table.key)})')


def _names(table: Table) -> tuple[str, ...]:
    return (*table.header, MORE) if table is TSE else table.header


def _instant(text: str) -> int | None:
    """Microseconds since 1970, so that times with different offsets can be compared."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return int(at.timestamp()) * 1_000_000 + at.microsecond
