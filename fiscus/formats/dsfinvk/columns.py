"""How tables are declared: kinds of columns, each with its bound, its words and its source."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from operator import itemgetter
from typing import Any

from fiscus.formats.dsfinvk.cells import number_speller

Shape = re.Pattern[str] | frozenset[str] | None
"""What a filled value must look like: a pattern, one of some words, or anything."""

Value = str | Callable[[Any], Any]
Spell = Callable[[Any], str]

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


class Need(StrEnum):
    """When a column must be filled."""

    ALWAYS = "M"
    MAYBE = "C"
    EITHER = "O"
    ARTICLE = "I"


MAYBE = Need.MAYBE
EITHER = Need.EITHER
ARTICLE = Need.ARTICLE


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: `length` for text, `places` (decimals) for numbers.

    `value` is the attribute of a row that it shows (with a dot: of its part), or a function of
    the row; `spell` makes text of what is not text yet.
    """

    name: str
    description: str
    value: Value
    need: Need
    spell: Spell | None = None
    length: int = 0
    places: int | None = None
    like: Shape = None


@dataclass(frozen=True, kw_only=True)
class Table:
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

    @cached_property
    def is_numeric(self) -> bool:
        """Nothing in its own columns can ask for quotes."""
        return all(column.places is not None for column in self.columns)

    @property
    def stem(self) -> str:
        return self.file.removesuffix(".csv")


def text(
    name: str,
    length: int,
    description: str,
    value: Value,
    *,
    need: Need = Need.ALWAYS,
) -> Column:
    """Words for a reader, cut at the length of the column."""
    return Column(
        name=name,
        description=description,
        value=value,
        spell=itemgetter(slice(length)),
        need=need,
        length=length,
    )


def exact(
    name: str,
    length: int,
    description: str,
    value: Value,
    *,
    need: Need = Need.ALWAYS,
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
    need: Need = Need.ALWAYS,
) -> Column:
    return Column(
        name=name,
        description=description,
        value=value,
        spell=number_speller(places),
        need=need,
        places=places,
    )


def values_of(columns: tuple[Column, ...]) -> Callable[[Any], list[str]]:
    """A function that gives all cells of a row, put together from their declarations.

    It is compiled, as the methods of dataclasses are: an export has a hundred cells for each
    receipt, and a call for each of them would take most of its time.
    """
    known: dict[str, Any] = {}
    cells = ", ".join(_cell(at, column, known) for at, column in enumerate(columns))
    made: Callable[[Any], list[str]] = eval(f"lambda row: [{cells}]", known)  # noqa: S307
    return made


def _cell(at: int, column: Column, known: dict[str, Any]) -> str:
    """The cell as an expression of a row; the functions it calls become known by the place."""
    if isinstance(column.value, str):
        assert all(part.isidentifier() for part in column.value.split("."))
        found = f"row.{column.value}"
    else:
        known[f"value_{at}"] = column.value
        found = f"value_{at}(row)"
    if column.spell is None:
        return found
    known[f"spell_{at}"] = column.spell
    return f"spell_{at}({found})"
