"""Entries of a SQLite file, read by the helping processes themselves, slice by slice.

The transaction of the main process decides which entries there are: it walks over their places, and
hands out slices. A helper reads a slice in a transaction of its own, which may begin later. Entries
are never changed, so it sees the same ones; only where somebody has written in between, and the
slice is not clean or not of the same length, the main process reads it again at its own moment.
"""

import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from fiscus.journal.verify.entry import BODY, EntryCheck, Values
from fiscus.journal.verify.examination import (
    ALONE_BATCHES,
    BATCH_BYTES,
    BATCH_ROWS,
    CHECKS,
    ExaminedBatch,
    examine_batch,
    helpers,
    in_batches,
    remember,
    unpacked,
)
from fiscus.journal.verify.keys import Keyring, NamedKey
from fiscus.journal.verify.sqlite import LOSSLESS_TEXT, SqliteSource, connected, quoted
from fiscus.journal.verify.tables import ENTRY

WAITING_PER_HELPER = 4
ENTRIES_MIN = ALONE_BATCHES * BATCH_ROWS
"""With fewer it is quicker to begin at once than to start helpers."""

COLUMNS = ", ".join(map(quoted, ENTRY))
PLACES = "SELECT chain, epoch, sequence, rowid FROM entry ORDER BY chain, epoch, sequence"
BETWEEN = f"""
SELECT {COLUMNS} FROM entry
WHERE (chain, epoch, sequence) >= (?, ?, ?) AND (chain, epoch, sequence) <= (?, ?, ?)
ORDER BY chain, epoch, sequence LIMIT ?
"""
BY_ROWID = f"SELECT {COLUMNS} FROM entry WHERE rowid = ?"
OTHERWISE = b""
"""The answer of a helper that does not see what it was asked for."""

Place = tuple[Any, ...]


class EntrySlice(NamedTuple):
    """Entries that follow each other in the order of their places; the one before them, if there
    is one, is the first of `rowids`, and `has_before` says so."""

    first: Place
    last: Place
    rowids: list[int]
    has_before: bool


def is_sliceable(source: SqliteSource) -> bool:
    """Whether helpers can open this file too, and are done before we would be alone."""
    if source.path is None or {*source.tables()["entry"]} != {*ENTRY}:
        return False
    try:
        found = source.database.execute(
            "SELECT rowid FROM entry LIMIT ?", (ENTRIES_MIN,)
        ).fetchall()
        plan = source.database.execute(f"EXPLAIN QUERY PLAN {BETWEEN}", (None,) * 7).fetchall()
    except sqlite3.Error:  # a table without these numbers
        return False
    # Without an index over the places each slice would be a walk through all.
    is_indexed = len(plan) == 1 and "(chain,epoch,sequence)>" in str(plan[0][-1])
    return is_indexed and len(found) == ENTRIES_MIN


def slices(source: SqliteSource) -> Iterator[EntrySlice]:
    places = source.run(PLACES)
    before: list[Place] = []
    while new := [*islice(places, BATCH_ROWS)]:
        rows = [*before, *new]
        yield EntrySlice(rows[0][:3], rows[-1][:3], [row[3] for row in rows], bool(before))
        before = rows[-1:]


def examined_slices(
    source: SqliteSource, keys: Iterable[NamedKey], workers: int
) -> Iterator[ExaminedBatch]:
    """Batches of entries, each checked by itself, in the order of their places."""
    known = tuple(keys)
    check = EntryCheck(Keyring(known))
    todo = slices(source)
    waiting: deque[tuple[EntrySlice, Future[bytes]]] = deque()
    with helpers(workers, open_here, (known, str(source.path))) as pool:
        while True:
            for one in islice(todo, WAITING_PER_HELPER * workers - len(waiting)):
                asked = (one.first, one.last, len(one.rowids), one.has_before)
                waiting.append((one, pool.submit(examine_slice, asked)))
            if not waiting:
                return
            one, future = waiting.popleft()
            result = future.result()
            if result != OTHERWISE:
                batch, is_clean = read_answer(result)
                if is_clean or source.is_unchanged():
                    yield batch
                    continue
            yield from examined_again(source, check, one)


def examined_again(
    source: SqliteSource, check: EntryCheck, one: EntrySlice
) -> Iterator[ExaminedBatch]:
    """A slice as the main process sees it."""
    rows: Iterator[Values] = (row for rowid in one.rowids for row in source.run(BY_ROWID, (rowid,)))
    before: Values | None = next(rows) if one.has_before else None
    for between, batch in in_batches(rows):
        yield unpacked(examine_batch(check, (between or before, batch)))


DATABASES: list[sqlite3.Connection] = []
"""In a helping process: its one connection, in its one transaction."""


def open_here(keys: tuple[NamedKey, ...], path: str) -> None:
    remember(keys, is_bare=False)
    try:
        database = connected(Path(path))
        database.execute("BEGIN")
    except sqlite3.Error:  # then the main process reads alone what it holds open
        return
    DATABASES[:] = [database]


def examine_slice(asked: tuple[Place, Place, int, bool]) -> bytes:
    """In a helping process: read and check a slice. The answer ends with 1 if all is clean."""
    first, last, count, has_before = asked
    [check] = CHECKS
    if not DATABASES:
        return OTHERWISE
    [database] = DATABASES
    try:
        rows = read_slice(database, first, last, count)
    except (sqlite3.Error, OverflowError, UnicodeEncodeError):
        return OTHERWISE
    if len(rows) != count:
        return OTHERWISE
    before = rows.pop(0) if has_before else None
    is_whole = all(row[BODY] for row in rows)
    result = examine_batch(check, (before, rows))
    return result + (b"\x01" if is_whole else b"\x00")


def read_slice(database: sqlite3.Connection, first: Place, last: Place, count: int) -> list[Values]:
    """The rows, or fewer if they are too large to be held together."""
    values = (*first, *last, count + 1)
    database.text_factory = str
    try:
        return bounded(database.execute(BETWEEN, values))
    except sqlite3.OperationalError:  # a text that is damaged
        database.text_factory = LOSSLESS_TEXT
        return bounded(database.execute(BETWEEN, values))


def bounded(cursor: Iterator[Values]) -> list[Values]:
    rows: list[Values] = []
    size = 0
    for row in cursor:
        body = row[BODY]
        size += len(body) if isinstance(body, bytes | str) else 0
        if size > BATCH_BYTES:
            return []
        rows.append(row)
    return rows


def read_answer(result: bytes) -> tuple[ExaminedBatch, bool]:
    """The batch, and whether its entries are whole and without fault."""
    batch = unpacked(result[:-1])
    is_faultless = all(len(item) == 9 for item in batch.items)
    return batch, is_faultless and result[-1] == 1
