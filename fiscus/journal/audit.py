"""Hands the database's rows to the verifier, from whichever engine they come."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Text,
    column,
    inspect,
    select,
    table,
)
from sqlalchemy.exc import DataError, NotSupportedError, ProgrammingError

from fiscus.journal.verify import (
    OutsideKnowledge,
    UnreadableFile,
    VerifyReport,
    verify_source,
    verify_sqlite,
)
from fiscus.journal.verify.outside import NOTHING_GIVEN
from fiscus.store import stream
from fiscus.store.connect import reading

FEW = 1_000
"""Rows that are read at once, and not streamed."""


class StoredTables:
    """The tables of a PostgreSQL database within one transaction, as the verifier reads them.

    Found in the database itself, not in our own schema: what was added there is seen too.
    """

    def __init__(self, tx: Connection, name: str) -> None:
        self.tx = tx
        self.name = name
        self.found = inspect(tx)
        self.types: dict[str, dict[str, Any]] = {
            one: {found["name"]: found["type"] for found in self.found.get_columns(one)}
            for one in self.found.get_table_names()
        }

    def tables(self) -> Mapping[str, tuple[str, ...]]:
        return {name: tuple(columns) for name, columns in self.types.items()}

    def rows(
        self,
        table_name: str,
        columns: tuple[str, ...],
        *,
        order: tuple[str, ...] = (),
        equal: Mapping[str, object] | None = None,
        above: tuple[str, object] | None = None,
        most: int | None = None,
    ) -> Iterator[tuple[object, ...]]:
        """Streamed; texts in the order of their bytes, which is the one the verifier knows."""
        types = self.types[table_name]
        query: Any = select(*map(column, columns)).select_from(table(table_name))
        for name, value in (equal or {}).items():
            is_equal = column(name).is_(None) if value is None else column(name) == value
            query = query.where(is_equal)
        if above is not None:
            query = query.where(in_bytes(above[0], types) > above[1])
        query = query.order_by(*(in_bytes(name, types) for name in order))
        found: Iterable[Any]
        if most is not None and most <= FEW:
            # One answer: a cursor on the server would cost several times as much.
            found = self.tx.execute(query.limit(most))
        else:
            found = stream.rows(self.tx, query if most is None else query.limit(most))
        for row in found:
            yield tuple(bytes(one) if isinstance(one, memoryview) else one for one in row)


def in_bytes(name: str, types: Mapping[str, Any]) -> ColumnElement[Any]:
    """A column as it is ordered: texts by their bytes, whatever language the database speaks."""
    named: ColumnElement[Any] = column(name)
    is_text = isinstance(types[name], Text) or "CHAR" in str(types[name]).upper()
    return named.collate("C") if is_text else named


def verify_database(
    engine: Engine,
    outside: OutsideKnowledge = NOTHING_GIVEN,
    progress: Callable[[int], None] | None = None,
) -> VerifyReport:
    """Verify the whole journal. A SQLite file is read by the verifier itself, without our store.

    Raises `UnreadableFile` with one sentence if there is no journal of this format.
    """
    if engine.dialect.name == "sqlite":
        assert engine.url.database is not None
        return verify_sqlite(engine.url.database, outside=outside, progress=progress)
    try:
        with reading(engine) as tx:
            return verify_source(of_tables(tx), outside=outside, progress=progress)
    except (ProgrammingError, DataError, NotSupportedError) as error:
        shown = engine.url.render_as_string(hide_password=True)
        raise UnreadableFile(f"{shown} cannot be read: a table has other types") from error


def of_tables(tx: Connection) -> StoredTables:
    """The tables behind a connection. The password of its address is not shown."""
    return StoredTables(tx, tx.engine.url.render_as_string(hide_password=True))
