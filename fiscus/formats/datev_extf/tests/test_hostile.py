"""Batches of bookings that somebody made to keep a checker busy."""

import time
from pathlib import Path

import pytest

from fiscus.formats.datev_extf.check import ROW_BYTES_MAX, check

SECONDS_MAX = 20

ROWS = {
    "quotes": b'"' * 60_000,
    "open quotes": b'"x;' * 20_000,
    "quoted separators": b'";' * 30_000,
    "quotes in pairs": b'""' * 30_000 + b"x",
    "separators": b";" * 60_000,
    "digits": b"9" * 60_000 + b";" * 124,
    "quotes in the middle": b'"x"x' * 15_000,
}


@pytest.fixture
def head(shared_data: Path) -> bytes:
    """The first two rows of a good file."""
    sample = shared_data / "export/EXTF_Buchungsstapel_700_v13_own_sample.csv"
    return b"\r\n".join(sample.read_bytes().split(b"\r\n")[:2]) + b"\r\n"


def codes(folder: Path, content: bytes) -> set[str]:
    path = folder / "EXTF_a.csv"
    path.write_bytes(content)
    begun = time.monotonic()
    found = check(path, {})
    assert time.monotonic() - begun < SECONDS_MAX
    assert all(len(place) <= 300 for fault in found for place in fault.paths)
    return {fault.code for fault in found}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_rows_that_take_long(tmp_path: Path, head: bytes, row: bytes) -> None:
    assert "EXTF-ROW-01" in codes(tmp_path, head + (row + b"\r\n") * 20) or row.count(b";") == 124


def test_a_row_without_end(tmp_path: Path, head: bytes) -> None:
    assert "EXTF-FILE-07" in codes(tmp_path, head + b"x" * (ROW_BYTES_MAX + 1))
    assert "EXTF-FILE-07" in codes(tmp_path, b"x" * 5_000_000)


def test_rows_without_end(tmp_path: Path, head: bytes) -> None:
    assert "EXTF-FILE-05" in codes(tmp_path, head + b"\r\n" * 2_000_000)


def test_a_first_row_of_nonsense(tmp_path: Path) -> None:
    first = b'"EXTF";700;21;"' + b"x" * 60_000 + b'";' + b"9" * 4999 + b";;;\r\n"

    assert "EXTF-HEADER-01" in codes(tmp_path, first + b'"a"\r\n')
