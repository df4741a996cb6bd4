"""Whoever can write the database but has no key: nothing that is done stays unseen."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fiscus.journal.tests.small_journal import INSTALLATION, SmallJournal, in_order
from fiscus.journal.tests.small_keys import SmallKey, a_key
from fiscus.journal.tests.small_log import SmallLog
from fiscus.journal.tests.small_shop import (
    ORGANIZATION,
    REGISTERS,
    SERIES,
    a_journal,
    close,
    sell,
)
from fiscus.journal.tests.small_tables import Row, Tables
from fiscus.journal.verify.older import OlderCopy, load_older
from fiscus.journal.verify.signed_note import read_note
from fiscus.journal.verify.tests.judging import body_of, codes, entry, judged, spoiled


@pytest.fixture(scope="module")
def journal() -> SmallJournal:
    return a_journal(120)


def rewritten(
    journal: SmallJournal, chain: str, change: Callable[[list[Row]], list[Row]]
) -> Tables:
    """The tables after a chain was changed and all its hashes were made anew, with a key that the
    journal does not know, and the log with them."""
    thief = a_key("thief")
    tables = journal.rows()
    rows = change([row for row in in_order(journal.entries) if row["chain"] == chain])
    again: list[Row] = []
    for sequence, row in enumerate(rows, start=1):
        previous = again[-1]["link"] if again else "0" * 64
        body = body_of(row) | {"sequence": sequence, "previous": previous}
        is_same = body == body_of(row)
        again.append(row if is_same else journal.row(body, thief) | {"key": row["key"]})
    tables["entry"] = [row for row in tables["entry"] if row["chain"] != chain] + again
    head = next(row for row in tables["chain"] if row["id"] == chain)
    head |= {"sequence": len(again), "link": again[-1]["link"], "entry": again[-1]["id"]}
    log = SmallLog(INSTALLATION, journal.log.key)
    log.checkpoint(tables["entry"], journal.now, {})
    return tables | {name: rows for name, rows in log.tables().items() if name != "checkpoint"}


def forged(rows: list[Row]) -> list[Row]:
    body = body_of(rows[9])
    draft = body.get("draft", {}) | {"text": "another"}
    changed = body | ({"draft": draft} if "draft" in body else {"by": "another"})
    return [*rows[:9], rows[9] | {"body": json.dumps(changed).encode()}, *rows[10:]]


CHANGES: dict[str, Callable[[list[Row]], list[Row]]] = {
    "changed": forged,
    "removed": lambda rows: rows[:9] + rows[10:],
    "swapped": lambda rows: [*rows[:9], rows[10], rows[9], *rows[11:]],
    "inserted": lambda rows: [*rows[:9], rows[8], *rows[9:]],
    "of another kind": lambda rows: [
        *rows[:9],
        rows[9] | {"body": json.dumps(body_of(rows[9]) | {"kind": "abort@1"}).encode()},
        *rows[10:],
    ],
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("chain", [REGISTERS[0], ORGANIZATION])
def test_all_hashes_made_anew_without_the_key_are_found(
    journal: SmallJournal, name: str, chain: str
) -> None:
    report = judged(rewritten(journal, chain, CHANGES[name]))

    assert "VERIFY-SIGNATURE-01" in codes(report)
    assert report.findings[0].entry is not None


def test_a_stolen_place_for_a_key_is_found(journal: SmallJournal) -> None:
    """A register's chain gets a `key@1` of somebody who has no organization's key."""
    again = a_journal(120)
    thief = a_key("thief")
    said = {
        "purpose": "register",
        "of": REGISTERS[0],
        "epoch": 1,
        "first": 1,
        "sha256": thief.sha256,
        "public_key": base64.b64encode(thief.der).decode(),
        "reason": "first",
    }
    again.append(ORGANIZATION, "key@1", signer=thief, by="x", rows=[], key=said)

    assert {"VERIFY-SIGNATURE-01", "VERIFY-KEY-02"} <= codes(judged(again))


def test_an_old_row_an_old_secret_or_an_old_certificate_that_was_put_back_is_found() -> None:
    journal = a_journal(120)
    before = journal.rows()
    journal.rotate(REGISTERS[0])
    journal.state(ORGANIZATION, "taxpayer@1", ("taxpayer", newer(before["taxpayer"][0])))
    journal.state(ORGANIZATION, "subject@1", ("subject", newer(before["subject"][0])))
    journal.state(ORGANIZATION, "series@1", ("series", series_closed(before)))
    journal.links[f"series {SERIES}"] = journal.heads[ORGANIZATION]["link"]
    assert judged(journal).is_good
    for table in ("register_key", "taxpayer", "subject", "series"):

        def put_back(tables: Tables, name: str = table) -> None:
            tables[name] = before[name]

        assert spoiled(journal, put_back) & {"VERIFY-ROWS-05", "VERIFY-SERIES-04"}, table


def newer(row: Row) -> Row:
    return row | {"version": row["version"] + 1, "state": "decommissioned"}


def series_closed(tables: Tables) -> Row:
    [row] = [row for row in tables["series"] if row["id"] == SERIES]
    return row | {"state": "closed"}


def cut(journal: SmallJournal, count: int) -> Callable[[Tables], None]:
    """Remove the last entries of a chain with their idempotency keys and labels."""

    def cut(tables: Tables) -> None:
        gone = [row for row in tables["entry"] if row["chain"] == REGISTERS[0]][-count:]
        ids = {row["id"] for row in gone}
        tables["entry"] = [row for row in tables["entry"] if row["id"] not in ids]
        tables["claim"] = [row for row in tables["claim"] if row["entry"] not in ids]
        tables["label"] = [row for row in tables["label"] if row["entry"] not in ids]

    return cut


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_tail_that_was_cut_is_found_by_the_log(journal: SmallJournal, count: int) -> None:
    assert "VERIFY-TAIL-01" in spoiled(journal, cut(journal, count))


def test_a_tail_that_was_cut_with_the_notes_is_found_by_the_ends_of_chains(
    journal: SmallJournal,
) -> None:
    def without_log(tables: Tables) -> None:
        cut(journal, 2)(tables)
        for table in ("checkpoint", "leaf_run", "tile"):
            tables[table] = []

    assert "VERIFY-HEAD-01" in spoiled(journal, without_log)


def test_an_old_state_of_everything_is_found_by_a_note_kept_elsewhere(tmp_path: Path) -> None:
    journal = a_journal(60)
    old = journal.rows()
    sell(journal, REGISTERS[0])
    close(journal, REGISTERS[0])
    journal.checkpoint()
    kept = tmp_path / "note.txt"
    kept.write_text(journal.log.checkpoints[-1]["note"])

    alone = judged(old)
    assert alone.is_good
    assert any("newest entries were cut off" in what for what in alone.unchecked)
    assert any("--against" in what for what in alone.needed)
    against = judged(old, older=load_older(kept))
    assert "VERIFY-CHECKPOINT-05" in codes(against) or "VERIFY-AGAINST-03" in codes(against)


def test_history_written_anew_is_found_by_any_older_note(journal: SmallJournal) -> None:
    note = read_note(journal.log.checkpoints[0]["note"])
    other = a_journal(120)
    other.log.checkpoints = []
    sell(other, REGISTERS[1])
    older = OlderCopy(name="note", notes=(note,))

    assert judged(journal, older=older).is_good
    forged_text = journal.log.text(note.size).replace(
        note.root_text, base64.b64encode(b"x" * 32).decode()
    )
    forged_note = f"{forged_text}\n{journal.log.key.line(journal.log.origin, forged_text)}"
    other_root = OlderCopy(name="note", notes=(read_note(forged_note),))
    assert codes(judged(journal, older=other_root)) == {"VERIFY-AGAINST-02"}
    unsigned = forged_note.replace(forged_note.split(" ")[-1], note_line(a_key("x")))
    assert codes(judged(journal, older=OlderCopy(name="n", notes=(read_note(unsigned),)))) == {
        "VERIFY-AGAINST-01"
    }


def note_line(key: SmallKey) -> str:
    return base64.b64encode(key.der[:72]).decode() + "\n"


def test_another_installation_is_consistent_but_not_the_one_that_was_meant(
    journal: SmallJournal,
) -> None:
    root = body_of(entry(journal, "key@1"))["key"]["sha256"]

    assert judged(journal, root=root).is_good
    assert any("authorship" in what for what in judged(journal, root=root).checked)
    assert codes(judged(journal, root="f" * 64)) == {"VERIFY-ROOT-01"}
    assert any("who wrote it" in what for what in judged(journal).unchecked)
