"""Writes the archive in one pass: each table goes to a spool of its own, then all into one TAR."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import cache, lru_cache
from itertools import chain
from os import SEEK_END
from tempfile import TemporaryFile
from typing import IO, Any

from fiscus.formats.dsfinvk.tables import dtd, index
from fiscus.formats.dsfinvk.tables.all_tables import TABLES
from fiscus.formats.dsfinvk.tables.cells import LINE_END, SEPARATOR, AmountSpelling, record
from fiscus.formats.dsfinvk.tables.columns import TableLayout, line_of
from fiscus.formats.dsfinvk.tables.index import (
    CERTIFICATE_PARTS,
    Supplier,
    columns,
    index_xml,
)
from fiscus.formats.dsfinvk.tables.line import ITEMAMOUNTS, LINES, LINES_VAT, SUBITEMS
from fiscus.formats.dsfinvk.tables.master import (
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
from fiscus.formats.dsfinvk.tables.receipt import (
    ALLOCATION_GROUPS,
    DATAPAYMENT,
    REFERENCES,
    TRANSACTIONS,
    TRANSACTIONS_TSE,
    TRANSACTIONS_VAT,
)
from fiscus.formats.dsfinvk.write import tar
from fiscus.formats.dsfinvk.write.rows import CashPointClosing, OperationRow, TseRow

Closings = Iterator[tuple[CashPointClosing, Iterator[OperationRow]]]

BUFFER_BYTES = 1 << 18
TRANSACTIONS_HELD = 100


class TableSpool:
    """One table on its way: lines lie on disk, in memory only those since the last `flush`."""

    def __init__(
        self, table: TableLayout, file: IO[bytes], amounts: Callable[[int], AmountSpelling]
    ) -> None:
        self.file = file
        self._held: list[str] = []
        self._line = line_of(table.columns, amounts)
        self.add = _adder(self._line, self._held)

    def add_longer(self, prefix: str, row: Any, more: list[str]) -> None:
        """A row with values in columns beyond the declared ones."""
        self._held.append(_opened(self._line(prefix, row)) + record(more) + LINE_END)

    def flush(self) -> None:
        self.file.write("".join(self._held).encode())
        self._held.clear()


def _adder(
    line: Callable[[str, Any], str], held: list[str]
) -> Callable[[str, Sequence[Any]], None]:
    """A function and no method: it is called ten times for each receipt."""
    hold = held.append

    def add(prefix: str, rows: Sequence[Any]) -> None:
        for row in rows:
            hold(line(prefix, row))

    return add


class TableSpools:
    """The spools of all tables, and how many columns the longest certificate takes."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        amounts = cache(AmountSpelling)
        self.closing = line_of(CLOSING, amounts)
        self._tables = {table.file: TableSpool(table, self._scratch(), amounts) for table in TABLES}
        self.certificate_parts = CERTIFICATE_PARTS

    def _scratch(self) -> IO[bytes]:
        return self._stack.enter_context(TemporaryFile(buffering=BUFFER_BYTES))

    def of(self, table: TableLayout) -> TableSpool:
        return self._tables[table.file]

    def flush(self) -> None:
        for spool in self._tables.values():
            spool.flush()

    def widen(self) -> None:
        """Gives all rows of `tse.csv` as many columns as the longest certificate needs."""
        separators = len(columns(TSE, self.certificate_parts)) - 1
        spool, wide = self.of(TSE), self._scratch()
        spool.file.seek(0)
        for row in spool.file:
            missing = separators - row.count(SEPARATOR.encode())
            wide.write(row.rstrip(b"\r\n") + (SEPARATOR * missing + LINE_END).encode())
        spool.file = wide


def write_tar(closings: Closings, *, supplier: Supplier, at: datetime) -> Iterator[bytes]:
    """The whole archive in chunks. Nothing is handed out before the last closing was read.

    Its files are as old as the latest closing, and name the taxpayer as that one does; where there
    is none they are of `at` and name the `supplier`. The same closings give the same bytes.
    """
    with ExitStack() as stack:
        spools = TableSpools(stack)
        add_transaction = _adder_of_transactions(spools)
        latest: CashPointClosing | None = None
        for closing, transactions in closings:
            if latest is None or closing.created_at >= latest.created_at:
                latest = closing
            prefix = _opened(spools.closing("", closing))
            _add_closing(spools, prefix, closing)
            for count, transaction in enumerate(transactions, 1):
                add_transaction(prefix, transaction)
                if count % TRANSACTIONS_HELD == 0:
                    spools.flush()
            spools.flush()
        if spools.certificate_parts > CERTIFICATE_PARTS:
            spools.widen()
        if latest is not None:
            supplier = Supplier(name=latest.taxpayer.name, city=latest.taxpayer.city)
            at = latest.created_at
        yield from _archive(spools, supplier, at)


