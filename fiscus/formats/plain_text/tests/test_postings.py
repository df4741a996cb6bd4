"""Postings of an entry add up to zero, and texts stay on one line."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscus.formats import BookFormat, BookTerms
from fiscus.formats.plain_text import BEANCOUNT, LEDGER
from fiscus.formats.plain_text.postings import amount, cleaned, faults, narration, postings
from fiscus.formats.plain_text.tests.journals import ACCOUNTS, a_batch, a_line, a_sale, written
from fiscus.model.accounts import ChartAccount
from fiscus.model.booked import BookedEntry
from fiscus.model.faults import is_sound

CENTS = st.decimals(min_value=-10_000, max_value=10_000, places=2)


@given(st.lists(st.tuples(CENTS, CENTS), max_size=5))
def test_postings_add_up_to_zero_whatever_the_lines_are(
    sums: list[tuple[Decimal, Decimal]],
) -> None:
    lines = tuple(a_line(gross=str(gross), vat=str(vat)) for gross, vat in sums)

    assert sum(one.amount for one in postings(a_sale(*lines))) == 0


def test_vat_of_nothing_is_no_posting() -> None:
    assert len(list(postings(a_sale(a_line(vat="0.00"))))) == 2


def test_vat_of_nothing_needs_no_account() -> None:
    assert faults(a_sale(a_line(vat="0.00"))) == ()


def test_an_account_that_is_missing_was_found_before() -> None:
    assert faults(a_sale(a_line(""), contra="")) == ()


def test_parts_of_a_cent_are_named_with_their_lines() -> None:
    (found,) = faults(a_sale(a_line(gross="-1.001"), a_line(), a_line(vat="-0.005")))

    assert (found.code, found.paths) == (
        "PLAIN-AMOUNT-02",
        ("lines[0].amount -1.001", "lines[2].amount -1190.00"),
    )


TEXTS = st.text(
    st.sampled_from("aZ0 =+-@'\"\\;|:[](){}%#*!,\n\t№Łß\u2028☕茶µ€"), max_size=30
) | st.sampled_from(["2026-03-05 * x", "; x", "  Assets:X  1.00 EUR", "include x", "☕"])


@st.composite
def entries(draw: st.DrawFn) -> BookedEntry:
    lines = [
        a_line(
            draw(st.sampled_from(("1000", "8400", "9999"))),
            str(draw(CENTS)),
            str(draw(CENTS)) if draw(st.booleans()) else "",
            text=draw(TEXTS),
            id=draw(TEXTS),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    texts = {
        name: draw(TEXTS)
        for name in ("id", "reference", "note", "partner", "partner_tax_number", "sub_type")
    }
    currency = draw(st.sampled_from(("EUR", "CHF", "eur")))
    return a_sale(*lines, day=draw(st.dates()), currency=currency, **texts)


@pytest.mark.parametrize("form", [BEANCOUNT, LEDGER])
@settings(deadline=None)
@given(entry=entries(), name=TEXTS)
def test_what_has_no_fault_is_written_and_the_checker_finds_none(
    form: BookFormat, entry: BookedEntry, name: str
) -> None:
    accounts = {**ACCOUNTS, "1000": ChartAccount(code="1000", name=name)}
    if form.judge(BookTerms(accounts=accounts))(entry).faults:
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        path.write_bytes(written(form, a_batch(entry, accounts=accounts)).encode())
        assert is_sound(form.check(path, {}))


@pytest.mark.parametrize(
    ("said", "replaced", "written"),
    [("a\nb", "", "a b"), ("a;b", ";", "a,b"), ("a;b", "", "a;b"), ("ü\u2028", "", "ü")],
)
def test_a_text_stays_on_one_line(said: str, replaced: str, written: str) -> None:
    assert cleaned(said, replaced) == written


def test_an_amount_has_two_decimals_and_its_currency() -> None:
    assert amount(Decimal("-1190"), "EUR") == "-1190.00 EUR"


def test_the_narration_is_the_note_or_what_all_lines_say_or_the_kind() -> None:
    same, other = a_line(text="Bar"), a_line(text="Karte")

    assert narration(a_sale(same, note="Tisch 4")) == "Tisch 4"
    assert narration(a_sale(same, same)) == "Bar"
    assert narration(a_sale(same, other)) == "sale"
