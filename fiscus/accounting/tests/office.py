"""An office that keeps the books of what a counter sells."""

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import msgspec
from sqlalchemy import event, select

from fiscus import regimes
from fiscus.accounting import bookkeeping, completeness, derive, mapping
from fiscus.accounting.completeness import CompletenessReport
from fiscus.accounting.entry_rows import AccountingEntry, entry_of
from fiscus.accounting.mapping import BooksContent, Coverage
from fiscus.issuing.tests.counter import Counter
from fiscus.model.accounts import ChartAccount, ChartRule
from fiscus.registry.tests.builders import SUBJECT
from fiscus.store.accounting_schema import ACCOUNTED, ACCOUNTING_ENTRY, FOLLOWED
from fiscus.store.connect import reading, writing

CHART = BooksContent(
    chart="Own",
    accounts=(ChartAccount(code="1371", name="Clearing"),),
    taxes=(),
    rules=(ChartRule(key="clearing", account="1371"),),
    coverage=Coverage.PER_DOCUMENT,
)


LONG_AGO, FAR = date(2000, 1, 1), date(2099, 12, 31)


def a_chart(code: str) -> BooksContent:
    """One that the laws suggest."""
    found = (regimes.find(name).accounting for name in ("de", "pt"))
    charts = [chart for law in found if law for chart in law.charts if chart.code == code]
    return mapping.started(charts[0], is_per_closing=True)


class Books:
    def __init__(
        self,
        counter: Counter,
        coverage: Coverage = Coverage.PER_DOCUMENT,
        since: date | None = None,
        *,
        chart: str = "",
        is_begun: bool = True,
    ) -> None:
        self.counter, self.engine = counter, counter.engine
        self.company = counter.shop.taxpayer
        content = a_chart(chart) if chart else CHART
        self.content = msgspec.structs.replace(content, coverage=coverage, since=since)
        if is_begun:
            self.begins()

    def begins(self) -> None:
        with writing(self.engine) as tx:
            bookkeeping.put(tx, self.company, self.content, by=SUBJECT, at=self.counter.clock())

    def changes(self, **more: object) -> None:
        self.content = msgspec.structs.replace(self.content, **more)
        with writing(self.engine) as tx:
            version, _ = bookkeeping.of(tx, self.company)
            bookkeeping.change(
                tx,
                self.company,
                self.content,
                version=version,
                by=SUBJECT,
                at=self.counter.clock(),
            )

    def changes_coverage(self) -> None:
        """To the other one."""
        is_single = self.content.coverage is Coverage.PER_DOCUMENT
        self.changes(coverage=Coverage.PER_CLOSING if is_single else Coverage.PER_DOCUMENT)

    def derives(self) -> None:
        """Until nothing is left."""
        while derive.step(self.engine, self.counter.clock) == 0:
            continue

    def entries(self) -> list[AccountingEntry]:
        """In the order in which their records were made, the covering one of each first."""
        query = select(ACCOUNTING_ENTRY).where(ACCOUNTING_ENTRY.c.company == self.company)
        with reading(self.engine) as tx:
            rows = tx.execute(query.order_by(ACCOUNTING_ENTRY.c.record, ACCOUNTING_ENTRY.c.part))
            return [entry_of(row) for row in rows]

    def amounts(self) -> dict[str, Decimal]:
        """What all entries come to by key."""
        sums: dict[str, Decimal] = {}
        for entry in self.entries():
            for line in entry.content.lines:
                sums[line.key] = sums.get(line.key, Decimal("0.00")) + line.amount
        return sums

    def balances(self) -> dict[str, Decimal]:
        """What all entries come to by account."""
        resolved = mapping.resolver(self.content)
        sums: dict[str, Decimal] = {}
        for key, amount in self.amounts().items():
            found = resolved(key)
            assert found is not None, key
            code = found.account.code
            sums[code] = sums.get(code, Decimal("0.00")) + amount
        return sums

    def derived_to(self) -> datetime | None:
        with reading(self.engine) as tx:
            return derive.derived_to(tx, self.company)

    def report(self, first: date = LONG_AGO, last: date = FAR) -> CompletenessReport:
        with reading(self.engine) as tx:
            return completeness.report(tx, self.company, first, last)

    def forgets(self) -> None:
        """As if nothing had ever been derived."""
        with writing(self.engine) as tx:
            for table in (ACCOUNTED, ACCOUNTING_ENTRY, FOLLOWED):
                tx.execute(table.delete())

    def stumbles(self, place: int) -> bool:
        """Derives until the database fails at one place: a statement, or a commit; whether it
        came to that."""
        count = 0

        def count_on(*_: object) -> None:
            nonlocal count
            count += 1
            if count == place:
                raise OSError("this step fails")

        events = [(self.engine, "before_cursor_execute"), (self.engine, "commit")]
        for target, name in events:
            event.listen(target, name, count_on)
        with suppress(OSError):
            self.derives()
        for target, name in events:
            event.remove(target, name, count_on)
        return count >= place

    def covered(self) -> dict[str, str]:
        with reading(self.engine) as tx:
            return {row.record: row.entry for row in tx.execute(select(ACCOUNTED))}
