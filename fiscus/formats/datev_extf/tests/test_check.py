"""The checker names each fault with row and column, and accepts what others wrote well."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from fiscus.formats.datev_extf.check import cells_of, check
from fiscus.formats.datev_extf.columns import BOOKINGS_MAX
from fiscus.formats.datev_extf.tests.bookings import SETTINGS, a_batch, a_closing, saved, written
from fiscus.model.faults import Fault

Change = Callable[[list[str]], list[str]]


def cell(row: int, number: int, said: str) -> Change:
    """Another value in a row (from 1) and column."""

    def change(lines: list[str]) -> list[str]:
        cells = list(cells_of(lines[row - 1]))
        cells[number - 1] = said
        return [*lines[: row - 1], ";".join(cells), *lines[row:]]

    return change


def checked(folder: Path, data: bytes, name: str = "EXTF_changed.csv") -> tuple[Fault, ...]:
    (folder / name).write_bytes(data)
    return check(folder / name, {})


def changed(folder: Path, *changes: Change) -> dict[str, tuple[str, ...]]:
    (data,) = written(a_batch(*a_closing())).values()
    lines = data.decode("cp1252").removesuffix("\r\n").split("\r\n")
    for change in changes:
        lines = change(lines)
    found = checked(folder, ("\r\n".join(lines) + "\r\n").encode("cp1252"))
    return {one.code: one.paths for one in found}


@pytest.mark.parametrize(
    "name",
    [
        "EXTF_Buchungsstapel_700_v13_own_sample.csv",
        "EXTF_Kontenbeschriftungen_sample_ledermann.csv",
    ],
)
def test_a_sample_of_others_has_no_fault(name: str, shared_data: Path) -> None:
    assert check(shared_data / "export" / name, {}) == ()


def test_a_sample_of_version_9_has_a_warning_that_empty_means_locked(shared_data: Path) -> None:
    path = shared_data / "export/EXTF_Buchungsstapel_700_v9_sample_ledermann.csv"

    assert [(one.code, one.severity.value, one.paths) for one in check(path, {})] == [
        ("EXTF-LOCK-02", "warning", ("row 3, column 114", "row 4, column 114"))
    ]


def test_of_other_categories_it_says_that_rows_were_not_checked(shared_data: Path) -> None:
    path = shared_data / "export/EXTF_Stammdaten_sample_ledermann.csv"

    assert [(one.code, one.severity.value) for one in check(path, {})] == [("EXTF-FILE-04", "note")]


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (cell(1, 2, "510"), "EXTF-FILE-03", "row 1"),
        (cell(1, 11, "471"), "EXTF-HEADER-01", "row 1, field 11 (Beraternummer): 471"),
        (cell(1, 17, '"a:b"'), "EXTF-HEADER-01", 'row 1, field 17 (Bezeichnung): "a:b"'),
        (cell(1, 31, '"";'), "EXTF-HEADER-02", "row 1: 32 fields"),
        (cell(1, 16, "20260304"), "EXTF-HEADER-03", "row 1, fields 13, 15 and 16"),
        (cell(1, 16, "20270101"), "EXTF-HEADER-03", "row 1, fields 13, 15 and 16"),
        (cell(1, 16, "20260230"), "EXTF-HEADER-03", "row 1, fields 13, 15 and 16"),
        (cell(2, 5, "Basisumsatz"), "EXTF-NAMES-01", "row 2, column 5: Basisumsatz"),
        (cell(2, 125, "Abw. Skontokonto;x"), "EXTF-NAMES-01", "row 2: 126 of 125 columns"),
        (cell(3, 125, ";"), "EXTF-ROW-01", "row 3: 126 cells"),
        (cell(3, 1, ""), "EXTF-CELL-03", "row 3, column 1 (Umsatz (ohne Soll/Haben-Kz))"),
        (cell(4, 1, "0,00"), "EXTF-CELL-02", "row 4, column 1 (Umsatz (ohne Soll/Haben-Kz)): 0,00"),
        (cell(4, 1, "-1,00"), "EXTF-CELL-02", None),
        (cell(4, 1, "1.000,00"), "EXTF-CELL-02", None),
        (cell(4, 2, "S"), "EXTF-CELL-01", "row 4, column 2 (Soll/Haben-Kennzeichen)"),
        (cell(4, 2, '"X"'), "EXTF-CELL-02", None),
        (cell(4, 7, '"8400"'), "EXTF-CELL-01", "row 4, column 7 (Konto)"),
        (cell(4, 7, "0000"), "EXTF-CELL-02", "row 4, column 7 (Konto): 0000"),
        (cell(4, 7, "100000"), "EXTF-ACCOUNT-01", "row 4, column 7: 100000"),
        (cell(4, 11, '"FT A 1"'), "EXTF-CELL-02", 'row 4, column 11 (Belegfeld 1): "FT A 1"'),
        (cell(4, 11, ""), "EXTF-CELL-01", "row 4, column 11 (Belegfeld 1)"),
        (cell(4, 10, "0603"), "EXTF-DATE-01", "row 4, column 10: 0603"),
        (cell(4, 10, "3102"), "EXTF-DATE-01", "row 4, column 10: 3102"),
        (cell(4, 14, '"' + "x" * 61 + '"'), "EXTF-CELL-02", None),
        (cell(4, 14, '"a"b"'), "EXTF-CELL-01", "row 4, column 14 (Buchungstext)"),
        (cell(4, 14, '"a\tb"'), "EXTF-CELL-04", "row 4, column 14 (Buchungstext)"),
        (cell(4, 50, '"' + "x" * 22 + '"'), "EXTF-CELL-02", None),
        (cell(4, 21, '"kind"'), "EXTF-PAIR-01", "row 4, columns 21 and 22"),
        (cell(4, 86, '"kind"'), "EXTF-PAIR-01", "row 4, columns 86 and 87"),
        (cell(4, 3, '"USD"'), "EXTF-CURRENCY-01", "row 4, columns 3 to 6"),
        (cell(4, 103, '"l1"'), "EXTF-GUID-01", 'row 4, column 103: "l1"'),
        (cell(4, 114, ""), "EXTF-LOCK-01", "row 4, column 114"),
        (cell(4, 114, "1"), "EXTF-LOCK-01", "row 4, column 114: 1"),
        (cell(4, 115, "05032026"), "EXTF-DATE-02", "row 4, columns 115 and 116"),
        (cell(4, 118, '"2"'), "EXTF-CELL-02", None),
        (cell(4, 122, "|"), "EXTF-CELL-02", "row 4, column 122 (BVV-Position): |"),
    ],
)
def test_a_fault_is_named_with_its_row_and_column(
    change: Change, code: str, place: str | None, tmp_path: Path
) -> None:
    found = changed(tmp_path, change)

    assert list(found) == [code]
    assert place is None or found[code] == (place,)


def test_a_header_that_does_not_say_whether_it_is_locked_says_that_it_is(tmp_path: Path) -> None:
    found = changed(tmp_path, cell(1, 21, ""))

    assert found["EXTF-HEADER-01"] == ("row 1, field 21 (Festschreibung): ",)
    assert len(found["EXTF-LOCK-01"]) == 7


@pytest.mark.parametrize(
    "change",
    [
        cell(4, 14, '"' + "x" * 58 + '""' * 2 + '"'),
        cell(4, 9, '"40"'),
        cell(4, 7, "10000"),
        cell(4, 39, "1,0000"),
    ],
)
def test_what_is_just_right_has_no_fault(change: Change, tmp_path: Path) -> None:
    assert changed(tmp_path, change) == {}


def test_a_foreign_currency_with_rate_and_base_is_right(tmp_path: Path) -> None:
    changes = (cell(4, 3, '"CHF"'), cell(4, 4, "1,240402"), cell(4, 5, "95,94"))

    assert changed(tmp_path, *changes, cell(4, 6, '"EUR"')) == {}


def test_all_faults_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    found = changed(tmp_path, cell(3, 1, "0,00"), cell(5, 114, "1"), cell(1, 12, "0,5"))

    assert list(found) == ["EXTF-CELL-02", "EXTF-HEADER-01", "EXTF-LOCK-01"]


def test_other_encodings_and_line_ends_are_named(tmp_path: Path) -> None:
    (data,) = written(a_batch(*a_closing())).values()
    lines = data.replace(b"\r\n", b"\n")

    assert [(one.code, one.paths[:1]) for one in checked(tmp_path, b"\xef\xbb\xbf" + data)] == [
        ("EXTF-FILE-01", ("row 1",))
    ]
    assert [one.code for one in checked(tmp_path, lines)] == ["EXTF-FILE-02"]
    assert [
        (one.code, one.paths) for one in checked(tmp_path, data.replace(b"Trinkgeld", b"\x81"))
    ] == [("EXTF-FILE-01", ("row 6",))]


@pytest.mark.parametrize("data", [b"", b"\r\n", b'"EXTF";700\r\n', b"a;b\r\nc;d\r\n", b'"\r\n'])
def test_what_is_no_such_file_is_said_to_be_none(data: bytes, tmp_path: Path) -> None:
    assert "EXTF-FILE-03" in {one.code for one in checked(tmp_path, data)}


def test_another_name_is_a_warning(tmp_path: Path) -> None:
    (data,) = written(a_batch(*a_closing())).values()
    (found,) = checked(tmp_path, data, name="bookings.csv")

    assert (found.code, found.severity.value) == ("EXTF-FILE-06", "warning")


def test_more_than_99_999_bookings_are_named(tmp_path: Path) -> None:
    (data,) = written(a_batch(*a_closing())).values()
    head, names, first, *_ = data.split(b"\r\n")
    rows = [first.replace(b'"l1"', b'"%d"' % at) for at in range(BOOKINGS_MAX + 1)]

    assert checked(tmp_path, b"\r\n".join([head, names, *rows[1:], b""])) == ()
    assert [one.code for one in checked(tmp_path, b"\r\n".join([head, names, *rows, b""]))] == [
        "EXTF-FILE-05"
    ]


def test_places_of_one_fault_are_counted_up_to_a_bound(tmp_path: Path) -> None:
    (data,) = written(a_batch(*a_closing())).values()
    head, names, first, *_ = data.split(b"\r\n")
    found = checked(tmp_path, b"\r\n".join([head, names, *[first] * 500, b""]))

    assert [len(one.paths) for one in found] == [100]


def test_names_of_accounts_are_checked_too(tmp_path: Path) -> None:
    batch = a_batch(*a_closing(), settings=SETTINGS | {"account_names": "1"})
    path = saved(tmp_path, batch)[-1]
    data = path.read_bytes()
    wrong = data.replace(b'1000;"Kasse";"de-DE"', b'1000;"' + b"x" * 41 + b'";de-DE')

    assert check(path, {}) == ()
    assert [(one.code, one.paths) for one in checked(tmp_path, wrong)] == [
        ("EXTF-CELL-02", (f'row 3, column 2: "{"x" * 41}"', "row 3, column 3: de-DE"))
    ]
    assert [one.code for one in checked(tmp_path, data + b"1;2\r\n")] == ["EXTF-ROW-01"]


def test_a_day_is_found_in_a_fiscal_year_that_crosses_new_year(tmp_path: Path) -> None:
    (data,) = written(
        a_batch(
            *a_closing(),
            first=date(2025, 12, 1),
            last=date(2026, 3, 31),
            settings=SETTINGS | {"fiscal_year_month": "7"},
        )
    ).values()

    assert checked(tmp_path, data) == ()
    assert [one.paths for one in checked(tmp_path, data.replace(b";0503;", b";0511;"))] == [
        tuple(f"row {row}, column 10: 0511" for row in range(3, 10))
    ]
