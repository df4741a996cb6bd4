"""What cannot be booked or written fails by itself while its job is made; the others wait."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from fiscus.accounting.states import ItemFailure
from fiscus.accounting.tests.exporting import DATEV, Exporter, a_line

UNTAXED = "case/Umsatz/nicht_steuerbar"


@pytest.fixture
def exporter(engine: Engine) -> Exporter:
    exporter = Exporter(engine)
    exporter.sets_up("datev-extf", **DATEV)
    return exporter


def failures(exporter: Exporter, wanted: list[str], target: str) -> dict[str, str]:
    job = exporter.creates(wanted, target=target)
    items = {one: exporter.item(one) for one in exporter.statuses(job)}
    return {one: item.failure_reason for one, item in items.items() if item.status == "failed"}


@pytest.mark.parametrize(
    ("target", "more", "code"),
    [
        ("datev-extf", {"automatic_accounts": "off"}, "DATEV-TAX-01"),
        ("beancount", {}, "PLAIN-TAX-01"),
        ("ledger", {}, "PLAIN-TAX-01"),
    ],
)
def test_vat_without_account_or_key_fails_its_item_in_every_format(
    exporter: Exporter, target: str, more: Mapping[str, str], code: str
) -> None:
    exporter.sets_up("datev-extf", **DATEV, **more)
    exporter.changes_taxes(account="", posting_key="")
    bad, good = exporter.entry(), exporter.entry(a_line("-10.00", "0.00", key=UNTAXED))

    found = failures(exporter, [bad, good], target)

    assert list(found) == [bad]
    assert code in found[bad]
    assert "give the tax" in found[bad]
    assert exporter.item(bad).failure_type is ItemFailure.VALIDATION_FAILURE
    assert exporter.item(good).status == "pending"


def test_a_program_that_fetches_the_entries_judges_them_itself(exporter: Exporter) -> None:
    exporter.changes_taxes(account="", posting_key="")
    bad = exporter.entry(a_line(), currency="CHF")

    assert failures(exporter, [bad], "pull") == {}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"contra_key": "case/Umsatz/19"}, "DATEV-ACCOUNT-02"),
        ({"currency": "CHF"}, "DATEV-CURRENCY-01"),
        ({"day": date(1999, 12, 31)}, "DATEV-DATE-01"),
        ({"reference": "☕"}, "DATEV-TEXT-01"),
        ({"sub_type": "☕"}, "DATEV-TEXT-01"),
    ],
)
def test_what_datev_cannot_hold_fails_its_item(
    exporter: Exporter, more: dict[str, Any], code: str
) -> None:
    bad, good = exporter.entry(**more), exporter.entry()

    found = failures(exporter, [bad, good], "datev-extf")

    assert list(found) == [bad]
    assert code in found[bad]


def test_all_reasons_are_told_at_once_and_that_of_the_mapping_counts(exporter: Exporter) -> None:
    bad = exporter.entry(a_line(key="case/Nowhere/19"), currency="CHF")

    found = failures(exporter, [bad], "datev-extf")

    assert "case/Nowhere/19" in found[bad]
    assert "DATEV-CURRENCY-01" in found[bad]
    assert "DATEV-ACCOUNT" not in found[bad]
    assert exporter.item(bad).failure_type is ItemFailure.ACCOUNT_UNKNOWN


def test_a_key_without_an_account_on_purpose_says_what_must_be_decided(
    exporter: Exporter,
) -> None:
    bad = exporter.entry(a_line("-10.00", "0.00", key="movement/Auszahlung"))
    wage = exporter.entry(a_line("10.00", "0.00", key="movement/Lohnzahlung"))

    found = failures(exporter, [bad, wage], "pull")

    assert list(found) == [bad]
    assert "Account for movement/Auszahlung missing: add a rule" in found[bad]
    assert "only the receipt says what was paid" in found[bad]
    assert exporter.item(bad).failure_type is ItemFailure.ACCOUNT_UNKNOWN
    assert "payroll" in exporter.item(wage).warnings[-1].text


def test_what_the_format_must_change_is_a_warning_beside_the_doubts(exporter: Exporter) -> None:
    entry = exporter.entry(reference="FT A 1")

    exporter.creates([entry], target="datev-extf")

    codes = [one.code for one in exporter.item(entry).warnings]
    assert codes == ["BOOKS-FROZEN-01", "DATEV-REFERENCE-01"]
