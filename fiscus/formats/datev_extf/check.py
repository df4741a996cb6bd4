"""Reads an EXTF file back, whoever wrote it, and names every fault with its row and column."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import BinaryIO

from fiscus.formats.datev_extf import findings as found
from fiscus.formats.datev_extf.columns import (
    BOOKINGS_MAX,
    HEADER,
    ColumnKind,
    DatevColumn,
    columns_of,
    whole_row,
)
from fiscus.formats.datev_extf.findings import ExtfFindings
from fiscus.formats.datev_extf.target import fiscal_year
from fiscus.model.faults import Fault

CELL = re.compile(r'("(?:[^"]|"")*"|[^;]*)(;|$)')
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
NAMES_FROM = 13
"""The version from which the names of columns are as ours; older files spell them in other ways."""
ROW_BYTES_MAX = 64 * 1024
BOOKINGS = "21"
ACCOUNT_NAMES = "20"
LOOSE = {
    20: r"(0|30|40|50|64)?",
    9: r'"[^"]{0,25}"',
    10: r'"[^"]{0,25}"',
    23: '(|"")',
    25: '(|"")',
    26: '(|"")',
    27: r'"?(\d{2}){0,2}"?',
}
"""Fields of the first row that versions before 13 took in other ways too."""
PAIRS = (*range(20, 36, 2), *range(47, 87, 2))
"""Places of cells that are empty with the next one, or neither is."""
OPTIONAL = {15: r"(20\d{6})?", 16: r"(20\d{6})?", 19: "[12]?", 20: r"(0|30|40|50|64)?", 21: "[01]?"}
OPTIONAL |= {22: '"([A-Z]{3})?"'}
"""Fields that files without bookings leave empty."""


@dataclass(kw_only=True)
class ExtfReading:
    """The state of one reading; `days` bound the bookings, `year` is the fiscal year's first."""

    findings: ExtfFindings = field(default_factory=ExtfFindings)
    cells: tuple[str, ...] = ()
    days: tuple[date, date] | None = None
    guids: set[str] = field(default_factory=set)

    def says(self, number: int) -> str:
        """A field of the first row, without quotes; empty where the row is too short."""
        return self.cells[number - 1].strip('"') if number <= len(self.cells) else ""

    @cached_property
    def account_length(self) -> int:
        return int(self.says(14)) if self.says(14).isdecimal() else 8

    @cached_property
    def lock(self) -> str:
        """What each booking says of it."""
        return self.says(21) or "1"

    @cached_property
    def currency(self) -> str:
        return self.says(22)


def check(path: Path, settings: Mapping[str, str]) -> tuple[Fault, ...]:
    """All faults, each with its rows and columns. Bookings are judged by the version that the
    file says it is of."""
    reading = ExtfReading()
    if not re.fullmatch(r"EXTF_.*\.csv", path.name):
        reading.findings.add(found.FILE_NAME, path.name)
    with path.open("rb") as file:
        _check_lines(_lines(file, reading.findings), reading)
    return reading.findings.faults()


def _lines(file: BinaryIO, findings: ExtfFindings) -> Iterator[tuple[int, str]]:
    """Each row with its number. What cannot be decoded is marked, and named."""
    number = 0
    while raw := file.readline(ROW_BYTES_MAX):
        number += 1
        if len(raw) == ROW_BYTES_MAX and not raw.endswith(b"\n"):
            findings.add(found.ENDLESS, f"row {number}")
            return
        if number == 1 and raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
            findings.add(found.NOT_ENCODED, "row 1")
        if not raw.endswith(b"\r\n"):
            findings.add(found.LINE_END, f"row {number}")
        bare = raw.removesuffix(b"\n").removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf")
        try:
            yield number, bare.decode("cp1252")
        except UnicodeDecodeError:
            findings.add(found.NOT_ENCODED, f"row {number}")
            yield number, bare.decode("cp1252", errors="replace")


