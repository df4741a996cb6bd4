"""Bookings as DATEV imports them: each case was a fault of some program of this kind."""

import os
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from fiscus.formats import find_book
from fiscus.formats.datev_extf.check import check
from fiscus.formats.datev_extf.columns import BOOKINGS_MAX
from fiscus.formats.datev_extf.tests.bookings import (
    ENTRY,
    JOB,
    SETTINGS,
    a_batch,
    a_closing,
    a_line,
    a_sale,
    a_tax,
    cells,
    saved,
    written,
)
from fiscus.formats.datev_extf.write import files
from fiscus.model.booked import BookedEntry
from fiscus.model.faults import Refused

GOLDEN = Path(__file__).parent / "golden"
UMSATZ, SIDE, KONTO, GEGENKONTO, KEY, DAY, REFERENCE, TEXT = 0, 1, 6, 7, 8, 9, 10, 13
GUID, LOCK, REVERSAL = 102, 113, 117


def header(data: bytes) -> list[str]:
    return data.decode("cp1252").split("\r\n")[0].split(";")


def pairs(row: list[str]) -> dict[str, str]:
    """Zusatzinformation of a booking; pieces of one kind are joined."""
    found: dict[str, str] = {}
    for at in range(47, 87, 2):
        if row[at]:
            found[row[at]] = found.get(row[at], "") + row[at + 1]
    return found


def test_golden_a_closing_is_written_as_the_file_shows(tmp_path: Path) -> None:
    found = written(a_batch(*a_closing(), settings=SETTINGS | {"account_names": "1"}))
    for name, data in found.items():
        if os.environ.get("FISCUS_TEST_GOLDEN") == "write":
            (GOLDEN / name).write_bytes(data)
        (tmp_path / name).write_bytes(data)
        assert check(tmp_path / name, {}) == ()

    assert found == {path.name: path.read_bytes() for path in GOLDEN.iterdir()}


def test_revenue_with_vat_is_booked_gross_on_an_automatic_account() -> None:
    net, vat = Decimal("1000.00"), Decimal("190.00")
    line = a_line("8400", f"{-(net + vat)}", a_tax("19", f"{-vat}"))

    assert cells(a_sale(line))[0][UMSATZ] == "1190,00"


@pytest.mark.parametrize("account", ["8400", "8300"])
def test_an_automatic_account_gets_no_key_even_if_the_tax_has_one(account: str) -> None:
    tax = a_tax(posting_key="0003", account="1776")

    assert cells(a_sale(a_line(account, "-119.00", tax)))[0][KEY] == ""


@pytest.mark.parametrize(
    ("settings", "key"), [(SETTINGS | {"automatic_accounts": "off"}, ""), (SETTINGS, "40")]
)
def test_an_automatic_account_is_switched_off_only_if_asked_and_net_and_vat_are_apart(
    settings: dict[str, str], key: str
) -> None:
    tax = a_tax(posting_key=key, account="1776")
    net, vat = cells(a_sale(a_line("8400", "-119.00", tax)), settings=settings)

    assert (net[UMSATZ], net[KONTO], net[KEY]) == ("100,00", "8400", "0040")
    assert (vat[UMSATZ], vat[KONTO], vat[KEY]) == ("19,00", "1776", "")
    assert net[SIDE] == vat[SIDE] == "H"
    assert net[GUID] != vat[GUID]


def test_a_line_without_vat_on_an_automatic_account_switches_it_off() -> None:
    assert cells(a_sale(a_line("8400", "-119.00")))[0][KEY] == "0040"


def test_another_account_bears_the_key_of_its_tax_with_four_digits() -> None:
    (row,) = cells(a_sale(a_line("8200", "-119.00", a_tax(posting_key="3", account="1776"))))

    assert (row[UMSATZ], row[KEY]) == ("119,00", "0003")


def test_another_account_without_a_key_has_its_vat_booked_apart() -> None:
    net, vat = cells(a_sale(a_line("8200", "-119.00", a_tax(account="1776"))))
    assert (net[UMSATZ], vat[UMSATZ], vat[KONTO]) == ("100,00", "19,00", "1776")


def test_vat_is_the_sealed_one_and_never_computed_again() -> None:
    """Ten per cent of 2018.45 is 201.845: what was sealed decides."""
    line = a_line("8200", "-2220.30", a_tax("10", "-201.85", account="1776"))
    net, vat = cells(a_sale(line))

    assert (net[UMSATZ], vat[UMSATZ]) == ("2018,45", "201,85")


def test_a_rate_of_zero_is_one_booking() -> None:
    assert len(cells(a_sale(a_line("8200", "-10.00", a_tax("0", "0.00"))))) == 1


def test_a_text_that_grows_when_it_is_spelled_is_cut_afterwards(tmp_path: Path) -> None:
    batch = a_batch(a_sale(reference="№" * 200, partner_tax_number="=№" * 100))
    (path,) = saved(tmp_path, batch)

    assert check(path, {}) == ()
    assert pairs(cells(*batch.entries())[0])["reference"] == ("Nr." * 200)[:210]


