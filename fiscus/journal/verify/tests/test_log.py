"""The log: runs, tiles, notes, and what closings, witnesses and older copies know of it."""

import base64
from pathlib import Path
from typing import Any

import pytest

from fiscus.journal.tests.small_journal import SmallJournal
from fiscus.journal.tests.small_keys import SmallLogKey, a_log_key
from fiscus.journal.tests.small_package import package_files, write_package
from fiscus.journal.tests.small_shop import REGISTERS, a_journal, sell
from fiscus.journal.tests.small_tables import Tables
from fiscus.journal.verify.older import load_older
from fiscus.journal.verify.policy import WitnessPolicy, read_policy
from fiscus.journal.verify.report import UnreadableFile
from fiscus.journal.verify.tests.judging import (
    body_of,
    change,
    codes,
    entry,
    judged,
    spoiled,
)

WITNESS = a_log_key("witness", 4)


@pytest.fixture(scope="module")
def journal() -> SmallJournal:
    return a_journal(320, witness=WITNESS)


def test_a_journal_with_tiles_of_two_levels_is_good(journal: SmallJournal) -> None:
    levels = {(row["level"], row["index"]) for row in journal.rows()["tile"]}

    assert {(0, 0), (0, 1), (1, 0)} == levels
    assert judged(journal).is_good


def of_column(
    journal: SmallJournal, table: str, column: str, value: Any, place: int = -1
) -> set[str]:
    def spoil(tables: Tables) -> None:
        tables[table][place][column] = value

    return spoiled(journal, spoil)


@pytest.mark.parametrize(
    ("table", "column", "value", "code"),
    [
        ("leaf_run", "start", 7, "VERIFY-LOG-01"),
        ("leaf_run", "first", 1, "VERIFY-LOG-01"),
        ("leaf_run", "epoch", "x", "VERIFY-LOG-01"),
        ("leaf_run", "epoch", None, "VERIFY-LOG-01"),
        ("leaf_run", "last", 10**9, "VERIFY-TAIL-01"),
        ("tile", "hashes", b"", "VERIFY-LOG-02"),
        ("tile", "level", 9, "VERIFY-LOG-02"),
        ("checkpoint", "size", 10**9, "VERIFY-CHECKPOINT-02"),
        ("checkpoint", "root", "x", "VERIFY-CHECKPOINT-02"),
        ("checkpoint", "at", "x", "VERIFY-CHECKPOINT-02"),
        ("checkpoint", "epoch", 2, "VERIFY-CHECKPOINT-03"),
        ("checkpoint", "note", "", "VERIFY-CHECKPOINT-03"),
    ],
)
def test_what_was_changed_in_the_log_is_found(
    journal: SmallJournal, table: str, column: str, value: Any, code: str
) -> None:
    assert code in of_column(journal, table, column, value)


def test_sizes_grow_and_no_leaf_is_without_a_note(journal: SmallJournal) -> None:
    def double(tables: Tables) -> None:
        tables["checkpoint"].append(tables["checkpoint"][0])

    assert spoiled(journal, double) == {"VERIFY-CHECKPOINT-01"}
    assert spoiled(journal, lambda tables: tables["checkpoint"].pop()) == {"VERIFY-CHECKPOINT-08"}


def signed(journal: SmallJournal, size: int, root: bytes, key: SmallLogKey) -> str:
    text = f"{journal.log.origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    return f"{text}\n{key.line(journal.log.origin, text)}"


def test_a_note_of_another_key_or_another_history_is_found(journal: SmallJournal) -> None:
    last = journal.log.checkpoints[-1]
    root = base64.b64decode(last["root"])
    foreign = signed(journal, last["size"], root, a_log_key("foreign"))
    other = signed(journal, last["size"], b"x" * 32, journal.log.key)
    above = signed(journal, last["size"] + 5, root, journal.log.key)

    assert "VERIFY-CHECKPOINT-06" in of_column(journal, "checkpoint", "note", foreign)
    assert "VERIFY-CHECKPOINT-04" in of_column(journal, "checkpoint", "note", other)
    assert "VERIFY-CHECKPOINT-05" in of_column(journal, "checkpoint", "note", above)


def test_a_log_whose_key_no_entry_names_is_found() -> None:
    journal = a_journal(60, checkpoints=0)
    row = entry(journal, "key@1", 1)
    change(journal, row, key=body_of(row)["key"] | {"epoch": 7})
    journal.checkpoint()

    assert "VERIFY-CHECKPOINT-07" in codes(judged(journal))


def test_what_a_closing_says_of_the_log_must_be_so() -> None:
    for members in ({"checkpoint_root": "x" * 16}, {"checkpoint_size": 10**6}):
        journal = a_journal(120, checkpoints=0)
        journal.checkpoint()
        row = entry(journal, "closing@1", -1)
        known = {"checkpoint_size": 2, "checkpoint_root": journal.log.text(2).split("\n")[2][:16]}
        change(journal, row, closing=body_of(row)["closing"] | known)
        journal.log.__init__(journal.log.installation, journal.log.key)  # type: ignore[misc]
        journal.checkpoint()
        assert "VERIFY-CLOSING-03" not in codes(judged(journal))
        change(journal, row, closing=body_of(row)["closing"] | members)
        assert "VERIFY-CLOSING-03" in codes(judged(journal))


