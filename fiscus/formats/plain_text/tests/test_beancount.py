"""beancount itself reads what we write, and finds what we booked."""

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("beancount", reason="beancount is not installed")
from beancount import loader
from beancount.core import data, realization

from fiscus.formats import BookTerms, find_book
from fiscus.formats.plain_text import BEANCOUNT
from fiscus.formats.plain_text.tests.journals import a_batch, a_day, a_line, a_sale, written
from fiscus.model.booked import BookBatch, BookedEntry

GOLDEN = Path(__file__).parent / "golden/day.beancount"


def loaded(batch: BookBatch) -> list[Any]:
    """The transactions as beancount reads them; it must find no fault."""
    entries, errors, _ = loader.load_string(written(BEANCOUNT, batch))
    assert errors == []
    return [one for one in entries if isinstance(one, data.Transaction)]


def test_golden_a_day_is_written_as_the_file_shows_and_bean_check_accepts_it() -> None:
    found = written(BEANCOUNT, a_batch(*a_day()))
    if os.environ.get("FISCUS_TEST_GOLDEN") == "write":
        GOLDEN.write_text(found, encoding="utf-8", newline="")

    assert found == GOLDEN.read_bytes().decode()
    program = Path(sys.executable).parent / "bean-check"
    ran = subprocess.run([program, GOLDEN], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")
    assert BEANCOUNT.check(GOLDEN, {}) == ()


def test_net_and_vat_stand_on_their_own_accounts_and_all_add_up_to_zero() -> None:
    (found,) = loaded(a_batch(a_sale(a_line(vat="-190.00"))))

    assert [(one.account, one.units.number, one.units.currency) for one in found.postings] == [
        ("Income:8400-Erlöse-19", Decimal("-1000.00"), "EUR"),
        ("Liabilities:1776-Umsatzsteuer-19", Decimal("-190.00"), "EUR"),
        ("Assets:1371-Verrechnung-Tagesabschluss", Decimal("1190.00"), "EUR"),
    ]


def test_vat_is_the_sealed_one_and_never_computed_again() -> None:
    (found,) = loaded(a_batch(a_sale(a_line("8200", "-2220.30", "-201.85"))))

    assert [one.units.number for one in found.postings] == [
        Decimal("-2018.45"),
        Decimal("-201.85"),
        Decimal("2220.30"),
    ]


def test_a_transaction_says_where_it_comes_from() -> None:
    found = loaded(a_batch(*a_day()))
    own = ("filename", "lineno", "__tolerances__")
    facts = {key: value for key, value in found[0].meta.items() if key not in own}

    assert facts == {
        "entry": "0f5b8a0e-0a5e-4a43-8f0a-2f6f5c1c7a21",
        "job": "7f3a0c1e-22aa-4b6b-9c0d-5e5f6a7b8c9d",
        "type": "sale",
        "reference": "Z-17",
        "record": "01957f6e-0000-7000-8000-000000000017",
        "link": "ab" * 32,
    }
    assert found[0].links == {"Z-17"}
    assert found[2].meta["reverses"] == found[0].meta["entry"]
    assert found[0].postings[0].meta["line"] == "line-8400--1190.00"


def test_texts_come_back_as_they_were_but_on_one_line() -> None:
    found = loaded(a_batch(*a_day()))[-1]

    assert (found.payee, found.narration) == ('Łódź "☕" \\ GmbH', "=HYPERLINK( 1)")
    assert found.postings[0].meta["text"] == "date: 2026; [x] (y) |z|"
    assert (found.links, found.meta["reference"]) == (set(), "FT A/1")


def test_a_line_break_is_a_warning() -> None:
    found = BEANCOUNT.judge(BookTerms())(a_sale(note="a\nb"))

    assert [(one.field, one.said, one.written) for one in found.warnings] == [
        ("note", "a\nb", "a b")
    ]
    assert found.faults == ()


def test_a_sale_and_its_reversal_leave_nothing() -> None:
    _, _, back, _ = a_day()
    entries, _, _ = loader.load_string(written(BEANCOUNT, a_batch(a_sale(), back)))
    whole = realization.compute_balance(realization.realize(entries))
    income = realization.get(realization.realize(entries), "Income:8400-Erlöse-19")

    assert whole.is_empty()
    assert income is not None
    assert income.balance.is_empty()


def test_vat_without_an_account_is_refused_with_its_place() -> None:
    bare = a_line(vat="-190.00")
    tax: Any = bare.tax
    line = a_line(tax=type(tax)(code="19", percentage=Decimal(19), amount=Decimal("-190.00")))
    found = BEANCOUNT.judge(BookTerms())(a_sale(line, contra="", currency="eur"))

    assert {one.code: one.paths for one in found.faults} == {
        "PLAIN-TAX-01": ("lines[0].tax 19",),
        "PLAIN-CURRENCY-01": ("currency eur",),
    }


def test_another_currency_balances_by_itself() -> None:
    (found,) = loaded(a_batch(a_sale(currency="CHF")))

    assert {one.units.currency for one in found.postings} == {"CHF"}


def test_the_same_batch_gives_the_same_bytes_in_bounded_memory() -> None:
    def many() -> Iterator[BookedEntry]:
        for at in range(10_000):
            yield a_sale(reference=f"Z-{at}")

    assert written(BEANCOUNT, a_batch(*a_day())) == written(BEANCOUNT, a_batch(*a_day()))
    tracemalloc.start()
    (file,) = BEANCOUNT.files(a_batch(entries=many))
    total = sum(len(block) for block in file.blocks)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total > 5_000_000
    assert peak < 3_000_000


def test_the_format_is_found_by_its_code() -> None:
    assert find_book("beancount") is BEANCOUNT