def test_a_closing_clears_its_clearing_account_row_by_row() -> None:
    rows = cells(*a_closing())
    balance: Counter[str] = Counter()
    for row in rows:
        cents = int(row[UMSATZ].replace(",", "")) * (1 if row[SIDE] == "S" else -1)
        balance[row[KONTO]] += cents
        balance[row[GEGENKONTO]] -= cents

    assert len(rows) == 7
    assert balance == {
        "1000": 18100,
        "1361": 8000,
        "8300": -10700,
        "8400": -11900,
        "1604": -3000,
        "1590": -500,
        "1371": 0,
    }


@pytest.mark.parametrize("locked", ["0", "1"])
def test_the_header_and_each_booking_say_alike_whether_they_are_locked(locked: str) -> None:
    batch = a_batch(*a_closing(), settings=SETTINGS | {"locked": locked})
    (data,) = written(batch).values()

    assert header(data)[20] == locked
    assert {row[LOCK] for row in cells(*a_closing(), settings=batch.settings)} == {locked}


def test_what_is_not_said_is_not_locked() -> None:
    (data,) = written(a_batch()).values()

    assert header(data)[20] == "0"
    assert cells()[0][LOCK] == "0"


def test_a_booking_says_where_it_comes_from() -> None:
    entry = a_sale(reverses="e0", partner="Café Łódź", partner_tax_number="PT 508 650 704")
    (row,) = cells(entry)

    assert row[47:49] == ["entry", ENTRY]
    assert pairs(row) == {
        "entry": ENTRY,
        "job": JOB,
        "journal": "ab" * 32,
        "record": entry.record,
        "reverses": "e0",
        "tax number": "PT 508 650 704",
    }
    assert row[GUID] == entry.lines[0].id
    assert row[39] == "PT508650704"
    assert row[TEXT] == "Café Lodz"


def test_what_a_caller_entered_has_no_record_and_no_link() -> None:
    assert set(pairs(cells(a_sale(record="", link=""))[0])) == {"entry", "job"}


@pytest.mark.parametrize(
    ("number", "column"),
    [("DE123456788", ""), ("508650704", ""), ("GR 123456783", "EL123456783")],
)
def test_only_a_number_of_another_country_of_the_union_is_in_its_column(
    number: str, column: str
) -> None:
    assert cells(a_sale(partner_tax_number=number))[0][39] == column


def test_documents_whose_numbers_differ_by_a_blank_stay_two() -> None:
    first, second = cells(a_sale(reference="FT A 1"), a_sale(reference="FT A1"))

    assert (first[REFERENCE], second[REFERENCE]) == ("FT+A+1", "FT+A1")
    assert pairs(first)["reference"] == "FT A 1"


def test_a_text_of_61_characters_is_cut_and_stands_whole_elsewhere() -> None:
    text = "x" * 60 + "€"
    (row,) = cells(a_sale(a_line(text=text)))

    assert row[TEXT] == "x" * 60
    assert pairs(row)["text"] == text
    assert all(len(row[at]) <= 20 for at in (*range(20, 36, 2), *range(47, 87, 2)))


def test_a_text_of_60_characters_is_not_cut() -> None:
    (row,) = cells(a_sale(a_line(text="x" * 59 + "€")))

    assert row[TEXT] == "x" * 59 + "€"
    assert "text" not in pairs(row)


def test_a_long_text_stands_in_pieces_and_quotes_are_doubled(tmp_path: Path) -> None:
    text = 'Er sagte "Guten Tag"; ' * 30
    (row,) = cells(a_sale(a_line(text=text)))
    (path,) = saved(tmp_path, a_batch(a_sale(a_line(text=text))))

    assert pairs(row)["text"] == text
    assert check(path, {}) == ()


def test_letters_of_other_sets_are_spelled_and_never_a_question_mark() -> None:
    assert cells(a_sale(note="Łódź Nº 5"))[0][TEXT] == "Lodz Nº 5"


def test_a_sign_without_a_spelling_is_refused_by_name() -> None:
    with pytest.raises(Refused) as refused:
        cells(a_sale(note="Łódź ☕ Nº 5"))
    assert refused.value.code.id == "DATEV-TEXT-01"
    assert refused.value.paths == ("☕ U+2615",)


def test_a_narration_like_a_formula_is_guarded_and_the_amount_is_bare() -> None:
    (row,) = cells(a_sale(a_line("1000", "-75.63"), note='=HYPERLINK("http://x")'))

    assert (row[UMSATZ], row[SIDE]) == ("75,63", "H")
    assert row[TEXT] == '\'=HYPERLINK("http://x")'


