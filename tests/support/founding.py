"""What many tests begin with, set up once a process: a shop takes fifty milliseconds to found, and
a copy of its database three.

Only a fresh SQLite database is copied into, so that nothing a test has written is lost; everywhere
else what is asked for is done. All tests of a process get the same, whichever comes first.
"""

import os
import sqlite3
from collections.abc import Callable, Hashable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from sqlalchemy import Engine

from fiscus.model.ids import pooled, uuid4s, uuid7s
from fiscus.registry.chains import ChainStatements
from fiscus.registry.stating import attached
from fiscus.registry.tests.builders import a_vault
from fiscus.store.connect import connect

Told = TypeVar("Told")

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"


@dataclass(frozen=True, kw_only=True)
class Founding:
    """A database in memory, and what founding it told."""

    pages: sqlite3.Connection
    told: Any


_FOUNDINGS: dict[Hashable, Founding] = {}


def founded(engine: Engine, key: Hashable, at: datetime, found: Callable[[Engine], Told]) -> Told:
    """What `found` tells, and its rows in the database of the engine. `key` names `found` and all
    that it depends on; its rows are stated `at` that time, with the vault of all tests."""
    if engine.dialect.name != "sqlite":
        return found(engine)
    with _opened(engine) as pages:
        if not _is_fresh(pages):
            return found(engine)
        if (key, at) not in _FOUNDINGS:
            _FOUNDINGS[key, at] = _apart(pages, at, found)
        founding = _FOUNDINGS[key, at]
        founding.pages.backup(pages)
    told: Told = founding.told
    return told


@contextmanager
def _opened(engine: Engine) -> Iterator[sqlite3.Connection]:
    connection = engine.raw_connection()
    try:
        found = connection.driver_connection
        assert isinstance(found, sqlite3.Connection)
        yield found
    finally:
        connection.close()


def _is_fresh(pages: sqlite3.Connection) -> bool:
    """No table has a row."""
    tables = [name for (name,) in pages.execute(TABLES)]
    looks = (f'EXISTS (SELECT 1 FROM "{name}")' for name in tables)
    [(has_rows,)] = pages.execute(f"SELECT {' OR '.join(looks) or '1'}")  # noqa: S608 - our names
    return not has_rows


def _apart(fresh: sqlite3.Connection, at: datetime, found: Callable[[Engine], Any]) -> Founding:
    """Done in a copy. What is stated there has ids before all that a test makes at that time."""
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    ids = uuid7s(lambda: at - timedelta(milliseconds=1), pooled(os.urandom))
    statements = ChainStatements(a_vault(), lambda: at, ids, uuid4s(os.urandom))
    with TemporaryDirectory() as folder:
        file = Path(folder, "fiscus.db")
        with closing(sqlite3.connect(file)) as copy:
            fresh.backup(copy)
        engine = connect(f"sqlite:///{file}")
        told = found(attached(engine, statements))
        engine.dispose()
        with closing(sqlite3.connect(file)) as done:
            done.backup(kept)
    return Founding(pages=kept, told=told)
