"""What a file is, found out by its content."""

import io
import tarfile
from pathlib import Path

import pytest

from fiscus.checking import kinds
from fiscus.journal.tests.small_package import package_files, write_package
from fiscus.journal.tests.small_shop import a_journal


def recognized(path: Path, name: str = "") -> tuple[str, ...]:
    return kinds.recognized(kinds.clues(path, name or path.name))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("saft_idemo599999999.xml", "saft-pt"),
        ("sample_export.tar", "dsfinvk"),
        ("sample_tse_v2.tar", "tse"),
        ("TSSProtokoll_GF_2021-09-28_09_58_45.tar", "tse"),
        ("EXTF_Buchungsstapel_700_v9_sample_ledermann.csv", "datev-extf"),
        ("own_sample_journal.beancount", "beancount"),
        ("own_sample_journal.ledger", "ledger"),
    ],
)
def test_by_what_is_in_it_whatever_it_is_called(shared_data: Path, name: str, kind: str) -> None:
    found = next(shared_data.rglob(name))

    assert recognized(found) == (kind,)
    assert recognized(found, "unnamed") == (kind,)


def test_a_journal_package_is_no_other_archive(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    write_package(path, package_files(a_journal(5)))

    assert recognized(path) == (kinds.PACKAGE,)


def test_wide_letters_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<AuditFile xmlns='urn:OECD:StandardAuditFile-Tax:PT_1.04_01'/>", "utf-16")

    assert recognized(path) == ("saft-pt",)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"\0" * 2048, b"Dear Sir"])
def test_nobody_recognizes_what_is_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)

    assert recognized(path) == ()


def test_names_are_looked_at_up_to_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        for number in range(kinds.NAMES_MAX + 50):
            tar.addfile(tarfile.TarInfo(f"{number}"), io.BytesIO())

    assert len(kinds.clues(path, "a.tar").members) == kinds.NAMES_MAX


def test_every_kind_has_a_title() -> None:
    assert {kinds.PACKAGE, "saft-pt", "dsfinvk", "tse", "ledger"} <= kinds.titles().keys()
    assert all(kinds.titles().values())