def test_a_reversal_has_debit_and_credit_swapped() -> None:
    back = a_sale(a_line("8400", "119.00", a_tax("19", "19.00")), reverses=ENTRY)

    (first,), (second,) = cells(a_sale()), cells(back)
    assert (first[SIDE], first[REVERSAL]) == ("H", "")
    assert (second[SIDE], second[REVERSAL], second[UMSATZ]) == ("S", "", "119,00")


def test_a_general_reversal_has_the_first_side_and_is_marked() -> None:
    back = a_sale(a_line("8400", "119.00", a_tax("19", "19.00")), reverses=ENTRY)
    (row,) = cells(back, settings=SETTINGS | {"reversals": "general"})

    assert (row[SIDE], row[REVERSAL], row[UMSATZ]) == ("H", "1", "119,00")


def test_a_line_of_nothing_is_left_out() -> None:
    assert [row[UMSATZ] for row in cells(a_sale(a_line("8200", "0.00"), a_line()))] == ["119,00"]


def test_the_header_says_whose_it_is_and_which_days_it_bears() -> None:
    more = {"dictation_code": "MM", "label": "Bar", "account_length": "5"}
    (data,) = written(a_batch(settings=SETTINGS | more)).values()

    assert header(data) == [
        *('"EXTF"', "700", "21", '"Buchungsstapel"', "13", "20260401093000123", "", '"RE"'),
        *('"Fiscus"', '""', "4711", "815", "20260101", "5", "20260305", "20260305"),
        *('"Bar 05.03.26-05.03.26"', '"MM"', "1", "0", "0", '"EUR"', "", '""', "", ""),
        *('"03"', "", "", '""', '"job 7f3a0c1e"'),
    ]


@pytest.mark.parametrize(
    ("chart", "set_to", "number"),
    [("SKR04", "", '"04"'), ("Eigener", "", '""'), ("Eigener", "49", '"49"')],
)
def test_the_number_of_the_chart_is_told_by_its_name_or_by_a_setting(
    chart: str, set_to: str, number: str
) -> None:
    (data,) = written(a_batch(chart=chart, settings=SETTINGS | {"chart_number": set_to})).values()

    assert header(data)[26] == number


def test_each_fiscal_year_has_a_file_of_its_own(tmp_path: Path) -> None:
    days = (date(2025, 6, 30), date(2025, 7, 1), date(2026, 6, 30), date(2026, 7, 1))
    entries = [
        a_sale(a_line(id=f"l{at}", tax=a_tax()), id=f"e{at}", day=day)
        for at, day in enumerate(days)
    ]
    batch = a_batch(*entries, settings=SETTINGS | {"fiscal_year_month": "7"})

    assert [
        (header(data)[12], header(data)[14], header(data)[15]) for data in written(batch).values()
    ] == [
        ("20240701", "20250630", "20250630"),
        ("20250701", "20250701", "20260630"),
        ("20260701", "20260701", "20260701"),
    ]
    assert [check(path, {}) for path in saved(tmp_path, batch)] == [(), (), ()]


def test_a_file_has_99_999_bookings_at_most_and_entries_stay_whole() -> None:
    lines = tuple(a_line("1000", "1.00", id=f"l{at}") for at in range(10))
    count = BOOKINGS_MAX // 10 + 1
    batch = a_batch(entries=lambda: iter([a_sale(*lines)] * count))

    sizes = [data.count(b"\r\n") - 2 for data in written(batch).values()]
    assert sizes == [BOOKINGS_MAX // 10 * 10, 10]


def test_exactly_99_999_bookings_are_one_file() -> None:
    entry = a_sale(*(a_line("1000", "1.00", id=f"l{at}") for at in range(BOOKINGS_MAX)))

    assert len(written(a_batch(entry))) == 1
    assert len(written(a_batch(entry, a_sale()))) == 2


def test_a_batch_without_entries_has_no_file() -> None:
    assert written(a_batch(entries=lambda: iter(()), first=date(2026, 3, 1))) == {}


def test_the_same_batch_gives_the_same_bytes() -> None:
    assert written(a_batch(*a_closing())) == written(a_batch(*a_closing()))


def test_a_file_must_be_read_before_the_next_is_asked_for() -> None:
    with pytest.raises(AssertionError):
        list(files(a_batch()))


def test_without_the_numbers_of_consultant_and_client_nothing_is_written() -> None:
    with pytest.raises(Refused) as refused:
        list(files(a_batch(settings={})))
    assert refused.value.paths == ("consultant_number", "client_number")


def test_many_entries_are_written_in_bounded_memory() -> None:
    def many() -> Iterator[BookedEntry]:
        for at in range(20_000):
            yield a_sale(reference=f"Z-{at}")

    tracemalloc.start()
    total = sum(len(block) for file in files(a_batch(entries=many)) for block in file.blocks)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert total > 10_000_000
    assert peak < 5_000_000


def test_the_format_is_found_by_its_code_and_says_what_must_be_set() -> None:
    found = find_book("datev-extf")

    assert [one.name for one in found.settings if one.test_value is None] == [
        "consultant_number",
        "client_number",
    ]
