from datetime import date, timedelta
from decimal import Decimal

import pytest

from fiscus.regimes.de import taxes


@pytest.mark.parametrize(
    ("percentage", "on", "key"),
    [
        ("19", date(2026, 3, 1), 1),
        ("7", date(2026, 3, 1), 2),
        ("7.80", date(2025, 1, 1), 3),
        ("8.4", date(2024, 12, 31), 3),
        ("5.5", date(2019, 1, 1), 4),
        ("16", date(2020, 12, 31), 1),
        ("16", date(2021, 1, 1), 21),
        ("19", date(2020, 8, 1), 11),
        ("8.4", date(2025, 1, 1), 43),
        ("20", date(2026, 3, 1), None),
        ("0", date(2026, 3, 1), None),
    ],
)
def test_a_rate_has_a_key_on_its_day(percentage, on, key):
    assert taxes.key(Decimal(percentage), on) == key


def test_a_closing_over_the_change_of_rates_may_use_both():
    days = (date(2020, 12, 31), date(2021, 1, 1))

    assert taxes.percentages(1, *days) == {Decimal(16), Decimal(19)}


@pytest.mark.parametrize("key", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("year", range(2019, 2027))
@pytest.mark.parametrize("day", [(1, 1), (6, 30), (7, 1), (12, 5), (12, 6), (12, 31)])
def test_each_key_has_one_rate_on_every_day(key, year, day):
    on = date(year, *day)

    assert len(taxes.percentages(key, on, on)) == 1


@pytest.mark.parametrize(
    ("key", "percentage", "slot"),
    [
        (1, None, 1),
        (43, None, 3),
        (8, None, 5),
        (9, None, None),
        (999, "19", None),
        (1000, "19.00", 1),
        (1001, "9.5", 3),
        (1002, "0", 5),
        (1003, "20", None),
        (1004, None, None),
    ],
)
def test_amounts_are_summed_by_key_and_own_keys_by_rate(key, percentage, slot):
    assert taxes.slot(key, Decimal(percentage) if percentage else None) == slot


def test_every_rate_belongs_to_a_listed_key():
    assert {rate.key for rate in taxes.RATES} == {row.key for row in taxes.KEYS}


def test_texts_fit_the_column_of_the_export():
    assert all(0 < len(row.text) <= 55 for row in taxes.KEYS)


CHANGES = [
    (1, "2020-07-01", "19", "16"),
    (1, "2021-01-01", "16", "19"),
    (2, "2020-07-01", "7", "5"),
    (2, "2021-01-01", "5", "7"),
    (3, "2022-01-01", "10.7", "9.5"),
    (3, "2023-01-01", "9.5", "9"),
    (3, "2024-12-06", "9", "8.4"),
    (3, "2025-01-01", "8.4", "7.8"),
    (8, "2023-01-01", "", "0"),
    (11, "2020-07-01", "", "19"),
    (12, "2020-07-01", "", "7"),
    (13, "2022-01-01", "", "10.7"),
    (21, "2021-01-01", "", "16"),
    (22, "2021-01-01", "", "5"),
    (23, "2023-01-01", "", "9.5"),
    (33, "2024-12-06", "", "9"),
    (43, "2025-01-01", "", "8.4"),
]
"""Key, day, the rate before it and the one from it on: UStG § 12, § 24 and § 28 as they changed."""


@pytest.mark.parametrize(("key", "day", "before", "after"), CHANGES)
def test_a_rate_changes_on_the_day_of_the_law(key, day, before, after):
    on = date.fromisoformat(day)
    eve = on - timedelta(days=1)

    assert taxes.percentages(key, eve, eve) == ({Decimal(before)} if before else set())
    assert taxes.percentages(key, on, on) == {Decimal(after)}
    assert taxes.percentages(key, eve, on) == {Decimal(one) for one in (before, after) if one}


def test_rates_that_never_changed_are_those_of_the_law():
    unchanging = {4: "5.5", 5: "0", 6: "0", 7: "0"}
    days = (date(2019, 1, 1), date(2026, 12, 31))

    for key, percentage in unchanging.items():
        assert taxes.percentages(key, *days) == {Decimal(percentage)}


def test_each_key_is_summed_in_the_slot_of_its_rate():
    slots = {
        1: 1,
        2: 2,
        3: 3,
        4: 4,
        5: 5,
        6: 5,
        7: 5,
        8: 5,
        11: 1,
        12: 2,
        13: 3,
        21: 1,
        22: 2,
        23: 3,
        33: 3,
        43: 3,
    }

    assert {row.key: taxes.slot(row.key) for row in taxes.KEYS} == slots
