"""A journal in a SQLite file, read as any stranger could read it: with SQL and nothing of ours."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from fiscus.journal.verify.report import UnreadableFile, printable
from fiscus.journal.verify.source import Values

VALUE_BYTES_MAX = 64 * 1024 * 1024
"""A text or blob that is larger is not read at all: no writer stores one."""
ROWS = 500
INTEGER_MAX = 2**63
LOSSLESS_TEXT = partial(str, encoding="utf-8", errors="surrogateescape")
"""Damaged text must reach the checks: it is a finding, not a reason to stop reading."""


class SqliteSource:
    """The tables of a SQLite database within one transaction.

    Views and virtual tables are no tables here: what they hold may be made up while it is read.
    """

    def __init__(
        self,
        database: sqlite3.Connection,
        name: str,
        *,
        path: Path | None = None,
        watch: sqlite3.Connection | None = None,
    ) -> None:
        """`path` is given if others may open the file too; `watch`, a connection that stood open
        when the transaction began, then tells whether somebody has written since."""
        self.database = database
        self.name = name
        self.path = path
        self.watch = watch
        self.version = data_version(watch)
        self.is_damaged = False
        self.described = describe(database)

    def is_unchanged(self) -> bool:
        """Whether nobody has written since the transaction began."""
        return self.watch is not None and data_version(self.watch) == self.version

    def tables(self) -> Mapping[str, tuple[str, ...]]:
        return self.described

    def rows(
        self,
        table: str,
        columns: tuple[str, ...],
        *,
        order: tuple[str, ...] = (),
        equal: Mapping[str, object] | None = None,
        above: tuple[str, object] | None = None,
        most: int | None = None,
    ) -> Iterator[Values]:
        wanted, values = [], []
        for name, sign, value in conditions(equal or {}, above):
            if isinstance(value, int) and abs(value) >= INTEGER_MAX:
                return
            place = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
            wanted.append(f"{quoted(name)} {sign} {place}")
            values.append(as_bytes(value))
        query = f"SELECT {', '.join(map(quoted, columns))} FROM {quoted(table)}"
        if wanted:
            query += " WHERE " + " AND ".join(wanted)
        if order:
            query += " ORDER BY " + ", ".join(map(quoted, order))
        if most is not None:
            query += f" LIMIT {most}"
        yield from self.run(query, values)

    def run(self, query: str, values: Sequence[object] = ()) -> Iterator[Values]:
        """The rows of a query, streamed. Within our transaction it gives the same rows again, so it
        may begin anew for a damaged text, with the slower reading that bears it."""
        done = 0
        try:
            for rows in self.fetched(query, values):
                yield from rows
                done += len(rows)
        except sqlite3.OperationalError:
            if self.is_damaged:
                raise
            self.is_damaged = True
            again = chain.from_iterable(self.fetched(query, values))
            yield from islice(again, done, None)

    def fetched(self, query: str, values: Sequence[Any]) -> Iterator[list[Values]]:
        self.database.text_factory = LOSSLESS_TEXT if self.is_damaged else str
        cursor = self.database.execute(query, values)
        cursor.arraysize = ROWS
        while rows := cursor.fetchmany():
            yield rows


@contextmanager
def opened(path: Path | str) -> Iterator[SqliteSource]:
    """The file at this moment, read only. Raises `UnreadableFile` whatever is wrong with it."""
    with ExitStack() as stack:
        try:
            file = Path(path).resolve()
            watch = stack.enter_context(closing(connected(file)))
            database = stack.enter_context(closing(connected(file)))
            source = SqliteSource(database, str(path), path=file, watch=watch)
            database.execute("BEGIN")
            source.described = describe(database)
            yield source
        except (sqlite3.Error, OSError, ValueError) as error:
            raise UnreadableFile(printable(f"{path} cannot be read: {error}")) from error


def connected(path: Path) -> sqlite3.Connection:
    """A connection that can only read, and believes nothing that stands in the file."""
    uri = f"{path.as_uri()}?mode=ro"
    with ExitStack() as on_failure:
        database = on_failure.enter_context(
            closing(sqlite3.connect(uri, uri=True, isolation_level=None))
        )
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX)
        database.text_factory = LOSSLESS_TEXT
        database.execute("PRAGMA trusted_schema = OFF")
        on_failure.pop_all()
    return database


def data_version(database: sqlite3.Connection | None) -> object:
    """A number that changes when another connection has written."""
    return database.execute("PRAGMA data_version").fetchone()[0] if database else None


def describe(database: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """The ordinary tables with the columns that are stored."""
    found: dict[str, tuple[str, ...]] = {}
    tables = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name"
    for name, sql in database.execute(tables).fetchall():
        if isinstance(sql, str) and sql[:15].upper().startswith("CREATE VIRTUAL"):
            found[str(name)] = ()
            continue
        columns = database.execute(f"PRAGMA table_info({quoted(str(name))})")
        found[str(name)] = tuple(str(column[1]) for column in columns)
    return found


def conditions(
    equal: Mapping[str, object], above: tuple[str, object] | None
) -> Iterator[tuple[str, str, object]]:
    """Column, sign and value of each; `IS` also finds NULL."""
    for name, value in equal.items():
        yield name, "IS" if value is None else "=", value
    if above is not None:
        yield above[0], ">", above[1]


def as_bytes(value: object) -> object:
    """A text as its bytes: also one that is damaged can be looked for."""
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value


def quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
