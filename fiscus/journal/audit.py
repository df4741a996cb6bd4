"""Hands the database's rows to the verifier, from whichever engine they come."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, Table, select

from fiscus.journal.verify import Report, verify_rows, verify_sqlite
from fiscus.store import stream
from fiscus.store.connect import reading
from fiscus.store.schema import CHECKPOINT, ENTRY, REGISTER_KEY, SETTING_KEY


def verify_database(
    engine: Engine,
    witness: Mapping[str, Any] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Verify the whole journal. A SQLite file is read by the verifier itself, without our store."""
    if engine.dialect.name == "sqlite":
        assert engine.url.database is not None
        return verify_sqlite(engine.url.database, witness=witness, progress=progress)
    with reading(engine) as tx:
        certificates = tx.execute(select(REGISTER_KEY.c.register, REGISTER_KEY.c.certificate_pem))
        own = select(SETTING_KEY.c.certificate_pem).where(SETTING_KEY.c.name == "checkpoint")
        return verify_rows(
            _rows(tx, ENTRY, "register", "sequence"),
            {register: pem for register, pem in certificates},
            _rows(tx, CHECKPOINT, "number"),
            tx.scalar(own),
            witness,
            progress,
        )


def _rows(tx: Connection, table: Table, *order: str) -> Iterator[Mapping[str, Any]]:
    """Streamed in the byte order of the keys, which is the order the journal's format knows."""
    keys = [table.c[key].collate("C") if key == "register" else table.c[key] for key in order]
    for row in stream.rows(tx, select(table).order_by(*keys)):
        yield dict(row._mapping)
