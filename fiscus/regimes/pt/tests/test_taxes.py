"""The tables of rates and exemptions, against the official ones."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fiscus.regimes.pt import PORTUGAL
from fiscus.regimes.pt.documents import DOCUMENT_TYPES
from fiscus.regimes.pt.rates import exempt_of, home_region, rate_of, region_of
from fiscus.regimes.pt.taxes import EXEMPTIONS, RATES
from fiscus.regimes.pt.tests.builders import a_place, a_vat, an_address, with_

TODAY = date(2026, 5, 4)

SHORTENED = {"M15", "M21"}
"""Mentions that are shorter here: one would not fit into the SAF-T, one has a remark in it."""


def rows(shared_data: Path, name: str) -> list[dict[str, str]]:
    with (shared_data / "pt" / "tables" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_rates_are_the_official_ones(shared_data: Path) -> None:
    official = {
        (
            row["region"],
            row["tax_code"],
            Decimal(row["rate"]),
            date.fromisoformat(row["valid_from"]) if row["valid_from"] else date.min,
            date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max,
        )
        for row in rows(shared_data, "vat_rates.csv")
        if row["region"] != "*"
    }

    assert {(r.region, r.tax_code, r.percentage, r.first, r.last) for r in RATES} == official


def test_the_exemptions_are_the_official_ones_without_the_withdrawn(shared_data: Path) -> None:
    official = {row["code"]: row for row in rows(shared_data, "exemption_codes.csv")}

    assert {row.code for row in EXEMPTIONS} == set(official) - {"M03", "M08"}
    for row in EXEMPTIONS:
        since = official[row.code]["accepted_by_at_client_for_invoice_dates_from"]
        assert row.first == (date.fromisoformat(since) if since else date.min)
        if row.code not in SHORTENED:
            assert row.mention == official[row.code]["mention_on_invoice"]


def test_the_documents_are_official_ones(shared_data: Path) -> None:
    official = {row["code"]: row for row in rows(shared_data, "document_types.csv")}

    for each in DOCUMENT_TYPES.values():
        row = official[each.code]
        assert (each.title, each.section) == (row["name_pt"], row["series_class"])


def test_mentions_fit_into_the_audit_file_and_descriptions_into_the_api() -> None:
    assert all(6 <= len(row.mention) <= 60 for row in EXEMPTIONS)
    assert all(len(each.description) <= 128 for each in PORTUGAL.exemptions(TODAY))


def test_callers_have_31_causes_and_two_words_for_what_is_not_taxed() -> None:
    causes = [row.caller for row in EXEMPTIONS]

    assert causes == [*(f"CAUSE_{n}" for n in range(1, 32)), "NOT_SUBJECT", "NOT_TAXABLE"]
    assert exempt_of("CAUSE_8") == exempt_of("M10")
    assert exempt_of("CAUSE_8") is not None


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
        ("23", "PT-AC", "", "PT"),
        ("16", "PT", "", "PT-AC"),
        ("16", "PT-AC", "PT", "PT-AC"),
        ("22", "PT", "ma", "PT-MA"),
        ("16", "PT", "PT-AC", "PT-AC"),
        ("23", "PT", "PT-AC", None),
        ("23", "PT", "FR", None),
    ],
)
def test_the_region_is_the_stated_the_home_or_the_one_with_that_rate(
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
