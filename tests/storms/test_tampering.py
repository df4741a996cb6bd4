"""B-05, the first opponent: whatever byte is changed in a journal that the product wrote is found,
and the record named; or the page lists the table or column as work."""

import re
import time
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from bench.installation import SQLITE
from fiscus.journal.verify import VerifyReport
from fiscus.journal.verify.kinds import KINDS
from fiscus.journal.verify.report import LATER, Finding
from fiscus.store.columns import METADATA, TableClass, class_of
from fiscus.store.schema import APPEND_ONLY
from tests.storms.driver import each, seed, size, told
from tests.storms.sample_journal import Sample
from tests.storms.tampering import PLACE, TABLES, Attacker, Row, flipped

pytestmark = pytest.mark.storm

PAGE = Path(__file__).parents[2] / "docs" / "journal-format.md"
ENTRIES = 300
UNWRITTEN = {"retention@1", "finding@1", "task@1", "verification@1"}
"""Kinds that nothing in the product writes while all is well."""

WORK = {name for name, table in METADATA.tables.items() if class_of(table) is TableClass.WORK}
WORK_COLUMNS = {
    ("series", "holder"),
    ("series", "held_until"),
    ("series", "said"),
    ("series", "said_at"),
    ("series", "attempts"),
    ("claim", "created_at"),
    ("checkpoint", "at"),
}
"""Columns that decide nothing, in tables that are compared."""

ROOTS = {"key@1"}
"""Kinds whose damage spoils what others rest on: they are changed one at a time."""

BATCH = 20


def test_the_sample_has_every_kind_and_every_table(sample: Sample, attacker: Attacker) -> None:
    entries = attacker.rows("entry")
    assert len(entries) >= ENTRIES
    assert {row["kind"] for row in entries} == {*KINDS} - UNWRITTEN
    assert not [name for name in TABLES if name not in WORK and not attacker.rows(name)]
    assert len(attacker.rows("checkpoint")) >= 3


def test_the_page_lists_what_is_work(attacker: Attacker) -> None:
    page = PAGE.read_text()
    said = page[page.index("* **work**") : page.index("### Rows that entries state")]
    assert {*re.findall(r"`(\w+)`", said)} >= WORK
    for name in TABLES:
        assert f"`{name}`" in page
    for _, column in WORK_COLUMNS:
        assert f"`{column}`" in page or f"`checkpoint.{column}`" in page


def test_the_database_itself_refuses_to_change_what_was_written(sample: Sample) -> None:
    """Before its guards are taken away. SQLite's are still there: only a copy was attacked."""
    if sample.engine != SQLITE:
        pytest.skip("the guards of this server are gone by now; its own tests hold them")
    engine = create_engine(sample.installation.database)
    for table in APPEND_ONLY:
        column = next(iter(table.primary_key.columns)).name
        for statement in (
            f"UPDATE {table.name} SET {column} = {column}",
            f"DELETE FROM {table.name}",
        ):
            with pytest.raises(DBAPIError, match="append-only"), engine.begin() as tx:
                tx.execute(text(statement))
    engine.dispose()


class Flips:
    """Bytes changed in a database, and what of it the verifier named."""

    def __init__(self, sample: Sample, attacker: Attacker, random: Random) -> None:
        self.attacker = attacker
        self.random = random
        self.is_damaged = sample.engine == SQLITE
        self.count = 0
        self.missed: list[tuple[str, str, object, object]] = []

    def together(self, cells: Iterable[tuple[str, Row, str]]) -> None:
        """Change these at once; what is not named among the others is changed alone."""
        with self.attacker.attack():
            changed = [
                (table, row, column, self.flip(table, row, column)) for table, row, column in cells
            ]
            report = self.attacker.judged()
        for table, row, column, other in changed:
            self.count += 1
            if not named(report, table, row, column, other):
                self.again(table, row, column, other)

    def again(self, table: str, row: Row, column: str, other: Any) -> None:
        with self.attacker.attack():
            self.attacker.put(table, row, **{column: other})
            report = self.attacker.judged()
        if report.is_good:
            self.missed.append((table, column, row[column], other))

    def flip(self, table: str, row: Row, column: str) -> Any:
        other = flipped(row[column], self.random, is_damaged=self.is_damaged)
        if is_number(table, column) and not isinstance(other, int):
            other = 1
        self.attacker.put(table, row, **{column: other})
        return other


def is_number(table: str, column: str) -> bool:
    return METADATA.tables[table].columns[column].type.python_type is int


def named(report: VerifyReport, table: str, row: Row, column: str, other: object) -> bool:
    """Whether a finding is about just this row, and no mere consequence of another one."""
    if table == "entry":
        places = {(row["chain"], row["sequence"])}
        if column in ("chain", "sequence"):
            places.add((row["chain"] if column != "chain" else other, row["sequence"]))
            places.add((row["chain"], row["sequence"] if column != "sequence" else other))
        return any(is_at(one, places, row["id"]) for one in report.findings)
    keys = [str(row[one.name]) for one in METADATA.tables[table].primary_key.columns]
    changed = [str(other) if name == column else str(row[name]) for name in keys_of(table)]
    wanted = ["/".join(keys), "/".join(changed), " ".join(keys), " ".join(changed)]
    if table == "claim" and row["entry"]:
        wanted.append(str(row["entry"]))
    return any(
        (
            (one.record or "").startswith(f"{table} ")
            and any(key in (one.record or "") for key in wanted)
        )
        or (table == "claim" and one.entry is not None and one.entry.id == row["entry"])
        for one in report.findings
    )


