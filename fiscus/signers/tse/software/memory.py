"""What the software TSE remembers, in its own SQLite file: counters, logs, clients, users.

The file is the device. A message that was handed out is in it, because its commit was flushed to
the disk before; a message that is not in it was never handed out.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "tse.sqlite"
_START = b"SQLite format 3\0"

_SCHEMA = """
CREATE TABLE device (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    time_format TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    serial BLOB NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    is_initialized INTEGER NOT NULL DEFAULT 0,
    is_disabled INTEGER NOT NULL DEFAULT 0,
    is_locked INTEGER NOT NULL DEFAULT 0,
    clock_offset INTEGER,
    latest_time INTEGER NOT NULL DEFAULT 0,
    signature_counter INTEGER NOT NULL DEFAULT 0,
    transaction_counter INTEGER NOT NULL DEFAULT 0,
    exported_counter INTEGER NOT NULL DEFAULT 0,
    transactions_max INTEGER NOT NULL,
    clients_max INTEGER NOT NULL
);
CREATE TABLE certificate (position INTEGER PRIMARY KEY, der BLOB NOT NULL);
CREATE TABLE user (
    id TEXT PRIMARY KEY,
    role INTEGER NOT NULL,
    salt BLOB NOT NULL,
    pin BLOB NOT NULL,
    puk BLOB NOT NULL,
    pin_failures INTEGER NOT NULL DEFAULT 0,
    puk_failures INTEGER NOT NULL DEFAULT 0,
    blocked_until INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE client (id TEXT PRIMARY KEY, is_registered INTEGER NOT NULL);
CREATE TABLE open_transaction (number INTEGER PRIMARY KEY, client TEXT NOT NULL);
CREATE TABLE pending (
    id INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    process_type TEXT NOT NULL,
    data BLOB NOT NULL
);
CREATE TABLE log (
    counter INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    number INTEGER,
    operation TEXT,
    client TEXT,
    body BLOB NOT NULL
);
CREATE INDEX log_number ON log (number) WHERE number IS NOT NULL;
CREATE INDEX log_client ON log (client, counter) WHERE client IS NOT NULL;
"""


def create(folder: Path) -> sqlite3.Connection:
    """A new memory. Raises `FileExistsError` rather than touch one that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / FILE).exists():
        raise FileExistsError(f"there is a TSE already in {folder}")
    memory = _connect(folder)
    with closed_on_failure(memory):
        memory.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
    return memory


def reopen(folder: Path) -> sqlite3.Connection:
    """The memory that is there. Raises `sqlite3.DatabaseError` for a file that is none, before
    SQLite opens it: on closing it would remove the newest messages, which wait in a file beside."""
    if not (folder / FILE).exists():
        raise FileNotFoundError(f"there is no TSE in {folder}")
    with (folder / FILE).open("rb") as file:
        if file.read(len(_START)) != _START:
            raise sqlite3.DatabaseError("file is not a database")
    return _connect(folder)


def reader(folder: Path) -> sqlite3.Connection:
    """A second connection for long reads: it sees one state, whatever is written meanwhile."""
    memory = sqlite3.connect(
        f"{(folder / FILE).resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False
    )
    memory.row_factory = sqlite3.Row
    memory.isolation_level = None
    with closed_on_failure(memory):
        memory.execute("BEGIN")
    return memory


@contextmanager
def closed_on_failure(memory: sqlite3.Connection) -> Iterator[None]:
    """A connection that nobody gets is closed; otherwise it is the caller's to close."""
    try:
        yield
    except BaseException:
        memory.close()
        raise


def _connect(folder: Path) -> sqlite3.Connection:
    memory = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
    memory.row_factory = sqlite3.Row
    with closed_on_failure(memory):
        memory.execute("PRAGMA journal_mode = WAL")
        memory.execute("PRAGMA synchronous = FULL")
        memory.execute("PRAGMA busy_timeout = 5000")
        # The same few pages change with every message: copy them back into the file less often.
        memory.execute("PRAGMA wal_autocheckpoint = 4000")
    return memory
