"""Journals that somebody made to keep a checker busy."""

import time
from pathlib import Path

import pytest

from fiscus.formats.plain_text.check import (
    LINE_BYTES_MAX,
    NAMES_MAX,
    check_beancount,
    check_ledger,
)

SECONDS_MAX = 20
HEAD = '2026-01-01 * "x"\n'

LINES = {
    "blanks before the end": HEAD + ("  A:b" + " " * 60_000 + "x\n") * 50,
    "blanks at the end": HEAD + ("  A:b 1 EUR" + " " * 60_000 + "\n") * 50,
    "blanks between": HEAD + ("  A:b " + "1 " * 30_000 + "\n") * 50,
    "blanks alone": (" " * 60_000 + "x\n") * 50,
    "digits": HEAD + ("  A:B " + "9" * 60_000 + " EUR\n") * 50,
    "names": HEAD + ("  " + "a:" * 30_000 + "\n") * 50,
}


def codes(folder: Path, text: str) -> set[str]:
    path = folder / "a.txt"
    path.write_text(text)
    begun = time.monotonic()
    found = (*check_beancount(path, {}), *check_ledger(path, {}))
    assert time.monotonic() - begun < SECONDS_MAX
    assert all(len(place) <= 300 for fault in found for place in fault.paths)
    return {fault.code for fault in found}


@pytest.mark.parametrize("text", LINES.values(), ids=LINES)
def test_long_lines(tmp_path: Path, text: str) -> None:
    assert codes(tmp_path, text)


@pytest.mark.parametrize(
    ("length", "is_read"), [(LINE_BYTES_MAX - 1, True), (LINE_BYTES_MAX, False)]
)
def test_a_line_has_so_many_bytes(tmp_path: Path, length: int, is_read: bool) -> None:
    found = codes(tmp_path, "; " + "x" * (length - 2) + "\n2026-99-99 * x\n")

    assert ("PLAIN-LINE-02" in found) is not is_read
    assert ("PLAIN-DATE-01" in found) is is_read


def test_accounts_and_currencies_without_end(tmp_path: Path) -> None:
    accounts = HEAD + "".join(f"  A:b{n}  1 EUR\n" for n in range(NAMES_MAX + 5))
    currencies = HEAD + "".join(f"  A:b  1 X{n}\n" for n in range(NAMES_MAX + 5))

    assert "PLAIN-NAME-03" in codes(tmp_path, accounts)
    assert "PLAIN-NAME-03" in codes(tmp_path, currencies)
