"""Every document gets its entries once, whatever is cancelled, closed or changed in between."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.accounting import derive, making
from fiscus.accounting.books import find
from fiscus.accounting.entries import EntryStatus
from fiscus.accounting.entry_rows import AccountingEntry, entry_id
from fiscus.accounting.mapping import Coverage
from fiscus.accounting.tests.office import Books
from fiscus.issuing.tests import kiosk as berlin
from fiscus.issuing.tests.counter import Counter, a_cancellation, a_correction, a_receipt
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.accounts import Booking
from fiscus.model.documents import Direction, DocumentKind, LinePurpose, Party, PaymentMeans
from fiscus.regimes.de.tests.builders import a_draft, a_line, a_vat, money, paid
from fiscus.registry.tests.builders import another_register
from fiscus.store.accounting_schema import ACCOUNTING_ENTRY, FOLLOWED
from fiscus.store.connect import reading, writing

Amounts = list[tuple[str, str]]
PER_CLOSING, PER_DOCUMENT = Coverage.PER_CLOSING, Coverage.PER_DOCUMENT
NAMED = Party(name="Maria Antónia", tax_number="214567893")
SOLD = "sale/FR/P/PT/NOR"


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def parts(entries: list[AccountingEntry]) -> Amounts:
    return [(entry.part, str(entry.amount)) for entry in entries]


def of(books: Books, record: str) -> list[AccountingEntry]:
    return [entry for entry in books.entries() if entry.record == record]


def test_a_document_is_its_sale_and_its_payments_against_the_clearing_account(
    counter: Counter,
) -> None:
    books = Books(counter)
    sold = counter.sells(a_receipt(buyer=NAMED))

    books.derives()

    sale, paid = books.entries()
    assert parts([sale, paid]) == [("sale", "-2.46"), ("settlement/payment/NU", "2.46")]
    assert (sale.sub_type, paid.sub_type) == ("sale", "payment")
    assert sold.seal is not None
    assert (sale.reference, sale.day) == (sold.seal.number, sold.seal.day)
    assert (sale.record, sale.register, sale.status) == (
        sold.id,
        counter.shop.register,
        EntryStatus.NOT_EXPORTED,
    )
    assert sale.content.partner_tax_number == "214567893"
    [line] = sale.content.lines
    assert (line.key, line.net, line.vat) == (SOLD, Decimal("-2.00"), Decimal("-0.46"))
    assert (line.tax_code, line.percentage) == ("NOR", Decimal(23))
    assert books.covered() == {sold.id: sale.id}
    assert sale.id == entry_id(books.company, sold.id, "sale")


def test_what_was_read_is_not_read_again(counter: Counter) -> None:
    books = Books(counter)
    counter.sells(a_receipt())
    books.derives()
    before = books.entries()
    counter.sells(a_receipt())
    books.derives()

    assert [entry for entry in books.entries() if entry in before] == before
    assert len(books.entries()) == 4


def test_a_cancelled_document_is_taken_back_by_entries_of_their_own(counter: Counter) -> None:
    books = Books(counter)
    sold = counter.sells(a_receipt())
    void = counter.sells(a_cancellation(sold.id))

    books.derives()

    first, back = of(books, sold.id), of(books, void.id)
    assert [-entry.amount for entry in back] == [entry.amount for entry in first]
    assert [entry.reverses for entry in back] == [entry.id for entry in first]
    assert [entry.sub_type for entry in back] == ["sale_return", "payment"]
    assert set(books.amounts().values()) == {Decimal("0.00")}


def test_what_is_cancelled_after_it_was_exported_is_taken_back_as_well(counter: Counter) -> None:
    """Case D7: it was silence that a public bug report complained of."""
    books = Books(counter)
    sold = counter.sells(a_receipt())
    books.derives()
    with writing(counter.engine) as tx:
        tx.execute(ACCOUNTING_ENTRY.update().values(status=EntryStatus.EXPORTED.value))

    void = counter.sells(a_cancellation(sold.id))
    books.derives()

    first, back = of(books, sold.id), of(books, void.id)
    assert {entry.status for entry in first} == {EntryStatus.EXPORTED}
    assert {entry.status for entry in back} == {EntryStatus.NOT_EXPORTED}
    assert [entry.reverses for entry in back] == [entry.id for entry in first]


def test_a_credit_note_is_a_sale_taken_back(counter: Counter) -> None:
    books = Books(counter)
    sold = counter.sells(a_receipt())
    note = counter.sells(a_correction(sold.id))

    books.derives()

    assert [entry.sub_type for entry in of(books, note.id)] == ["sale_return", "payment"]
    assert of(books, note.id)[0].amount == Decimal("2.46")


def test_training_is_not_booked(counter: Counter) -> None:
    books = Books(counter)
    counter.sells(a_receipt(is_training=True))

    books.derives()

    assert books.entries() == []


def test_a_company_without_books_has_no_entries(counter: Counter) -> None:
    books = Books(counter, is_begun=False)
    sold = counter.sells(a_receipt())
    books.derives()
    assert books.entries() == []

    books.begins()
    books.derives()

    assert list(books.covered()) == [sold.id]


def test_books_begin_with_their_first_day(counter: Counter) -> None:
    old = counter.sells(a_receipt())
    counter.clock.move(days=1)
    assert old.seal is not None
    books = Books(counter, since=old.seal.day + timedelta(days=1))
    new = counter.sells(a_receipt())
    counter.sells(a_cancellation(old.id))

    books.derives()

    assert list(books.covered()) == [new.id], "what was not booked is not taken back"


def test_a_closed_day_is_one_sale_and_one_entry_for_each_payment(kiosk: Kiosk) -> None:
    books = Books(kiosk, PER_CLOSING)
    sales = [kiosk.sells(), kiosk.sells(berlin.a_sale("23.80"))]
    kiosk.enters(berlin.a_drawer_event(DocumentKind.MOVEMENT, "-20.00", LinePurpose.TRANSIT))
    books.derives()
    assert books.entries() == [], "nothing is booked before it is closed"

    closing = kiosk.closes()
    books.derives()

    assert parts(books.entries()) == [
        ("movement/movement/Geldtransit", "20.00"),
        ("sale", "-35.70"),
        ("settlement/payment/Bar", "15.70"),
    ]
    entries = books.entries()
    assert {entry.record for entry in entries} == {closing.id}
    assert closing.closing is not None
    assert {entry.reference for entry in entries} == {f"Z{closing.closing.number}"}
    assert {entry.day for entry in entries} == {closing.closing.day}
    assert {entry.content.documents for entry in entries} == {3}
    assert set(books.covered().values()) == {entry_id(books.company, closing.id, "sale")}
    assert {sale.id for sale in sales} <= set(books.covered())


def test_documents_of_a_named_customer_stay_single(kiosk: Kiosk) -> None:
    books = Books(kiosk, PER_CLOSING)
    kiosk.sells()
    named = kiosk.sells(berlin.a_sale(buyer=Party(name="Gasthof Adler")))
    closing = kiosk.closes()

    books.derives()

    assert parts(of(books, named.id)) == [("sale", "-11.90"), ("settlement/payment/Bar", "11.90")]
    assert parts(of(books, closing.id)) == [("sale", "-11.90"), ("settlement/payment/Bar", "11.90")]
    assert of(books, named.id)[0].content.partner == "Gasthof Adler"


def test_what_comes_to_nothing_is_covered_all_the_same(kiosk: Kiosk) -> None:
    books = Books(kiosk, PER_CLOSING)
    sold = kiosk.sells()
    back = berlin.a_sale("-11.90", lines=(berlin.a_line("11.90", direction=Direction.RETURN),))
    kiosk.sells(back)
    closing = kiosk.closes()

    books.derives()

    assert parts(of(books, closing.id)) == [("sale", "0.00")]
    assert books.covered()[sold.id] == entry_id(books.company, closing.id, "sale")


def test_a_day_without_sales_has_no_entries(kiosk: Kiosk) -> None:
    books = Books(kiosk, PER_CLOSING)
    kiosk.opens_session()
    kiosk.closes()

    books.derives()

    assert books.entries() == []


def test_a_changed_coverage_counts_from_the_next_closing_on(kiosk: Kiosk) -> None:
    books = Books(kiosk, PER_CLOSING)
    first = kiosk.sells()
    kiosk.clock.move(minutes=1)
    books.changes(coverage=PER_DOCUMENT)
    second = kiosk.sells()
    kiosk.clock.move(minutes=1)
    closing = kiosk.closes()
    kiosk.clock.move(minutes=1)
    third = kiosk.sells()
    books.derives()

    summed = entry_id(books.company, closing.id, "sale")
    assert books.covered() == {
        first.id: summed,
        second.id: summed,
        third.id: entry_id(books.company, third.id, "sale"),
    }


def test_what_was_booked_by_itself_is_not_in_the_closing_that_follows(kiosk: Kiosk) -> None:
    books = Books(kiosk, PER_DOCUMENT)
    first = kiosk.sells()
    books.derives()
    kiosk.clock.move(minutes=1)
    books.changes(coverage=PER_CLOSING)
    kiosk.clock.move(minutes=1)
    kiosk.closes()
    books.derives()
    kiosk.clock.move(minutes=1)
    second = kiosk.sells()
    closing = kiosk.closes()
    books.derives()

    assert {entry.record for entry in books.entries()} == {first.id, closing.id}
    assert books.covered()[second.id] == entry_id(books.company, closing.id, "sale")


def test_when_it_was_derived_does_not_matter(kiosk: Kiosk) -> None:
    """Read at once or much later: the same entries."""
    books = Books(kiosk, PER_DOCUMENT)
    for coverage in (PER_CLOSING, PER_DOCUMENT, PER_CLOSING):
        kiosk.sells()
        books.derives()
        kiosk.clock.move(minutes=1)
        books.changes(coverage=coverage)
        kiosk.closes()
        kiosk.clock.move(minutes=1)
    kiosk.sells()
    kiosk.closes()
    books.derives()
    at_once = [(entry.id, entry.amount) for entry in books.entries()]

    books.forgets()
    books.derives()

    assert [(entry.id, entry.amount) for entry in books.entries()] == at_once


def test_deriving_again_makes_nothing_double(counter: Counter) -> None:
    books = Books(counter)
    sold = counter.sells(a_receipt())
    counter.sells(a_cancellation(sold.id))
    books.derives()
    before = books.entries()
    with writing(counter.engine) as tx:
        tx.execute(FOLLOWED.delete())

    books.derives()

    assert books.entries() == before


def test_more_than_a_portion_is_read_piece_by_piece(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derive, "RECORDS_MAX", 2)
    books = Books(counter)
    sold = [counter.sells(a_receipt()).id for _ in range(5)]

    assert derive.step(counter.engine, counter.clock) == 0
    assert list(books.covered()) == sold[:2]
    books.derives()

    assert list(books.covered()) == sold
    assert derive.step(counter.engine, counter.clock) == derive.IDLE_SECONDS


def test_of_two_who_read_one_writes(counter: Counter) -> None:
    books = Books(counter)
    counter.sells(a_receipt())
    with reading(counter.engine) as tx:
        [(company, position)] = derive.behind(tx)
        its_books = find(tx, company)
        assert its_books is not None
        portion = derive.made(tx, its_books, position, counter.clock())
    counter.sells(a_receipt())
    books.derives()
    before = books.entries()

    assert derive.write(counter.engine, its_books.reader, position, portion) is True
    assert books.entries() == before
    with reading(counter.engine) as tx:
        assert derive.behind(tx) == []


def test_a_record_that_cannot_be_booked_holds_no_other_register_up(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = Books(counter)
    with writing(counter.engine) as tx:
        other = another_register(tx, counter.shop)
    bad = counter.sells(a_receipt())
    good = counter.sells(a_receipt(), intent=counter.intends(register=other)[0])
    balanced = making.expect_balanced

    def refuse(record: str, bookings: tuple[Booking, ...]) -> None:
        balanced(record, bookings if record != bad.id else bookings[:1])

    monkeypatch.setattr(making, "expect_balanced", refuse)
    books.derives()
    assert list(books.covered()) == [good.id]

    monkeypatch.undo()
    books.derives()
    assert set(books.covered()) == {good.id, bad.id}


def test_a_cancellation_waits_for_the_register_of_its_document(counter: Counter) -> None:
    books = Books(counter)
    with writing(counter.engine) as tx:
        other = another_register(tx, counter.shop)
    sold = counter.sells(a_receipt())
    void = counter.sells(a_cancellation(sold.id), intent=counter.intends(register=other)[0])
    with reading(counter.engine) as tx:
        positions = {position.chain: position for _, position in derive.behind(tx)}
    company = books.company

    derive.read_on(counter.engine, counter.clock, company, positions[other])
    assert books.entries() == []
    derive.read_on(counter.engine, counter.clock, company, positions[counter.shop.register])
    derive.read_on(counter.engine, counter.clock, company, positions[other])

    assert [entry.reverses for entry in of(books, void.id)] == [
        entry.id for entry in of(books, sold.id)
    ]


def test_lists_say_up_to_when_everything_was_read(counter: Counter) -> None:
    books = Books(counter)
    assert books.derived_to() is None
    first = counter.sells(a_receipt())
    assert books.derived_to() is None
    books.derives()
    assert books.derived_to() == first.at

    counter.clock.move(minutes=1)
    second = counter.sells(a_receipt())
    assert books.derived_to() == first.at
    books.derives()
    assert books.derived_to() == second.at


@pytest.mark.parametrize(
    "apart",
    [
        pytest.param(5, id="some"),
        pytest.param(1, id="each", marks=pytest.mark.long),  # All places: seconds for each.
    ],
)
@pytest.mark.parametrize("coverage", list(Coverage))
def test_a_fault_at_any_step_leaves_nothing_double_and_nothing_out(
    kiosk: Kiosk, coverage: Coverage, apart: int
) -> None:
    """`apart`: how far the places are from each other at which something fails."""
    books = Books(kiosk, coverage)
    for _ in range(2):
        kiosk.sells()
        kiosk.sells(berlin.a_sale(buyer=NAMED))
        kiosk.clock.move(minutes=1)
        kiosk.closes()
    books.derives()
    wanted = [(entry.id, entry.amount) for entry in books.entries()], books.covered()

    place, is_through = 0, False
    while not is_through:
        place += apart
        books.forgets()
        is_through = not books.stumbles(place)
        books.derives()
        assert ([(one.id, one.amount) for one in books.entries()], books.covered()) == wanted
    assert place > 10


def test_a_closing_of_several_rates_and_payments_ends_at_zero_on_the_clearing_account(
    kiosk: Kiosk,
) -> None:
    """Case A17: seven rows, and no payment is guessed for a rate."""
    books = Books(kiosk, PER_CLOSING, chart="SKR03")
    kiosk.sells(
        a_draft(
            a_line("107.00", vat=a_vat("107.00", "7")),
            a_line("119.00"),
            money(LinePurpose.VOUCHER_SOLD, "50.00"),
            money(LinePurpose.TIP_STAFF, "5.00"),
            money(LinePurpose.VOUCHER_REDEEMED, "20.00"),
            payments=(paid("181.00"), paid("80.00", PaymentMeans.CARD_DEBIT)),
        )
    )
    kiosk.closes()
    books.derives()

    assert sum(len(entry.content.lines) for entry in books.entries()) == 7
    assert books.balances() == {
        "1000": Decimal("181.00"),
        "1361": Decimal("80.00"),
        "8300": Decimal("-107.00"),
        "8400": Decimal("-119.00"),
        "1604": Decimal("-30.00"),
        "1590": Decimal("-5.00"),
    }
    assert sum(entry.amount for entry in books.entries()) == 0


def test_cards_and_money_brought_to_the_bank_are_on_accounts_of_their_own(kiosk: Kiosk) -> None:
    """Case A16: on one account neither of them is ever cleared."""
    books = Books(kiosk, PER_CLOSING, chart="SKR03")
    payments = (paid("320.00"), paid("80.00", PaymentMeans.CARD_DEBIT))
    kiosk.sells(a_draft(a_line("400.00"), payments=payments))
    kiosk.enters(berlin.a_drawer_event(DocumentKind.MOVEMENT, "-200.00", LinePurpose.TRANSIT))
    kiosk.closes()
    books.derives()

    assert books.balances() == {
        "1000": Decimal("120.00"),
        "1360": Decimal("200.00"),
        "1361": Decimal("80.00"),
        "8400": Decimal("-400.00"),
    }


def test_books_that_begin_earlier_than_was_said_get_what_they_lack(counter: Counter) -> None:
    old = counter.sells(a_receipt())
    counter.clock.move(days=1)
    assert old.seal is not None
    books = Books(counter, since=old.seal.day + timedelta(days=1))
    counter.sells(a_receipt())
    books.derives()
    before = books.entries()

    books.changes(since=None)
    books.derives()

    assert set(books.covered()) == {old.id, *(entry.record for entry in before)}
    assert [entry for entry in books.entries() if entry.record != old.id] == before
