"""The report sees what is missing, double or different; and of real days it finds nothing."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine

from fiscus.accounting import entry_rows
from fiscus.accounting.completeness import FoundRecords
from fiscus.accounting.entry_rows import COLUMNS, AccountingEntry, row_of
from fiscus.accounting.mapping import Coverage
from fiscus.accounting.tests.days import Act, Day, berlin_days, lisbon_days
from fiscus.accounting.tests.office import FAR, Books
from fiscus.issuing.tests.counter import Counter, a_cancellation, a_correction, a_receipt
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.faults import Missing
from fiscus.store.accounting_schema import ACCOUNTED, ACCOUNTING_ENTRY
from fiscus.store.connect import writing

NONE = FoundRecords()


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def books(counter: Counter) -> Books:
    return Books(counter)


def found(*ids: str) -> FoundRecords:
    return FoundRecords(count=len(ids), ids=ids)


def rewritten(books: Books, entry: AccountingEntry) -> None:
    """As if somebody had changed the table by hand."""
    with writing(books.engine) as tx:
        values = dict(zip(COLUMNS, row_of(entry), strict=True))
        tx.execute(
            ACCOUNTING_ENTRY.update().where(ACCOUNTING_ENTRY.c.id == entry.id).values(values)
        )


def test_a_day_that_was_booked_is_complete(counter: Counter, books: Books) -> None:
    sold = counter.sells(a_receipt())
    counter.sells(a_receipt())
    counter.sells(a_cancellation(sold.id))
    counter.sells(a_correction(counter.sells(a_receipt()).id))
    books.derives()

    report = books.report()

    assert report.is_complete
    assert (report.documents, report.covered, report.without_money) == (5, 5, 0)
    [rate] = report.rates
    assert (rate.tax_code, rate.percentage) == ("NOR", Decimal(23))
    assert (rate.journal_net, rate.journal_vat) == (Decimal("2.00"), Decimal("0.46"))
    assert rate.is_same


def test_only_documents_of_the_period_are_in_the_report(counter: Counter, books: Books) -> None:
    first = counter.sells(a_receipt())
    counter.clock.move(days=1)
    counter.sells(a_cancellation(first.id))
    books.derives()
    assert first.seal is not None
    day = first.seal.day

    assert books.report(day, day).documents == 1
    assert books.report(day + timedelta(days=1), FAR).documents == 1
    assert books.report(day, day + timedelta(days=1)).documents == 2
    assert books.report(day + timedelta(days=2), FAR).documents == 0
    assert books.report(last=day - timedelta(days=1)).documents == 0


def test_what_was_not_read_yet_is_told(counter: Counter, books: Books) -> None:
    sold = counter.sells(a_receipt())

    report = books.report()

    assert report.not_read == found(sold.id)
    assert (report.is_right, report.is_complete) == (True, False)


def test_what_waits_for_its_closing_is_told(engine: Engine, tmp_path: Path) -> None:
    kiosk = Kiosk(engine, tmp_path)
    books = Books(kiosk, Coverage.PER_CLOSING)
    kiosk.opens_session()
    sold = kiosk.sells()
    books.derives()
    report = books.report()
    assert (report.not_closed, report.without_money) == (found(sold.id), 1)
    assert (report.is_right, report.is_complete) == (True, False)

    kiosk.closes()
    assert books.report().not_closed == found(sold.id), "the closing was not read yet"
    books.derives()
    assert books.report().is_complete


def test_a_document_without_its_entry_is_missing(counter: Counter, books: Books) -> None:
    sold = counter.sells(a_receipt())
    books.derives()
    with writing(books.engine) as tx:
        tx.execute(ACCOUNTED.delete())

    report = books.report()

    assert report.missing == found(sold.id)
    assert not report.is_right


def test_a_document_in_a_closing_that_has_entries_of_its_own_is_double(
    engine: Engine, tmp_path: Path
) -> None:
    kiosk = Kiosk(engine, tmp_path)
    books = Books(kiosk, Coverage.PER_CLOSING)
    sold = kiosk.sells()
    kiosk.closes()
    books.derives()
    [sale, _] = [entry for entry in books.entries() if entry.part]
    own = msgspec.structs.replace(
        sale, id=entry_rows.entry_id(books.company, sold.id, "sale"), record=sold.id
    )
    with writing(books.engine) as tx:
        tx.execute(ACCOUNTING_ENTRY.insert().values(row_of(own)))

    assert books.report().double == found(sold.id)


def test_a_closing_that_covers_another_number_of_documents_is_told(
    engine: Engine, tmp_path: Path
) -> None:
    kiosk = Kiosk(engine, tmp_path)
    books = Books(kiosk, Coverage.PER_CLOSING)
    kiosk.sells()
    lost = kiosk.sells()
    closing = kiosk.closes()
    books.derives()
    with writing(books.engine) as tx:
        tx.execute(ACCOUNTED.delete().where(ACCOUNTED.c.record == lost.id))

    report = books.report()

    assert (report.missing, report.double) == (found(lost.id), found(closing.id))


def test_another_amount_is_a_difference(counter: Counter, books: Books) -> None:
    sold = counter.sells(a_receipt())
    books.derives()
    sale = books.entries()[0]
    [line] = sale.content.lines
    cent = Decimal("0.01")
    moved = msgspec.structs.replace(line, net=line.net - cent, vat=line.vat + cent)
    rewritten(
        books,
        msgspec.structs.replace(
            sale, content=msgspec.structs.replace(sale.content, lines=(moved,))
        ),
    )
    report = books.report()
    assert [rate.is_same for rate in report.rates] == [False]
    assert (report.rates[0].books_net, report.rates[0].books_vat) == (
        Decimal("2.01"),
        Decimal("0.45"),
    )
    assert (report.unbalanced, report.is_right) == (NONE, False)

    rewritten(books, msgspec.structs.replace(sale, amount=sale.amount - cent))
    report = books.report()
    assert report.unbalanced == found(sold.id)
    assert not report.is_right


def test_what_was_sealed_before_the_first_day_is_counted_apart(counter: Counter) -> None:
    first = counter.sells(a_receipt())
    assert first.seal is not None
    books = Books(counter, since=first.seal.day + timedelta(days=1))
    counter.sells(a_cancellation(first.id))
    books.derives()

    report = books.report()

    assert (report.documents, report.before) == (0, 2)
    assert report.is_complete


def test_long_lists_name_the_first(counter: Counter, books: Books) -> None:
    for _ in range(101):
        counter.sells(a_receipt())

    report = books.report()

    assert report.not_read.count == 101
    assert len(report.not_read.ids) == 100


def test_without_books_there_is_no_report(counter: Counter) -> None:
    with pytest.raises(Missing):
        Books(counter, is_begun=False).report()


def _prove(books: Books, acts: list[Act]) -> None:
    """A day is lived, booked and proved, and every record's entries clear."""
    books.counter.clock.move(days=1)
    Day(books.counter, books.derives, books.changes_coverage).lives(acts)
    books.derives()
    report = books.report()
    assert report.is_complete, report


def _days(engine: Engine, folder: Path, coverage: Coverage, *, count: int, is_german: bool) -> None:
    counter = Kiosk(engine, folder) if is_german else Counter(engine, "pt", folder)
    books = Books(counter, coverage)

    @settings(max_examples=count, suppress_health_check=list(HealthCheck))
    @given(acts=berlin_days if is_german else lisbon_days)
    def prove(acts: list[Act]) -> None:
        _prove(books, acts)

    prove()


@pytest.mark.parametrize("coverage", list(Coverage))
@pytest.mark.parametrize("is_german", [True, False])
def test_any_day_is_booked_to_the_cent(
    engine: Engine, tmp_path: Path, coverage: Coverage, is_german: bool
) -> None:
    _days(engine, tmp_path, coverage, count=5, is_german=is_german)


@pytest.mark.long  # A hundred days of each kind: minutes, and no other question.
@pytest.mark.parametrize("coverage", list(Coverage))
@pytest.mark.parametrize("is_german", [True, False])
def test_many_days_are_booked_to_the_cent(
    engine: Engine, tmp_path: Path, coverage: Coverage, is_german: bool
) -> None:
    _days(engine, tmp_path, coverage, count=100, is_german=is_german)
