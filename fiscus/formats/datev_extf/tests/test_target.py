"""The settings of a company, and its fiscal years."""

import re
from datetime import date

import pytest

from fiscus.formats.datev_extf.target import (
    SETTINGS,
    DatevTarget,
    expect_numbers,
    fiscal_year,
    target,
)
from fiscus.model.faults import Refused


def test_what_was_left_out_is_as_usual() -> None:
    assert target({}) == DatevTarget()


def test_each_setting_is_heard() -> None:
    said = {"fiscal_year_month": "07", "automatic_accounts": "off", "reversals": "general"}
    found = target(said | {"account_names": "1", "account_length": "8", "consultant_number": "9"})

    assert found == DatevTarget(
        consultant="9",
        first_month=7,
        account_length=8,
        is_automatic_off=True,
        is_general_reversal=True,
        has_account_names=True,
    )


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("consultant_number", ("1001", "9999999"), ("1000", "10000000", "01001")),
        ("client_number", ("1", "99999"), ("0", "100000")),
        ("fiscal_year_month", ("1", "01", "12"), ("0", "13")),
        ("account_length", ("4", "8"), ("3", "9")),
        ("chart_number", ("", "03"), ("3", "031")),
        ("locked", ("0", "1"), ("", "2")),
        ("dictation_code", ("", "MM", "ABCD"), ("M", "mm")),
        ("label", ("Kasse", "K"), ("", "a:b", "123456789")),
    ],
)
def test_a_setting_takes_what_the_format_takes(
    name: str, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    (pattern,) = (one.pattern for one in SETTINGS if one.name == name)

    assert all(re.fullmatch(pattern, value) for value in right)
    assert not any(re.fullmatch(pattern, value) for value in wrong)


def test_both_numbers_must_be_there() -> None:
    expect_numbers(DatevTarget(consultant="1001", client="1"))
    with pytest.raises(Refused) as refused:
        expect_numbers(DatevTarget(consultant="1001"))
    assert refused.value.paths == ("client_number",)


@pytest.mark.parametrize(
    ("day", "month", "first", "last"),
    [
        (date(2026, 1, 1), 1, date(2026, 1, 1), date(2026, 12, 31)),
        (date(2026, 12, 31), 1, date(2026, 1, 1), date(2026, 12, 31)),
        (date(2026, 6, 30), 7, date(2025, 7, 1), date(2026, 6, 30)),
        (date(2026, 7, 1), 7, date(2026, 7, 1), date(2027, 6, 30)),
        (date(2024, 2, 29), 3, date(2023, 3, 1), date(2024, 2, 29)),
    ],
)
def test_a_fiscal_year_begins_in_its_month(day: date, month: int, first: date, last: date) -> None:
    assert fiscal_year(day, month) == (first, last)