def _check_lines(lines: Iterator[tuple[int, str]], reading: ExtfReading) -> None:
    first, second = next(lines, (1, "")), next(lines, (2, ""))
    reading.cells = cells_of(first[1])
    if reading.says(1) not in ("EXTF", "DTVF") or reading.says(2) != "700" or not second[1]:
        reading.findings.add(found.NOT_EXTF, "row 1")
        return
    category = reading.says(3)
    version = int(reading.says(5)) if re.fullmatch(r"\d{1,3}", reading.says(5)) else 0
    _check_header(reading, is_old=version < NAMES_FROM, has_bookings=category == BOOKINGS)
    if category == BOOKINGS:
        columns = columns_of(version)
        _check_names(second[1], columns, reading.findings, is_old=version < NAMES_FROM)
        _check_bookings(lines, columns, reading, is_old=version < NAMES_FROM)
    elif category == ACCOUNT_NAMES:
        _check_account_names(lines, len(cells_of(second[1])), reading.findings)
    else:
        reading.findings.add(found.OTHER_KIND, f"category {category}")


def cells_of(line: str) -> tuple[str, ...]:
    """The cells of a row, quotes kept. A quote that is not closed keeps the rest as it is."""
    cells = []
    at = 0
    while (match := CELL.match(line, at)) is not None:
        cells.append(match.group(1))
        at = match.end()
        if not match.group(2):
            return tuple(cells)
    rest = line[at:].split(";")
    return (*cells, *rest)


def _check_header(reading: ExtfReading, *, is_old: bool, has_bookings: bool) -> None:
    if len(reading.cells) != len(HEADER):
        reading.findings.add(found.HEADER_COUNT, f"row 1: {len(reading.cells)} fields")
    loose = (LOOSE if is_old else {}) | ({} if has_bookings else LOOSE | OPTIONAL)
    for number, (cell, known) in enumerate(zip(reading.cells, HEADER, strict=False), start=1):
        if not re.fullmatch(loose.get(number, known.pattern), cell):
            reading.findings.add(
                found.HEADER_VALUE, f"row 1, field {number} ({known.name}): {cell}"
            )
    if not has_bookings:
        return
    year, first, last = (_day(reading.says(number)) for number in (13, 15, 16))
    if year and first and last and year <= first <= last <= fiscal_year(year, year.month)[1]:
        reading.days = (first, last)
    else:
        reading.findings.add(found.HEADER_DAYS, "row 1, fields 13, 15 and 16")


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _check_names(
    line: str, columns: tuple[DatevColumn, ...], findings: ExtfFindings, *, is_old: bool
) -> None:
    names = [cell.strip('"') for cell in cells_of(line)]
    if len(names) != len(columns):
        findings.add(found.NAMES_ROW, f"row 2: {len(names)} of {len(columns)} columns")
    if is_old:
        return
    for number, (name, column) in enumerate(zip(names, columns, strict=False), start=1):
        if name != column.name:
            findings.add(found.NAMES_ROW, f"row 2, column {number}: {name}")


def _check_bookings(
    lines: Iterator[tuple[int, str]],
    columns: tuple[DatevColumn, ...],
    reading: ExtfReading,
    *,
    is_old: bool,
) -> None:
    right = whole_row(columns)
    patterns = tuple(re.compile(column.value) for column in columns)
    for number, line in lines:
        if number - 2 > BOOKINGS_MAX:
            reading.findings.add(found.TOO_LONG, f"row {number}")
            return
        match = right.fullmatch(line)
        cells = cells_of(line) if match is None else match.groups()
        if len(cells) != len(columns):
            reading.findings.add(found.CELL_COUNT, f"row {number}: {len(cells)} cells")
            continue
        if match is None:
            for at, (cell, column) in enumerate(zip(cells, columns, strict=True)):
                _check_cell(cell, column, patterns[at], f"row {number}, column {at + 1}", reading)
        _check_booking(cells, number, reading, is_old=is_old)


