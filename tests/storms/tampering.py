"""Somebody with full rights on the database: takes the guards away and changes what is stored."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, Protocol

from sqlalchemy import Connection, create_engine, text

from fiscus.journal.audit import of_tables
from fiscus.journal.verify import VerifyReport, load_outside, verify_source
from fiscus.journal.verify.outside import OutsideKnowledge
from fiscus.journal.verify.sqlite import LOSSLESS_TEXT, SqliteSource
from fiscus.store.columns import METADATA

Row = Mapping[str, Any]

PLACE = "_place"
"""In a row as it is read here: where the database keeps it."""

INTEGER_BYTES = 4
"""PostgreSQL stores these columns in so many bytes."""

TABLES = tuple(METADATA.tables)


class Attacked(Protocol):
    """A database without guards. What is changed within `attack` is taken back afterwards."""

    def execute(self, statement: str, **values: Any) -> list[tuple[Any, ...]]: ...

    def attack(self) -> Any: ...

    def judged(self, outside: OutsideKnowledge) -> VerifyReport: ...

    @property
    def place(self) -> str: ...

    def spelled(self, name: str, value: Any) -> str: ...


class AttackedFile:
    """A copy of a SQLite file in memory, its tables without any constraint."""

    place = "rowid"

    def __init__(self, file: Path) -> None:
        self.database = sqlite3.connect(":memory:", isolation_level=None)
        self.database.text_factory = LOSSLESS_TEXT
        self.database.execute("ATTACH ? AS stored", (str(file),))
        for table in TABLES:
            self.database.execute(f'CREATE TABLE "{table}" AS SELECT * FROM stored."{table}"')
        self.database.execute("DETACH stored")

    def execute(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        given = {name: stored(value) for name, value in values.items()}
        return self.database.execute(statement, given).fetchall()

    def spelled(self, name: str, value: Any) -> str:
        """Damaged text is put in as bytes."""
        return f"CAST(:{name} AS TEXT)" if isinstance(value, str) else f":{name}"

    @contextmanager
    def attack(self) -> Iterator[None]:
        self.database.execute("BEGIN")
        try:
            yield
        finally:
            self.database.execute("ROLLBACK")

    def judged(self, outside: OutsideKnowledge) -> VerifyReport:
        source = SqliteSource(self.database, "memory")
        return verify_source(source, outside=outside, workers=1)

    def close(self) -> None:
        self.database.close()


class AttackedServer:
    """A PostgreSQL database whose triggers and constraints were dropped for good."""

    place = "ctid"

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url)
        with self.engine.begin() as tx:
            for statement in guards(tx):
                tx.execute(text(statement))
        self.tx: Connection | None = None

    def execute(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        if self.tx is None:
            with self.attack():
                return self.execute(statement, **values)
        found = self.tx.execute(text(statement), values)
        return [tuple(row) for row in found] if found.returns_rows else []

    def spelled(self, name: str, value: Any) -> str:
        return f":{name}"

    @contextmanager
    def attack(self) -> Iterator[None]:
        with self.engine.connect() as self.tx:
            try:
                yield
            finally:
                self.tx.rollback()
                self.tx = None

    def judged(self, outside: OutsideKnowledge) -> VerifyReport:
        if self.tx is None:
            with self.attack():
                return self.judged(outside)
        return verify_source(of_tables(self.tx), outside=outside, workers=1)

    def close(self) -> None:
        self.engine.dispose()


def guards(tx: Connection) -> list[str]:
    """The statements that take all triggers, constraints and unique indexes away."""
    triggers = tx.execute(
        text(
            "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE NOT tgisinternal"
        )
    )
    found = [f'DROP TRIGGER "{name}" ON "{table}"' for name, table in triggers]
    constraints = tx.execute(
        text(
            "SELECT conname, relname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid"
            " WHERE contype IN ('p', 'u', 'f') AND relname <> 'alembic_version'"
            " AND connamespace = 'public'::regnamespace"
            " ORDER BY contype"
        )
    )
    found += [f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"' for name, table in constraints]
    unique = tx.execute(
        text(
            "SELECT i.relname FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid"
            " JOIN pg_class AS t ON t.oid = indrelid"
            " JOIN pg_namespace AS n ON n.oid = t.relnamespace"
            " WHERE n.nspname = 'public' AND indisunique AND t.relname <> 'alembic_version'"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)"
        )
    )
    return found + [f'DROP INDEX "{name}"' for (name,) in unique]


def stored(value: Any) -> Any:
    """Text that is none goes in as bytes."""
    if not isinstance(value, str):
        return value
    raw = value.encode("utf-8", "surrogateescape")
    return value if raw.decode("utf-8", "replace") == value else raw


class Attacker:
    """What somebody does to an attacked database, row by row."""

    def __init__(self, attacked: Attacked) -> None:
        self.attacked = attacked

    def rows(self, table: str, where: str = "TRUE", **values: Any) -> list[dict[str, Any]]:
        columns = [column.name for column in METADATA.tables[table].columns]
        names = ", ".join(f'"{name}"' for name in columns)
        place = self.attacked.place
        if place == "ctid":
            place = "CAST(ctid AS TEXT)"
        query = f'SELECT {names}, {place} FROM "{table}" WHERE {where}'
        found = self.attacked.execute(query, **values)
        return [dict(zip([*columns, PLACE], map(plain, row), strict=True)) for row in found]

    def put(self, table: str, row: Row, **changed: Any) -> None:
        """Change columns of one row that was read here."""
        sets = ", ".join(
            f'"{name}" = {self.attacked.spelled(name, value)}' for name, value in changed.items()
        )
        self.attacked.execute(
            f'UPDATE "{table}" SET {sets} WHERE {self._here()}', place_=row[PLACE], **changed
        )

    def remove(self, table: str, row: Row) -> None:
        self.attacked.execute(f'DELETE FROM "{table}" WHERE {self._here()}', place_=row[PLACE])

    def empty(self, table: str, where: str = "TRUE", **values: Any) -> None:
        self.attacked.execute(f'DELETE FROM "{table}" WHERE {where}', **values)

    def add(self, table: str, row: Row) -> None:
        given = {name: value for name, value in row.items() if name != PLACE}
        names = ", ".join(f'"{name}"' for name in given)
        values = ", ".join(self.attacked.spelled(name, value) for name, value in given.items())
        self.attacked.execute(f'INSERT INTO "{table}" ({names}) VALUES ({values})', **given)

    def replace(self, table: str, rows: Iterable[Row]) -> None:
        """Other rows than there are."""
        self.empty(table)
        for row in rows:
            self.add(table, row)

    def _here(self) -> str:
        if self.attacked.place == "ctid":
            return "ctid = CAST(:place_ AS tid)"
        # Text and numbers differ to SQLite, and what is put in is text.
        return "rowid = CAST(:place_ AS INTEGER)"

    @contextmanager
    def attack(self) -> Iterator[None]:
        with self.attacked.attack():
            yield

    def judged(
        self, *, root: str | None = None, policy: Path | None = None, against: Path | None = None
    ) -> VerifyReport:
        return self.attacked.judged(load_outside(root, policy, against))


def plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def flipped(value: Any, random: Random, *, is_damaged: bool) -> Any:
    """The value with one byte changed; what is empty becomes something. Text stays text unless it
    may be damaged."""
    if value is None or value in ("", b""):
        return b"x" if isinstance(value, bytes) else "x"
    if isinstance(value, int):
        raw = value.to_bytes(INTEGER_BYTES, "big", signed=True)
        return int.from_bytes(spoiled(raw, random), "big", signed=True)
    if isinstance(value, bytes):
        return spoiled(value, random)
    while True:
        other = spoiled(value.encode("utf-8", "surrogateescape"), random)
        if is_damaged:
            return other.decode("utf-8", "surrogateescape")
        try:
            found = other.decode()
        except UnicodeDecodeError:
            continue
        if "\x00" not in found:
            return found


def spoiled(raw: bytes, random: Random) -> bytes:
    place = random.randrange(len(raw))
    other = bytes([raw[place] ^ random.randint(1, 255)])
    return raw[:place] + other + raw[place + 1 :]


def codes(report: VerifyReport) -> set[str]:
    return {one.code for one in report.findings}


def says(report: VerifyReport) -> str:
    """The whole report as a person reads it."""
    shown = [*(one.sentence() for one in report.findings), *report.notes, *report.unchecked]
    return "\n".join((*shown, *report.needed, *report.checked))
