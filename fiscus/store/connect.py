"""Opens a database: SQLite in a file, or PostgreSQL; the only place that knows the difference."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from fiscus.model.faults import Code, Unavailable
from fiscus.store.turns import WriteTurns

DOWN = Code("STORE-DOWN-01", "the database does not answer; send the same request again later")
FULL = Code("STORE-FULL-01", "the disk is full; free some space and send the same request again")
NOT_WRITABLE = Code(
    "STORE-WRITE-01",
    "the database file cannot be opened or written: its folder must be there, and this user must "
    "have the right to write both",
)
BUSY = Code("STORE-BUSY-01", "the database is busy; send the same request again")

_BUSY_SECONDS = 10
_PG_LOCK_MILLISECONDS = 10_000
_PG_STATEMENT_MILLISECONDS = 60_000


def connect(url: str) -> Engine:
    """An engine with the settings that make a commit durable.

    SQLite: write-ahead log, `synchronous=FULL`, transactions that write take the lock at once.
    PostgreSQL: read committed, lock and statement time-outs.
    """
    if url.startswith("sqlite"):
        return _sqlite(url)
    options = (
        f"-c lock_timeout={_PG_LOCK_MILLISECONDS} "
        f"-c statement_timeout={_PG_STATEMENT_MILLISECONDS} -c synchronous_commit=on"
    )
    return create_engine(
        url,
        pool_size=8,
        max_overflow=24,
        pool_timeout=10,
        hide_parameters=True,  # What people buy does not belong into a log.
        # Asking for a type we do not use would cost a query per connection.
        use_native_hstore=False,
        connect_args={"options": options},
    )


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=24,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": _BUSY_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        # Transactions are begun by us, see `begin` below.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            # Without it, INSERT OR REPLACE removes a row behind the back of the triggers.
            "recursive_triggers=ON",
            "cache_size=-32768",
            "temp_store=MEMORY",
            # Hot pages are rewritten often: copy them back into the file less often.
            "wal_autocheckpoint=4000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("fiscus_mode", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


@contextmanager
def writing(engine: Engine, *, is_sale: bool = False) -> Iterator[Connection]:
    """One transaction that writes; commits at the end of the block, rolls back on any exception.
    A till waits for one that `is_sale`: it goes before others (`store/turns.py`).

    Raises `Unavailable` when the database is gone, full or busy: nothing of the block is kept,
    or, if the connection broke during the commit, the outcome is unknown to us and the caller's
    idempotency key will tell.
    """
    with explained(), _turn(engine, is_sale), engine.connect() as connection:
        tx = connection.execution_options(fiscus_mode="IMMEDIATE")
        with tx.begin():
            yield tx


_turns: WeakKeyDictionary[Engine, WriteTurns] = WeakKeyDictionary()


@contextmanager
def _turn(engine: Engine, is_sale: bool) -> Iterator[None]:
    """Who writes to a file next, of the threads of this process. PostgreSQL sees to that itself.

    Raises `Unavailable` after as long as SQLite itself waits.
    """
    if engine.dialect.name == "postgresql":
        yield
        return
    turns = _turns.setdefault(engine, WriteTurns())
    with turns.turn(_BUSY_SECONDS, is_sale=is_sale) as is_mine:
        if not is_mine:
            raise Unavailable(BUSY)
        yield


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads, on one consistent state of the database."""
    with explained(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def explained() -> Iterator[None]:
    """Turns the engines' words for gone, full and busy into `Unavailable`."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(_trouble(error)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable(DOWN) from error
        raise


def _trouble(error: DBAPIError) -> Code:
    words = str(error.orig).lower()
    if "full" in words or "no space" in words:
        return FULL
    if "readonly" in words or "unable to open" in words:
        return NOT_WRITABLE
    if "locked" in words or "lock timeout" in words or "deadlock" in words:
        return BUSY
    return DOWN


def is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def is_postgres(tx: Connection) -> bool:
    return tx.dialect.name == "postgresql"


def ping(engine: Engine) -> None:
    """Raises `Unavailable` unless the database answers."""
    with reading(engine) as tx:
        tx.execute(text("SELECT 1"))
