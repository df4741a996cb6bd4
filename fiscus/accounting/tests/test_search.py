"""Each filter finds what it says and nothing else."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.accounting import entries, search
from fiscus.accounting.entries import EntryDraft, EntryDraftLine, EntryStatus
from fiscus.accounting.entry_rows import AccountingEntry
from fiscus.accounting.pages import PageRequest, SortOrder
from fiscus.accounting.search import EntryFamily, EntryFilter
from fiscus.accounting.tests.exporting import Exporter, a_line
from fiscus.accounting.tests.office import Books
from fiscus.issuing.tests.counter import Counter, a_cancellation, a_receipt
from fiscus.model.faults import Code, Refused
from fiscus.registry.tests.builders import SUBJECT, an_id
from fiscus.store.accounting_schema import ACCOUNTING_ENTRY
from fiscus.store.connect import reading, writing

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ALL = PageRequest(limit=100)


class SearchedBooks:
    """A document, its cancellation a day later, and what was entered by hand: twice, one of them
    deleted."""

    def __init__(self, counter: Counter) -> None:
        self.books = Books(counter)
        self.engine = counter.engine
        self.sold = counter.sells(a_receipt())
        counter.clock.move(days=1)
        self.void = counter.sells(a_cancellation(self.sold.id))
        self.books.derives()
        draft = EntryDraft(
            day=date(2026, 5, 1),
            performed_at=NOON,
            lines=(EntryDraftLine(net=Decimal(1), account="4930"),),
            sub_type="purchase",
            reference="R-7",
        )
        with writing(self.engine) as tx:
            kept, gone = (
                entries.create(
                    tx,
                    id_=an_id(),
                    company=counter.shop.taxpayer,
                    organization=counter.shop.organization,
                    draft=draft,
                    by=SUBJECT,
                    at=NOON,
                )
                for _ in range(2)
            )
            self.kept, self.gone = kept, entries.delete(tx, gone, by=SUBJECT, at=NOON)

    def found(self, request: PageRequest = ALL, **wanted: object) -> list[AccountingEntry]:
        return self.asks(msgspec.convert(wanted, EntryFilter), request)

    def asks(self, wanted: EntryFilter, request: PageRequest) -> list[AccountingEntry]:
        with reading(self.engine) as tx:
            return search.search(tx, self.books.company, wanted, request).rows

    def of(self, *records: str) -> list[AccountingEntry]:
        return [entry for entry in self.books.entries() if entry.record in records]


@pytest.fixture
def searched(engine: Engine, tmp_path: Path) -> SearchedBooks:
    return SearchedBooks(Counter(engine, "pt", tmp_path))


def same(found: Sequence[AccountingEntry], wanted: Sequence[AccountingEntry]) -> bool:
    return sorted(one.id for one in found) == sorted(one.id for one in wanted)


def test_without_a_filter_all_but_the_deleted_are_found_by_day(searched: SearchedBooks) -> None:
    found = searched.found()

    assert same(found, [*searched.of(searched.sold.id, searched.void.id), searched.kept])
    assert [(one.day, one.id) for one in found] == sorted((one.day, one.id) for one in found)
    assert same(searched.found(include_deleted=True), [*found, searched.gone])


def test_by_what_it_was_made_of(searched: SearchedBooks) -> None:
    sold, void = searched.of(searched.sold.id), searched.of(searched.void.id)

    assert same(searched.found(record=searched.sold.id), sold)
    assert same(searched.found(reverses=sold[0].id), void[:1])
    assert same(searched.found(register=searched.sold.chain), [*sold, *void])
    assert same(searched.found(reference="R-7"), [searched.kept])
    assert same(searched.found(is_own=True), [searched.kept])
    assert same(searched.found(is_own=False), [*sold, *void])


def test_by_family_and_kind(searched: SearchedBooks) -> None:
    sold, void = searched.of(searched.sold.id), searched.of(searched.void.id)
    sale, paid = sold
    back, returned = void

    assert same(searched.found(families=[EntryFamily.SALES]), [sale, back])
    assert same(searched.found(families=[EntryFamily.PAYMENTS]), [paid, returned])
    assert searched.found(families=[EntryFamily.CASH]) == []
    assert same(searched.found(families=[EntryFamily.OTHER]), [searched.kept])
    both = [EntryFamily.OTHER, EntryFamily.SALES]
    assert same(searched.found(families=both), [sale, back, searched.kept])
    assert same(searched.found(sub_types=["sale_return", "purchase"]), [back, searched.kept])


def test_by_status_and_job(searched: SearchedBooks) -> None:
    with writing(searched.engine) as tx:
        tx.execute(
            ACCOUNTING_ENTRY.update()
            .where(ACCOUNTING_ENTRY.c.record == searched.sold.id)
            .values(status=EntryStatus.QUEUED.value, job="j-1")
        )
    held = searched.of(searched.sold.id)

    assert same(searched.found(statuses=[EntryStatus.QUEUED]), held)
    assert same(searched.found(job="j-1"), held)
    free = [EntryStatus.NOT_EXPORTED, EntryStatus.EXPORTED]
    assert same(searched.found(statuses=free), [*searched.of(searched.void.id), searched.kept])


def test_by_days_and_by_instants_with_both_ends(searched: SearchedBooks) -> None:
    sold, void = searched.of(searched.sold.id), searched.of(searched.void.id)
    day, later = sold[0].day, void[0].day

    assert same(searched.found(first=day, last=day), sold)
    assert same(searched.found(first=later), void)
    assert searched.kept in searched.found(last=searched.kept.day)
    at, after = sold[0].performed_at, void[0].performed_at
    assert same(searched.found(since=at, until=at), sold)
    assert same(searched.found(since=after), void)
    assert same(searched.found(until=at), [*sold, searched.kept])


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (EntryFilter(first=date(2026, 5, 5), last=date(2026, 5, 4)), search.BACKWARDS),
        (EntryFilter(since=NOON, until=datetime(2026, 5, 1, tzinfo=UTC)), search.BACKWARDS),
        (EntryFilter(first=date(2026, 5, 5), until=NOON), search.DAYS_AND_TIMES),
    ],
)
def test_ranges_that_make_no_sense_are_refused(
    searched: SearchedBooks, wanted: EntryFilter, code: Code
) -> None:
    with pytest.raises(Refused) as caught:
        searched.asks(wanted, ALL)
    assert caught.value.code == code


def test_any_column_that_is_offered_sorts_and_pages_go_on(searched: SearchedBooks) -> None:
    for name in search.SORTED_BY:
        whole = searched.found(PageRequest(limit=100, sort=((name, SortOrder.DESC),)))
        pages, after = [], ""
        while True:
            request = PageRequest(limit=2, after=after, sort=((name, SortOrder.DESC),))
            with reading(searched.engine) as tx:
                page = search.search(tx, searched.books.company, EntryFilter(), request)
            pages += page.rows
            after = page.end_cursor
            if not page.has_next:
                break
        assert pages == whole
        assert page.total == 5


def test_the_usual_lists_are_read_along_an_index(searched: SearchedBooks) -> None:
    if searched.engine.dialect.name != "sqlite":
        pytest.skip("the plan of a table of five rows says nothing on PostgreSQL")
    with reading(searched.engine) as tx:
        plan = tx.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM accounting_entry WHERE company = 'c' "
            "AND deleted_at IS NULL AND (day, id) > ('2026-05-04', 'x') ORDER BY day, id LIMIT 21"
        ).all()
    assert "ix_accounting_entry_day" in plan[0][-1]
    assert not any("TEMP B-TREE" in row[-1] for row in plan)


class AccountedEntries:
    """Entries of a company that maps some of their keys."""

    def __init__(self, engine: Engine) -> None:
        self.exporter = exporter = Exporter(engine)
        self.sold = exporter.entry()
        self.mixed = exporter.entry(a_line(), a_line("-5.00", "0.00", key="case/Nowhere/19"))
        self.paid = exporter.entry(a_line("119.00", "0.00", key="payment/Bar"))
        self.by_hand = exporter.entry(
            a_line("-1.00", "0.00", key="", account="8400", tax_code="USt7")
        )
        self.unknown = exporter.entry(a_line("1.00", "0.00", key="", account="0815"))
        self.foreign = exporter.entry(
            a_line("-1.25", "-0.25", key="case/Nowhere/25", tax_code="25")
        )

    def found(self, **wanted: Any) -> set[str]:
        with reading(self.exporter.engine) as tx:
            page = search.search(tx, self.exporter.company, EntryFilter(**wanted), ALL)
        assert page.total == len(page.rows)
        return {one.id for one in page.rows}


@pytest.fixture
def accounted(engine: Engine) -> AccountedEntries:
    return AccountedEntries(engine)


def test_an_entry_has_the_account_that_one_of_its_lines_is_mapped_to(
    accounted: AccountedEntries,
) -> None:
    sold, mixed, paid = accounted.sold, accounted.mixed, accounted.paid

    assert accounted.found(is_account={"8400"}.__contains__) == {sold, mixed, accounted.by_hand}
    assert accounted.found(is_account={"1000", "1776"}.__contains__) == {paid}
    assert accounted.found(is_account={"1371"}.__contains__) == set()
    assert accounted.found(is_account={"0815", ""}.__contains__) == set()


def test_an_entry_has_the_tax_that_one_of_its_lines_bears(accounted: AccountedEntries) -> None:
    sold, mixed = accounted.sold, accounted.mixed

    assert accounted.found(is_tax={"USt19"}.__contains__) == {sold, mixed}
    assert accounted.found(is_tax={"USt7"}.__contains__) == {accounted.by_hand}
    assert accounted.found(is_tax={"25"}.__contains__) == {accounted.foreign}
    assert accounted.found(is_tax={"1", ""}.__contains__) == set()


def test_an_entry_has_an_account_when_all_its_lines_have_one(accounted: AccountedEntries) -> None:
    complete = {accounted.sold, accounted.paid, accounted.by_hand}

    assert accounted.found(has_account=True) == complete
    assert accounted.found(has_account=False) == {
        accounted.mixed,
        accounted.unknown,
        accounted.foreign,
    }


def test_filters_of_accounts_hold_together_with_each_other_and_with_others(
    accounted: AccountedEntries,
) -> None:
    is_8400 = {"8400"}.__contains__

    assert accounted.found(is_account=is_8400, has_account=False) == {accounted.mixed}
    assert accounted.found(is_account=is_8400, is_tax={"USt7"}.__contains__) == {accounted.by_hand}
    assert accounted.found(is_account=is_8400, sub_types=("payment",)) == set()


def test_the_mapping_counts_as_it_is_now(accounted: AccountedEntries) -> None:
    content = accounted.exporter.books()
    rules = tuple(
        msgspec.structs.replace(rule, account="8300") if rule.key == "case/Umsatz/19" else rule
        for rule in content.rules
    )
    accounted.exporter.keeps(msgspec.structs.replace(content, rules=rules))

    assert accounted.found(is_account={"8400"}.__contains__) == {accounted.by_hand}
    assert accounted.found(is_account={"8300"}.__contains__) == {accounted.sold, accounted.mixed}


def test_a_company_without_books_maps_nothing(engine: Engine, tmp_path: Path) -> None:
    counter = Counter(engine, "pt", tmp_path)
    draft = EntryDraft(
        day=date(2026, 5, 1),
        performed_at=NOON,
        lines=(EntryDraftLine(net=Decimal(1), account="4930"),),
    )
    shop = counter.shop
    with writing(counter.engine) as tx:
        entries.create(
            tx,
            id_=an_id(),
            company=shop.taxpayer,
            organization=shop.organization,
            draft=draft,
            by=SUBJECT,
            at=NOON,
        )
        found = [
            search.search(tx, shop.taxpayer, EntryFilter(has_account=has), ALL).total
            for has in (True, False)
        ]

    assert found == [0, 1]
