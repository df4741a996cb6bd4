"""Writes entries as EXTF Buchungsstapel: one booking for each line, against the contra account."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import chain

import msgspec

from fiscus.formats.datev_extf.columns import BOOKINGS_MAX, NAMES, row
from fiscus.formats.datev_extf.head import head
from fiscus.formats.datev_extf.names import names_file
from fiscus.formats.datev_extf.posted import PostingRules, posted
from fiscus.formats.datev_extf.references import belegfeld
from fiscus.formats.datev_extf.target import (
    DatevTarget,
    expect_numbers,
    fiscal_year,
    target,
)
from fiscus.formats.datev_extf.texts import (
    PAIRS_MAX,
    booking_text,
    content,
    full_text,
    is_plain,
    quoted,
)
from fiscus.formats.datev_extf.vat_numbers import column_40
from fiscus.model.booked import BookBatch, BookedEntry, BookFile

PAIRS_FROM = 48
"""The first column of the pairs Zusatzinformation."""
BLOCK_ROWS = 500


class BookingRows(msgspec.Struct, frozen=True, kw_only=True):
    """What all bookings of a batch share. `template` takes the cells that differ, in their order;
    `job` is the pair that names the job."""

    template: str
    job: str
    rules: PostingRules
    is_general_reversal: bool


def files(batch: BookBatch) -> Iterator[BookFile]:
    """Files of bookings, each of one fiscal year and of at most 99,999 bookings; entries stay
    whole. Each must be read to its end before the next is asked for. The names of the accounts
    come last, if they are wanted.

    Raises `Refused` without a consultant's or a client's number. What entries and chart must be was
    asked before (`judge.py`).
    """
    found = target(batch.settings)
    expect_numbers(found)
    shared = _shared(batch, found)
    entries = batch.entries()
    entry = next(entries, None)
    number = 0
    while entry is not None:
        number += 1
        year = fiscal_year(entry.day, found.first_month)
        days = max(batch.first, year[0]), min(batch.last, year[1])
        top = head(batch, found, year[0], days)
        part = FilePart(entries=chain((entry,), entries), year=year)
        name = f"EXTF_Buchungsstapel_{days[0]:%Y%m%d}_{days[1]:%Y%m%d}_{number}.csv"
        yield BookFile(name=name, blocks=part.blocks(top, shared))
        assert part.is_read, "a file is read to its end before the next one is asked for"
        entry = part.left_over
    if found.has_account_names:
        yield names_file(batch, found)


class FilePart:
    """The entries that belong into one file, and the first one that does not."""

    def __init__(self, *, entries: Iterator[BookedEntry], year: tuple[date, date]) -> None:
        self._entries = entries
        self._year = year
        self.left_over: BookedEntry | None = None
        self.is_read = False

    def blocks(self, top: str, shared: BookingRows) -> Iterator[bytes]:
        yield _encoded([top, NAMES])
        held: list[str] = []
        count = 0
        for entry in self._entries:
            found = rows(entry, shared)
            if count and (count + len(found) > BOOKINGS_MAX or entry.day > self._year[1]):
                self.left_over = entry
                break
            count += len(found)
            held += found
            if len(held) >= BLOCK_ROWS:
                yield _encoded(held)
                held = []
        if held:
            yield _encoded(held)
        self.is_read = True


def rows(entry: BookedEntry, shared: BookingRows) -> list[str]:
    """The bookings of an entry. What is zero is left out: DATEV knows no booking of nothing."""
    is_general = bool(entry.reverses) and shared.is_general_reversal
    general = "1" if is_general else ""
    day, reference = _day(entry.day), belegfeld(entry.reference)
    facts = _facts(entry, shared.job, reference)
    plain = ";".join(facts) + _BLANK_PAIRS[len(facts)]
    partner = column_40(entry.partner_tax_number) if entry.partner_tax_number else ""
    found = []
    for line in entry.lines:
        text, pieces = booking_text(full_text(entry, line))
        informed = _pairs(facts, pieces) if pieces else plain
        for one in posted(line, shared.rules):
            side = "S" if (one.amount > 0) != is_general else "H"
            found.append(
                shared.template
                % (
                    _umsatz(one.amount),
                    side,
                    one.account,
                    entry.contra,
                    one.key,
                    day,
                    reference,
                    text,
                    partner,
                    informed,
                    one.id,
                    general,
                )
            )
    return found


def _shared(batch: BookBatch, found: DatevTarget) -> BookingRows:
    slots = {number: "%s" for number in (1, 7, 8, 10)}
    slots |= {number: '"%s"' for number in (2, 9, 11, 14, 40, 103, 118)}
    cells = row(slots | {3: f'"{batch.currency}"', 114: found.locked})
    cells[PAIRS_FROM - 1 : PAIRS_FROM - 1 + 2 * PAIRS_MAX] = ["%s"]
    return BookingRows(
        template=";".join(cells),
        job=f'"job";"{quoted(batch.job)}"',
        rules=found.rules(batch.accounts.values()),
        is_general_reversal=found.is_general_reversal,
    )


def _umsatz(amount: Decimal) -> str:
    """`1234,50`, without the sign."""
    text = str(abs(amount))
    if text[-3:-2] != ".":
        text = f"{abs(amount):.2f}"
    return text.replace(".", ",")


def _facts(entry: BookedEntry, job: str, reference: str) -> list[str]:
    """The pairs that name an entry and what it comes from."""
    id_, link, record, reverses = entry.id, entry.link, entry.record, entry.reverses
    if not is_plain(id_ + link + record + reverses):
        id_, link, record, reverses = map(quoted, (id_, link, record, reverses))
    found = [f'"entry";"{id_}"', job]
    if link:
        found.append(f'"journal";"{link}"')
    if record:
        found.append(f'"record";"{record}"')
    if reverses:
        found.append(f'"reverses";"{reverses}"')
    if entry.reference != reference:
        found.append(f'"reference";"{content(entry.reference)}"')
    if entry.partner_tax_number:
        found.append(f'"tax number";"{content(entry.partner_tax_number)}"')
    return found


def _pairs(facts: list[str], pieces: tuple[str, ...]) -> str:
    found = facts + [f'"text";"{piece}"' for piece in pieces]
    return ";".join(found) + _BLANK_PAIRS[len(found)]


_BLANK_PAIRS = [';"";""' * (PAIRS_MAX - count) for count in range(PAIRS_MAX + 1)]


@lru_cache(maxsize=512)
def _day(day: date) -> str:
    return f"{day.day:02}{day.month:02}"


def _encoded(lines: list[str]) -> bytes:
    """Most rows are plain, and for those there is a quicker way to the same bytes."""
    rows = [line.encode("ascii" if line.isascii() else "cp1252") for line in lines]
    return b"\r\n".join(rows) + b"\r\n"
