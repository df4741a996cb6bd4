"""Judges one row by its columns: what must be there, how long it is, how it is spelled."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from fiscus.formats.dsfinvk import findings as found
from fiscus.formats.dsfinvk.columns import TIMES, Column, Need, Table
from fiscus.formats.dsfinvk.findings import Findings
from fiscus.formats.dsfinvk.tables_line import LINES
from fiscus.formats.dsfinvk.tables_master import CASHPOINTCLOSING, PA
from fiscus.formats.dsfinvk.tables_receipt import TRANSACTIONS_TSE

Cell = str | int | None

DIGITS_MAX = 15
"""More than any register ever counted; sums of such numbers still fit 64 bits."""

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


def judged(table: Table, row: int, values: Sequence[str], findings: Findings) -> list[Cell]:
    """The values as they are compared later: numbers without their comma, None where unusable."""
    cells: list[Cell] = []
    for column, value in zip(table.all, values, strict=False):
        if not value:
            if column.need is Need.ALWAYS and column.name not in _UNSIGNED_MAY_LACK:
                findings.add(found.EMPTY, table.file, row, column.name)
            cells.append("" if column.places is None else None)
        elif column.places is None:
            _judge_text(table, row, column, value, findings)
            cells.append(value)
        else:
            cells.append(_number(table, row, column, value, findings))
    judge = _JUDGES.get(table.file)
    if judge:
        judge(table, row, dict(zip(table.header, values, strict=False)), findings)
    return cells


def _judge_text(table: Table, row: int, column: Column, value: str, findings: Findings) -> None:
    if len(value) > column.length:
        findings.add(found.TOO_LONG, table.file, row, column.name)
    like = column.like
    if like is None:
        return
    if isinstance(like, frozenset):
        if value not in like:
            findings.add(found.OTHER_WORD, table.file, row, column.name)
    elif not like.fullmatch(value) or (like in TIMES and not _is_in_the_calendar(value)):
        findings.add(found.OTHER_SHAPE, table.file, row, column.name)


def _is_in_the_calendar(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _number(table: Table, row: int, column: Column, value: str, findings: Findings) -> int | None:
    assert column.places is not None
    if not _NUMBERS[column.places].fullmatch(value):
        findings.add(found.NO_NUMBER, table.file, row, column.name)
        return None
    return int(value.replace(",", ""))


def _judge_identity(table: Table, row: int, values: Mapping[str, str], findings: Findings) -> None:
    either = [column.name for column in table.columns if column.need is Need.EITHER]
    if not any(values.get(name) for name in either):
        findings.add(found.NEITHER, table.file, row, either[0])


def _judge_article(table: Table, row: int, values: Mapping[str, str], findings: Findings) -> None:
    if values.get("ART_NR") or values.get("GTIN"):
        for name in ("MENGE", "STK_BR"):
            if not values.get(name):
                findings.add(found.NO_QUANTITY, table.file, row, name)


def _judge_signing(table: Table, row: int, values: Mapping[str, str], findings: Findings) -> None:
    filled = [name for name in _UNSIGNED_MAY_LACK if values.get(name)]
    if not values.get("TSE_TA_FEHLER"):
        if len(filled) < len(_UNSIGNED_MAY_LACK):
            findings.add(found.UNEXPLAINED, table.file, row, "TSE_TA_FEHLER")
    elif filled:
        findings.add(found.SIGNED_OUTAGE, table.file, row, "TSE_TA_FEHLER")


_JUDGES: Mapping[str, Callable[[Table, int, Mapping[str, str], Findings], None]] = {
    CASHPOINTCLOSING.file: _judge_identity,
    PA.file: _judge_identity,
    LINES.file: _judge_article,
    TRANSACTIONS_TSE.file: _judge_signing,
}
"""What only several columns together can be asked."""
