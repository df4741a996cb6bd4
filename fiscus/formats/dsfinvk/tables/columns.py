"""How tables are declared: kinds of columns, each with its bound, its words and its source."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from fiscus.formats.dsfinvk.tables.cells import (
    LINE_END,
    SEPARATOR,
    AmountSpelling,
    is_plain,
    quoted_record,
)

Shape = re.Pattern[str] | frozenset[str] | None
"""What a filled value must look like: a pattern, one of some words, or anything."""

Value = str | Callable[[Any], Any]
Spell = Callable[[Any], str] | str
"""A function of the value, or an expression with the value as `{0}`, which saves a call."""

MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)",
    re.ASCII,
)
LOG_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TIMES = (MOMENT, LOG_TIME, DAY)
"""Shapes that must name a real day and time besides."""

COUNTRY = re.compile(r"[A-Z]{3}", re.ASCII)
CURRENCY = COUNTRY
FLAG = re.compile(r"[01]")
DIGEST = re.compile(r"[0-9a-f]{64}")


_WHOLE = "'' if {0} is None else {0}"
FLAG_TEXT = "'' if {0} is None else '01'[{0}]"


class ColumnNeed(StrEnum):
    """When a column must be filled."""

    ALWAYS = "M"
    MAYBE = "C"
    EITHER = "O"
    ARTICLE = "I"


MAYBE = ColumnNeed.MAYBE
EITHER = ColumnNeed.EITHER
ARTICLE = ColumnNeed.ARTICLE


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: `length` for text, `places` (decimals) for numbers.

    `value` is the attribute of a row that it shows (with a dot: of its part), or a function of
    the row; `spell` makes text of what is neither text yet nor an amount.
    """

    name: str
    description: str
    value: Value
    need: ColumnNeed
    spell: Spell | None = None
    length: int = 0
    places: int | None = None
    like: Shape = None


@dataclass(frozen=True, kw_only=True)
class TableLayout:
    """One file: `head` names closing, receipt and line, `columns` hold the rest of a row.

    `key` is what no two rows share. The German `name` is the one of the specification.
    """

    file: str
    name: str
    head: tuple[Column, ...]
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @cached_property
    def all(self) -> tuple[Column, ...]:
        return self.head + self.columns

    @cached_property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.all)

    @property
    def stem(self) -> str:
        return self.file.removesuffix(".csv")


def text(
    name: str,
    length: int,
    description: str,
    value: Value,
    *,
    need: ColumnNeed = ColumnNeed.ALWAYS,
) -> Column:
    """Words for a reader, cut at the length of the column."""
    return Column(
        name=name,
        description=description,
        value=value,
        spell=f"{{0}}[:{length}]",
        need=need,
        length=length,
    )


def exact(
    name: str,
    length: int,
    description: str,
    value: Value,
    *,
    need: ColumnNeed = ColumnNeed.ALWAYS,
    like: Shape = None,
    spell: Spell | None = None,
) -> Column:
    """A value that names or proves something. It is never cut; the checker reports a long one."""
    return Column(
        name=name,
        description=description,
        value=value,
        spell=spell,
        need=need,
        length=length,
        like=like,
    )


def number(
    name: str,
    places: int,
    description: str,
    value: Value,
    *,
    need: ColumnNeed = ColumnNeed.ALWAYS,
) -> Column:
    return Column(
        name=name,
        description=description,
        value=value,
        spell=None if places else _WHOLE,
        need=need,
        places=places,
    )


def line_of(
    columns: tuple[Column, ...], amounts: Callable[[int], AmountSpelling]
) -> Callable[[str, Any], str]:
    """A function that writes a line: what the columns of a row follow, and the row. `amounts` has
    the spellings by decimals.

    Cells are compiled from their declarations, as the methods of dataclasses are: an export has a
    hundred of them for each receipt, and a call for each would take most of its time.
    """
    known: dict[str, Any] = {}
    cells = [f'f"{{{_cell(at, one, amounts, known)}}}"' for at, one in enumerate(columns)]
    joined = "".join(cells).replace('"f"', SEPARATOR)
    text: Callable[[Any], str] = eval(f"lambda row: {joined}", known)  # noqa: S307
    if all(column.places is not None for column in columns):
        return lambda prefix, row: f"{prefix}{text(row)}{LINE_END}"
    values: Callable[[Any], list[str]] = eval(f"lambda row: [{', '.join(cells)}]", known)  # noqa: S307
    count = len(cells)

    def line(prefix: str, row: Any) -> str:
        plain = text(row)
        if is_plain(plain, count):
            return f"{prefix}{plain}{LINE_END}"
        return f"{prefix}{quoted_record(values(row))}{LINE_END}"

    return line


def _cell(
    at: int, column: Column, amounts: Callable[[int], AmountSpelling], known: dict[str, Any]
) -> str:
    """The cell as an expression of a row; what it calls becomes known by the place."""
    if isinstance(column.value, str):
        assert all(part.isidentifier() for part in column.value.split("."))
        found = f"row.{column.value}"
    else:
        known[f"value_{at}"] = column.value
        found = f"value_{at}(row)"
    if column.places:
        known[f"amounts_{at}"] = amounts(column.places)
        return f"amounts_{at}[str({found})]"
    if column.spell is None:
        return found
    if isinstance(column.spell, str):
        return column.spell.format(found)
    known[f"spell_{at}"] = column.spell
    return f"spell_{at}({found})"
