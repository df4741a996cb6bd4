import csv
from decimal import Decimal

import pytest

from fiscus.regimes.de import process_data
from fiscus.regimes.de.process_data import ForeignPayment, OrderedLine


def paid(amount: str, currency: str = "EUR", is_cash: bool = True) -> ForeignPayment:
    return ForeignPayment(is_cash, currency, Decimal(amount))


def test_amounts_stand_in_five_slots_and_payments_behind_them():
    text = process_data.receipt(
        "Beleg", {1: Decimal(10), 2: Decimal("5.35")}, [paid("15.35", is_cash=False)]
    )

    assert text == "Beleg^10.00_5.35_0.00_0.00_0.00^15.35:Unbar"


def test_payments_are_summed_and_sorted():
    payments = [
        paid("5", is_cash=False),
        paid("3", "USD"),
        paid("1", "CHF"),
        paid("2"),
        paid("0.5", is_cash=False),
        paid("7", "USD", is_cash=False),
        paid("4"),
    ]

    text = process_data.receipt("Beleg", {}, payments)

    assert text.split("^")[2] == "6.00:Bar_1.00:Bar:CHF_3.00:Bar:USD_5.50:Unbar_7.00:Unbar:USD"


def test_payments_that_cancel_out_are_left_out():
    text = process_data.receipt("Beleg", {}, [paid("5"), paid("-5"), paid("0", is_cash=False)])

    assert text == "Beleg^0.00_0.00_0.00_0.00_0.00^"


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1.239", "1.23"), ("-1.239", "-1.23"), ("-0.009", "0.00"), ("1E+3", "1000.00")],
)
def test_further_digits_are_cut(amount, text):
    assert process_data.receipt("Beleg", {3: Decimal(amount)}, []).split("_")[2] == text


def test_an_order_has_a_line_for_each_item():
    items = [
        OrderedLine(Decimal("1.000"), "Suppe", Decimal("6.5")),
        OrderedLine(Decimal("-2.50"), 'Wein "rot"', Decimal("4.50")),
    ]

    assert process_data.order(items) == '1;"Suppe";6.50\r-2.5;"Wein ""rot""";4.50'


def test_the_aborted_receipt_of_the_sample(shared_data):
    path = shared_data / "de/sample_export/transactions_tse.csv"
    with path.open(encoding="utf-8", newline="") as file:
        told = {row["TSE_VORGANGSDATEN"] for row in csv.DictReader(file, delimiter=";")}

    assert process_data.receipt("AVBelegabbruch", {}, []) in told
