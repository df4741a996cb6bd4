"""Databases and packages that an attacker made: each ends in findings or one sentence."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fiscus.journal.tests.small_journal import SmallJournal
from fiscus.journal.tests.small_shop import REGISTERS, a_journal
from fiscus.journal.tests.small_tables import COLUMNS, Tables, names
from fiscus.journal.verify.database import verify_sqlite
from fiscus.journal.verify.recent import verify_recent
from fiscus.journal.verify.report import UnreadableFile, VerifyReport
from fiscus.journal.verify.sqlite import SqliteSource
from fiscus.journal.verify.tests.judging import a_database, codes, judged, judged_database

STRANGE: list[Any] = [
    None,
    -1,
    0,
    2**63 - 1,
    -(2**63),
    1.5,
    float("inf"),
    "",
    "x" * 100_000,
    "\udcff\udc80",
    "\x00\n\x1b[31m",
    "— x",
    b"",
    b"\xff\x00" * 1000,
    b"{" * 100_000,
    b"[" * 1_000_000,
    b'{"a":' * 50_000,
    b'{"id":1,"id":2}',
    b'{"n":' + b"9" * 5000 + b"}",
    b'{"n":1e999999999}',
    b'{"n":NaN}',
    b'{"t":"\\ud800"}',
]


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    with closing(a_database(a_journal(60).rows())) as found:
        yield found


@pytest.mark.long  # half a minute: each value in each column of each table
@pytest.mark.parametrize("table", COLUMNS)
def test_values_of_every_type_in_every_column(database: sqlite3.Connection, table: str) -> None:
    chance = random.Random(table)
    for column in names(table):
        for value in chance.sample(STRANGE, 4):
            database.execute("BEGIN")
            raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
            place = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
            query = f'UPDATE "{table}" SET "{column}" = {place} WHERE rowid % 7 = 1'
            database.execute(query, (raw,))
            report = judged_database(database)
            outcome = verify_recent(SqliteSource(database, "m"), None)
            database.execute("ROLLBACK")
            for finding in (*report.findings, *outcome.findings):
                assert finding.sentence().isprintable()
                assert len(finding.sentence()) < 5_000


def test_runs_of_leaves_that_are_cyclic_or_gigantic() -> None:
    journal = a_journal(60)
    for run in (
        {"first": 1, "last": 2**63 - 1},
        {"first": 2**63 - 1, "last": 1},
        {"start": 0, "first": 1, "last": 1},
        {"chain": REGISTERS[0], "first": 1, "last": 5},
    ):
        tables = journal.rows()
        tables["leaf_run"] = [dict(row) | run for row in tables["leaf_run"]] * 50
        assert not judged(tables).is_good


def test_a_note_with_a_thousand_lines_or_control_characters() -> None:
    journal = a_journal(60)
    note = journal.log.checkpoints[-1]["note"]
    for spoiled in (
        note + note.split("\n")[-2] * 1 + "\n" + "— a AAAAAAAA\n" * 1000,
        note + "\r\n",
        "\x1b",
    ):
        tables = journal.rows()
        tables["checkpoint"][-1]["note"] = spoiled
        assert "VERIFY-CHECKPOINT-03" in codes(judged(tables))


def test_another_table_or_column_is_named_and_a_missing_one_too() -> None:
    journal = a_journal(40)
    for change, code in (
        ("CREATE TABLE extra (a)", "VERIFY-TABLE-01"),
        ("DROP TABLE tile", "VERIFY-TABLE-01"),
        ("DROP TABLE taxpayer", "VERIFY-TABLE-01"),
        ("ALTER TABLE label ADD COLUMN more", "VERIFY-TABLE-02"),
        ("ALTER TABLE claim DROP COLUMN taker", "VERIFY-TABLE-02"),
        ("ALTER TABLE series DROP COLUMN carried", "VERIFY-TABLE-02"),
    ):
        with closing(a_database(journal.rows())) as found:
            found.execute(change)
            assert code in codes(judged_database(found)), change


def test_a_view_or_a_virtual_table_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT i AS id, i AS encoding FROM n"
    )
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE VIEW entry AS {endless}")

    with pytest.raises(UnreadableFile, match="no tables"):
        verify_sqlite(path)


def test_a_value_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    journal = a_journal(40)
    path = journal.write(tmp_path / "j.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("UPDATE label SET metadata = zeroblob(200000000) WHERE rowid = 1")

    with pytest.raises(UnreadableFile, match="cannot be read"):
        verify_sqlite(path)


def test_each_damaged_page_of_a_file_ends_in_findings_or_one_sentence(tmp_path: Path) -> None:
    whole = a_journal(40).write(tmp_path / "j.db").read_bytes()
    path, chance = tmp_path / "damaged.db", random.Random(3)
    for _ in range(60):
        content = bytearray(whole)
        place = chance.randrange(100, len(content))
        content[place : place + 40] = chance.randbytes(40)
        path.write_bytes(content)
        assert is_answered(path)


def is_answered(path: Path) -> bool:
    """Whether it ends with a report or with one sentence."""
    try:
        return isinstance(verify_sqlite(path), VerifyReport)
    except UnreadableFile as error:
        return "\n" not in str(error)


def test_many_findings_are_counted_not_kept() -> None:
    def foreign(tables: Tables) -> None:
        for row in tables["entry"]:
            row["signature"] = "A" * 86

    journal: SmallJournal = a_journal(60)
    tables = journal.rows()
    foreign(tables)
    assert len(judged(tables).findings) >= 60
