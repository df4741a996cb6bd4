"""The verifier as a whole: what is good, what is empty, and what it says of its own limits."""

import ast
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from fiscus.journal.tests.small_shop import a_journal, founded
from fiscus.journal.tests.small_tables import write_file
from fiscus.journal.verify import UnreadableFile, sentences, verify_sqlite
from fiscus.journal.verify.codes import CODES
from fiscus.journal.verify.report import VerifyReport
from fiscus.journal.verify.tables import TABLES
from fiscus.journal.verify.tests.judging import judged
from fiscus.store.schema import METADATA

ROOT = Path(__file__).parents[4]
PACKAGE = Path(__file__).parents[1]


def test_a_good_journal_is_good_and_ends_with_what_was_not_checked(tmp_path: Path) -> None:
    journal = a_journal(300)

    report = verify_sqlite(journal.write(tmp_path / "journal.db"))

    assert report.findings == ()
    assert (report.verdict, report.entries, report.chains) == ("good", len(journal.entries), 4)
    told = sentences(report)
    assert told[0] == f"Good: {report.entries} entries, 4 chains, 4 checkpoints."
    assert told[1].startswith("Fingerprint: sha256:")
    starts = [line.split(":")[0] for line in told]
    assert starts[-1] == "Needed for that"
    assert {"Checked", "Not checked"} <= set(starts)
    for option in ("--root", "--policy", "--against"):
        assert any(option in what for what in report.needed)
    assert json.loads(json.dumps(report.as_dict()))["verdict"] == "good"


def test_an_empty_journal_is_empty_and_not_good(tmp_path: Path) -> None:
    report = verify_sqlite(write_file({}, tmp_path / "journal.db"))

    assert (report.verdict, report.is_empty, report.entries) == ("empty", True, 0)
    assert sentences(report)[0].startswith("Empty: there is no entry")
    assert not judged({}, root="0" * 64).is_empty


def test_a_new_installation_is_good() -> None:
    assert judged(founded()).findings == ()


def test_several_processes_find_the_same_as_one(tmp_path: Path) -> None:
    journal = a_journal(5_200, checkpoints=1)
    tables = journal.rows()
    for place in (17, 2_600, 5_100):
        tables["entry"][place]["signature"] = "A" * 86
    path = write_file(tables, tmp_path / "journal.db")

    alone, together = (verify_sqlite(path, workers=workers) for workers in (1, 2))

    assert len(alone.findings) == 3
    assert alone == together


def test_a_database_without_tables_or_of_format_1_is_refused_with_one_sentence(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(b"")
    with pytest.raises(UnreadableFile, match="no tables yet"):
        verify_sqlite(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE entry (id, register, sequence, kind, body, link)")
    with pytest.raises(UnreadableFile, match="format 1"):
        verify_sqlite(path)
    with pytest.raises(UnreadableFile, match="cannot be read"):
        verify_sqlite(tmp_path / "nowhere" / "journal.db")


def test_the_file_is_not_changed(tmp_path: Path) -> None:
    path = a_journal(40).write(tmp_path / "journal.db")
    before = path.read_bytes()

    verify_sqlite(path)

    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["journal.db"]


def test_every_finding_says_where_and_what_it_means() -> None:
    journal = a_journal(60)
    for spoil in ("entry", "label", "checkpoint"):
        tables = journal.rows()
        tables[spoil].pop(3 if spoil == "entry" else -1)
        report: VerifyReport = judged(tables)
        for finding in report.findings:
            assert finding.entry or finding.record
            assert finding.sentence().endswith(f"It means: {CODES[finding.code].means}.")
            assert set(finding.as_dict()) == {"code", "text", "means", "do", "entry", "record"}


def test_the_page_of_findings_has_every_code_with_the_same_words() -> None:
    page = (ROOT / "docs" / "journal-findings.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `VERIFY-")]

    assert rows == [
        f"| `{code}` | {words.seen} | {words.means} | {words.do} |" for code, words in CODES.items()
    ]


def test_every_code_is_used() -> None:
    used = "".join(file.read_text("utf-8") for file in PACKAGE.glob("*.py") if file.stem != "codes")

    assert [code for code in CODES if f'"{code}"' not in used] == []


def test_every_table_of_the_store_is_described_with_its_columns() -> None:
    stored = {
        table.name: {column.name for column in table.columns} for table in METADATA.tables.values()
    }
    described = {name: set(rule.columns) for name, rule in TABLES.items() if rule.columns}

    assert set(stored) == set(TABLES)
    assert {name: stored[name] ^ columns for name, columns in described.items()} == {
        name: set() for name in described
    }


def test_the_page_of_the_format_has_every_kind_and_every_table() -> None:
    page = (ROOT / "docs" / "journal-format.md").read_text("utf-8")

    assert [name for name in TABLES if f"`{name}`" not in page] == []


def test_the_verifier_shares_no_code_with_the_writer() -> None:
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                is_own = name.startswith("fiscus.journal.verify") or name == "fiscus.journal"
                is_standard = name.split(".")[0] in sys.stdlib_module_names
                assert is_own or is_standard or name.startswith("cryptography"), (file, name)
