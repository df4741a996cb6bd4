"""What the TSE is told, byte for byte, for each kind of operation."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from fiscus.model.documents import (
    ClosingType,
    Direction,
    Discount,
    DocumentKind,
    Draft,
    LinePurpose,
    PaymentMeans,
)
from fiscus.regimes.de.tests.builders import (
    a_book,
    a_case,
    a_closing,
    a_count_without_difference,
    a_draft,
    a_line,
    a_return,
    a_vat,
    an_abort,
    an_opening,
    back,
    money,
    no_vat,
    of_drawer,
    paid,
    told,
)
from fiscus.regimes.de.tests.more_breaches import a_menu
from fiscus.regimes.de.tests.orders import an_order

DRINK = a_line("9.00", "Wein", quantity="2")
SOUP = a_line("6.50", "Suppe", vat=a_vat("6.50", "7"))

OPERATIONS = {
    "Beleg^0.00_0.00_0.00_0.00_50.00^50.00:Bar": an_opening(),
    "Beleg^0.00_0.00_0.00_0.00_100.00^100.00:Bar": an_opening("100.00"),
    "Beleg^23.80_0.00_0.00_0.00_0.00^23.80:Bar": a_draft(a_line("23.80", quantity="2")),
    "Beleg^10.00_5.35_0.00_0.00_0.00^15.35:Unbar": a_draft(
        payments=(paid("15.35", PaymentMeans.CARD_DEBIT),)
    ),
    "Beleg^-11.90_0.00_0.00_0.00_0.00^-11.90:Bar": a_return(a_line("11.90")),
    "Beleg^0.00_0.00_0.00_0.00_50.00^50.00:Unbar": a_draft(
        money(LinePurpose.VOUCHER_SOLD, "50.00"),
        payments=(paid("50.00", PaymentMeans.CARD_CREDIT),),
    ),
    "Beleg^0.00_18.00_0.00_0.00_-10.00^8.00:Bar": a_draft(
        a_book("20.00"),
        money(LinePurpose.VOUCHER_REDEEMED, "10.00"),
        discounts=(Discount(text="Rabatt 10 %", amount=Decimal("2.00")),),
    ),
    "Beleg^11.90_0.00_0.00_0.00_0.00^13.10:Bar:USD": a_draft(
        a_line("11.90"),
        payments=(paid("11.90", currency="USD", foreign_amount=Decimal("13.10")),),
    ),
    "Beleg^0.00_0.00_0.00_0.00_1.00^1.00:Bar": a_draft(money(LinePurpose.TIP_STAFF, "1.00")),
    "Beleg^0.00_0.00_0.00_0.00_-50.00^-50.00:Bar": of_drawer(
        DocumentKind.MOVEMENT, LinePurpose.TRANSIT, "-50.00"
    ),
    "AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^": an_abort(),
    "Beleg^0.00_0.00_0.00_0.00_-0.50^-0.50:Bar": of_drawer(
        DocumentKind.COUNT, LinePurpose.DIFFERENCE, "-0.50"
    ),
    "Beleg^9.00_6.50_0.00_0.00_0.00^15.50:Unbar": a_draft(
        DRINK, SOUP, payments=(paid("15.50", PaymentMeans.ONLINE),)
    ),
}


@pytest.mark.parametrize("text", OPERATIONS)
def test_an_operation_is_told_by_its_amounts(text: str) -> None:
    transaction = told(a_case(OPERATIONS[text]))

    assert (transaction.process_type, transaction.process_data) == ("Kassenbeleg-V1", text)


def test_every_receipt_of_the_sample_export_is_among_them(shared_data: Path) -> None:
    path = shared_data / "de/sample_export/transactions_tse.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    receipts = {
        row["TSE_VORGANGSDATEN"] for row in rows if row["TSE_TA_VORGANGSART"] == "Kassenbeleg-V1"
    }

    assert len(receipts) == 12
    assert receipts <= OPERATIONS.keys()


@pytest.mark.parametrize(
    ("draft", "text"),
    [
        (a_closing(), "Tagesabschluss"),
        (a_closing(ClosingType.SHIFT), "Tagesabschluss"),
        (a_count_without_difference(), "Kassensturz"),
    ],
)
def test_what_moves_no_money_is_told_by_its_name(draft: Draft, text: str) -> None:
    transaction = told(a_case(draft))

    assert (transaction.process_type, transaction.process_data) == ("SonstigerVorgang", text)


@pytest.mark.parametrize(
    ("draft", "text"),
    [
        (a_draft(is_training=True), "AVTraining^10.00_5.35_0.00_0.00_0.00^15.35:Bar"),
        (an_opening(is_training=True), "AVTraining^0.00_0.00_0.00_0.00_50.00^50.00:Bar"),
        (an_abort(is_training=True), "AVTraining^0.00_0.00_0.00_0.00_0.00^"),
        (
            a_count_without_difference(is_training=True),
            "AVTraining^0.00_0.00_0.00_0.00_0.00^",
        ),
    ],
)
def test_training_stays_training_whatever_is_trained(draft: Draft, text: str) -> None:
    assert told(a_case(draft)).process_data == text


def test_an_exchange_shows_what_is_left_of_each_rate() -> None:
    draft = a_draft(
        a_line("30.00"), back(a_line("50.00")), a_book("5.00"), kind=DocumentKind.CORRECTION
    )

    assert told(a_case(draft)).process_data == "Beleg^-20.00_5.00_0.00_0.00_0.00^-15.00:Bar"


def test_what_is_outstanding_is_a_receivable_and_no_payment() -> None:
    on_account = a_draft(payments=(paid("5.35"), paid("10.00", PaymentMeans.OUTSTANDING)))
    wholly = a_draft(payments=(paid("15.35", PaymentMeans.OUTSTANDING),))

    assert told(a_case(on_account)).process_data == ("Beleg^10.00_5.35_0.00_0.00_-10.00^5.35:Bar")
    assert told(a_case(wholly)).process_data == "Beleg^10.00_5.35_0.00_0.00_-15.35^"


def test_farmers_rates_and_exempt_lines_have_slots_of_their_own() -> None:
    draft = a_draft(
        a_line("1.00", vat=a_vat("1.00", "7.8")),
        a_line("2.00", vat=a_vat("2.00", "5.5")),
        a_line("4.00", vat=no_vat("4.00", "CAUSE_1", is_exempt=True)),
        a_line("8.00", vat=no_vat("8.00")),
    )

    assert told(a_case(draft)).process_data == "Beleg^0.00_0.00_1.00_2.00_12.00^15.00:Bar"


def test_a_line_under_several_rates_is_ordered_once() -> None:
    ordered = an_order(a_menu(), a_line("18.00", "Wein", quantity="2", direction=Direction.RETURN))
    transaction = told(a_case(ordered))

    assert transaction.process_type == "Bestellung-V1"
    assert transaction.process_data == '1;"Menü";12.90\r-2;"Wein";9.00'
