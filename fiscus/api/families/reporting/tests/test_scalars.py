"""The words of the JSON at their bounds: amounts, rates, moments."""

import re

import pytest

from fiscus.api.families.reporting.wire import scalars


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (
            scalars.MONEY,
            ("0.00", "-0.01", "999999999999.99", "10.50"),
            ("1", "1.0", "1.000", "01.00", "1000000000000.00", "+1.00", ".50", "1,00"),
        ),
        (scalars.MONEY_NOT_NEGATIVE, ("0.00", "999999999999.99"), ("-0.01", "1.0")),
        (scalars.PRICE, ("1.00", "-1.12345"), ("1.0", "1.123456", "1")),
        (
            scalars.RATE,
            ("0", "0.19", "0.1234", "1", "1.0", "1.0000"),
            ("1.1", "2", "0.12345", "-0.1", "1.00000", "00", "0."),
        ),
        (
            scalars.QUANTITY,
            ("0", "1", "999999999", "1.123456"),
            ("1000000000", "1.1234567", "-1", "01", "1."),
        ),
        (scalars.CURRENCY, ("EUR",), ("eur", "EU", "EURO", "E1R")),
        (scalars.TIME_OF_DAY, ("00:00", "23:59"), ("24:00", "23:60", "3:00", "03:00:00")),
        (
            scalars.MOMENT,
            ("2026-05-04T08:15:01Z", "2026-05-04T23:59:59.123456+02:00"),
            (
                "2026-05-04T08:15:01",
                "2026-05-04 08:15:01Z",
                "2026-13-04T08:15:01Z",
                "2026-05-32T08:15:01Z",
                "2026-05-04T24:00:00Z",
                "2026-05-04T08:15:60Z",
                "2026-05-04T08:15:01.1234567890Z",
                "2026-05-04T08:15:01+24:00",
            ),
        ),
    ],
)
def test_each_word_has_its_last_good_and_its_first_bad_spelling(
    pattern: str, good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    assert [text for text in good if not re.fullmatch(pattern, text)] == []
    assert [text for text in bad if re.fullmatch(pattern, text)] == []


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        ("2024-02-29T00:00:00Z", True),
        ("2026-02-29T00:00:00Z", False),
        ("0002-01-01T00:00:00Z", True),
        ("0001-12-31T23:59:59Z", False),
        ("9998-12-31T23:59:59Z", True),
        ("9999-01-01T00:00:00Z", False),
    ],
)
def test_a_moment_is_in_the_calendar_in_every_time_zone(text: str, is_there: bool) -> None:
    assert scalars.is_moment(text) is is_there
