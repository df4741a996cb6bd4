"""ledger and hledger read what we write, where they are on the machine."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fiscus.formats import BookTerms, find_book
from fiscus.formats.plain_text import LEDGER
from fiscus.formats.plain_text.tests.journals import a_batch, a_day, a_sale, written

GOLDEN = Path(__file__).parent / "golden/day.ledger"
BALANCES = {
    "Assets:1000-Kasse": "1190.00",
    "Assets:1371-Verrechnung-Tagesabschluss": "-1175.00",
    "Assets:9999": "-5.00",
    "Income:8200-Erlöse": "-10.00",
}


def ran(*words: str | Path) -> str:
    """What a foreign program answers; it must find no fault."""
    program = shutil.which(str(words[0]))
    if program is None:
        pytest.skip(f"{words[0]} is not on this machine (Debian: apt-get install {words[0]})")
    done = subprocess.run(
        [program, *words[1:]],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_golden_a_day_is_written_as_the_file_shows() -> None:
    found = written(LEDGER, a_batch(*a_day()))
    if os.environ.get("FISCUS_TEST_GOLDEN") == "write":
        GOLDEN.write_text(found, encoding="utf-8", newline="")

    assert found == GOLDEN.read_bytes().decode()
    assert LEDGER.check(GOLDEN, {}) == ()


def test_hledger_finds_no_fault_also_in_strict_mode_and_the_same_balances() -> None:
    assert ran("hledger", "-f", GOLDEN, "check", "--strict") == ""
    said = ran("hledger", "-f", GOLDEN, "balance", "--flat", "--no-total", "-O", "csv")
    rows = [line.strip('"').split('","') for line in said.splitlines()[1:]]

    assert {account: value.removesuffix(" EUR") for account, value in rows} == BALANCES


def test_ledger_finds_no_fault_also_when_pedantic_and_the_same_balances() -> None:
    line = "%(account)=%(quantity(scrub(total)))\n"
    words = ("--pedantic", "balance", "--flat", "--no-total", "--balance-format", line)
    said = ran("ledger", "-f", GOLDEN, *words)
    found = dict(row.split("=") for row in said.splitlines())

    assert {key: f"{float(value):.2f}" for key, value in found.items()} == BALANCES


def test_hledger_reads_which_entry_a_transaction_is() -> None:
    said = ran("hledger", "-f", GOLDEN, "print", "tag:entry=e3", "-O", "csv")

    assert "Z-17" in said
    assert "reverses: 0f5b8a0e" in said


def test_amounts_have_a_point_and_no_thousands_separator() -> None:
    assert "  1190.00 EUR\n" in written(LEDGER, a_batch())


def test_what_would_mean_something_else_is_replaced_with_a_warning() -> None:
    found = LEDGER.judge(BookTerms())(a_day()[-1])

    assert {one.field: one.written for one in found.warnings} == {
        "note": "=HYPERLINK, 1,",
        "lines[0].text": "date, 2026, ,x, ,y, ,z,",
    }


def test_without_a_number_the_code_is_a_hyphen() -> None:
    assert "\n2026-03-05 * (-) Umsatz 19 %\n" in written(LEDGER, a_batch(a_sale(reference="")))


def test_another_currency_is_declared_where_it_is_met_first(tmp_path: Path) -> None:
    path = tmp_path / "a.ledger"
    path.write_text(written(LEDGER, a_batch(a_sale(), a_sale(currency="CHF"))), encoding="utf-8")

    assert LEDGER.check(path, {}) == ()
    ran("hledger", "-f", path, "check", "--strict")


def test_the_format_is_found_by_its_code() -> None:
    assert find_book("ledger") is LEDGER
