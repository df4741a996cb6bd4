"""Before anything is written, each entry hears what DATEV cannot hold, and what is changed."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fiscus.formats import BookTerms, EntryJudgement
from fiscus.formats.datev_extf.check import check
from fiscus.formats.datev_extf.judge import LINES_MAX, judge, terms_faults
from fiscus.formats.datev_extf.tests.bookings import (
    ACCOUNTS,
    SETTINGS,
    a_batch,
    a_line,
    a_sale,
    a_tax,
    cells,
    saved,
)
from fiscus.model.accounts import ChartAccount
from fiscus.model.booked import BookedEntry, BookedLine, BookedTax


def judged(entry: BookedEntry, **settings: str) -> EntryJudgement:
    return judge(BookTerms(settings=settings, accounts=ACCOUNTS))(entry)


def faults(entry: BookedEntry, **settings: str) -> dict[str, tuple[str, ...]]:
    return {one.code: one.paths for one in judged(entry, **settings).faults}


def warnings(entry: BookedEntry) -> list[tuple[str, str, str, str]]:
    found = judged(entry).warnings
    return [(one.code, one.field, one.said, one.written) for one in found]


def test_a_usual_sale_has_neither_faults_nor_warnings() -> None:
    found = judged(a_sale())

    assert (found.faults, found.warnings) == ((), ())


@pytest.mark.parametrize(
    ("account", "length", "is_right"),
    [
        ("8400", "4", True),
        ("10000", "4", True),
        ("100000", "4", False),
        ("100000", "5", True),
        ("400", "4", True),
        ("", "4", True),
        ("0000", "4", False),
        ("84A0", "4", False),
        ("٨٤٠٠", "4", False),
    ],
)
def test_an_account_has_the_digits_of_the_ledger_or_one_more(
    account: str, length: str, is_right: bool
) -> None:
    found = faults(a_sale(a_line(account)), account_length=length)

    assert found == ({} if is_right else {"DATEV-ACCOUNT-01": (f"lines[0].account {account}",)})


def test_the_contra_account_and_the_account_of_the_tax_are_judged_alike() -> None:
    entry = a_sale(a_line(tax=a_tax(account="x")), contra="10")

    assert faults(a_sale(contra="1371a")) == {"DATEV-ACCOUNT-01": ("contra 1371a",)}
    assert faults(entry) == {"DATEV-ACCOUNT-01": ("lines[0].tax.account x",)}


def test_a_character_that_cannot_be_written_is_named_with_its_place() -> None:
    entry = a_sale(a_line(text="茶"), note="Łódź ☕ Nº 5")

    assert faults(entry) == {"DATEV-TEXT-01": ("note ☕ U+2615", "lines[0].text 茶 U+8336")}


def test_a_spelled_text_is_a_warning_with_both_spellings() -> None:
    assert warnings(a_sale(note="Łódź")) == [("DATEV-TEXT-02", "note", "Łódź", "Lodz")]


def test_a_cut_text_is_a_warning_with_what_is_written() -> None:
    (found,) = warnings(a_sale(a_line(text="x" * 60 + "€")))

    assert found == ("DATEV-TEXT-03", "lines[0].text", "x" * 60 + "€", "x" * 60)
    assert cells(a_sale(a_line(text="x" * 60 + "€")))[0][13] == found[3]


def test_a_number_that_is_written_in_another_way_is_a_warning() -> None:
    assert warnings(a_sale(reference="FT A 1")) == [
        ("DATEV-REFERENCE-01", "reference", "FT A 1", "FT+A+1")
    ]


@pytest.mark.parametrize("text", ["=1+1", "'quoted'"])
def test_a_guarded_text_is_a_warning_and_one_that_has_an_apostrophe_is_none(text: str) -> None:
    guarded = ("DATEV-TEXT-04", "lines[0].text", text, f"'{text}")

    assert warnings(a_sale(a_line(text=text))) == ([guarded] if text[0] == "=" else [])


def test_a_line_of_nothing_is_a_warning() -> None:
    assert warnings(a_sale(a_line("8200", "0.00"), a_line())) == [
        ("DATEV-AMOUNT-02", "lines[0].amount", "0.00", "")
    ]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"amount": "9999999999.99"}, None),
        ({"amount": "10000000000.00"}, "DATEV-AMOUNT-01"),
        ({"amount": "1.001"}, "DATEV-AMOUNT-01"),
        ({"tax": a_tax(posting_key="0003")}, None),
        ({"tax": a_tax(posting_key="00003")}, "DATEV-TAX-02"),
        ({"tax": a_tax(posting_key="x")}, "DATEV-TAX-02"),
        ({"id": "x" * 36}, None),
        ({"id": "x" * 37}, "DATEV-ID-01"),
    ],
)
def test_what_breaks_a_column_is_a_fault_of_its_line(more: Any, code: str | None) -> None:
    assert list(faults(a_sale(a_line(**more)))) == ([code] if code else [])


def test_another_currency_is_refused_because_its_rate_is_not_known() -> None:
    assert faults(a_sale(currency="CHF")) == {"DATEV-CURRENCY-01": ("currency CHF",)}


def test_all_faults_of_an_entry_are_named_at_once() -> None:
    entry = a_sale(
        a_line("84A0", id="x" * 37),
        a_line("8200", tax=a_tax()),
        currency="CHF",
        note="☕",
        contra="8400",
        day=date(1999, 12, 31),
    )

    assert set(faults(entry)) == {
        "DATEV-CURRENCY-01",
        "DATEV-ID-01",
        "DATEV-ACCOUNT-01",
        "DATEV-ACCOUNT-02",
        "DATEV-DATE-01",
        "DATEV-TAX-01",
        "DATEV-TEXT-01",
    }


@pytest.mark.parametrize(
    ("line", "automatic", "is_lost"),
    [
        (a_line("8400", tax=a_tax()), "on", False),
        (a_line("8400", tax=a_tax()), "off", True),
        (a_line("8400", tax=a_tax(account="1776")), "off", False),
        (a_line("8400", tax=a_tax(posting_key="0040")), "on", True),
        (a_line("8400"), "off", False),
        (a_line("8200", tax=a_tax()), "on", True),
        (a_line("8200", tax=a_tax(account="1776")), "on", False),
        (a_line("8200", tax=a_tax(posting_key="0003")), "on", False),
        (a_line("8200", tax=a_tax(posting_key="40")), "on", True),
        (a_line("8200", tax=a_tax(amount="0.00")), "on", False),
    ],
)
def test_vat_that_would_be_lost_is_a_fault_of_its_line(
    line: BookedLine, automatic: str, is_lost: bool
) -> None:
    found = faults(a_sale(a_line("1604"), line), automatic_accounts=automatic)

    places = (f"lines[1].account {line.account}", "tax 19")
    assert found == ({"DATEV-TAX-01": places} if is_lost else {})


def test_an_automatic_account_cannot_stand_against_the_lines() -> None:
    assert faults(a_sale(contra="8400")) == {"DATEV-ACCOUNT-02": ("contra 8400",)}


@pytest.mark.parametrize(
    ("day", "month", "is_right"),
    [
        (date(2000, 1, 1), "1", True),
        (date(2000, 1, 1), "4", False),
        (date(1999, 12, 31), "1", False),
        (date(2099, 12, 31), "1", True),
        (date(2099, 12, 31), "4", False),
        (date(1, 1, 1), "4", False),
        (date(9999, 12, 31), "1", False),
    ],
)
def test_a_day_is_in_a_fiscal_year_that_files_can_name(
    day: date, month: str, is_right: bool
) -> None:
    found = faults(a_sale(day=day), fiscal_year_month=month)

    assert found == ({} if is_right else {"DATEV-DATE-01": (f"day {day}",)})


def test_a_kind_that_is_written_for_want_of_another_text_is_judged_too() -> None:
    assert faults(a_sale(sub_type="☕")) == {"DATEV-TEXT-01": ("sub_type ☕ U+2615",)}
    assert faults(a_sale(sub_type="☕", note="Kaffee")) == {}


def test_an_entry_that_no_file_holds_is_a_fault() -> None:
    line = a_line()

    assert faults(a_sale(*[line] * LINES_MAX)) == {}
    assert list(faults(a_sale(*[line] * (LINES_MAX + 1)))) == ["DATEV-SIZE-01"]


def test_names_of_accounts_are_judged_where_they_are_wanted() -> None:
    chart = {"1000": ChartAccount(code="1000", name="Kasse ☕")}

    def found(**settings: str) -> list[tuple[str, tuple[str, ...]]]:
        terms = BookTerms(settings=settings, accounts=chart)
        return [(one.code, one.paths) for one in terms_faults(terms)]

    assert found() == []
    assert found(account_names="1") == [("DATEV-TEXT-01", ("account 1000 ☕ U+2615",))]


CODES = ("8400", "8300", "8200", "1776", "1000")
BAD_CODES = ("84A0", "0000", "123456")
GOOD_TEXT = st.text(st.sampled_from("aZ0 =+-@'\"\\;%\n\t№ŁßÆ€…"), max_size=260)
TEXTS = st.one_of(*[GOOD_TEXT] * 8, st.sampled_from(["№" * 260, "=№" * 200, "☕", "µŁ"]))
AMOUNTS = st.sampled_from(
    ["0.00", "-119.00", "119.00", "19.00", "9999999999.99", "-9999999999.99"] * 4
    + ["1.001", "1e10"]
)
VALUES = AMOUNTS.map(Decimal)


@st.composite
def lines(draw: st.DrawFn, at: int) -> BookedLine:
    tax = None
    if draw(st.booleans()):
        tax = BookedTax(
            code="19",
            percentage=Decimal(19),
            amount=draw(VALUES),
            account=draw(st.sampled_from(["", *CODES * 4, *BAD_CODES])),
            posting_key=draw(st.sampled_from(["", "3", "0003", "40", "0040"] * 3 + ["x"])),
        )
    amount = draw(VALUES)
    return BookedLine(
        id=f"line-{at}",
        account=draw(st.sampled_from(CODES * 4 + BAD_CODES)),
        amount=amount,
        net=amount,
        tax=tax,
        text=draw(TEXTS),
    )


@st.composite
def entries(draw: st.DrawFn) -> BookedEntry:
    return a_sale(
        *[draw(lines(at)) for at in range(draw(st.integers(1, 3)))],
        day=draw(st.dates(date(1999, 1, 1), date(2100, 12, 31))),
        contra=draw(st.sampled_from(("1371", "1604") * 4 + ("8400",))),
        currency=draw(st.sampled_from(["EUR"] * 9 + ["CHF"])),
        **{
            name: draw(TEXTS)
            for name in ("reference", "note", "partner", "partner_tax_number", "sub_type")
        },
    )


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    entry=entries(),
    said=st.fixed_dictionaries(
        {
            "automatic_accounts": st.sampled_from(["on", "off"]),
            "reversals": st.sampled_from(["sides", "general"]),
            "account_length": st.sampled_from(["4", "5", "8"]),
            "fiscal_year_month": st.sampled_from(["1", "4"]),
            "account_names": st.sampled_from(["0", "1"]),
        }
    ),
    name=TEXTS,
)
def test_what_has_no_fault_is_written_and_the_checker_finds_none(
    entry: BookedEntry, said: dict[str, str], name: str
) -> None:
    chart = {**ACCOUNTS, "1000": ChartAccount(code="1000", name=name)}
    terms = BookTerms(settings={**SETTINGS, **said}, accounts=chart)
    if judge(terms)(entry).faults or terms_faults(terms):
        return
    with TemporaryDirectory() as folder:
        batch = a_batch(entry, settings=terms.settings, accounts=chart)
        for path in saved(Path(folder), batch):
            assert check(path, {}) == ()