def test_a_closing_tells_of_a_log_whose_tables_were_emptied() -> None:
    journal = a_journal(120, checkpoints=0)
    journal.checkpoint()
    known = {"checkpoint_size": 2, "checkpoint_root": journal.log.text(2).split("\n")[2][:16]}
    row = entry(journal, "closing@1", -1)
    change(journal, row, closing=body_of(row)["closing"] | known)
    tables = journal.rows()
    for name in ("checkpoint", "leaf_run", "tile"):
        tables[name].clear()
    for chain in tables["chain"]:
        chain["covered"] = 0

    assert "VERIFY-CLOSING-03" in codes(judged(tables))


def a_policy(**more: Any) -> WitnessPolicy:
    witness, quorum = more.get("witness", WITNESS), more.get("quorum", "w")
    log = more.get("log", a_log_key("log").verifier_key(a_journal(40).log.origin))
    return read_policy(f"log {log}\nwitness w {witness.verifier_key('w1')}\nquorum {quorum}\n")


def test_the_policys_witnesses_are_counted(journal: SmallJournal) -> None:
    report = judged(journal, policy=a_policy())

    assert report.findings == ()
    assert any("has its cosignatures" in what for what in report.checked)
    other = a_log_key("other", 4)
    assert codes(judged(journal, policy=a_policy(witness=other))) == {"VERIFY-WITNESS-02"}
    foreign = a_log_key("foreign").verifier_key(journal.log.origin)
    assert codes(judged(journal, policy=a_policy(log=foreign))) == {"VERIFY-WITNESS-01"}
    assert judged(journal, policy=a_policy(witness=other, quorum="none")).is_good


def cosigned(journal: SmallJournal, seconds: int) -> Tables:
    """The newest note cosigned so many seconds after the first entry, and no other one."""
    tables = journal.rows()
    size = journal.log.checkpoints[-1]["size"]
    start = 1_777_881_600
    line = WITNESS.cosignature("w1", journal.log.text(size), start + seconds)
    tables["cosignature"] = [tables["cosignature"][-1] | {"line": line}]
    return tables


def test_entries_that_a_witness_saw_too_late_are_told_too_early_found(
    journal: SmallJournal,
) -> None:
    late = judged(cosigned(journal, 2 * 86_400), policy=a_policy())
    assert late.is_good
    assert any("for more than 24 hours" in note for note in late.notes)

    early = judged(cosigned(journal, -400), policy=a_policy())
    assert codes(early) == {"VERIFY-WITNESS-03"}


def test_a_cosignature_that_is_none_is_found(journal: SmallJournal) -> None:
    tables = journal.rows()
    line = tables["cosignature"][-1]["line"]
    tables["cosignature"][-1]["line"] = line[:-8] + "AAAAAA=\n"
    tables["cosignature"][0]["line"] = tables["cosignature"][1]["line"]

    assert "VERIFY-WITNESS-04" in codes(judged(tables, policy=a_policy()))


def test_older_copies_of_every_sort_are_beginnings(journal: SmallJournal, tmp_path: Path) -> None:
    old = a_journal(60)
    note = tmp_path / "note.txt"
    note.write_text(old.log.checkpoints[-1]["note"])
    package = write_package(tmp_path / "p.zip", package_files(old))
    database = old.write(tmp_path / "j.db")
    sell(old, REGISTERS[0])
    old.checkpoint()
    newer = old.write(tmp_path / "newer.db")

    for kept in (note, package, database):
        report = judged(old, older=load_older(kept))
        assert report.findings == (), kept
        assert any("what was kept elsewhere" in what for what in report.checked)
    older = a_journal(60)
    assert "VERIFY-AGAINST-03" in codes(judged(older, older=load_older(newer)))
    assert codes(judged(journal, older=load_older(newer))) & {
        "VERIFY-AGAINST-02",
        "VERIFY-AGAINST-01",
    }


def test_what_is_no_older_copy_is_said_in_one_sentence(tmp_path: Path) -> None:
    for content in (b"", b"x", b"\xff\xfe", b"PK\x05\x06" + bytes(18)):
        path = tmp_path / "kept"
        path.write_bytes(content)
        with pytest.raises(UnreadableFile, match="kept"):
            load_older(path)


def test_what_no_run_covers_yet_is_counted_and_an_old_note_is_told() -> None:
    journal = a_journal(60)
    sell(journal, REGISTERS[0])
    report = judged(journal)
    assert report.is_good
    assert any(what.startswith("2 entries are not in the log yet") for what in report.unchecked)

    tables = journal.rows()
    tables["checkpoint"][-1]["at"] = "2026-05-01T08:00:00.000000Z"
    assert any("older than the newest entry" in note for note in judged(tables).notes)


def test_the_ends_of_chains_that_an_export_names_are_there() -> None:
    journal = a_journal(60, checkpoints=0)
    row = entry(journal, "export@1")
    heads = body_of(row)["export"]["heads"]
    for other in ({"link": "0" * 64}, {"sequence": 999}):
        change(journal, row, export={"heads": [heads[0] | other]})
        assert "VERIFY-EXPORT-01" in codes(judged(journal))


def test_what_the_service_found_itself_is_told() -> None:
    assert any("the service itself found this" in note for note in judged(a_journal(60)).notes)
