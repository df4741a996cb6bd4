"""Judges one row by its columns: what must be there, how long it is, how it is spelled."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import getitem

from fiscus.formats.dsfinvk.check import findings as found
from fiscus.formats.dsfinvk.check.findings import TableFindings
from fiscus.formats.dsfinvk.tables.columns import TIMES, Column, ColumnNeed, TableLayout
from fiscus.formats.dsfinvk.tables.line import LINES
from fiscus.formats.dsfinvk.tables.master import CASHPOINTCLOSING, PA
from fiscus.formats.dsfinvk.tables.receipt import TRANSACTIONS_TSE
from fiscus.model.faults import Code

Cell = str | int | None

DIGITS_MAX = 15
"""More than any register ever counted; sums of such numbers still fit 64 bits."""

_KNOWN_MAX = 1 << 12

_WHOLE = rf"-?(?:0|[1-9][0-9]{{0,{DIGITS_MAX - 1}}})"
_NUMBERS = {
    0: re.compile(_WHOLE),
    **{
        places: re.compile(rf"-?(?:0|[1-9][0-9]{{0,{DIGITS_MAX - 1 - places}}}),[0-9]{{{places}}}")
        for places in (2, 3, 5)
    },
}

_UNSIGNED_MAY_LACK = frozenset(
    {
        "TSE_TANR",
        "TSE_TA_START",
        "TSE_TA_ENDE",
        "TSE_TA_VORGANGSART",
        "TSE_TA_SIGZ",
        "TSE_TA_SIG",
    }
)
"""Their absence is judged as a whole, together with the reason given for it."""


class TextNumbers:
    """Numbers for texts, the same number for the same text in any table.

    When there are too many texts for the memory, a new one stands for itself.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._texts: list[str] = []

    def number(self, text: str) -> Cell:
        known = self._numbers.get(text)
        if known is not None:
            return known
        if len(self._texts) >= _NAMES_MAX:
            return text
        self._numbers[text] = number = len(self._texts)
        self._texts.append(text)
        return number

    def spelled(self, cell: Cell) -> str | None:
        return self._texts[cell] if isinstance(cell, int) else cell


_NAMES_MAX = 1 << 16

_NUMBERED = frozenset(
    {
        "Z_KASSE_ID",
        "REF_Z_KASSE_ID",
        "TERMINAL_ID",
        "POS_TERMINAL_ID",
        "Z_ERSTELLUNG",
        "REF_DATUM",
    }
)


def judge_of(
    table: TableLayout, names: TextNumbers, findings: TableFindings
) -> Callable[[int, Sequence[str]], list[Cell]]:
    """A function of a row's number and values. It gives the values as they are compared later:
    numbers without their comma, None where unusable, a number for a register or creation time; the
    number of the row stands before them."""
    known = [_SoundValues(column, names) for column in table.all]
    judge_together = _JUDGES.get(table.file)

    def judged(row: int, values: Sequence[str]) -> list[Cell]:
        try:
            cells = [row, *map(getitem, known, values)]
        except _UnsoundError:
            cells = _judged(table, row, values, names, findings)
        if judge_together:
            judge_together(table, row, values, findings)
        return cells

    return judged


class _UnsoundError(Exception):
    """A value of the row breaks a rule."""


class _SoundValues(dict[str, Cell]):
    """The sound values of one column with their cells.

    A receipt has a hundred values, of which few are new: each is judged once and remembered. When
    there are too many, all are forgotten.
    """

    def __init__(self, column: Column, names: TextNumbers) -> None:
        self._column = column
        self._names = names

    def __missing__(self, value: str) -> Cell:
        if _breaches(self._column, value):
            raise _UnsoundError
        if len(self) >= _KNOWN_MAX:
            self.clear()
        self[value] = cell = _cell(self._column, value, self._names)
        return cell


def _judged(
    table: TableLayout, row: int, values: Sequence[str], names: TextNumbers, findings: TableFindings
) -> list[Cell]:
    cells: list[Cell] = [row]
    for column, value in zip(table.all, values, strict=False):
        breaches = _breaches(column, value)
        for code in breaches:
            findings.add(code, table.file, row, column.name)
        is_usable = column.places is None or not breaches
        cells.append(_cell(column, value, names) if is_usable else None)
    return cells


def _cell(column: Column, value: str, names: TextNumbers) -> Cell:
    if column.places is None:
        return names.number(value) if value and column.name in _NUMBERED else value
    return int(value.replace(",", "")) if value else None


def _breaches(column: Column, value: str) -> tuple[Code, ...]:
    """What is wrong with one value. The first answer is that of the values which are always new."""
    if value and column.like is None and column.places is None and len(value) <= column.length:
        return ()
    if not value:
        must = column.need is ColumnNeed.ALWAYS and column.name not in _UNSIGNED_MAY_LACK
        return (found.EMPTY,) if must else ()
    if column.places is not None:
        return () if _NUMBERS[column.places].fullmatch(value) else (found.NO_NUMBER,)
    misspelled = column.like is not None and _misspelled(column.like, value)
    if len(value) > column.length:
        return (found.TOO_LONG, misspelled) if misspelled else (found.TOO_LONG,)
    return (misspelled,) if misspelled else ()


def _misspelled(like: re.Pattern[str] | frozenset[str], value: str) -> Code | None:
    if isinstance(like, frozenset):
        return None if value in like else found.OTHER_WORD
    if like.fullmatch(value) and (like not in TIMES or _is_in_the_calendar(value)):
        return None
    return found.OTHER_SHAPE


def _is_in_the_calendar(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _places(table: TableLayout, *names: str) -> tuple[int, ...]:
    return tuple(table.header.index(name) for name in names)


def _judge_identity(
    table: TableLayout, row: int, values: Sequence[str], findings: TableFindings
) -> None:
    either = [at for at, column in enumerate(table.all) if column.need is ColumnNeed.EITHER]
    if not any(values[at] for at in either):
        findings.add(found.NEITHER, table.file, row, table.header[either[0]])


_PRODUCT, _GTIN, *_MEASURES = _places(LINES, "ART_NR", "GTIN", "MENGE", "STK_BR")


def _judge_article(
    table: TableLayout, row: int, values: Sequence[str], findings: TableFindings
) -> None:
    if values[_PRODUCT] or values[_GTIN]:
        for at in _MEASURES:
            if not values[at]:
                findings.add(found.NO_QUANTITY, table.file, row, table.header[at])


_OUTAGE, *_SIGNED = _places(TRANSACTIONS_TSE, "TSE_TA_FEHLER", *sorted(_UNSIGNED_MAY_LACK))


def _judge_signing(
    table: TableLayout, row: int, values: Sequence[str], findings: TableFindings
) -> None:
    filled = [at for at in _SIGNED if values[at]]
    if not values[_OUTAGE]:
        if len(filled) < len(_SIGNED):
            findings.add(found.UNEXPLAINED, table.file, row, "TSE_TA_FEHLER")
    elif filled:
        findings.add(found.SIGNED_OUTAGE, table.file, row, "TSE_TA_FEHLER")


_JUDGES: Mapping[str, Callable[[TableLayout, int, Sequence[str], TableFindings], None]] = {
    CASHPOINTCLOSING.file: _judge_identity,
    PA.file: _judge_identity,
    LINES.file: _judge_article,
    TRANSACTIONS_TSE.file: _judge_signing,
}
"""What only several columns together can be asked."""
