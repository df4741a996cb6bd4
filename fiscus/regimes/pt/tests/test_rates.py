"""Which rate a line bears, by its region and its day."""

from datetime import date, timedelta

import pytest

from fiscus.regimes.pt import PORTUGAL
from fiscus.regimes.pt.rates import home_region, is_reason_of_another, rate_of, region_of
from fiscus.regimes.pt.tests.builders import a_place, a_vat, an_address, with_

TODAY = date(2026, 5, 4)


def test_an_exemption_whose_law_ended_is_not_offered() -> None:
    offered = {each.code: each.description for each in PORTUGAL.exemptions(TODAY)}

    assert "CAUSE_19" not in offered
    assert "CAUSE_19" in {each.code for each in PORTUGAL.exemptions(date(2023, 6, 1))}
    assert offered["CAUSE_6"] == "M07 – Isento artigo 9.º do CIVA"


@pytest.mark.parametrize(
    ("postal_code", "region"),
    [
        ("1100-061", "PT"),
        ("8999-999", "PT"),
        ("9000-001", "PT-MA"),
        ("9499-999", "PT-MA"),
        ("9500-001", "PT-AC"),
        ("9999-999", "PT-AC"),
        ("", "PT"),
        ("SW1A", "PT"),
    ],
)
def test_the_postal_code_tells_the_region(postal_code: str, region: str) -> None:
    assert region_of(postal_code) == region


def test_a_foreign_postal_code_tells_nothing() -> None:
    place = a_place()
    abroad = with_(place.location, address=an_address("9500", "ES"))

    assert home_region(with_(place, location=abroad)) == "PT"


def test_the_reduced_rate_of_madeira_fell_on_the_first_of_october_2024() -> None:
    last, first = date(2024, 9, 30), date(2024, 10, 1)
    old = a_vat("1", "5", "REDUCED_2")
    new = a_vat("1", "4", "REDUCED_2", region="MADEIRA")

    assert rate_of(old, "PT-MA", (last,)) is not None
    assert rate_of(old, "PT-MA", (first,)) is None
    assert rate_of(new, "PT-MA", (last,)) is None
    assert rate_of(new, "PT-MA", (first,)) is not None


@pytest.mark.parametrize(
    ("percentage", "home", "word", "region"),
    [
        ("23", "PT", "", "PT"),
        ("16", "PT-AC", "", "PT-AC"),
        ("22", "PT", "", None),
        ("16", "PT", "", None),
        ("23", "PT-AC", "", None),
        ("16", "PT-MA", "", None),
        ("16", "PT-AC", "PT", "PT-AC"),
        ("23", "PT-AC", "PT", "PT"),
        ("22", "PT-AC", "PT", None),
        ("16", "PT", "PT", None),
        ("22", "PT", "pt-ma", "PT-MA"),
        ("22", "PT", "PT-MADEIRA", "PT-MA"),
        ("22", "PT", "MA", None),
        ("16", "PT", "PT-AC", "PT-AC"),
        ("23", "PT", "PT-AC", None),
        ("21", "PT", "ES", "ES"),
        ("20", "PT-MA", "fr", "FR"),
        ("23", "PT", "US", None),
        ("20", "PT", "FR-CORSICA", None),
        ("14.99", "PT", "ES", None),
        ("15", "PT", "ES", "ES"),
        ("27", "PT", "HU", "HU"),
        ("27.01", "PT", "HU", None),
        ("0", "PT", "ES", None),
    ],
)
def test_the_region_is_that_of_the_shop_unless_the_line_says_another(
    percentage: str, home: str, word: str, region: str | None
) -> None:
    rate = rate_of(a_vat("1", percentage, region=word), home, (TODAY,))

    assert (rate.region if rate else None) == region


def test_callers_see_the_rates_of_their_region_and_the_historic_ones() -> None:
    rates = PORTUGAL.vat_rates("9000-001", TODAY)

    assert [(rate.code, rate.percentage, rate.is_historic) for rate in rates] == [
        ("STANDARD", "22", False),
        ("REDUCED_1", "12", False),
        ("REDUCED_2", "4", False),
        ("REDUCED_2", "5", True),
        ("REDUCED_3", "0", False),
    ]


def test_a_rate_is_not_shown_before_it_begins() -> None:
    before = PORTUGAL.vat_rates("9000-001", date(2024, 10, 1) - timedelta(days=1))

    assert [rate.percentage for rate in before if rate.code == "REDUCED_2"] == ["5"]


@pytest.mark.parametrize(
    ("code", "percentage", "tax_code"),
    [
        ("STANDARD", "21", "NOR"),
        ("REDUCED_1", "10", "INT"),
        ("REDUCED_2", "4", "RED"),
        ("REDUCED_11", "2.1", "RED"),
    ],
)
def test_a_rate_of_another_member_state_has_the_code_that_the_caller_gives_it(
    code: str, percentage: str, tax_code: str
) -> None:
    rate = rate_of(a_vat("1", percentage, code, region="ES"), "PT", (TODAY,))

    assert rate is not None
    assert (rate.tax_code, str(rate.percentage)) == (tax_code, percentage)


def test_a_percentage_alone_is_no_rate_of_another_member_state() -> None:
    assert rate_of(a_vat("1", "21", "RATE", region="ES"), "PT", (TODAY,)) is None


@pytest.mark.parametrize(
    ("code", "reason", "is_another"),
    [
        ("M07", "Isento artigo 13.º do CIVA", True),
        ("M07", "ISENTO  Artigo 13º do CIVA.", True),
        ("M07", "Isento artigo 9.º do CIVA", False),
        ("M07", "", False),
        ("M07", "Isento por acordo", False),
        ("M31", "IVA - autoliquidação", False),
        ("M07", "IVA - autoliquidação", True),
        ("M21", "IVA - não confere direito a dedução", False),
    ],
)
def test_a_reason_that_is_printed_for_another_code_is_found(
    code: str, reason: str, is_another: bool
) -> None:
    assert is_reason_of_another(code, reason) is is_another
