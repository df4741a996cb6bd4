"""What is shown of a receipt, under laws that seal lines and under one that seals none."""

from decimal import Decimal

import msgspec
import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk, a_leg, a_line
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.console import receipt_facts
from fiscus.console.receipt_facts import ShownReceipt
from fiscus.journal import read
from fiscus.model.documents import DocumentKind, Draft, Party, PaymentMeans
from fiscus.registry import receipts
from fiscus.store.connect import reading
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till


@pytest.fixture
def kiosk(premises: Premises) -> Kiosk:
    found = a_kiosk(premises, platform(premises).opens_merchant())
    found.opens()
    return found


def shown(premises: Premises, record: str = "") -> ShownReceipt:
    """The receipt of a record, or the newest one."""
    with reading(premises.services.engine) as tx:
        id_ = record or receipts.newest(tx, "", 1)[0].id
        found = read.owned(tx, id_)
        assert found is not None
        return receipt_facts.of(tx, found)


def test_lines_taxes_and_payments_come_to_the_total(premises: Premises, till: Till) -> None:
    lines = [words.line(), words.line("Pão", "1.06", code="REDUCED_2", quantity="1", number="2")]
    found = shown(premises, till.sells(words.receipt(*lines))["id"])

    assert [line.text for line in found.lines] == ["Café", "Pão"]
    assert sum(line.total for line in found.lines) == found.gross == Decimal("3.52")
    assert sum(tax.gross for tax in found.taxes) == found.gross
    assert [(tax.name, tax.region, tax.percentage) for tax in found.taxes] == [
        ("IVA", "PT", Decimal(23)),
        ("IVA", "PT", Decimal(6)),
    ]
    assert [(one.means, one.amount) for one in found.payments] == [
        (PaymentMeans.CASH, Decimal("3.52"))
    ]
    assert found.buyer is None
    assert (found.shop, found.legal_name) == ("Padaria do Cais", "Padaria do Cais, Lda.")
    assert found.branch == "Loja Baixa"
    assert found.timezone == "Europe/Lisbon"
    assert found.country == "PT"


def test_an_invoice_names_its_buyer_as_it_was_said(premises: Premises, till: Till) -> None:
    buyer = shown(premises, till.sells(words.invoice())["id"]).buyer

    assert buyer is not None
    assert (buyer.name, buyer.tax_number) == ("Oficina Marés, Lda.", "514200111")
    assert buyer.address[-1] == "PT"


def test_a_credit_note_of_portugal_says_what_comes_back_without_a_sign(
    premises: Premises, till: Till
) -> None:
    sold = till.sells(words.receipt())["id"]
    note = shown(premises, till.sells(words.correction(sold))["id"])

    assert note.kind is DocumentKind.CORRECTION
    assert note.gross > 0
    assert sum(line.total for line in note.lines) == note.gross
    assert all(line.quantity > 0 for line in note.lines)
    assert shown(premises, sold).is_corrected
    assert not note.is_corrected


def test_a_discount_on_the_whole_is_a_line_for_each_rate(premises: Premises, kiosk: Kiosk) -> None:
    discount = {"description": "Stammkunde", "amount": "1.19"}
    body = {
        "pretax_amount": "9.00",
        "tax_amount": "1.71",
        "total_amount": "10.71",
        "cart_level_discounts": [discount],
    }
    kiosk.sells(a_leg("10.71"), **body)

    found = shown(premises)

    assert [(line.text, line.unit_price, line.total) for line in found.lines] == [
        ("Filterkaffee", Decimal("5.95"), Decimal("11.90")),
        ("Stammkunde", None, Decimal("-1.19")),
    ]
    assert [(tax.net, tax.vat, tax.gross) for tax in found.taxes] == [
        (Decimal("9.00"), Decimal("1.71"), Decimal("10.71"))
    ]
    assert found.gross == Decimal("10.71")


def test_cash_of_another_currency_says_both(premises: Premises, kiosk: Kiosk) -> None:
    kiosk.sells(a_leg("13.00", currency="USD", base_amount="11.90"))

    [paid] = shown(premises).payments

    assert (paid.amount, paid.foreign_amount, paid.currency) == (
        Decimal("11.90"),
        Decimal("13.00"),
        "USD",
    )


def test_a_law_that_seals_no_lines_is_shown_with_those_of_the_caller(premises: Premises) -> None:
    till = premises.unit("Bar Roma").opens_shop(
        words.italian(), code="00184", city="Roma", country="IT"
    )
    coffee = words.line("Espresso", "2.44", percentage="22", quantity="2")

    found = shown(premises, till.sells(words.receipt(coffee))["id"])

    assert [(line.text, line.total) for line in found.lines] == [("Espresso", Decimal("2.44"))]
    assert [(tax.percentage, tax.gross) for tax in found.taxes] == [(Decimal(22), Decimal("2.44"))]
    assert (found.qr, found.prints) == ("", ())


def test_a_buyer_without_name_or_number_is_nobody() -> None:
    draft = Draft(kind=DocumentKind.RECEIPT, buyer=Party(code="K-17", is_staff=True))

    assert receipt_facts._buyer(draft) is None
    named = msgspec.structs.replace(draft, buyer=Party(name="Ana", code="K-17"))
    assert "K-17" not in str(receipt_facts._buyer(named))


def test_a_menu_under_two_rates_has_no_price_each(premises: Premises, kiosk: Kiosk) -> None:
    soup = {
        "title": "Suppe",
        "quantity": 1,
        "article_number": "S1",
        "total_amount": "9.90",
        "taxes": [{"name": "USt", "rate": "0.07", "tax_amount": "0.65"}],
    }
    juice = {
        "title": "Saft",
        "quantity": 1,
        "article_number": "G4",
        "total_amount": "3.00",
        "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "0.48"}],
    }
    menu = a_line(
        title="Menü",
        quantity=1,
        unit_price="12.90",
        total_amount="12.90",
        taxes=[
            {"name": "USt", "rate": "0.07", "tax_amount": "0.65"},
            {"name": "USt", "rate": "0.19", "tax_amount": "0.48"},
        ],
        components=[soup, juice],
    )
    kiosk.sells(
        a_leg("12.90"),
        line_items=[menu],
        pretax_amount="11.77",
        tax_amount="1.13",
        total_amount="12.90",
    )

    found = shown(premises)

    assert {(line.text, line.percentage, line.total) for line in found.lines} == {
        ("Menü", Decimal("7.00"), Decimal("9.90")),
        ("Menü", Decimal("19.00"), Decimal("3.00")),
    }
    assert [line.unit_price for line in found.lines] == [None, None]
