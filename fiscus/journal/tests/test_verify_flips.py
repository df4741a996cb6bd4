"""Every byte of every stored column, changed one at a time, is found and named."""

import os
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fiscus.journal.tests.small_journal import Row, SmallJournal, a_journal, in_order, write_sqlite
from fiscus.journal.verify_entry import Entry, examine, row_of
from fiscus.journal.verify_keys import Keyring
from fiscus.journal.verify_report import Report
from fiscus.journal.verify_rows import Journal, values_of
from fiscus.journal.verify_sqlite import verify_sqlite

IS_LONG = os.environ.get("FISCUS_LONG") == "1"
MASKS = (0x01, 0x20, 0x80)
INTEGER_BYTES = 8


def flips(value: object, masks: Callable[[int], tuple[int, ...]]) -> Iterator[Any]:
    """The value with one byte changed, for each byte; no value becomes an empty one."""
    if value is None:
        yield ""
        return
    if isinstance(value, int):
        stored = value.to_bytes(INTEGER_BYTES, "big", signed=True)
    else:
        stored = value if isinstance(value, bytes) else str(value).encode()
    for place, byte in enumerate(stored):
        for mask in masks(place):
            flipped = stored[:place] + bytes([byte ^ mask]) + stored[place + 1 :]
            if isinstance(value, int):
                yield int.from_bytes(flipped, "big", signed=True)
            else:
                yield flipped if isinstance(value, bytes) else text(flipped)


def text(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogateescape")


def one_mask(place: int) -> tuple[int, ...]:
    return (MASKS[place % len(MASKS)],)


def all_masks(place: int) -> tuple[int, ...]:
    return MASKS


class Bench:
    """A good journal whose untouched rows need not be examined again for each flip."""

    def __init__(self, journal: SmallJournal) -> None:
        self.journal = journal
        self.keyring = Keyring(journal.certificates)
        self.examined = {row["id"]: self.examine(row) for row in journal.entries}

    def examine(self, row: Mapping[str, object]) -> Entry:
        return examine(row_of(values_of(row), 1), self.keyring)

    def judged(self, spoiled: Row | None = None, place: int = 0) -> Report:
        """The report with this row in the place of the good one."""
        rows = list(self.journal.entries)
        entries = [self.examined[row["id"]] for row in rows]
        if spoiled is not None:
            rows[place], entries[place] = spoiled, self.examine(spoiled)
        by_row = {id(row): entry for row, entry in zip(rows, entries, strict=True)}
        judging = Journal(is_partial=False)
        judging.take([by_row[id(row)] for row in in_order(rows)])
        return self.report(judging, self.journal.checkpoints)

    def report(self, judging: Journal, checkpoints: list[Row]) -> Report:
        judging.settle()
        judging.walk(checkpoints, self.journal.checkpoint_identity.pem, None)
        return judging.report()


def test_each_flipped_byte_of_an_entry_is_found_and_its_record_named() -> None:
    bench = Bench(a_journal(300 if IS_LONG else 12))
    assert bench.judged().is_good
    missed = []
    for place, row in enumerate(bench.journal.entries):
        for column, value in row.items():
            for flipped in flips(value, one_mask):
                report = bench.judged(row | {column: flipped}, place)
                if not names(report, row):
                    missed.append((row["id"], column, flipped, report.findings))

    assert missed == []


def names(report: Report, row: Row) -> bool:
    """The first finding is about this record, and no other record is accused of anything."""
    places = [(one.register, one.sequence) for one in report.findings if one.register]
    return bool(places) and set(places) == {(row["register"], row["sequence"])}


def test_each_flipped_byte_of_a_checkpoint_is_found_and_its_number_named() -> None:
    bench = Bench(a_journal(12))
    missed = []
    for place, checkpoint in enumerate(bench.journal.checkpoints):
        for column, value in checkpoint.items():
            for flipped in flips(value, all_masks if IS_LONG else one_mask):
                checkpoints = list(bench.journal.checkpoints)
                checkpoints[place] = checkpoint | {column: flipped}
                checkpoints.sort(key=lambda row: int(row["number"]))
                judging = Journal(is_partial=False)
                judging.take(bench.examined[row["id"]] for row in in_order(bench.journal.entries))
                findings = bench.report(judging, checkpoints).findings
                if not findings or findings[0].record != f"checkpoint {checkpoint['number']}":
                    missed.append((checkpoint["number"], column, flipped, findings))

    assert missed == []


def test_flipped_bytes_in_the_file_are_found_and_named(tmp_path: Path) -> None:
    journal = a_journal(30)
    path = write_sqlite(journal, tmp_path / "journal.db")
    chance = random.Random(20260504)
    for _ in range(1_000 if IS_LONG else 100):
        rowid, row = chance.choice(list(enumerate(journal.entries, start=1)))
        column = chance.choice([name for name in row if row[name] is not None])
        flipped = chance.choice(list(flips(row[column], one_mask)))
        store(path, rowid, column, flipped)
        report = verify_sqlite(path)
        store(path, rowid, column, row[column])

        assert names(report, row), (row["id"], column, flipped, report.findings)
    assert verify_sqlite(path).is_good


def store(path: Path, rowid: int, column: str, value: Any) -> None:
    """Put a value into the file, text as its very bytes."""
    wanted = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    new = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
    with sqlite3.connect(path) as database:
        database.execute(f'UPDATE entry SET "{column}" = {new} WHERE rowid = ?', (wanted, rowid))
    database.close()
