"""The month is the shop's own, and what the accountants get is accepted by strangers."""

from datetime import date

import pytest
from beancount import loader

from fiscus.demo.books import HandedOver, month_of, prove
from fiscus.demo.tests.conftest import Played


@pytest.mark.parametrize(
    ("one", "first", "last"),
    [
        (date(2026, 11, 30), date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 31)),
        (date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_a_month_has_a_first_and_a_last_day(one: date, first: date, last: date) -> None:
    assert month_of(one) == (first, last)


def _of(played: Played, shop: str) -> HandedOver:
    [found] = [one for one in played.days.books if one.handover.shop == shop]
    return found


@pytest.mark.long
def test_beancount_itself_accepts_the_cafes_month(played: Played) -> None:
    entries, errors, _ = loader.load_file(str(_of(played, "Lisbon").file))

    assert errors == []
    assert len(entries) > 12


@pytest.mark.long
def test_the_kiosks_month_is_a_batch_for_datev(played: Played) -> None:
    text = _of(played, "Berlin").file.read_text("cp1252")

    assert text.startswith('"EXTF";700;21;"Buchungsstapel";13;')


@pytest.mark.long
def test_a_report_that_is_not_complete_is_not_proved(played: Played) -> None:
    handed = _of(played, "Lisbon")
    said = handed.report.read_text()
    handed.report.write_text(said.replace("Complete:", "Right so far:"))
    try:
        books, file = prove(played.out / "data", (handed,))
    finally:
        handed.report.write_text(said)

    assert (books.is_good, file.is_good) == (False, True)
