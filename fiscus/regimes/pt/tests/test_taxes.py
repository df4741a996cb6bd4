"""The tables of rates and exemptions, against the official ones."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

from fiscus.regimes.pt import PORTUGAL
from fiscus.regimes.pt.documents import DOCUMENT_TYPES
from fiscus.regimes.pt.rates import exempt_of
from fiscus.regimes.pt.taxes import EXEMPTIONS, RATES

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
