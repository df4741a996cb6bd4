"""How tables are declared: kinds of columns, each with its bound, its words and its source."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from fiscus.formats.dsfinvk.cells import number_text

Shape = re.Pattern[str] | frozenset[str] | None
"""What a filled value must look like: a pattern, one of some words, or anything."""

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
    """One column: `length` for text, `places` (decimals) for numbers; `cell` spells its value."""

    name: str
    description: str
    cell: Callable[[Any], str]
    need: Need
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

    @property
    def stem(self) -> str:
        return self.file.removesuffix(".csv")


def text(
    name: str,
    length: int,
    description: str,
    value: Callable[[Any], str],
    *,
    need: Need = Need.ALWAYS,
) -> Column:
    """Words for a reader, cut at the length of the column."""
    return Column(
        name=name,
        description=description,
        cell=lambda row: value(row)[:length],
        need=need,
        length=length,
    )


def exact(
    name: str,
    length: int,
    description: str,
    value: Callable[[Any], str],
    *,
    need: Need = Need.ALWAYS,
    like: Shape = None,
) -> Column:
    """A value that names or proves something. It is never cut; the checker reports a long one."""
    return Column(
        name=name,
        description=description,
        cell=value,
        need=need,
        length=length,
        like=like,
    )


def number(
    name: str,
    places: int,
    description: str,
    value: Callable[[Any], Any],
    *,
    need: Need = Need.ALWAYS,
) -> Column:
    return Column(
        name=name,
        description=description,
        cell=lambda row: number_text(value(row), places),
        need=need,
        places=places,
    )
