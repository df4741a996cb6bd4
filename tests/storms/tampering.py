"""Somebody with full rights on the database: takes the triggers away and changes what is stored."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any

from sqlalchemy import Engine, create_engine, text

from fiscus.journal.audit import verify_database
from fiscus.journal.verify_report import Report
from fiscus.store.schema import CHECKPOINT, ENTRY

Row = Mapping[str, Any]

INTEGER_BYTES = 4
"""Both engines store these columns in so many bytes, or show them so."""

TABLES = {"entry": ENTRY, "checkpoint": CHECKPOINT}


class Tampered:
    """A database whose guards are gone; every change can be taken back."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(url)
        self.is_postgres = url.startswith("postgres")
        self.good = {name: self.rows(name) for name in TABLES}

    def rows(self, table: str) -> list[Row]:
        with self.engine.connect() as tx:
            return [dict(row) for row in tx.execute(TABLES[table].select()).mappings()]

    def disarm(self) -> None:
        """Drop the triggers that forbid changing the journal."""
        with self.engine.begin() as tx:
            for name in TABLES:
                if self.is_postgres:
                    tx.execute(text(f"DROP TRIGGER {name}_no_change ON {name}"))
                else:
                    tx.execute(text(f"DROP TRIGGER {name}_no_update"))
                    tx.execute(text(f"DROP TRIGGER {name}_no_delete"))

    @contextmanager
    def replaced(self, table: str, rows: list[Row]) -> Iterator[None]:
        """The table with other rows, for a while."""
        self.put(table, rows)
        try:
            yield
        finally:
            self.put(table, self.good[table])

    def put(self, table: str, rows: list[Row]) -> None:
        with self.engine.begin() as tx:
            if self.is_postgres:
                tx.execute(text("SET LOCAL session_replication_role = replica"))
            kept = {row[_key(table)]: row for row in self.rows(table)}
            wanted = {row[_key(table)]: row for row in rows}
            assert len(wanted) == len(rows)
            column = TABLES[table].c[_key(table)]
            for key, row in kept.items():
                if wanted.get(key) != row:
                    tx.execute(TABLES[table].delete().where(column == key))
            fresh = [row for key, row in wanted.items() if kept.get(key) != row]
            if fresh:
                tx.execute(TABLES[table].insert(), fresh)

    def report(self, witness: Row | None = None) -> Report:
        return verify_database(self.engine, witness)


def _key(table: str) -> str:
    return "id" if table == "entry" else "number"


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["register"], row["sequence"]))


def flipped(value: Any, place: int, random: Random) -> Any:
    """The value with the byte at this place changed to one that a column can hold."""
    if value is None:
        return "x"
    stored = as_bytes(value)
    while True:
        other = bytes([stored[place] ^ random.randint(1, 255)])
        changed = stored[:place] + other + stored[place + 1 :]
        if isinstance(value, int):
            return int.from_bytes(changed, "big", signed=True)
        if isinstance(value, bytes):
            return changed
        try:
            found = changed.decode()
        except UnicodeDecodeError:
            continue
        if "\x00" not in found:
            return found


def as_bytes(value: Any) -> bytes:
    if value is None:
        return b"\x00"
    if isinstance(value, int):
        return value.to_bytes(INTEGER_BYTES, "big", signed=True)
    return value if isinstance(value, bytes) else str(value).encode()


def changed(rows: list[Row], place: int, column: str, value: Any) -> list[Row]:
    """The rows with one value exchanged."""
    return [*rows[:place], {**rows[place], column: value}, *rows[place + 1 :]]
