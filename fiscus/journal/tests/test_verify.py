import ast
import json
import sqlite3
import sys
from pathlib import Path

import pytest

from fiscus.journal.tests.judging import codes, entry, judged
from fiscus.journal.tests.small_journal import (
    a_journal,
    an_identity,
    encoded,
    write_sqlite,
)
from fiscus.journal.verify import main
from fiscus.journal.verify_report import FINDINGS_MAX, Unreadable
from fiscus.journal.verify_rows import verify_rows
from fiscus.journal.verify_sqlite import verify_sqlite


def test_a_good_journal_is_good(tmp_path: Path) -> None:
    journal = a_journal(300)

    report = verify_sqlite(write_sqlite(journal, tmp_path / "journal.db"))

    assert report.findings == ()
    assert report.is_good
    assert (report.entries, report.registers, report.checkpoints) == (300, 3, 3)
    assert report.newest_checkpoint == journal.checkpoints[-1]
    assert json.loads(json.dumps(report.as_dict()))["entries"] == 300


def test_a_journal_without_entries_is_good(tmp_path: Path) -> None:
    journal = a_journal(2, checkpoints=0)
    path = write_sqlite(journal, tmp_path / "journal.db")
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM entry")
    database.close()

    assert verify_sqlite(path).is_good


def test_a_register_may_have_had_several_keys(tmp_path: Path) -> None:
    journal = a_journal(12)
    older, newer = an_identity("till-a"), an_identity("till-a, renewed", 4711)
    journal.identities["till-a"] = newer
    journal.append("till-a", "intent@1")
    path = write_sqlite(journal, tmp_path / "journal.db")
    assert codes(verify_sqlite(path)) == {"VERIFY-SIGNATURE-01"}

    with sqlite3.connect(path) as database:
        database.execute(
            "INSERT INTO register_key VALUES ('till-a', ?, ?)", (older.serial, older.pem)
        )
    database.close()

    assert verify_sqlite(path).is_good


def test_the_findings_are_kept_up_to_a_maximum_and_counted_beyond() -> None:
    journal = a_journal(12, checkpoints=0)
    row = entry(journal, "till-a", 1)
    rows = [row] * (FINDINGS_MAX + 5)

    report = verify_rows(rows, journal.certificates, workers=1)

    assert (len(report.findings), report.omitted) == (FINDINGS_MAX, 4)


def test_a_long_journal_is_judged_by_several_processes() -> None:
    journal = a_journal(4_600, checkpoints=2)
    row = entry(journal, "till-c", 1_530)
    row["signature"] = row["signature"][::-1]
    steps: list[int] = []

    report = judged(journal, progress=steps.append, workers=2)

    assert [finding.record for finding in report.findings] == ["till-c-001530"]
    assert steps == sorted(steps)
    assert steps[-1] == report.entries == 4_600


def test_rows_without_a_column_cannot_be_judged() -> None:
    journal = a_journal(2)
    del journal.entries[0]["day"]

    with pytest.raises(Unreadable, match="day"):
        judged(journal)


def test_a_file_with_damaged_text_is_read_and_judged(tmp_path: Path) -> None:
    path = write_sqlite(a_journal(12), tmp_path / "journal.db")
    with sqlite3.connect(path) as database:
        database.execute(
            "UPDATE entry SET location = CAST(x'FF00' AS TEXT) WHERE id = 'till-a-000001'"
        )
    database.close()

    [finding] = verify_sqlite(path).findings

    assert (finding.code, finding.record) == ("VERIFY-COPY-01", "till-a-000001")


def test_the_command_says_good_and_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = a_journal(12)
    path = write_sqlite(journal, tmp_path / "journal.db")
    witness = tmp_path / "checkpoint.json"
    witness.write_text(json.dumps(journal.checkpoints[-1]))
    trusted = tmp_path / "checkpoint.pem"
    trusted.write_text(journal.checkpoint_identity.pem)

    code = main([str(path), "--checkpoint", str(witness), "--certificate", str(trusted)])

    assert code == 0
    assert capsys.readouterr().out.startswith("Good: 12 entries, 3 registers, 3 checkpoints.")


def test_the_command_names_the_first_bad_record_and_says_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = a_journal(12)
    entry(journal, "till-b", 2)["day"] = "2026-05-05"
    path = write_sqlite(journal, tmp_path / "journal.db")

    assert main([str(path)]) == 1
    assert "VERIFY-COPY-01 register till-b, sequence 2, till-b-000002" in capsys.readouterr().out
    assert main([str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert found[0]["record"] == "till-b-000002"


@pytest.mark.parametrize("content", [None, b"", b"text", b"SQLite format 3\x00" + bytes(500)])
def test_the_command_says_two_over_what_it_cannot_read(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)

    assert main([str(path)]) == 2
    assert capsys.readouterr().err


def test_the_verifier_shares_no_code_with_the_writer() -> None:
    for file in Path(__file__).parents[1].glob("verify*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                is_own = name.startswith("fiscus.journal.verify") or name == "fiscus.journal"
                is_standard = name.split(".")[0] in sys.stdlib_module_names
                assert is_own or is_standard or name.startswith("cryptography"), (file, name)


def test_the_encoded_bodies_hold_more_than_ascii() -> None:
    assert not encoded({"location": "Évora"}).isascii()
