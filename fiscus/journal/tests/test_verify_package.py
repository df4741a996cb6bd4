import json
import os
from pathlib import Path

import pytest

from fiscus.journal.tests.small_journal import (
    SmallJournal,
    a_journal,
    an_identity,
    package_files,
    write_package,
)
from fiscus.journal.verify import main
from fiscus.journal.verify_package import verify_package
from fiscus.journal.verify_report import Report, Unreadable

IS_LONG = os.environ.get("FISCUS_LONG") == "1"


def part_of(journal: SmallJournal, *, after: int) -> SmallJournal:
    """The run of each register after this sequence, as a package of a later period has it."""
    journal.entries = [row for row in journal.entries if row["sequence"] > after]
    return journal


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


def a_package(folder: Path, files: dict[str, bytes] | None = None) -> Path:
    journal = a_journal(60)
    content = files if files is not None else package_files(journal)
    return write_package(folder / "journal.zip", content, journal.checkpoint_identity)


def test_a_good_package_is_good(tmp_path: Path) -> None:
    path = a_package(tmp_path)

    report = verify_package(path)

    assert report.findings == ()
    assert (report.entries, report.registers, report.checkpoints) == (60, 3, 3)
    assert main([str(path)]) == 0


def test_a_package_of_a_later_period_is_good(tmp_path: Path) -> None:
    journal = part_of(a_journal(60), after=7)
    path = write_package(tmp_path / "part.zip", package_files(journal), journal.checkpoint_identity)

    report = verify_package(path)

    assert report.findings == ()
    assert report.entries == 39


def test_a_package_without_checkpoints_is_good(tmp_path: Path) -> None:
    journal = a_journal(12, checkpoints=0)
    files = package_files(journal)
    del files["checkpoints.jsonl"]

    path = write_package(tmp_path / "part.zip", files, journal.checkpoint_identity)

    assert verify_package(path).findings == ()


def test_every_flipped_byte_of_a_package_is_found(tmp_path: Path) -> None:
    journal = a_journal(6, checkpoints=1)
    path = write_package(
        tmp_path / "small.zip", package_files(journal), journal.checkpoint_identity
    )
    stored = path.read_bytes()
    missed = []
    for place in range(0, len(stored), 1 if IS_LONG else 7):
        flipped = stored[:place] + bytes([stored[place] ^ 0x11]) + stored[place + 1 :]
        path.write_bytes(flipped)
        try:
            if "VERIFY-PACKAGE-03" not in codes(verify_package(path)):
                missed.append(place)
        except Unreadable:
            continue

    assert missed == []


def test_every_flipped_byte_of_the_signature_beside_it_is_found(tmp_path: Path) -> None:
    journal = a_journal(2, checkpoints=0)
    path = write_package(
        tmp_path / "small.zip", package_files(journal), journal.checkpoint_identity
    )
    beside = Path(f"{path}.jws")
    stored = beside.read_bytes()
    for place in range(len(stored)):
        beside.write_bytes(stored[:place] + bytes([stored[place] ^ 0x01]) + stored[place + 1 :])

        assert codes(verify_package(path)) == {"VERIFY-PACKAGE-03"}


def test_the_signature_of_a_stranger_is_not_good(tmp_path: Path) -> None:
    stranger = an_identity("stranger", 9)
    path = write_package(tmp_path / "journal.zip", package_files(a_journal(60)), stranger)

    assert codes(verify_package(path)) == {"VERIFY-PACKAGE-03"}


def test_a_stranger_with_an_own_certificate_is_found_with_the_trusted_one(tmp_path: Path) -> None:
    journal, stranger = a_journal(60), an_identity("stranger", 9)
    trusted = journal.checkpoint_identity.pem
    files = package_files(journal) | {"certificates/checkpoint.pem": stranger.pem.encode()}
    path = write_package(tmp_path / "journal.zip", files, stranger)

    assert "VERIFY-PACKAGE-03" not in codes(verify_package(path))
    assert "VERIFY-PACKAGE-03" in codes(verify_package(path, checkpoint_certificate=trusted))


def test_a_missing_signature_is_said(tmp_path: Path) -> None:
    path = a_package(tmp_path)
    Path(f"{path}.jws").rename(tmp_path / "elsewhere.jws")

    assert codes(verify_package(path)) == {"VERIFY-PACKAGE-04"}
    assert verify_package(path, tmp_path / "elsewhere.jws").is_good


