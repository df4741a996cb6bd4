"""Writes the archive in one pass: each table goes to a spool of its own, then all into one TAR."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from os import SEEK_END
from tempfile import TemporaryFile
from typing import IO, Any

from fiscus.formats.dsfinvk import dtd, index, tar
from fiscus.formats.dsfinvk.cells import LINE_END, SEPARATOR, record
from fiscus.formats.dsfinvk.columns import Table, values_of
from fiscus.formats.dsfinvk.index import CERTIFICATE_PARTS, Supplier, columns, index_xml
from fiscus.formats.dsfinvk.rows import CashPointClosing, Device, Line, Transaction
from fiscus.formats.dsfinvk.tables import TABLES
from fiscus.formats.dsfinvk.tables_line import ITEMAMOUNTS, LINES, LINES_VAT, SUBITEMS
from fiscus.formats.dsfinvk.tables_master import (
    BUSINESSCASES,
    CASH_PER_CURRENCY,
    CASHPOINTCLOSING,
    CASHREGISTER,
    CLOSING,
    LOCATION,
    PA,
    PART,
    PAYMENT,
    SLAVES,
    TSE,
    VAT,
)
from fiscus.formats.dsfinvk.tables_receipt import (
    ALLOCATION_GROUPS,
    DATAPAYMENT,
    REFERENCES,
    TRANSACTIONS,
    TRANSACTIONS_TSE,
    TRANSACTIONS_VAT,
)

Closings = Iterator[tuple[CashPointClosing, Iterator[Transaction]]]

BUFFER_BYTES = 1 << 18


class Spool:
    """One table on its way: rows lie on disk, in memory there is only a buffer."""

    def __init__(self, table: Table, file: IO[bytes]) -> None:
        self.file = file
        self._values = values_of(table.columns)
        self._joined = SEPARATOR.join if table.is_numeric else record

    def add(self, prefix: str, rows: Sequence[Any]) -> None:
        for row in rows:
            line = f"{prefix}{self._joined(self._values(row))}{LINE_END}"
            self.file.write(line.encode())

    def add_longer(self, prefix: str, row: Any, more: list[str]) -> None:
        """A row with values in columns beyond the declared ones."""
        line = f"{prefix}{record(self._values(row) + more)}{LINE_END}"
        self.file.write(line.encode())


@dataclass
class Spools:
    """The spools of all tables by file name, and how many columns the longest certificate takes."""

    tables: dict[str, Spool]
    certificate_parts: int = CERTIFICATE_PARTS

    def add(self, table: Table, prefix: str, rows: Sequence[Any]) -> None:
        if rows:
            self.tables[table.file].add(prefix, rows)


def write_tar(closings: Closings, *, supplier: Supplier, at: datetime) -> Iterator[bytes]:
    """The whole archive in chunks. Nothing is handed out before the last closing was read.

    Its files are as old as the latest closing, and where there is none they are of `at`. The same
    closings, supplier and instant give the same bytes.
    """
    with ExitStack() as stack:
        spools = Spools({table.file: Spool(table, _scratch(stack)) for table in TABLES})
        dates = []
        for closing, transactions in closings:
            dates.append(closing.created_at)
            prefix = _prefix(*values_of(CLOSING)(closing))
            _add_closing(spools, prefix, closing)
            for transaction in transactions:
                _add_transaction(spools, prefix, transaction)
        if spools.certificate_parts > CERTIFICATE_PARTS:
            _widen(spools, _scratch(stack))
        yield from _archive(spools, supplier, max(dates, default=at))


def _scratch(stack: ExitStack) -> IO[bytes]:
    return stack.enter_context(TemporaryFile(buffering=BUFFER_BYTES))


def _prefix(*values: str) -> str:
    """What the rows that belong to a closing, a receipt or a line begin with."""
    return record(values) + SEPARATOR


def _add_closing(spools: Spools, prefix: str, closing: CashPointClosing) -> None:
    spools.add(CASHPOINTCLOSING, prefix, [closing])
    spools.add(LOCATION, prefix, [closing.location])
    spools.add(CASHREGISTER, prefix, [closing.hardware])
    spools.add(SLAVES, prefix, closing.terminals)
    spools.add(PA, prefix, closing.agencies)
    for device in closing.devices:
        _add_device(spools, prefix, device)
    spools.add(VAT, prefix, closing.vat_rates)
    spools.add(BUSINESSCASES, prefix, closing.business_cases)
    spools.add(PAYMENT, prefix, closing.payments)
    spools.add(CASH_PER_CURRENCY, prefix, closing.cash)


def _add_device(spools: Spools, prefix: str, device: Device) -> None:
    """A certificate longer than two columns goes on in further ones at the end of the row."""
    text = device.certificate
    more = [text[at : at + PART] for at in range(CERTIFICATE_PARTS * PART, len(text), PART)]
    spools.certificate_parts = max(spools.certificate_parts, CERTIFICATE_PARTS + len(more))
    spools.tables[TSE.file].add_longer(prefix, device, more)


def _add_transaction(spools: Spools, prefix: str, transaction: Transaction) -> None:
    prefix += _prefix(transaction.id)
    spools.add(TRANSACTIONS, prefix, [transaction])
    spools.add(DATAPAYMENT, prefix, transaction.payments)
    for line in transaction.lines:
        _add_line(spools, prefix + _prefix(line.number), line)
    spools.add(TRANSACTIONS_TSE, prefix, transaction.signings)
    spools.add(TRANSACTIONS_VAT, prefix, transaction.vat_totals)
    spools.add(ALLOCATION_GROUPS, prefix, transaction.groups)
    spools.add(REFERENCES, prefix, transaction.references)


def _add_line(spools: Spools, prefix: str, line: Line) -> None:
    spools.add(LINES, prefix, [line])
    spools.add(ITEMAMOUNTS, prefix, line.price_parts)
    spools.add(SUBITEMS, prefix, line.sub_items)
    spools.add(LINES_VAT, prefix, line.amounts)


def _widen(spools: Spools, file: IO[bytes]) -> None:
    """Gives all rows of `tse.csv` as many columns as the longest certificate needs."""
    separators = len(columns(TSE, spools.certificate_parts)) - 1
    narrow = spools.tables[TSE.file].file
    narrow.seek(0)
    for row in narrow:
        missing = separators - row.count(SEPARATOR.encode())
        file.write(row.rstrip(b"\r\n") + (SEPARATOR * missing + LINE_END).encode())
    spools.tables[TSE.file] = Spool(TSE, file)


def _archive(spools: Spools, supplier: Supplier, at: datetime) -> Iterator[bytes]:
    """index.xml and its grammar first, then the tables by name."""
    written = 0
    for chunk in _entries(spools, supplier, at):
        written += len(chunk)
        yield chunk
    yield tar.end(written)


def _entries(spools: Spools, supplier: Supplier, at: datetime) -> Iterator[bytes]:
    described = index_xml(supplier, spools.certificate_parts)
    yield from tar.entry(index.FILE, len(described), iter([described]), at)
    grammar = dtd.dtd().encode()
    yield from tar.entry(dtd.FILE, len(grammar), iter([grammar]), at)
    for table in sorted(TABLES, key=lambda table: table.file):
        names = [column.name for column in columns(table, spools.certificate_parts)]
        header = (record(names) + LINE_END).encode()
        file = spools.tables[table.file].file
        size = len(header) + file.seek(0, SEEK_END)
        yield from tar.entry(table.file, size, chain([header], tar.chunks_of(file)), at)
