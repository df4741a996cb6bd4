"""What one transaction of the books writes: who has an entry keeps it, and what books nothing has
none."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from fiscus.accounting.books import find
from fiscus.accounting.entry_rows import AccountingEntry, entry_of
from fiscus.accounting.mapping import Coverage
from fiscus.accounting.portions import NotReadYet, Portion, PortionMaker
from fiscus.accounting.tests.office import Books
from fiscus.issuing.tests import kiosk as berlin
from fiscus.issuing.tests.counter import Counter, a_cancellation, a_receipt
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.journal import follow
from fiscus.journal.follow import FollowedEntry
from fiscus.model.documents import DocumentKind
from fiscus.registry.tests.builders import another_register
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


def portion(books: Books, *ids: str, coverage: Coverage | None = None) -> Portion:
    """Of these records, each by itself; or of a closing."""
    with reading(books.engine) as tx:
        its_books = find(tx, books.company)
        assert its_books is not None
        maker = PortionMaker(tx, its_books, books.counter.clock())
        query = select(*follow.COLUMNS).where(ENTRY.c.id.in_(ids))
        by_id = {row.id: FollowedEntry._make(row) for row in tx.execute(query)}
        if coverage is None:
            maker.singles([by_id[id_] for id_ in ids])
        else:
            maker.closing(by_id[ids[0]], coverage)
        return maker.portion(7, is_last=True)


def entries(made: Portion) -> list[AccountingEntry]:
    return [entry_of(row) for row in made.entries]


def covered(made: Portion) -> list[str]:
    return [record for record, _ in made.accounted]


def test_records_are_covered_by_the_first_of_their_entries(counter: Counter) -> None:
    books = Books(counter)
    sold = counter.sells(a_receipt())
    made = portion(books, sold.id)

    assert made.accounted == [(sold.id, entries(made)[0].id)]
    assert [one.part for one in entries(made)] == ["sale", "settlement/payment/NU"]
    assert (made.upto, made.is_last) == (7, True)


def test_what_is_covered_training_and_reports_make_nothing(counter: Counter) -> None:
    books = Books(counter)
    sold = counter.sells(a_receipt())
    training = counter.sells(a_receipt(is_training=True))
    books.derives()

    assert portion(books, sold.id, training.id).entries == []


def test_a_cancellation_finds_its_document_in_the_same_portion_and_in_an_earlier_one(
    counter: Counter,
) -> None:
    books = Books(counter)
    sold = counter.sells(a_receipt())
    void = counter.sells(a_cancellation(sold.id))
    together = portion(books, sold.id, void.id)
    with_first = [one.reverses for one in entries(together) if one.record == void.id]
    assert with_first == [one.id for one in entries(together) if one.record == sold.id]

    books.derives()
    assert [one.reverses for one in books.entries() if one.record == void.id] == with_first


def test_a_cancellation_of_what_was_summed_names_no_entry(kiosk_books: Books) -> None:
    """Its document is in the closing's sum: there is no entry that it could take back."""
    kiosk = kiosk_books.counter
    assert isinstance(kiosk, Kiosk)
    kiosk.sells()
    closing = kiosk.closes()
    made = portion(kiosk_books, closing.id, coverage=Coverage.PER_CLOSING)
    assert {one.record for one in entries(made)} == {closing.id}
    assert {one.reverses for one in entries(made)} == {""}


@pytest.fixture
def kiosk_books(engine: Engine, tmp_path: Path) -> Books:
    return Books(Kiosk(engine, tmp_path), Coverage.PER_CLOSING)


def test_a_closing_of_a_company_that_books_singly_books_the_rest_singly(
    kiosk_books: Books,
) -> None:
    kiosk = kiosk_books.counter
    assert isinstance(kiosk, Kiosk)
    kiosk.enters(berlin.a_drawer_event(DocumentKind.OPENING, "50.00"))
    sold = kiosk.sells()
    closing = kiosk.closes()
    made = portion(kiosk_books, closing.id, coverage=Coverage.PER_DOCUMENT)

    assert covered(made) == [sold.id], "the float books nothing"
    assert {one.record for one in entries(made)} == {sold.id}


def test_a_cancellation_waits_until_the_chain_of_its_document_was_read(counter: Counter) -> None:
    books = Books(counter)
    with writing(counter.engine) as tx:
        other = another_register(tx, counter.shop)
    sold = counter.sells(a_receipt())
    void = counter.sells(a_cancellation(sold.id), intent=counter.intends(register=other)[0])

    with pytest.raises(NotReadYet):
        portion(books, void.id)
    books.derives()
    assert books.report().is_complete
