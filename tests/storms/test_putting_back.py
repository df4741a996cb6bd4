"""B-05, the third opponent puts back rows of an earlier moment; the fourth cuts the tail with all
that belongs to it, while the service is stopped."""

from pathlib import Path
from typing import Any

import pytest

from tests.storms.driver import each, told
from tests.storms.sample_journal import Sample, kept
from tests.storms.tampering import PLACE, Attacker, codes, says
from tests.storms.test_tampering import WORK_COLUMNS, keys_of

pytestmark = pytest.mark.storm

ROLLED_BACK = ("data_key", "setting_key", "register_key", "subject", "series", "taxpayer")
TAIL = ("checkpoint", "claim", "chain", "leaf_run", "tile", "session", "closing", "label", "frozen")
TABLES = sorted({*ROLLED_BACK, *TAIL})

MAY_STAY = {"claim"}
"""Whose newer rows decide nothing once their entries are gone: keys without a record are work."""


def decides(table: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in row.items()
        if name != PLACE and (table, name) not in WORK_COLUMNS
    }


@pytest.mark.parametrize("table", TABLES)
def test_each_old_row_that_is_put_back_is_found(
    attacker: Attacker, sample: Sample, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One row at a time, then the whole table; rows that did not change are the same still."""
    each(sample.engine)
    now = {tuple(row[key] for key in keys_of(table)): row for row in attacker.rows(table)}
    old = {tuple(row[key] for key in keys_of(table)): row for row in sample.earlier[table]}
    differing = [key for key in old if decides(table, now.get(key, {})) != decides(table, old[key])]
    for key in differing:
        with attacker.attack():
            if key in now:
                attacker.remove(table, now[key])
            attacker.add(table, old[key])
            report = attacker.judged()
            assert not report.is_good, (table, key, says(report))
    told(
        capsys, f"B-05 {sample.engine}", f"{len(differing)} old rows of {table} put back, all found"
    )
    if {*now} == {*old} and not differing:
        pytest.skip(f"nothing in `{table}` has changed since")
    with attacker.attack():
        attacker.replace(table, sample.earlier[table])
        assert not attacker.judged().is_good, table


def test_a_whole_earlier_state_is_good_and_verify_says_what_it_cannot_know(
    attacker: Attacker, sample: Sample, tmp_path: Path
) -> None:
    """Entries, checkpoints, nodes, runs, claims, heads, counters, sessions and closings: all cut.
    An older note says nothing against it, a newer one does."""
    with attacker.attack():
        rolled_back(attacker, sample)
        report = attacker.judged(root=sample.fingerprint)
        assert report.is_good, says(report)
        assert "cut off" in " ".join(report.unchecked)
        assert "--against" in " ".join(report.needed)
        older = kept(tmp_path, "older", sample.older_note)
        assert attacker.judged(against=older).is_good
        newest = kept(tmp_path, "newest", sample.newest_note)
        assert any(
            code.startswith("VERIFY-AGAINST-") for code in codes(attacker.judged(against=newest))
        )


def rolled_back(attacker: Attacker, sample: Sample, without: str = "") -> None:
    for table, rows in sample.earlier.items():
        if table != without:
            attacker.replace(table, rows)


@pytest.mark.parametrize("table", sorted({*TABLES, "entry"} - MAY_STAY))
def test_a_tail_cut_with_all_but_one_table_is_found(
    attacker: Attacker, sample: Sample, table: str
) -> None:
    each(sample.engine)
    stays = [decides(table, row) for row in attacker.rows(table)]
    old = [decides(table, row) for row in sample.earlier[table]]
    if sorted(map(repr, stays)) == sorted(map(repr, old)):
        pytest.skip(f"nothing in `{table}` has changed since")
    with attacker.attack():
        rolled_back(attacker, sample, without=table)
        assert not attacker.judged().is_good
