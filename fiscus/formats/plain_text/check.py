"""Reads a journal of plain text back and names what is wrong with each line."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from fiscus.model.amounts import ZERO
from fiscus.model.faults import Code, Fault
from fiscus.model.found import FoundPlaces

NOT_UTF8 = Code("PLAIN-FILE-01", "the file is not UTF-8")
UNBALANCED = Code("PLAIN-SUM-01", "the postings of a transaction do not add up to zero")
BAD_AMOUNT = Code(
    "PLAIN-AMOUNT-01",
    "an amount has a point before its decimals, no thousands separator, and its currency behind it",
)
BAD_NAME = Code(
    "PLAIN-NAME-01",
    "an account has two parts or more, of letters, digits and hyphens, each with a capital or a "
    "digit in front",
)
NOT_DECLARED = Code("PLAIN-NAME-02", "an account is used that the file does not open or declare")
BAD_DAY = Code("PLAIN-DATE-01", "a transaction begins with no day that exists")
EMPTY = Code("PLAIN-SUM-02", "a transaction has fewer than two postings")
SKIPPED = Code("PLAIN-LINE-01", "not checked: we do not judge lines of this kind")

ENDLESS = Code("PLAIN-LINE-02", "a line is longer than 64 KB; the file was not read any further")
TOO_MANY = Code(
    "PLAIN-NAME-03",
    "the file has more than 100,000 accounts, or a transaction of as many currencies; it was not "
    "read any further",
)

NOTES = frozenset({SKIPPED})
LINE_BYTES_MAX = 64 * 1024
NAMES_MAX = 100_000

DAY = r"(\d{4}-\d{2}-\d{2})"
HEAD = re.compile(rf"{DAY} (?:\*|!|txn)(?: .*)?")
OPEN = re.compile(rf"{DAY} open (\S+)(?: .*)?")
DECLARED = re.compile(r"account (\S+)")
POSTING = re.compile(r"\s+([^\s;\"#^][^\s:]*:\S+)(?:\s+(\S.*))?")
"""Of a line without spaces at its end: a pattern that looks for them would take long over many."""
AMOUNT = re.compile(r"([+-]?\d+(?:\.\d+)?) ([A-Z][A-Z0-9'._\-]*)(?:\s+;.*)?")
FACT = re.compile(r"\s+(?:[a-z][A-Za-z0-9\-_]+:(?: .*)?|;.*|format .*)")
QUIET = re.compile(r'\s*|[;#*%|].*|option ".*|(commodity|tag) .*')


@dataclass(kw_only=True)
class JournalReading:
    """The state of one reading: the transaction that is open, and what was said before it.
    `used` are the lines of the first postings on each account."""

    opens: re.Pattern[str]
    found: FoundPlaces = field(default_factory=FoundPlaces)
    declared: set[str] = field(default_factory=set)
    used: dict[str, int] = field(default_factory=dict)
    begun_at: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    postings: int = 0
    is_exact: bool = True

    def add(self, code: Code, place: str) -> None:
        self.found.add(code, place)


def check_beancount(path: Path, settings: Mapping[str, str]) -> tuple[Fault, ...]:
    """All faults with their lines: sums, names, days, and accounts that were not opened."""
    return _checked(path, OPEN)


def check_ledger(path: Path, settings: Mapping[str, str]) -> tuple[Fault, ...]:
    """The same for ledger, where accounts are declared."""
    return _checked(path, DECLARED)


def _checked(path: Path, opens: re.Pattern[str]) -> tuple[Fault, ...]:
    reading = JournalReading(opens=opens)
    with path.open("rb") as file:
        for number, line in _lines(file, reading.add):
            _read_line(line, number, reading)
            if max(len(reading.used), len(reading.declared), len(reading.sums)) > NAMES_MAX:
                reading.add(TOO_MANY, f"line {number}")
                break
    _end(reading)
    for account, number in reading.used.items():
        if account not in reading.declared:
            reading.add(NOT_DECLARED, f"line {number}: {account}")
    return reading.found.faults(notes=NOTES)


def _lines(file: BinaryIO, add: Callable[[Code, str], None]) -> Iterator[tuple[int, str]]:
    number = 0
    while raw := file.readline(LINE_BYTES_MAX):
        number += 1
        if len(raw) == LINE_BYTES_MAX and not raw.endswith(b"\n"):
            add(ENDLESS, f"line {number}")
            return
        try:
            yield number, raw.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            add(NOT_UTF8, f"line {number}")


def _read_line(line: str, number: int, reading: JournalReading) -> None:
    if reading.begun_at and line[:1].isspace() and line.strip():
        _read_inside(line, number, reading)
        return
    _end(reading)
    if opened := reading.opens.fullmatch(line):
        account = opened.group(opened.lastindex or 0)
        reading.declared.add(account)
        _expect_name(account, number, reading)
    elif head := HEAD.fullmatch(line):
        reading.begun_at = number
        if not _is_day(head.group(1)):
            reading.add(BAD_DAY, f"line {number}: {head.group(1)}")
    elif not QUIET.fullmatch(line) and not FACT.fullmatch(line):
        reading.add(SKIPPED, f"line {number}: {line[:60]}")


def _read_inside(line: str, number: int, reading: JournalReading) -> None:
    if FACT.fullmatch(line):
        return
    posting = POSTING.fullmatch(line.rstrip())
    if posting is None:
        reading.add(BAD_NAME, f"line {number}: {line.strip()[:60]}")
        reading.postings, reading.is_exact = reading.postings + 1, False
        return
    account, said = posting.group(1), posting.group(2) or ""
    reading.postings += 1
    reading.used.setdefault(account, number)
    _expect_name(account, number, reading)
    if amount := AMOUNT.fullmatch(said):
        currency = amount.group(2)
        reading.sums[currency] = reading.sums.get(currency, ZERO) + Decimal(amount.group(1))
        return
    reading.is_exact = False
    if "@" in said or "{" in said:
        reading.add(SKIPPED, f"line {number}: {line.strip()[:60]}")
    elif said and not said.startswith(";"):
        reading.add(BAD_AMOUNT, f"line {number}: {said[:60]}")


def _end(reading: JournalReading) -> None:
    """The open transaction ends; one amount that is left out is what balances it."""
    if not reading.begun_at:
        return
    if reading.postings < 2:
        reading.add(EMPTY, f"line {reading.begun_at}")
    if reading.is_exact:
        for currency, total in reading.sums.items():
            if total:
                reading.add(UNBALANCED, f"line {reading.begun_at}: {total} {currency}")
    reading.begun_at, reading.sums, reading.postings, reading.is_exact = 0, {}, 0, True


def _expect_name(account: str, number: int, reading: JournalReading) -> None:
    parts = account.split(":")
    is_right = all(part and _is_part(part) for part in parts)
    if len(parts) < 2 or not is_right:
        reading.add(BAD_NAME, f"line {number}: {account}")


def _is_part(part: str) -> bool:
    rest = part.replace("-", "")
    return (part[0].isupper() or part[0].isdecimal()) and (not rest or rest.isalnum())


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
