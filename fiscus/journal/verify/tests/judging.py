"""Judging small journals in tests, and spoiling them with the right keys."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

from fiscus.journal.tests.small_journal import SmallJournal, in_order
from fiscus.journal.tests.small_tables import Row, Tables, write_tables
from fiscus.journal.verify.database import verify_source
from fiscus.journal.verify.outside import NOTHING_GIVEN, OutsideKnowledge
from fiscus.journal.verify.report import VerifyReport
from fiscus.journal.verify.sqlite import LOSSLESS_TEXT, SqliteSource


def a_database(tables: Tables) -> sqlite3.Connection:
    """The rows in the memory of this process, to be spoiled row by row; the caller closes it."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.text_factory = LOSSLESS_TEXT
    write_tables(tables, database)
    return database


def judged_database(
    database: sqlite3.Connection, outside: OutsideKnowledge = NOTHING_GIVEN
) -> VerifyReport:
    return verify_source(SqliteSource(database, "memory"), outside=outside, workers=1)


def judged(journal: SmallJournal | Tables, **outside: Any) -> VerifyReport:
    tables = journal.rows() if isinstance(journal, SmallJournal) else journal
    with closing(a_database(tables)) as database:
        return judged_database(database, OutsideKnowledge(**outside))


def codes(report: VerifyReport) -> set[str]:
    return {finding.code for finding in report.findings}


def spoiled(journal: SmallJournal, spoil: Callable[[Tables], object], **outside: Any) -> set[str]:
    """The codes that are found after the rows were changed."""
    tables = journal.rows()
    spoil(tables)
    return codes(judged(tables, **outside))


def entry(journal: SmallJournal, kind: str, place: int = 0) -> Row:
    """The first (or another) entry of a kind."""
    return [row for row in journal.entries if row["kind"] == kind][place]


def body_of(row: Row) -> Row:
    body: Row = json.loads(row["body"])
    return body


def change(
    journal: SmallJournal, row: Row, *, without: tuple[str, ...] = (), **members: Any
) -> None:
    """Write the row anew with other members, signed with the right key, and the links after it."""
    body = {name: value for name, value in body_of(row).items() if name not in without}
    row.update(journal.row(body | members))
    chain = [one for one in in_order(journal.entries) if one["chain"] == row["chain"]]
    for before, after in pairwise(chain):
        if after["sequence"] > row["sequence"]:
            after.update(journal.row(body_of(after) | {"previous": before["link"]}))
    journal.heads[row["chain"]] = chain[-1]


def in_file(journal: SmallJournal, folder: Path, name: str = "journal.db") -> Path:
    return journal.write(folder / name)
