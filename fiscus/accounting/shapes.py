"""What entries are booked by, apart from amounts and texts: the keys, accounts and taxes of their
lines. Thousands of entries share one, so a search by account looks at these, not at each entry."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, Protocol

import msgspec
from sqlalchemy import Connection, select

from fiscus.store.accounting_schema import ENTRY_SHAPE
from fiscus.store.insert import insert_many


class ShapedLine(Protocol):
    """A line of an entry, as far as it decides where it is booked."""

    @property
    def key(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def tax_code(self) -> str: ...
    @property
    def vat(self) -> object: ...


class LineShape(NamedTuple):
    """The key, or the account and the tax that a caller named; and whether there is VAT."""

    key: str
    account: str
    tax_code: str
    bears_vat: bool


class EntryShape(NamedTuple):
    """The different lines of entries of one company; the id follows from all else."""

    id: str
    company: str
    lines: tuple[LineShape, ...]


def shape_of(company: str, lines: Iterable[ShapedLine]) -> EntryShape:
    found = [(line.key, line.account, line.tax_code, bool(line.vat)) for line in lines]
    return _shape(company, tuple(found))


@lru_cache(maxsize=4096)
def _shape(company: str, lines: tuple[tuple[str, str, str, bool], ...]) -> EntryShape:
    """Asked for each entry that is made, and nearly always told before."""
    found = tuple(LineShape(*line) for line in sorted(set(lines)))
    digest = hashlib.sha256(company.encode() + msgspec.json.encode(found)).hexdigest()
    return EntryShape(digest[:32], company, found)


def keep(tx: Connection, shapes: Iterable[EntryShape]) -> None:
    """Insert those that are not there yet, in one order for all: no two transactions wait for each
    other."""
    wanted = sorted(set(shapes))
    table = ENTRY_SHAPE
    known = {*tx.scalars(select(table.c.id).where(table.c.id.in_([one.id for one in wanted])))}
    rows: list[tuple[object, ...]] = [
        (one.id, one.company, msgspec.json.encode(one.lines).decode())
        for one in wanted
        if one.id not in known
    ]
    insert_many(tx, table, rows, once=True)


def matching(
    tx: Connection, company: str, fits: Callable[[tuple[LineShape, ...]], bool]
) -> Iterator[str]:
    """The ids of the company's shapes that fit."""
    table = ENTRY_SHAPE
    for id_, lines in tx.execute(
        select(table.c.id, table.c.lines).where(table.c.company == company)
    ):
        if fits(_lines.decode(lines)):
            yield id_


_lines = msgspec.json.Decoder(tuple[LineShape, ...])
