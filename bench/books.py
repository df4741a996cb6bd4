"""What the books of many invoices cost: `python -m bench.books --help`.

Entries are derived of all invoices, then written as a DATEV file with their accounts, in a process
of its own; then the last page of their list is looked at. The yardstick is what `json.loads` of the
same documents costs: whoever books them must at least read them. All seconds are of this side's
processor. With `--jobs` the entries also go into files as export jobs do it, step by step
(`bench/book_jobs.py`). With `--receipts` a German register's closing over so many signed receipts
becomes entries, after it was made.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median

import msgspec
from sqlalchemy import Engine, func, select

from bench import book_jobs, kiosk, loads
from bench import closing as closing_bench
from bench.fill import filled, housed
from bench.installation import POSTGRES, SQLITE, Installation, fresh
from bench.machine import Ended, Machine, cost, headline, machine, table
from bench.saft import json_seconds
from fiscus import formats
from fiscus.accounting import bookkeeping, books, derive, search
from fiscus.accounting.entry_rows import entry_of
from fiscus.accounting.frozen import freezer
from fiscus.accounting.mapping import BooksContent, Coverage
from fiscus.accounting.pages import PageRequest
from fiscus.accounting.search import EntryFilter
from fiscus.app import wall_clock
from fiscus.model.accounts import ChartAccount, ChartRule, ChartTax
from fiscus.model.amounts import trap_floats
from fiscus.model.booked import BookBatch, BookedEntry
from fiscus.store import stream
from fiscus.store.accounting_schema import (
    ACCOUNTED,
    ACCOUNTING_ENTRY,
    ENTRY_SHAPE,
    EXPORT_JOB,
    EXPORT_JOB_ITEM,
    EXPORT_JOB_REGISTER,
)
from fiscus.store.connect import connect, reading, writing
from fiscus.store.schema import TAXPAYER

DOCUMENTS = 100_000
RATIO_MAX = 4.0
PEAK_MIB_MAX = 300
RECEIPTS = 10_000
CLOSING_SECONDS_MAX = 1.0
PAGE = 100
PAGES = 21
PAGE_MILLISECONDS_MAX = 20

TARGET = "datev-extf"
SETTINGS = {"consultant_number": "1001", "client_number": "1"}
CONTENT = BooksContent(
    chart="Bench",
    accounts=tuple(
        ChartAccount(code=code, name=name)
        for code, name in (
            ("1000", "Cash"),
            ("1371", "Clearing"),
            ("1400", "Receivables"),
            ("1776", "VAT"),
            ("8400", "Sales"),
        )
    ),
    taxes=(ChartTax(code="VAT", name="VAT", percentage=Decimal(23), account="1776"),),
    rules=(
        ChartRule(key="clearing", account="1371"),
        ChartRule(key="owed", account="1400"),
        ChartRule(key="payment/*", account="1000"),
    ),
    coverage=Coverage.PER_DOCUMENT,
    formats={TARGET: SETTINGS},
)
SALES = {
    "pt": ChartRule(key="sale/*/*/*/*", account="8400", tax="VAT"),
    "de": ChartRule(key="case/*/*", account="8400", tax="VAT"),
}
"""Of each law, where its sales are booked."""

FORGOTTEN = (
    ACCOUNTED,
    EXPORT_JOB_ITEM,
    EXPORT_JOB_REGISTER,
    EXPORT_JOB,
    ACCOUNTING_ENTRY,
    ENTRY_SHAPE,
)
"""What earlier runs left, in an order in which it can go."""


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """Of one run: seconds of the processor to derive and to write, and what came of it; and how
    long the last page of the list takes (median)."""

    derive_seconds: float
    file_seconds: float
    page_milliseconds: float
    documents: int
    entries: int
    bytes: int


class Result(msgspec.Struct, frozen=True, kw_only=True):
    machine: Machine
    engine: str
    spent: Spent
    run: Ended
    json_seconds: float
    ratio: float


class ClosingResult(msgspec.Struct, frozen=True, kw_only=True):
    machine: Machine
    engine: str
    receipts: int
    entries: int
    seconds: float
    file_seconds: float
    json_seconds: float
    ratio: float


def main() -> None:
    wanted = _parser().parse_args()
    if wanted.measure:
        _measure(*wanted.measure)
        return
    if wanted.receipts:
        with fresh(wanted.engine) as installation:
            closed = of_closing(installation, wanted.engine, wanted.receipts)
        print(closing_markdown(closed))
        loads.written(wanted.json, closed)
        return
    with filled(wanted.engine, wanted.documents, wanted.folder) as (installation, _):
        result = measured(installation, wanted.engine)
        print(markdown(result), flush=True)
        if wanted.jobs:
            print(book_jobs.markdown(book_jobs.measured(housed(installation, wall_clock), TARGET)))
    loads.written(wanted.json, result)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.books", description=__doc__)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--jobs", action="store_true", help="also as export jobs, step by step")
    parser.add_argument("--receipts", type=int, default=0, help=f"such as {RECEIPTS}")
    parser.add_argument("--engine", choices=[SQLITE, POSTGRES], default=SQLITE)
    parser.add_argument("--folder", type=Path, help="keep the SQLite journal here and use it again")
    parser.add_argument("--json", type=Path, help="also write everything as JSON")
    parser.add_argument("--measure", nargs=2, metavar=("URL", "FILE"), help=argparse.SUPPRESS)
    return parser


def measured(installation: Installation, engine: str) -> Result:
    """The yardstick before and after a run in a process of its own."""
    url = _begin(installation, Coverage.PER_DOCUMENT)
    before = json_seconds(installation, timer=time.process_time)
    note = installation.folder / "books.json"
    command = [sys.executable, "-m", "bench.books", "--measure", url, str(note)]
    run = cost(command, installation.environment())
    yardstick = (before + json_seconds(installation, timer=time.process_time)) / 2
    spent = msgspec.json.decode(note.read_bytes(), type=Spent)
    return Result(
        machine=machine(),
        engine=engine,
        spent=spent,
        run=run,
        json_seconds=round(yardstick, 2),
        ratio=round((spent.derive_seconds + spent.file_seconds) / yardstick, 2),
    )


def _begin(installation: Installation, coverage: Coverage) -> str:
    """The only company keeps books; what an earlier run derived is forgotten. Gives the database's
    URL."""
    services = housed(installation, wall_clock)
    with writing(services.engine) as tx:
        company, regime = tx.execute(select(TAXPAYER.c.id, TAXPAYER.c.regime)).one()
        rules = (*CONTENT.rules, SALES[regime])
        content = msgspec.structs.replace(CONTENT, coverage=coverage, rules=rules)
        if bookkeeping.find(tx, company) is None:
            bookkeeping.put(tx, company, content, by="bench", at=services.clock())
        for gone in FORGOTTEN:
            tx.execute(gone.delete())
        books.read_again(tx, company)
    services.engine.dispose()
    return services.engine.url.render_as_string(hide_password=False)


def _measure(url: str, note: str) -> None:
    """In the process that is measured."""
    trap_floats()
    engine = connect(url)
    begun = time.process_time()
    while derive.step(engine, wall_clock) == 0:
        continue
    derived = time.process_time()
    size = sum(map(len, _file(engine)))
    written = time.process_time()
    with reading(engine) as tx:
        documents = tx.scalar(select(func.count()).select_from(ACCOUNTED)) or 0
        entries = tx.scalar(select(func.count()).select_from(ACCOUNTING_ENTRY)) or 0
    spent = Spent(
        derive_seconds=round(derived - begun, 3),
        file_seconds=round(written - derived, 3),
        page_milliseconds=round(_last_page(engine) * 1000, 2),
        documents=documents,
        entries=entries,
        bytes=size,
    )
    Path(note).write_bytes(msgspec.json.encode(spent))


def _last_page(engine: Engine) -> float:
    """Median seconds of the page that ends the list, behind the cursor of the page before it."""
    with reading(engine) as tx:
        company = tx.scalar(select(func.min(ACCOUNTING_ENTRY.c.company))) or ""
        count = search.search(tx, company, EntryFilter(), PageRequest(limit=0)).total
        if count <= 2 * PAGE:
            return 0.0
        ahead = PageRequest(offset=count - 2 * PAGE, limit=PAGE)
        cursor = search.search(tx, company, EntryFilter(), ahead).end_cursor
        took = []
        for _ in range(PAGES):
            begun = time.process_time()
            page = search.search(tx, company, EntryFilter(), PageRequest(after=cursor, limit=PAGE))
            took.append(time.process_time() - begun)
            assert len(page.rows) == PAGE, page.total
            assert not page.has_next
    return median(took)


def _file(engine: Engine) -> Iterator[bytes]:
    """All entries with their accounts, as DATEV imports them."""
    with reading(engine) as tx:
        company, first, last = tx.execute(
            select(
                func.min(ACCOUNTING_ENTRY.c.company),
                func.min(ACCOUNTING_ENTRY.c.day),
                func.max(ACCOUNTING_ENTRY.c.day),
            )
        ).one()

        _, content = bookkeeping.of(tx, company)

        def entries() -> Iterator[BookedEntry]:
            freeze = freezer(content)
            query = select(ACCOUNTING_ENTRY).where(ACCOUNTING_ENTRY.c.company == company)
            ordered = query.order_by(ACCOUNTING_ENTRY.c.day, ACCOUNTING_ENTRY.c.id)
            for row in stream.rows(tx, ordered):
                yield freeze(entry_of(row))[0].booked

        batch = BookBatch(
            job="01a1fd7b-1ac2-7000-81a5-24291db2474d",
            company=company,
            tax_number="510000003",
            country="PT",
            currency="EUR",
            chart=CONTENT.chart,
            accounts={account.code: account for account in CONTENT.accounts},
            first=date.fromisoformat(first),
            last=date.fromisoformat(last),
            settings=SETTINGS,
            written_at=datetime(2026, 5, 4, tzinfo=UTC),
            entries=entries,
        )
        for file in formats.find_book(TARGET).files(batch):
            yield from file.blocks


def of_closing(installation: Installation, engine: str, receipts: int) -> ClosingResult:
    """A German day is sold and closed, then the closing becomes entries."""
    installation.serve(1)
    shop = installation.found_kiosk(1)
    installation.stop()
    services = housed(installation, wall_clock)
    closing_bench.sell(services, shop, receipts)
    closing_bench.closed(services, shop.organization, kiosk.uuid_of(shop.registers[0]))
    services.engine.dispose()
    url = _begin(installation, Coverage.PER_CLOSING)
    yardstick = json_seconds(installation, timer=time.process_time)
    note = installation.folder / "books.json"
    subprocess.run(
        [sys.executable, "-m", "bench.books", "--measure", url, str(note)],
        env=installation.environment(),
        check=True,
    )
    spent = msgspec.json.decode(note.read_bytes(), type=Spent)
    assert spent.documents == receipts, spent
    return ClosingResult(
        machine=machine(),
        engine=engine,
        receipts=receipts,
        entries=spent.entries,
        seconds=spent.derive_seconds,
        file_seconds=spent.file_seconds,
        json_seconds=round(yardstick, 3),
        ratio=round((spent.derive_seconds + spent.file_seconds) / yardstick, 2),
    )


def markdown(result: Result) -> str:
    heads = [
        "Database",
        "Documents",
        "Entries",
        "Derived s",
        "Written s",
        "File MB",
        "Peak memory MiB",
        "json.loads s",
        "Ratio",
        "Last page ms",
    ]
    spent = result.spent
    row = [
        result.engine,
        f"{spent.documents:,}",
        f"{spent.entries:,}",
        spent.derive_seconds,
        spent.file_seconds,
        round(spent.bytes / 1e6, 1),
        result.run.peak_mib,
        result.json_seconds,
        result.ratio,
        spent.page_milliseconds,
    ]
    bar = (
        f"Bar: ratio at most {RATIO_MAX:g}, memory at most {PEAK_MIB_MAX} MiB, a page of {PAGE} "
        f"at most {PAGE_MILLISECONDS_MAX} ms."
    )
    return f"{headline(result.machine)}\n\n{table(heads, [row])}\n\n{bar}"


def closing_markdown(result: ClosingResult) -> str:
    heads = ["Database", "Receipts", "Entries", "Derived s", "Written s", "json.loads s", "Ratio"]
    row = [
        result.engine,
        f"{result.receipts:,}",
        result.entries,
        result.seconds,
        result.file_seconds,
        result.json_seconds,
        result.ratio,
    ]
    bar = (
        f"Bar: {RECEIPTS:,} receipts derived in at most {CLOSING_SECONDS_MAX:g} s, ratio at most "
        f"{RATIO_MAX:g}."
    )
    return f"{headline(result.machine)}\n\n{table(heads, [row])}\n\n{bar}"


if __name__ == "__main__":
    main()
