import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from fiscus.journal.tests.small_journal import SmallJournal, encoded
from fiscus.journal.tests.small_keys import a_key
from fiscus.journal.tests.small_package import Files, package_files, write_package
from fiscus.journal.tests.small_shop import REGISTERS, a_journal, sell
from fiscus.journal.verify.outside import OutsideKnowledge
from fiscus.journal.verify.package import verify_package
from fiscus.journal.verify.report import UnreadableFile
from fiscus.journal.verify.tests.judging import codes


@pytest.fixture(scope="module")
def journal() -> SmallJournal:
    return a_journal(80)


def found(folder: Path, files: Files, **outside: str) -> set[str]:
    path = write_package(folder / "p.zip", files)
    return codes(verify_package(path, outside=OutsideKnowledge(**outside)))  # type: ignore[arg-type]


def test_a_good_package_is_good_and_says_what_it_does_not_show(
    journal: SmallJournal, tmp_path: Path
) -> None:
    path = write_package(tmp_path / "p.zip", package_files(journal))

    report = verify_package(path)

    assert report.findings == ()
    assert report.entries > 70
    assert any("the rows of tables" in what for what in report.unchecked)
    assert any("proofs of inclusion" in what for what in report.checked)
    assert report.newest_note == journal.log.checkpoints[-1]["note"]


def test_runs_of_registers_may_begin_anywhere(journal: SmallJournal, tmp_path: Path) -> None:
    assert found(tmp_path, package_files(journal, first=7)) == set()


def test_what_no_note_covers_yet_is_counted(tmp_path: Path) -> None:
    journal = a_journal(60)
    sell(journal, REGISTERS[0])

    report = verify_package(write_package(tmp_path / "p.zip", package_files(journal)))

    assert report.is_good
    assert any(what.startswith("2 entries are proved by no note") for what in report.unchecked)


def test_a_package_without_a_note_is_incomplete(tmp_path: Path) -> None:
    assert found(tmp_path, package_files(a_journal(60, checkpoints=0))) == {"VERIFY-PACKAGE-01"}


def lines(files: Files, name: str, change: Callable[[list[bytes]], list[bytes]]) -> Files:
    return files | {name: b"".join(change(files[name].splitlines(keepends=True)))}


def manifest(files: Files, **more: object) -> Files:
    return files | {"manifest.json": encoded(json.loads(files["manifest.json"]) | more)}


SPOILED: dict[str, tuple[Callable[[Files], Files], str]] = {
    "an entry is missing": (
        lambda files: lines(files, "entries.jsonl", lambda all: all[:20] + all[21:]),
        "VERIFY-SEQUENCE-01",
    ),
    "an entry is there twice": (
        lambda files: lines(files, "entries.jsonl", lambda all: [*all[:20], all[19], *all[20:]]),
        "VERIFY-SEQUENCE-02",
    ),
    "a line is no entry": (
        lambda files: lines(files, "entries.jsonl", lambda all: [*all, b"{}\n"]),
        "VERIFY-PACKAGE-05",
    ),
    "a key is missing": (
        lambda files: lines(files, "entries.jsonl", lambda all: all[:3] + all[4:]),
        "VERIFY-KEY-01",
    ),
    "a proof is wrong": (
        lambda files: lines(files, "proofs.jsonl", lambda all: [all[1][:-10] + b"\n", *all[1:]]),
        "VERIFY-PACKAGE-07",
    ),
    "a single entry has no proof": (
        lambda files: lines(files, "proofs.jsonl", lambda all: all[1:]),
        "VERIFY-PACKAGE-07",
    ),
    "the note is another": (
        lambda files: files | {"checkpoint.txt": b"x\n"},
        "VERIFY-CHECKPOINT-03",
    ),
    "the note is of another log": (
        lambda files: (
            files
            | {"checkpoint.txt": files["checkpoint.txt"].replace(b"/journal/1", b"/journal/2")}
        ),
        "VERIFY-CHECKPOINT-07",
    ),
    "the manifest counts other entries": (
        lambda files: manifest(files, entries=1),
        "VERIFY-PACKAGE-02",
    ),
    "the manifest is of another organization": (
        lambda files: manifest(files, organization="x"),
        "VERIFY-PACKAGE-06",
    ),
    "the manifest is of format 1": (lambda files: manifest(files, version=1), "VERIFY-PACKAGE-02"),
    "the manifest has chains of no form": (
        lambda files: manifest(files, chains=[1, {"id": [], "epoch": "9" * 5000}]),
        "VERIFY-PACKAGE-02",
    ),
    "the manifest is missing": (
        lambda files: {name: one for name, one in files.items() if name != "manifest.json"},
        "VERIFY-PACKAGE-01",
    ),
}


