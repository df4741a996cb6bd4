import json
from pathlib import Path

import pytest

from fiscus.journal.tests.small_keys import a_key, a_log_key
from fiscus.journal.tests.small_package import package_files, write_package
from fiscus.journal.tests.small_shop import a_journal
from fiscus.journal.tests.small_tables import write_file
from fiscus.journal.verify import main
from fiscus.journal.verify.outside import read_root
from fiscus.journal.verify.report import UnreadableFile
from fiscus.journal.verify.tests.judging import body_of, entry


def test_the_command_says_good_and_zero_with_all_that_can_be_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    witness = a_log_key("witness", 4)
    journal = a_journal(60, witness=witness)
    path = journal.write(tmp_path / "journal.db")
    root = body_of(entry(journal, "key@1"))["key"]["sha256"]
    note, policy = tmp_path / "note", tmp_path / "policy"
    note.write_text(journal.log.checkpoints[0]["note"])
    log = journal.log.key.verifier_key(journal.log.origin)
    policy.write_text(f"log {log}\nwitness w {witness.verifier_key('w1')}\nquorum w\n")
    given = ["--root", f"sha256:{root}", "--policy", str(policy), "--against", str(note)]

    assert main([str(path), *given]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Good: ")
    assert "authorship" in told
    assert "split view" not in told
    assert main([str(path), "--json", *given]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "good"


def test_the_command_judges_a_package_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_package(tmp_path / "p.zip", package_files(a_journal(40)))

    assert main([str(path)]) == 0
    assert main([str(path), "--jws", str(path)]) == 1
    assert "VERIFY-PACKAGE-03" in capsys.readouterr().out


def test_the_command_names_the_first_bad_record_and_says_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = a_journal(40).rows()
    tables["entry"][9]["day"] = "2026-05-05"
    path = write_file(tables, tmp_path / "journal.db")

    assert main([str(path)]) == 1
    told = capsys.readouterr().out
    assert told.startswith("NOT GOOD: 1 finding in ")
    assert f"sequence {tables['entry'][9]['sequence']}, " in told
    assert tables["entry"][9]["id"] in told
    assert main([str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert found[0]["entry"]["id"] == tables["entry"][9]["id"]


def test_an_empty_journal_is_said_to_be_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(write_file({}, tmp_path / "journal.db"))]) == 0
    assert capsys.readouterr().out.startswith("Empty: ")


@pytest.mark.parametrize("content", [None, b"", b"text", b"SQLite format 3\x00" + bytes(500)])
def test_the_command_says_two_over_what_it_cannot_read(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)

    assert main([str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    for option in ("--root", "--policy", "--against"):
        assert main([str(path), option, str(tmp_path / "nothing")]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_fingerprint_is_read_from_whatever_holds_it(tmp_path: Path) -> None:
    key = a_key("root")
    files = {
        "fingerprint": f"sha256:{key.sha256}\n",
        "first-key.json": json.dumps({"fingerprint": f"sha256:{key.sha256}", "key": "x"}),
        "public.pem": key.pem(),
        "certificate.pem": key.certificate(),
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
        assert read_root(str(tmp_path / name)) == key.sha256, name
    assert read_root(f"sha256:{key.sha256}") == key.sha256


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 50,
        b"-----BEGIN CERTIFICATE-----",
        b"sha256:" + b"0" * 64 + b" sha256:" + b"1" * 64,
    ],
)
def test_what_holds_no_fingerprint_is_said_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "root").write_bytes(content)
    with pytest.raises(UnreadableFile, match="root holds"):
        read_root(str(tmp_path / "root"))
    with pytest.raises(UnreadableFile, match="neither"):
        read_root("sha256:xyz")
