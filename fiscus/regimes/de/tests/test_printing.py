"""What is printed on a receipt, and who gets one."""

from decimal import Decimal

import pytest

from fiscus.model.documents import Discount, Draft, PaymentMeans
from fiscus.regimes.de.printing import TRAINING
from fiscus.regimes.de.tests.builders import (
    REGISTER,
    a_case,
    a_closing,
    a_count_without_difference,
    a_draft,
    a_line,
    a_signing,
    a_vat,
    an_abort,
    an_opening,
    no_vat,
    paid,
    sealed,
    told,
    with_,
)


def test_a_receipt_prints_what_the_law_wants() -> None:
    case = a_case()
    signing = a_signing(told(case))

    assert sealed(case).prints == (
        "Kiosk am Ufer GmbH",
        "Hauptstraße 1, 10115 Berlin",
        "19 % USt: netto 8,40, Steuer 1,60, brutto 10,00",
        "7 % USt: netto 5,00, Steuer 0,35, brutto 5,35",
        "Gesamt: 15,35 EUR",
        f"Kasse: {REGISTER}",
        "Beginn: 2026-03-01T10:15:00+01:00",
        "Ende: 2026-03-01T10:15:30+01:00",
        "TSE-Transaktion: 3",
        "TSE-Signaturzähler: 9",
        f"TSE-Seriennummer: {signing.serial}",
        f"TSE-Prüfwert: {signing.signature}",
    )


def test_what_bears_no_vat_says_why() -> None:
    vat = no_vat("4.00", "CAUSE_1", is_exempt=True)
    draft = a_draft(a_line(vat=with_(vat, reason="Heilbehandlung, § 4 Nr. 14 UStG")))

    prints = sealed(a_case(draft)).prints

    assert "Umsatzsteuerfrei: 4,00" in prints
    assert "Heilbehandlung, § 4 Nr. 14 UStG" in prints


def test_a_discount_is_in_the_sums_of_its_rate() -> None:
    draft = a_draft(discounts=(Discount(text="Treue", amount=Decimal("2.00")),))
    prints = sealed(a_case(draft)).prints

    assert "19 % USt: netto 7,31, Steuer 1,39, brutto 8,70" in prints
    assert "Gesamt: 13,35 EUR" in prints


def test_what_is_owed_stands_beside_the_whole_total() -> None:
    draft = a_draft(payments=(paid("5.35"), paid("10.00", PaymentMeans.OUTSTANDING)))
    seal = sealed(a_case(draft))

    assert "Gesamt: 15,35 EUR" in seal.prints
    assert "Davon offen: 10,00 EUR" in seal.prints
    assert not [line for line in seal.prints if line.startswith("Nicht steuerbar")]
    assert (seal.gross, seal.vat) == (Decimal("5.35"), Decimal("1.95"))


def test_vat_is_rounded_by_rate_so_that_paper_adds_up() -> None:
    """Two rates with 0.0052 and 0.0065 of VAT print a cent each, and two cents together."""
    exact = {"5.5": Decimal("0.0052"), "7.8": Decimal("0.0065")}
    lines = [
        a_line("0.10", vat=with_(a_vat("0.10", rate), amount=vat, exclusive=Decimal("0.1") - vat))
        for rate, vat in exact.items()
    ]
    seal = sealed(a_case(a_draft(*lines)))

    assert len([line for line in seal.prints if "Steuer 0,01" in line]) == 2
    assert (seal.net, seal.vat) == (Decimal("0.18"), Decimal("0.02"))


def test_training_is_marked_on_paper() -> None:
    assert sealed(a_case(a_draft(is_training=True))).prints[0] == TRAINING


@pytest.mark.parametrize(
    "draft", [an_abort(), a_closing(), an_opening(), a_count_without_difference()]
)
def test_only_customers_get_paper(draft: Draft) -> None:
    assert sealed(a_case(draft)).prints == ()
    assert sealed(a_case(draft), outage="away").prints == ()
