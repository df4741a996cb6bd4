"""The rates and exemptions callers are offered."""

from datetime import date

import pytest

from fiscus.regimes.de import GERMANY


def rates(on: date, *, is_historic: bool = False) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for rate in GERMANY.vat_rates("10115", on):
        if rate.is_historic is is_historic:
            found.setdefault(rate.code, set()).add(rate.percentage)
    return found


@pytest.mark.parametrize(
    ("on", "standard", "reduced", "farmers"),
    [
        (date(2026, 3, 1), "19", "7", "7.8"),
        (date(2020, 8, 1), "16", "5", "10.7"),
        (date(2020, 6, 30), "19", "7", "10.7"),
        (date(2024, 12, 20), "19", "7", "8.4"),
    ],
)
def test_the_rates_of_a_day(on: date, standard: str, reduced: str, farmers: str) -> None:
    assert rates(on) == {
        "STANDARD": {standard},
        "REDUCED_1": {reduced},
        "REDUCED_2": {"5.5"},
        "REDUCED_3": {farmers},
        "REDUCED_4": {"0"},
    }


def test_rates_that_ended_are_historic() -> None:
    assert rates(date(2026, 3, 1), is_historic=True) == {
        "STANDARD": {"16"},
        "REDUCED_1": {"5"},
        "REDUCED_3": {"10.7", "9.5", "9", "8.4"},
    }


def test_the_rates_in_force_stand_first() -> None:
    flags = [rate.is_historic for rate in GERMANY.vat_rates("", date(2026, 3, 1))]

    assert flags[:4] == [False] * 4


def test_exemptions_are_offered_by_code() -> None:
    codes = [each.code for each in GERMANY.exemptions(date(2026, 3, 1))]

    assert codes == ["CAUSE_1", "CAUSE_2", "CAUSE_3", "NOT_SUBJECT", "NOT_TAXABLE"]