@pytest.mark.parametrize(
    "name",
    [
        "manifest.json",
        "entries.jsonl",
        "checkpoints.jsonl",
        "certificates/checkpoint.pem",
        "certificates/till-a.pem",
    ],
)
def test_a_removed_file_is_named(tmp_path: Path, name: str) -> None:
    files = package_files(a_journal(60))
    del files[name]

    report = verify_package(a_package(tmp_path, files))

    assert ("VERIFY-PACKAGE-01", name) in {(one.code, one.record) for one in report.findings}


def changed_lines(folder: Path, name: str, lines: list[bytes]) -> Report:
    files = package_files(a_journal(60)) | {name: b"".join(lines)}
    return verify_package(a_package(folder, files))


def entry_lines() -> list[bytes]:
    return package_files(a_journal(60))["entries.jsonl"].splitlines(keepends=True)


def test_a_removed_entry_is_found_at_the_end_and_in_the_middle(tmp_path: Path) -> None:
    lines = entry_lines()

    [first] = changed_lines(tmp_path, "entries.jsonl", lines[:24] + lines[25:]).findings[:1]
    assert (first.code, first.register, first.sequence) == ("VERIFY-SEQUENCE-01", "till-b", 5)
    assert codes(changed_lines(tmp_path, "entries.jsonl", lines[:-1])) == {"VERIFY-PACKAGE-02"}
    assert "VERIFY-PACKAGE-02" in codes(changed_lines(tmp_path, "entries.jsonl", lines[1:]))


def test_a_changed_entry_is_named(tmp_path: Path) -> None:
    lines = entry_lines()
    line = json.loads(lines[24])
    lines[24] = json.dumps(line | {"kind": "void@1"}).encode() + b"\n"

    [finding] = changed_lines(tmp_path, "entries.jsonl", lines).findings

    assert (finding.code, finding.record) == ("VERIFY-LINK-01", "till-b-000005")


@pytest.mark.parametrize("line", [b"no json\n", b"[]\n", b"\xff\n"])
def test_a_line_that_is_no_entry_is_named(tmp_path: Path, line: bytes) -> None:
    lines = entry_lines()
    lines.insert(3, line)

    report = changed_lines(tmp_path, "entries.jsonl", lines)

    assert [(one.code, one.record) for one in report.findings] == [
        ("VERIFY-PACKAGE-05", "entries.jsonl line 4")
    ]


def test_a_line_without_a_body_is_named(tmp_path: Path) -> None:
    lines = entry_lines()
    lines.append(b'{"kind":"intent@1","body":"not base64!"}\n')

    report = changed_lines(tmp_path, "entries.jsonl", lines)

    found = {(one.code, one.record) for one in report.findings}
    assert ("VERIFY-BODY-01", "row 61") in found


def test_a_manifest_that_promises_more_is_found(tmp_path: Path) -> None:
    files = package_files(a_journal(60))
    manifest = json.loads(files["manifest.json"])
    changes: list[dict[str, object]] = [
        {"entries": 61},
        {"checkpoint": "4"},
        {"version": 2},
        {"registers": []},
    ]
    for change in changes:
        files["manifest.json"] = json.dumps(manifest | change).encode()

        assert "VERIFY-PACKAGE-02" in codes(verify_package(a_package(tmp_path, files)))


def test_the_witness_is_met_in_a_package_too(tmp_path: Path) -> None:
    journal = a_journal(60)
    path = a_package(tmp_path)

    assert verify_package(path, witness=journal.checkpoints[-1]).is_good
    longer = a_journal(80, checkpoints=4).checkpoints[-1]
    assert codes(verify_package(path, witness=longer)) == {"VERIFY-WITNESS-03"}


def test_the_root_is_computed_where_the_package_holds_all_entries(tmp_path: Path) -> None:
    journal = a_journal(60)
    journal.leaves[5] = bytes(32)
    journal.append("till-c", "intent@1")
    journal.checkpoint()
    path = write_package(
        tmp_path / "journal.zip", package_files(journal), journal.checkpoint_identity
    )

    [finding] = verify_package(path).findings

    assert (finding.code, finding.record) == ("VERIFY-CHECKPOINT-06", "checkpoint 4")
