"""Archives that somebody made to keep a checker busy: refused with a code, at once."""

import io
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from fiscus.formats.dsfinvk.check import archive
from fiscus.formats.dsfinvk.check.run import check
from fiscus.formats.dsfinvk.tables import dtd

SECONDS_MAX = 20
ROW = b"1;2026-01-01T00:00:00+01:00;1;a;1;1;x;1,00;1,00;1,00;1,00\r\n"


def codes(path: Path) -> set[str]:
    begun = time.monotonic()
    found = check(path, {})
    assert time.monotonic() - begun < SECONDS_MAX
    assert all(len(place) <= 300 for fault in found for place in fault.paths)
    return {fault.code for fault in found}


def a_zip(folder: Path, files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", how) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def a_tar(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "a.tar"
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def test_a_small_zip_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"lines.csv": ROW * 2_000_000})

    assert path.stat().st_size < 1_500_000
    assert codes(path) == {"DSFINVK-FILE-06"}


def test_a_sparse_tar_of_ten_gigabytes(tmp_path: Path) -> None:
    nothing, table = tmp_path / "nothing.tar", tmp_path / "table.tar"
    with nothing.open("wb") as file:
        file.truncate(10 << 30)
    header = tarfile.TarInfo("lines.csv")
    header.size = 10 << 30
    with table.open("wb") as file:
        file.write(header.tobuf())
        file.truncate((10 << 30) + 10_240)

    assert "DSFINVK-FILE-02" in codes(nothing)
    assert "DSFINVK-RECORD-07" in codes(table)


@pytest.mark.parametrize("pack", [a_tar, a_zip])
def test_more_files_than_any_export_has(tmp_path: Path, pack: object) -> None:
    files = {str(number): b"" for number in range(archive.LIMITS.files_max + 1)}

    assert codes(pack(tmp_path, files)) == {"DSFINVK-FILE-06"}  # type: ignore[operator]


def test_a_name_of_a_megabyte(tmp_path: Path) -> None:
    assert codes(a_tar(tmp_path, {"n" * 1_000_000: b""})) == {"DSFINVK-FILE-06"}


def test_files_packed_in_another_way(tmp_path: Path) -> None:
    assert codes(a_zip(tmp_path, {"lines.csv": ROW}, zipfile.ZIP_LZMA)) == {"DSFINVK-FILE-06"}


def test_a_record_without_end(tmp_path: Path) -> None:
    assert "DSFINVK-RECORD-07" in codes(a_tar(tmp_path, {"lines.csv": b"x" * 5_000_000}))
    quoted = codes(a_tar(tmp_path, {"lines.csv": ROW + b'"' + ROW * 100_000}))
    assert "DSFINVK-RECORD-07" in quoted or "DSFINVK-RECORD-05" in quoted


@pytest.mark.parametrize(
    "text",
    [
        "<!--" * 250_000,
        " " * 1_000_000,
        "<!ELEMENT " * 100_000,
        "<!ELEMENT " + " " * 900_000 + "x",
        "<?xml " * 100_000,
    ],
)
def test_a_grammar_that_takes_long_to_read(tmp_path: Path, text: str) -> None:
    assert "DSFINVK-FILE-05" in codes(a_tar(tmp_path, {dtd.FILE: text.encode()}))


@pytest.mark.parametrize(
    "text",
    [
        "<DataSet>" + "<a>" * 100_000,
        '<!DOCTYPE DataSet [<!ENTITY a0 "ha">'
        + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 20))
        + '] ><DataSet x="&a19;"/>',
    ],
)
def test_a_description_that_takes_long_to_read(tmp_path: Path, text: str) -> None:
    assert "DSFINVK-INDEX-01" in codes(a_tar(tmp_path, {"index.xml": text.encode()}))


def test_rows_of_nothing_but_separators(tmp_path: Path) -> None:
    rows = (b";" * 60_000 + b"\r\n") * 50

    assert "DSFINVK-HEADER-01" in codes(a_tar(tmp_path, {"lines.csv": rows}))


def test_huge_numbers(tmp_path: Path) -> None:
    row = ROW.replace(b"1,00", b"9" * 6000 + b",00") + ROW.replace(b";1;", b";" + b"9" * 5000)

    assert "DSFINVK-HEADER-01" in codes(a_tar(tmp_path, {"lines.csv": ROW + row}))