@pytest.mark.parametrize("name", SPOILED)
def test_what_was_spoiled_is_found(name: str, journal: SmallJournal, tmp_path: Path) -> None:
    spoil, code = SPOILED[name]

    assert code in found(tmp_path, spoil(package_files(journal)))


def test_of_the_signature_beside_it_it_is_said_once(journal: SmallJournal, tmp_path: Path) -> None:
    """Either it was checked, or it is a finding."""
    path = write_package(tmp_path / "p.zip", package_files(journal))
    beside = tmp_path / "p.zip.jws"

    def is_checked() -> bool:
        return any("own signature" in what for what in verify_package(path).checked)

    assert is_checked()
    beside.write_text(beside.read_text()[:-4] + "AAAA")
    assert not is_checked()
    beside.unlink()
    assert not is_checked()


def test_without_a_manifest_no_entry_is_accused_of_another_organization(
    journal: SmallJournal, tmp_path: Path
) -> None:
    files = package_files(journal) | {"manifest.json": b"{"}

    assert found(tmp_path, files) == {"VERIFY-PACKAGE-02"}


def test_the_signature_beside_is_that_of_the_bytes(journal: SmallJournal, tmp_path: Path) -> None:
    path = write_package(tmp_path / "p.zip", package_files(journal))
    beside = tmp_path / "p.zip.jws"
    good = beside.read_text()

    beside.write_text(a_key("other").jws("fiscus-package+zip", path.read_bytes()))
    assert codes(verify_package(path)) == {"VERIFY-PACKAGE-03"}
    beside.write_text(good[:-2] + "AA")
    assert codes(verify_package(path)) == {"VERIFY-PACKAGE-03"}
    beside.unlink()
    assert codes(verify_package(path)) == {"VERIFY-PACKAGE-04"}


def test_the_fingerprint_proves_who_made_it(journal: SmallJournal, tmp_path: Path) -> None:
    files = package_files(journal)
    root = next(row for row in journal.entries if row["kind"] == "key@1")

    assert found(tmp_path, files, root=json.loads(root["body"])["key"]["sha256"]) == set()
    assert found(tmp_path, files, root="0" * 64) == {"VERIFY-ROOT-01"}


def test_each_cut_and_each_flipped_byte_of_the_file_ends_in_findings_or_one_sentence(
    journal: SmallJournal, tmp_path: Path
) -> None:
    whole = write_package(tmp_path / "p.zip", package_files(journal)).read_bytes()
    path = tmp_path / "p.zip"
    step = max(len(whole) // 40, 1)
    for place in range(0, len(whole), step):
        for content in (
            whole[:place],
            whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :],
        ):
            path.write_bytes(content)
            assert not is_good_or_readable(path)


def is_good_or_readable(path: Path) -> bool:
    try:
        return verify_package(path).is_good
    except UnreadableFile as error:
        return "\n" in str(error)


def test_a_file_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    files = package_files(a_journal(40))
    bomb = b"0" * (80 * 1024 * 1024)

    for name in ("manifest.json", "checkpoint.txt", "entries.jsonl"):
        path = tmp_path / f"{name}.zip"
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for other, content in files.items():
                archive.writestr(other, bomb if other == name else content)
        assert not verify_package(path).is_good
