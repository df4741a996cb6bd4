"""Helpers that read the file themselves see what the main process sees, whoever writes."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fiscus.journal.tests.small_shop import a_journal, erase
from fiscus.journal.tests.small_tables import Row, write_file
from fiscus.journal.verify.chain import CleanRun
from fiscus.journal.verify.examination import BATCH_ROWS, ExaminedBatch, examined
from fiscus.journal.verify.journal import named_keys
from fiscus.journal.verify.slices import examined_slices, is_sliceable
from fiscus.journal.verify.sqlite import SqliteSource, opened
from fiscus.journal.verify.tables import ENTRY
from fiscus.journal.verify.tests.judging import in_file

Seen = tuple[int, list[Any], list[Any], list[Any]]
ORDER = ("chain", "epoch", "sequence")


def seen(batches: list[ExaminedBatch]) -> Seen:
    """What was learned, wherever batches and runs are cut."""
    items = [item for batch in batches for item in batch.items]
    links = [item.links if isinstance(item, CleanRun) else item.link for item in items]
    broken = [item for item in items if not isinstance(item, CleanRun)]
    facts = [fact for batch in batches for fact in batch.facts["entry"]]
    return sum(batch.rows for batch in batches), [b"".join(links)], broken, facts


def by_one(source: SqliteSource) -> Seen:
    rows = source.rows("entry", ENTRY, order=ORDER)
    return seen([*examined(rows, named_keys(source), is_bare=False, workers=1)])


def by_helpers(source: SqliteSource) -> Seen:
    return seen([*examined_slices(source, named_keys(source), 1)])


def boundary(rows: list[Row]) -> Row:
    """The last entry of the first slice."""
    return sorted(rows, key=lambda row: [row[name] for name in ORDER])[BATCH_ROWS - 1]


SPOILED: dict[str, Callable[[list[Row]], object]] = {
    "nothing": lambda rows: None,
    "a chain that is NULL": lambda rows: rows[40].update(chain=None),
    "a chain that is no text": lambda rows: rows[40].update(chain=b"x"),
    "a damaged chain": lambda rows: rows[40].update(chain="\udcff"),
    "a damaged id": lambda rows: rows[40].update(id="\udcff"),
    "a sequence that is a text": lambda rows: rows[40].update(sequence="x"),
    "a number of many digits": lambda rows: rows[40].update(sequence=2**62),
    "a body that is gone": lambda rows: rows[40].update(body=b""),
    "a body that is a text": lambda rows: rows[40].update(body="{}"),
    "a body that is too large for a slice": lambda rows: rows[40].update(body=b" " * 9_000_000),
    "a wrong signature": lambda rows: rows[40].update(signature="A" * 86),
    "two at the place where slices meet": lambda rows: rows.append({**boundary(rows), "id": "x"}),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
def test_helpers_learn_the_same(tmp_path: Path, spoil: Callable[[list[Row]], object]) -> None:
    tables = a_journal(620).rows()
    spoil(tables["entry"])

    with opened(write_file(tables, tmp_path / "journal.db")) as source:
        assert by_helpers(source) == by_one(source)


def test_links_of_erased_entries_are_checked_where_slices_meet(tmp_path: Path) -> None:
    journal = a_journal(620)
    last = boundary(journal.entries)
    chain, sequence = last["chain"], last["sequence"]
    [after] = [
        row for row in journal.entries if row["chain"] == chain and row["sequence"] == sequence + 1
    ]
    erase(journal, chain, sequence, sequence + 1)
    after["link"] = "0" * 64

    with opened(in_file(journal, tmp_path)) as source:
        found = by_helpers(source)

    assert [entry.broken for entry in found[2]] == [(("VERIFY-LINK-01", ""),)]


def writing_ahead(path: Path) -> None:
    """Others may write while somebody reads; the file remembers it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")


def test_what_others_write_meanwhile_is_not_seen(tmp_path: Path) -> None:
    journal = a_journal(620)
    path = in_file(journal, tmp_path)
    writing_ahead(path)
    chain = boundary(journal.entries)["chain"]

    with closing(sqlite3.connect(path, isolation_level=None)) as writer, opened(path) as source:
        expected = by_one(source)
        assert source.is_unchanged()
        writer.execute("UPDATE entry SET body = '', digest = link WHERE sequence = 7")
        writer.execute("DELETE FROM entry WHERE chain = ? AND sequence = 9", (chain,))
        writer.execute("INSERT INTO entry (chain, epoch, sequence) VALUES (?, 1, 8000)", (chain,))
        writer.execute("VACUUM")
        assert not source.is_unchanged()
        assert by_helpers(source) == expected


def test_only_a_large_file_with_an_index_is_handed_out(tmp_path: Path) -> None:
    path = in_file(a_journal(60), tmp_path)
    with opened(path) as source:
        assert not is_sliceable(source)
    with closing(sqlite3.connect(path)) as writer, writer:
        rows = (("x", 1, number) for number in range(5_000))
        writer.executemany("INSERT INTO entry (chain, epoch, sequence) VALUES (?, ?, ?)", rows)
    with opened(path) as source:
        assert is_sliceable(source)
        assert not is_sliceable(SqliteSource(source.database, "memory"))
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("DROP INDEX entry_place")
    with opened(path) as source:
        assert not is_sliceable(source)


def test_a_file_that_helpers_cannot_open_any_more_is_read_by_the_main_process(
    tmp_path: Path,
) -> None:
    path = in_file(a_journal(620), tmp_path)

    with opened(path) as source:
        expected = by_one(source)
        path.unlink()
        assert by_helpers(source) == expected
