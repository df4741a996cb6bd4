"""What a receipt and the orders of its tab share: their tables, and when it began."""

from fiscus.model.amounts import ZERO
from fiscus.regimes.de import GERMANY
from fiscus.regimes.de.tabs import with_tables
from fiscus.regimes.de.tests.builders import (
    a_case,
    a_draft,
    a_line,
    a_place,
    back,
    sealed,
    told,
    with_,
)
from fiscus.regimes.de.tests.orders import an_order, with_tab

FIVE, TERRACE = an_order(a_line()), an_order(a_line(), groups=("Terrasse 2",))


def test_an_order_is_told_to_the_device_by_its_lines() -> None:
    order = an_order(a_line("15.00", "Wein", quantity="2"), back(a_line("4.50", 'Bier "hell"')))

    asked = told(a_case(order))

    assert asked.process_type == "Bestellung-V1"
    assert asked.process_data == '2;"Wein";7.50\r-1;"Bier ""hell""";4.50'


def test_an_order_is_sealed_without_payments_and_printed_for_nobody() -> None:
    seal = sealed(a_case(an_order()))

    assert (seal.document_type, seal.payments, seal.prints) == ("AVBestellung", (), ())
    assert seal.lines
    assert GERMANY.accounting is not None
    assert seal.document_type in GERMANY.accounting.bearings


def test_an_order_goes_unsigned_while_the_device_is_out() -> None:
    seal = sealed(a_case(an_order()), outage="no answer")

    assert (seal.signing, seal.outage, seal.qr) == (None, "no answer", "")


def test_a_practised_order_is_training() -> None:
    case = a_case(an_order(is_training=True))

    assert told(case).process_data.startswith("AVTraining^")
    assert sealed(case).document_type == "AVTraining"


def test_a_receipt_is_for_all_tables_of_its_tab() -> None:
    bill = with_tab(a_draft(groups=("Bar",)), FIVE, TERRACE)

    assert with_tables(bill).groups == ("Bar", "Tisch 5", "Terrasse 2")


def test_an_order_that_names_no_table_is_for_that_of_the_order_before() -> None:
    more = an_order(groups=())

    assert with_tables(with_tab(more, FIVE, TERRACE)).groups == ("Terrasse 2",)
    assert with_tables(with_tab(TERRACE, FIVE)).groups == ("Terrasse 2",)
    assert with_tables(a_case(FIVE)).groups == ("Tisch 5",)


def test_what_has_no_tab_stays_as_it_was_said() -> None:
    draft = a_draft()

    assert with_tables(a_case(draft)) == draft


def test_a_receipt_prints_when_its_first_order_began() -> None:
    case = with_tab(a_draft(a_line()), FIVE, TERRACE)
    place = a_place()

    assert "Erste Bestellung: 2026-03-01T10:15:00+01:00" in sealed(case).prints
    unsigned = with_(case.tab[0], seal=sealed(a_case(FIVE), outage="out"))
    case = with_(case, tab=(unsigned, *case.tab[1:]), place=place)
    assert "Erste Bestellung: 2026-03-01T10:15:30+01:00" in sealed(case).prints
    assert not [line for line in sealed(a_case()).prints if "Bestellung" in line]


def test_an_order_that_is_worth_nothing_adds_up() -> None:
    seal = sealed(a_case(an_order(a_line(), back(a_line()))))

    assert (seal.gross, seal.net, seal.vat) == (ZERO, ZERO, ZERO)