def _check_cell(
    cell: str, column: DatevColumn, pattern: re.Pattern[str], place: str, reading: ExtfReading
) -> None:
    where = f"{place} ({column.name})"
    if cell in ("", '""'):
        if column.is_required:
            reading.findings.add(found.CELL_MISSING, where)
        elif cell != column.empty:
            reading.findings.add(found.CELL_QUOTES, where)
        return
    is_quoted = re.fullmatch('"(?:[^"]|"")*"', cell) is not None
    if is_quoted != (column.kind is ColumnKind.TEXT) or (not is_quoted and '"' in cell):
        reading.findings.add(found.CELL_QUOTES, where)
        return
    if CONTROLS.search(cell):
        reading.findings.add(found.CONTROL, where)
    bare = f'"{cell[1:-1].replace(chr(34) * 2, chr(39))}"' if is_quoted else cell
    if not pattern.fullmatch(bare):
        reading.findings.add(found.CELL_VALUE, f"{where}: {cell[:80]}")


def _check_booking(
    cells: tuple[str, ...], number: int, reading: ExtfReading, *, is_old: bool
) -> None:
    """What cells of one row say of each other, and of the first row."""
    findings = reading.findings
    row = f"row {number}"
    if reading.days is not None and not _is_within(cells[9], reading.days):
        findings.add(found.OUTSIDE, f"{row}, column 10: {cells[9]}")
    length = reading.account_length
    for at in (6, 7):
        if cells[at].isdecimal() and len(cells[at]) > length + 1:
            findings.add(found.ACCOUNT_LENGTH, f"{row}, column {at + 1}: {cells[at]}")
    currency = cells[2].strip('"')
    is_foreign = currency not in ("", reading.currency)
    if is_foreign and not (cells[3] and cells[4] and cells[5].strip('"')):
        findings.add(found.CURRENCY, f"{row}, columns 3 to 6")
    for at in PAIRS:
        if (cells[at] == '""') != (cells[at + 1] == '""'):
            findings.add(found.PAIR, f"{row}, columns {at + 1} and {at + 2}")
    lock = cells[113]
    if not lock:
        findings.add(found.LOCK_EMPTY if is_old else found.LOCK, f"{row}, column 114")
    elif lock != reading.lock:
        findings.add(found.LOCK, f"{row}, column 114: {lock}")
    if cells[114] and not cells[115]:
        findings.add(found.PERIOD, f"{row}, columns 115 and 116")
    if (guid := cells[102]) != '""':
        if guid in reading.guids:
            findings.add(found.REPEATED, f"{row}, column 103: {guid}")
        reading.guids.add(guid)


@lru_cache(maxsize=512)
def _is_within(said: str, days: tuple[date, date]) -> bool:
    """Whether the day without a year is one of those days; a fiscal year has each day once."""
    for year in {days[0].year, days[1].year}:
        day = _day(f"{year}{said[2:4]}{said[:2]}")
        if day is not None and days[0] <= day <= days[1]:
            return True
    return False


def _check_account_names(
    lines: Iterator[tuple[int, str]], columns: int, findings: ExtfFindings
) -> None:
    patterns = (r"(?!0+$)\d{1,9}", '"(?:[^"]|""){0,40}"', '"[a-z]{2}-[A-Z]{2}"', '".{0,300}"')
    for number, line in lines:
        if number - 2 > BOOKINGS_MAX:
            findings.add(found.TOO_LONG, f"row {number}")
            return
        cells = cells_of(line)
        if len(cells) != columns or columns not in (3, 4):
            findings.add(found.CELL_COUNT, f"row {number}: {len(cells)} cells")
            continue
        for at, cell in enumerate(cells):
            if not re.fullmatch(patterns[at], cell):
                findings.add(found.CELL_VALUE, f"row {number}, column {at + 1}: {cell[:80]}")