def keys_of(table: str) -> list[str]:
    return [one.name for one in METADATA.tables[table].primary_key.columns]


def is_at(one: Finding, places: set[tuple[Any, Any]], id_: str) -> bool:
    if one.entry is None or one.code.startswith((*LATER, "VERIFY-CHAIN-")):
        return False
    return (one.entry.chain, one.entry.sequence) in places or one.entry.id == id_


def columns(table: str) -> list[str]:
    found = [one.name for one in METADATA.tables[table].columns]
    return [name for name in found if (table, name) not in WORK_COLUMNS]


def test_each_column_of_each_table_is_held(
    sample: Sample, attacker: Attacker, capsys: pytest.CaptureFixture[str]
) -> None:
    """All tables at once, one row of each; those of the log one by one."""
    each(sample.engine)
    chance, rounds = seed(), size("COLUMN_ROUNDS", 1, 40)
    flips = Flips(sample, attacker, Random(chance))
    stored = {name: lawful(name, attacker.rows(name)) for name in TABLES if name not in WORK}
    alone = {"checkpoint", "leaf_run", "tile", "entry"}
    begun = time.monotonic()
    for _ in range(rounds):
        for place in range(max(len(columns(name)) for name in stored)):
            flips.together(
                (name, flips.random.choice(rows), columns(name)[place])
                for name, rows in stored.items()
                if name not in alone and place < len(columns(name))
            )
        for name in sorted(alone - {"entry"}):
            for column in columns(name):
                flips.together([(name, flips.random.choice(stored[name]), column)])
    told(
        capsys,
        f"B-05 {sample.engine}",
        f"{flips.count} flips, each column of {len(stored) - 1} tables beside `entry`, in "
        f"{time.monotonic() - begun:.0f} s, missed {len(flips.missed)}, seed {chance}",
    )
    assert flips.missed == []


def lawful(table: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that decide something: claims with a record, and the newest note."""
    if table == "claim":
        return [row for row in rows if row["entry"]]
    if table == "checkpoint":
        return [max(rows, key=lambda row: (row["epoch"], row["size"]))]
    return rows


def test_each_column_of_each_kind_of_entry_is_held(
    sample: Sample, attacker: Attacker, capsys: pytest.CaptureFixture[str]
) -> None:
    each(sample.engine)
    chance, rounds = seed(), size("KIND_ROUNDS", 1, 40)
    flips = Flips(sample, attacker, Random(chance))
    kinds: dict[str, list[dict[str, Any]]] = {}
    for row in attacker.rows("entry"):
        kinds.setdefault(row["kind"], []).append(row)
    begun = time.monotonic()
    for _ in range(rounds):
        for column in columns("entry"):
            flips.together(
                ("entry", flips.random.choice(rows), column)
                for kind, rows in kinds.items()
                if kind not in ROOTS
            )
            for kind in ROOTS:
                flips.together([("entry", flips.random.choice(kinds[kind]), column)])
    told(
        capsys,
        f"B-05 {sample.engine}",
        f"{flips.count} flips, each column of {len(kinds)} kinds, in "
        f"{time.monotonic() - begun:.0f} s, missed {len(flips.missed)}, seed {chance}",
    )
    assert flips.missed == []


def test_bytes_drawn_at_random_are_held(
    sample: Sample, attacker: Attacker, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, wanted = seed(), size("FLIPS", 400, 50_000)
    flips = Flips(sample, attacker, Random(chance))
    entries = [row for row in attacker.rows("entry") if row["kind"] not in ROOTS]
    begun = time.monotonic()
    while flips.count < wanted:
        some = flips.random.sample(entries, BATCH)
        flips.together(("entry", row, flips.random.choice(columns("entry"))) for row in some)
    told(
        capsys,
        f"B-05 {sample.engine}",
        f"{flips.count} flips at random in {len(entries)} entries, in "
        f"{time.monotonic() - begun:.0f} s, missed {len(flips.missed)}, seed {chance}",
    )
    assert flips.missed == []


@pytest.mark.parametrize("table", sorted({*TABLES} - WORK))
def test_a_row_taken_away_and_a_row_put_twice_are_found(
    sample: Sample, attacker: Attacker, table: str
) -> None:
    each(sample.engine)
    random = Random(seed())
    row = random.choice(lawful(table, attacker.rows(table)))
    with attacker.attack():
        attacker.remove(table, row)
        assert not attacker.judged().is_good, row
    with attacker.attack():
        attacker.add(table, {name: value for name, value in row.items() if name != PLACE})
        assert not attacker.judged().is_good, row
