"""Every column of every table: changed, put back, taken away. What is not found is work.

Each run tries every column once and every table twice; `make test-long` does it much more often,
and `FISCUS_LONG=1 make test-long` as often as a night allows.
"""

import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from fiscus.journal.tests.small_shop import a_journal
from fiscus.journal.tests.small_tables import COLUMNS, names, stored
from fiscus.journal.verify.report import VerifyReport
from fiscus.journal.verify.tables import TABLES, WORK
from fiscus.journal.verify.tests.judging import a_database, judged_database


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How long the journal is, how many bits are flipped in each column, how many rows of each
    table are removed and doubled, and how many entries are changed."""

    journal: int
    flips: int
    rows: int
    entries: int


EACH_RUN = Extent(journal=60, flips=1, rows=2, entries=12)
LONG = Extent(journal=100, flips=10, rows=20, entries=60)
NIGHT = Extent(journal=300, flips=40, rows=20, entries=60)
EXTENTS = [
    pytest.param(EACH_RUN, id="each run"),
    pytest.param(
        NIGHT if os.environ.get("FISCUS_LONG") == "1" else LONG, id="long", marks=pytest.mark.long
    ),
]
WORK_COLUMNS = {
    ("checkpoint", "at"),
    ("claim", "created_at"),
    ("series", "holder"),
    ("series", "held_until"),
    ("series", "said"),
    ("series", "said_at"),
    ("series", "attempts"),
}
"""Columns that the page lists as work."""

CELLS = [
    (table, column)
    for table in COLUMNS
    if TABLES[table].kind != WORK
    for column in names(table)
    if (table, column) not in WORK_COLUMNS
]


@pytest.fixture(scope="module", params=EXTENTS)
def extent(request: pytest.FixtureRequest) -> Extent:
    found: Extent = request.param
    return found


@pytest.fixture(scope="module")
def database(extent: Extent) -> Iterator[sqlite3.Connection]:
    with closing(a_database(a_journal(extent.journal).rows())) as found:
        assert judged_database(found).is_good
        yield found


def flipped(value: Any, chance: random.Random) -> Any:
    """The value with one bit changed; what is empty becomes something."""
    if value is None:
        return chance.choice(["", "x", 0])
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(40))
    raw = bytearray(stored(value))
    if not raw:
        return "x" if isinstance(value, str) else b"x"
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return raw.decode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(raw)


def put(database: sqlite3.Connection, table: str, column: str, rowid: int, value: Any) -> None:
    new = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
    query = f'UPDATE "{table}" SET "{column}" = {new} WHERE rowid = ?'
    database.execute(query, (stored(value), rowid))


@pytest.mark.parametrize(("table", "column"), CELLS)
def test_each_flipped_bit_is_found(
    database: sqlite3.Connection, extent: Extent, table: str, column: str
) -> None:
    chance = random.Random(f"{table} {column}")
    rows = [rowid for (rowid,) in database.execute(f'SELECT rowid FROM "{table}"')]
    assert rows
    for _ in range(extent.flips):
        rowid = chance.choice(rows)
        query = f'SELECT "{column}" FROM "{table}" WHERE rowid = ?'
        [old] = database.execute(query, (rowid,)).fetchone()
        new = flipped(old, chance)
        put(database, table, column, rowid, new)
        report = judged_database(database)
        put(database, table, column, rowid, old)

        assert not report.is_good, (rowid, old, new)


@pytest.mark.parametrize("table", sorted({table for table, _ in CELLS}))
def test_each_removed_and_each_doubled_row_is_found(
    database: sqlite3.Connection, extent: Extent, table: str
) -> None:
    chance = random.Random(table)
    rows = [rowid for (rowid,) in database.execute(f'SELECT rowid FROM "{table}"')]
    columns = ", ".join(f'"{name}"' for name in names(table))
    for rowid in chance.sample(rows, min(len(rows), extent.rows)):
        copied = f'INSERT INTO "{table}" SELECT {columns} FROM "{table}" WHERE rowid = ?'
        removed = f'DELETE FROM "{table}" WHERE rowid = ?'
        assert not after(database, copied, rowid).is_good, rowid
        # An older note may be gone: the newest one proves all that it proved.
        is_old_note = table == "checkpoint" and rowid != max(rows)
        assert is_old_note or not after(database, removed, rowid).is_good, rowid


def after(database: sqlite3.Connection, change: str, rowid: int) -> VerifyReport:
    """What is found after a change, which is taken back."""
    database.execute("BEGIN")
    try:
        database.execute(change, (rowid,))
        return judged_database(database)
    finally:
        database.execute("ROLLBACK")


def test_the_first_finding_names_the_entry_that_was_changed(
    database: sqlite3.Connection, extent: Extent
) -> None:
    chance = random.Random(7)
    rows = database.execute("SELECT rowid, chain, sequence FROM entry").fetchall()
    for rowid, chain, sequence in chance.sample(rows, extent.entries):
        column = chance.choice(["body", "link", "signature", "at", "organization", "id", "key"])
        query = f"SELECT {column} FROM entry WHERE rowid = ?"
        [old] = database.execute(query, (rowid,)).fetchone()
        put(database, "entry", column, rowid, flipped(old, chance))
        place = judged_database(database).findings[0].entry
        put(database, "entry", column, rowid, old)

        assert place is not None, column
        assert (place.chain, place.sequence) == (chain, sequence), column
