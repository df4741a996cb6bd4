"""A scratch copy of the tables, so that rules can ask across files in any order.

It is a temporary SQLite file that is gone when the check ends: a period may have more receipts
than fit in memory, and nothing says that the files list them in the same order. Numbers lie in
it without their comma (`12,50000` as 1250000), empty ones as NULL. The ids of registers and the
creation times of closings, which stand in every row and in most indexes, are numbered.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime

from fiscus.formats.dsfinvk.check.values import Cell, TextNumbers
from fiscus.formats.dsfinvk.tables.all_tables import TABLES
from fiscus.formats.dsfinvk.tables.columns import TableLayout
from fiscus.formats.dsfinvk.tables.master import TSE

Scratch = sqlite3.Connection

CACHE_KIBIBYTES = 64 * 1024

MORE = "MORE"
"""The column of `tse` for what stands in columns beyond the prescribed ones."""


@contextmanager
def scratch(names: TextNumbers) -> Iterator[Scratch]:
    """Empty tables. Questions may say `spelled(cell)` for the text of what is numbered, and
    `is_before(time, time)`, which is NULL unless both are times with an offset."""
    with closing(sqlite3.connect("", isolation_level=None)) as tables:
        tables.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
        tables.execute("PRAGMA journal_mode = OFF")
        tables.execute("PRAGMA temp_store = FILE")
        tables.create_function("spelled", 1, names.spelled)
        tables.create_function("is_before", 2, _is_before, deterministic=True)
        for table in TABLES:
            columns = ", ".join(_columns(table))
            tables.execute(f'CREATE TABLE "{table.stem}" (row INTEGER PRIMARY KEY, {columns})')
        yield tables


def fill(tables: Scratch, table: TableLayout, rows: Iterable[Sequence[Cell]]) -> None:
    marks = ", ".join("?" * (1 + len(_columns(table))))
    tables.execute("BEGIN")
    tables.executemany(f'INSERT INTO "{table.stem}" VALUES ({marks})', rows)
    tables.execute("COMMIT")
    tables.execute(f'CREATE INDEX "{table.stem}_key" ON "{table.stem}" ({", ".join(table.key)})')


def _columns(table: TableLayout) -> tuple[str, ...]:
    return (*table.header, MORE) if table is TSE else table.header


def instant(text: str | None) -> datetime | None:
    """None for what is no time or has no offset; that is reported for itself."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else None


def _is_before(text: str | None, other_text: str | None) -> bool | None:
    at, other = instant(text), instant(other_text)
    return at < other if at and other else None