def _opened(line: str) -> str:
    """The line without its end, to be gone on with."""
    return line.removesuffix(LINE_END) + SEPARATOR


def _prefix(value: str) -> str:
    return record((value,)) + SEPARATOR


_line_prefix = lru_cache(1 << 10)(_prefix)
"""Lines are numbered alike in all receipts."""


def _add_closing(spools: TableSpools, prefix: str, closing: CashPointClosing) -> None:
    masterdata: tuple[tuple[TableLayout, Sequence[Any]], ...] = (
        (CASHPOINTCLOSING, (closing,)),
        (LOCATION, (closing.location,)),
        (CASHREGISTER, (closing.hardware,)),
        (SLAVES, closing.terminals),
        (PA, closing.agencies),
        (VAT, closing.vat_rates),
        (BUSINESSCASES, closing.business_cases),
        (PAYMENT, closing.payments),
        (CASH_PER_CURRENCY, closing.cash),
    )
    for table, rows in masterdata:
        spools.of(table).add(prefix, rows)
    for device in closing.devices:
        _add_device(spools, prefix, device)


def _add_device(spools: TableSpools, prefix: str, device: TseRow) -> None:
    """A certificate longer than two columns goes on in further ones at the end of the row."""
    text = device.certificate
    more = [text[at : at + PART] for at in range(CERTIFICATE_PARTS * PART, len(text), PART)]
    spools.certificate_parts = max(spools.certificate_parts, CERTIFICATE_PARTS + len(more))
    if more:
        spools.of(TSE).add_longer(prefix, device, more)
    else:
        spools.of(TSE).add(prefix, (device,))


def _adder_of_transactions(spools: TableSpools) -> Callable[[str, OperationRow], None]:
    """Adds an operation with all below it: most of an export is done here, so the spools are
    looked up once."""
    head, vat = spools.of(TRANSACTIONS).add, spools.of(TRANSACTIONS_VAT).add
    payments, signings = spools.of(DATAPAYMENT).add, spools.of(TRANSACTIONS_TSE).add
    groups, references = spools.of(ALLOCATION_GROUPS).add, spools.of(REFERENCES).add
    lines, amounts = spools.of(LINES).add, spools.of(LINES_VAT).add
    price_parts, sub_items = spools.of(ITEMAMOUNTS).add, spools.of(SUBITEMS).add

    def add(prefix: str, transaction: OperationRow) -> None:
        prefix += _prefix(transaction.id)
        head(prefix, (transaction,))
        payments(prefix, transaction.payments)
        signings(prefix, transaction.signings)
        vat(prefix, transaction.vat_totals)
        if transaction.groups:
            groups(prefix, transaction.groups)
        if transaction.references:
            references(prefix, transaction.references)
        for line in transaction.lines:
            inner = prefix + _line_prefix(line.number)
            lines(inner, (line,))
            amounts(inner, line.amounts)
            if line.price_parts:
                price_parts(inner, line.price_parts)
            if line.sub_items:
                sub_items(inner, line.sub_items)

    return add


def _archive(spools: TableSpools, supplier: Supplier, at: datetime) -> Iterator[bytes]:
    """index.xml and its grammar first, then the tables by name."""
    written = 0
    for chunk in _entries(spools, supplier, at):
        written += len(chunk)
        yield chunk
    yield tar.end(written)


def _entries(spools: TableSpools, supplier: Supplier, at: datetime) -> Iterator[bytes]:
    described = index_xml(supplier, spools.certificate_parts)
    yield from tar.entry(index.FILE, len(described), iter([described]), at)
    grammar = dtd.dtd().encode()
    yield from tar.entry(dtd.FILE, len(grammar), iter([grammar]), at)
    for table in sorted(TABLES, key=lambda table: table.file):
        names = [column.name for column in columns(table, spools.certificate_parts)]
        header = (record(names) + LINE_END).encode()
        file = spools.of(table).file
        size = len(header) + file.seek(0, SEEK_END)
        yield from tar.entry(table.file, size, chain([header], tar.chunks_of(file)), at)
