"""The world of the simulated authority: one SQLite file that several processes may share.

It is a foreign system: it shares no table and no transaction with Fiscus, so that a lost answer, a
restart or a second process meets the same world as with the real authority.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from fiscus.model.times import Clock, local

TIMEZONE = "Europe/Lisbon"
FILE = "at_portugal.sqlite"

_BUSY_SECONDS = 8
_VERSION = 3

_SCHEMA = """
CREATE TABLE IF NOT EXISTS series (
    taxpayer TEXT NOT NULL,
    document_type TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    name TEXT NOT NULL,
    class TEXT NOT NULL,
    series_type TEXT NOT NULL,
    first_number TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    certificate TEXT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    registered_at TEXT NOT NULL,
    processing TEXT NOT NULL DEFAULT 'PI',
    PRIMARY KEY (taxpayer, document_type, folded_name)
);
CREATE TABLE IF NOT EXISTS ended (
    taxpayer TEXT NOT NULL,
    document_type TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('N', 'F')),
    ended_at TEXT NOT NULL DEFAULT '',
    last_number TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    justification TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (taxpayer, document_type, folded_name)
);
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY,
    taxpayer TEXT NOT NULL,
    family TEXT NOT NULL CHECK (family IN ('invoice', 'work', 'payment', 'movement')),
    number TEXT NOT NULL,
    document_type TEXT NOT NULL,
    dated TEXT NOT NULL,
    atcud TEXT NOT NULL,
    code TEXT NOT NULL,
    sequence TEXT NOT NULL,
    customer TEXT NOT NULL,
    country TEXT NOT NULL,
    status TEXT NOT NULL,
    status_date TEXT NOT NULL,
    starts_at TEXT NOT NULL DEFAULT '',
    reference TEXT NOT NULL DEFAULT '',
    content TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    standing TEXT NOT NULL DEFAULT 'registered'
        CHECK (standing IN ('registered', 'deletion asked', 'deleted')),
    reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX IF NOT EXISTS documents_number ON documents (taxpayer, family, number)
    WHERE standing <> 'deleted';
CREATE INDEX IF NOT EXISTS documents_code ON documents (code, sequence);
CREATE TABLE IF NOT EXISTS symmetric_keys (digest BLOB PRIMARY KEY, used_at TEXT NOT NULL)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wrong_passwords (username TEXT PRIMARY KEY, tries INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS permissions (username TEXT PRIMARY KEY, profiles TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS without_activity (nif TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    operation TEXT NOT NULL,
    moment TEXT NOT NULL,
    times INTEGER,
    probability REAL NOT NULL,
    seed INTEGER NOT NULL,
    argument TEXT NOT NULL,
    draws INTEGER NOT NULL DEFAULT 0,
    hits INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS answers (operation TEXT PRIMARY KEY, status INTEGER NOT NULL,
    body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    operation TEXT NOT NULL,
    username TEXT NOT NULL,
    subject TEXT NOT NULL,
    code TEXT NOT NULL,
    fault TEXT NOT NULL
);
"""
"""Numbers of series and documents are texts: they have up to 25 digits. `moment` of a fault is
`before` or `after` the request takes effect; `times` NULL: always."""

_LATER_COLUMNS = {
    "series": ("processing TEXT NOT NULL DEFAULT 'PI'",),
    "ended": (
        "ended_at TEXT NOT NULL DEFAULT ''",
        "last_number TEXT NOT NULL DEFAULT ''",
        "reason TEXT NOT NULL DEFAULT ''",
        "justification TEXT NOT NULL DEFAULT ''",
    ),
}
"""What worlds of before lack: they knew series only."""


@dataclass(frozen=True, kw_only=True)
class World:
    """Where the authority keeps what it knows, and the clock it looks at."""

    folder: Path
    clock: Clock

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """One transaction, committed at the end; nothing is kept where an error gets out."""
        with closing(connected(self.folder)) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")


@dataclass(frozen=True, kw_only=True)
class Now:
    """The present as the authority sees it: its clock may be wrong on demand."""

    at: datetime

    @property
    def local(self) -> datetime:
        """Time of Lisbon, without its zone, as documents state it."""
        return local(self.at, TIMEZONE).replace(tzinfo=None)

    @property
    def today(self) -> date:
        return self.local.date()

    def stamp(self) -> str:
        """`2026-05-04T09:15:01.123+01:00`, as answers are stamped."""
        return local(self.at, TIMEZONE).isoformat(timespec="milliseconds")


def now(world: World, wrong_by_millis: int = 0) -> Now:
    return Now(at=world.clock() + timedelta(milliseconds=wrong_by_millis))


def connected(folder: Path) -> sqlite3.Connection:
    """A connection to a world, whose tables are made where they are missing.

    Not synchronous: a killed process loses nothing, and a TEST world need not outlive a power cut.
    """
    db = sqlite3.connect(folder / FILE, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = OFF")
        if db.execute("PRAGMA user_version").fetchone()[0] < _VERSION:
            _make(db)
    except BaseException:
        db.close()
        raise
    return db


def _make(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    for statement in _SCHEMA.split(";"):
        if statement.strip():
            db.execute(statement)
    for table, columns in _LATER_COLUMNS.items():
        known = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
        for column in columns:
            if column.split()[0] not in known:
                db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    db.execute(f"PRAGMA user_version = {_VERSION}")
    db.execute("COMMIT")
