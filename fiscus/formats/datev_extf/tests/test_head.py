"""The first row says what the file is and whose it is."""

from datetime import date

import pytest

from fiscus.formats.datev_extf.head import head
from fiscus.formats.datev_extf.target import target
from fiscus.formats.datev_extf.tests.bookings import SETTINGS, a_batch

YEAR = date(2026, 1, 1)
DAYS = date(2026, 3, 1), date(2026, 3, 31)


def fields(days: tuple[date, date] | None = DAYS, chart: str = "SKR03", **more: str) -> list[str]:
    return head(a_batch(chart=chart), target(SETTINGS | more), YEAR, days).split(";")


def test_a_batch_of_bookings_bears_its_days_and_says_whether_it_is_locked() -> None:
    found = fields(locked="1")

    assert found[2:5] == ["21", '"Buchungsstapel"', "13"]
    assert found[12:17] == ["20260101", "4", "20260301", "20260331", '"Kasse 01.03.26-31.03.26"']
    assert found[18:21] == ["1", "0", "1"]


def test_names_of_accounts_bear_no_days() -> None:
    found = fields(days=None)

    assert found[2:5] == ["20", '"Kontenbeschriftungen"', "3"]
    assert found[14:17] == ["", "", '"Kontenplan"']
    assert found[18:21] == ["", "", ""]
    assert len(found) == 31


@pytest.mark.parametrize(
    ("chart", "number"), [("SKR03", '"03"'), ("skr 04", '"04"'), ("SNC", '""'), ("SKR031", '""')]
)
def test_the_number_of_the_chart_is_told_by_its_name(chart: str, number: str) -> None:
    assert fields(chart=chart)[26] == number
    assert fields(chart=chart, chart_number="49")[26] == '"49"'
