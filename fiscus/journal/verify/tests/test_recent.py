"""The newest entries verified again and again."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from fiscus.journal.tests.small_journal import SmallJournal
from fiscus.journal.tests.small_shop import (
    ORGANIZATION,
    REGISTERS,
    TAXPAYER,
    a_journal,
    close,
    export,
    fall_silent,
    sell,
    sign_again,
)
from fiscus.journal.tests.small_tables import Tables
from fiscus.journal.verify.recent import RecentOutcome, verify_recent
from fiscus.journal.verify.report import UnreadableFile
from fiscus.journal.verify.sqlite import SqliteSource
from fiscus.journal.verify.tests.judging import a_database


def recent(tables: Tables, cursor: Any = None, **more: Any) -> RecentOutcome:
    """With the cursor as it comes back from where it was kept."""
    kept = json.loads(json.dumps(cursor))
    with closing(a_database(tables)) as database:
        return verify_recent(SqliteSource(database, "memory"), kept, **more)


def found(outcome: RecentOutcome) -> set[str]:
    return {finding.code for finding in outcome.findings}


@pytest.fixture
def journal() -> SmallJournal:
    return a_journal(120)


def test_only_what_came_after_the_cursor_is_read(journal: SmallJournal) -> None:
    first = recent(journal.rows())
    assert (first.entries, first.findings, first.is_complete) == (len(journal.entries), (), True)
    assert recent(journal.rows(), first.cursor).entries == 0

    for register in REGISTERS:
        sell(journal, register)
        close(journal, register)
    fall_silent(journal, REGISTERS[0])
    journal.rotate(REGISTERS[1])
    sell(journal, REGISTERS[1])
    journal.rotate(ORGANIZATION)
    export(journal)
    second = recent(journal.rows(), first.cursor)
    assert second.findings == ()
    assert second.entries == 15
    sign_again(journal, REGISTERS[0])
    assert found(recent(journal.rows(), second.cursor)) == set()


def test_a_long_way_is_gone_in_steps(journal: SmallJournal) -> None:
    tables, cursor, steps, entries = journal.rows(), None, 0, 0
    while True:
        outcome = recent(tables, cursor, entries_max=13)
        cursor, steps, entries = outcome.cursor, steps + 1, entries + outcome.entries
        assert outcome.findings == ()
        assert outcome.entries <= 13
        if outcome.is_complete:
            break

    assert entries == len(journal.entries)
    assert steps >= len(journal.entries) // 13


def entry_of(tables: Tables, place: int) -> dict[str, Any]:
    return [row for row in tables["entry"] if row["chain"] == REGISTERS[0]][place]


def row_of(table: str, column: str, value: Any) -> Callable[[Tables], None]:
    def spoil(tables: Tables) -> None:
        for row in tables[table]:
            row[column] = value

    return spoil


def newest(column: str, value: Any) -> Callable[[Tables], None]:
    def spoil(tables: Tables) -> None:
        entry_of(tables, -1)[column] = value

    return spoil


SPOILED: list[tuple[Callable[[Tables], Any], str]] = [
    (newest("signature", "A" * 86), "VERIFY-SIGNATURE-01"),
    (newest("body", b"{}"), "VERIFY-BODY-02"),
    (newest("link", "0" * 64), "VERIFY-LINK-01"),
    (newest("day", "2026-05-05"), "VERIFY-COPY-01"),
    (lambda tables: tables["entry"].remove(entry_of(tables, -2)), "VERIFY-SEQUENCE-01"),
    (lambda tables: tables["entry"].remove(entry_of(tables, -1)), "VERIFY-HEAD-01"),
    (row_of("taxpayer", "content", "{1}"), "VERIFY-ROWS-05"),
    (row_of("taxpayer", "link", "0" * 64), "VERIFY-ROWS-05"),
    (row_of("location", "details", "x"), "VERIFY-ROWS-05"),
    (row_of("register", "state", "x"), "VERIFY-ROWS-05"),
    (row_of("series", "validation_code", "FORGED12"), "VERIFY-ROWS-05"),
    (row_of("series", "number", 99), "VERIFY-SERIES-04"),
    (row_of("series", "carried", "x"), "VERIFY-SERIES-04"),
    (row_of("register_key", "certificate_pem", "x"), "VERIFY-ROWS-05"),
    (row_of("label", "metadata", "x"), "VERIFY-ROWS-05"),
    (row_of("claim", "metadata", "x"), "VERIFY-CLAIM-01"),
    (row_of("claim", "entry", None), "VERIFY-CLAIM-02"),
    (row_of("chain", "entry", "x"), "VERIFY-HEAD-01"),
    (row_of("chain", "class", "x"), "VERIFY-HEAD-01"),
    (lambda tables: tables["taxpayer"].clear(), "VERIFY-ROWS-04"),
    (lambda tables: tables["series"].clear(), "VERIFY-ROWS-04"),
    (lambda tables: tables["label"].clear(), "VERIFY-ROWS-04"),
]


@pytest.mark.parametrize(("spoil", "code"), SPOILED)
def test_what_new_entries_say_and_rest_on_is_compared(
    journal: SmallJournal, spoil: Callable[[Tables], Any], code: str
) -> None:
    cursor = recent(journal.rows()).cursor
    sell(journal, REGISTERS[0])
    tables = journal.rows()
    assert recent(tables, cursor).findings == ()

    spoil(tables)

    assert code in found(recent(tables, cursor))


def test_a_chain_that_ends_before_or_is_another_is_found(journal: SmallJournal) -> None:
    old = journal.rows()
    sell(journal, REGISTERS[0])
    tables = journal.rows()
    cursor = recent(tables).cursor

    assert "VERIFY-CURSOR-01" in found(recent(old, cursor))
    for row in tables["chain"]:
        row["link"] = "0" * 64
    assert "VERIFY-CURSOR-02" in found(recent(tables, cursor))
    assert "VERIFY-CURSOR-01" in found(recent({}, cursor))


def test_an_end_that_was_cut_behind_an_unchanged_row_is_found_in_turn(
    journal: SmallJournal,
) -> None:
    tables = journal.rows()
    cursor: Any = recent(tables).cursor
    tables["entry"].remove(entry_of(tables, -1))
    codes = set()
    for _ in range(4):
        outcome = recent(tables, cursor, heads_max=1)
        cursor = outcome.cursor
        codes |= found(outcome)

    assert codes == {"VERIFY-CURSOR-01"}


def test_a_key_that_nobody_vouches_for_is_found_at_once(journal: SmallJournal) -> None:
    cursor = recent(journal.rows()).cursor
    journal.rotate(REGISTERS[0], "first")

    assert "VERIFY-KEY-02" in found(recent(journal.rows(), cursor))


def test_master_data_changed_by_an_entry_are_good(journal: SmallJournal) -> None:
    cursor = recent(journal.rows()).cursor
    [row] = journal.tables["taxpayer"]
    journal.state(ORGANIZATION, "taxpayer@1", ("taxpayer", row | {"version": 2, "state": "x"}))
    journal.links[f"taxpayer {TAXPAYER}"] = journal.heads[ORGANIZATION]["link"]

    assert recent(journal.rows(), cursor).findings == ()


def test_what_is_no_cursor_is_refused(journal: SmallJournal) -> None:
    good = recent(journal.rows()).cursor
    chains = {**good}["chains"]
    assert isinstance(chains, dict)
    for spoiled in (
        {},
        {"format": "x"},
        {**good, "chains": []},
        {**good, "chains": {REGISTERS[0]: [1, 2]}},
        {**good, "chains": {REGISTERS[0]: [1, 2, "x", 4, "id"]}},
        {**good, "keys": [[]]},
        {**good, "keys": [["x"] * 13]},
    ):
        with pytest.raises(UnreadableFile, match="no cursor"):
            recent(journal.rows(), spoiled)


def test_it_costs_as_much_as_there_is_news() -> None:
    journal = a_journal(1_500, checkpoints=1)
    cursor = recent(journal.rows()).cursor
    sell(journal, REGISTERS[0])
    times = []
    with closing(a_database(journal.rows())) as database:
        source = SqliteSource(database, "memory")
        for _ in range(5):
            start = time.process_time()
            assert verify_recent(source, cursor).entries == 2
            times.append(time.process_time() - start)

    assert min(times) < 0.1
