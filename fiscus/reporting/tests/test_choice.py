"""The choice between real time and a monthly file."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.model.faults import Refused
from fiscus.model.places import ReportingMode
from fiscus.registry import taxpayers
from fiscus.reporting import choice
from fiscus.reporting.tests.authority import ReportingShop
from fiscus.store.connect import reading

REALTIME, SAFT = ReportingMode.REALTIME, ReportingMode.SAFT


def terms(shop: ReportingShop) -> list[tuple[str, str]]:
    with reading(shop.engine) as tx:
        now = taxpayers.by_id(tx, shop.counter.shop.taxpayer).taxpayer
    return [(one.mode.value, one.since.isoformat()) for one in now.reporting]


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> ReportingShop:
    """It has chosen real time in May 2026, before it sold anything."""
    return ReportingShop(engine, tmp_path)


def test_before_anything_is_issued_a_choice_counts_at_once(shop: ReportingShop) -> None:
    assert terms(shop) == [("realtime", "2026-05-01")]

    shop.chooses(SAFT)

    assert terms(shop) == []


def test_afterwards_it_counts_from_the_next_month_on(shop: ReportingShop) -> None:
    shop.sells()

    shop.chooses(SAFT)

    assert terms(shop) == [("realtime", "2026-05-01"), ("saft", "2026-06-01")]
    shop.chooses(REALTIME)
    assert terms(shop) == [("realtime", "2026-05-01")], "it was taken back before it counted"


def test_the_same_choice_again_changes_nothing(shop: ReportingShop) -> None:
    shop.sells()

    shop.chooses(REALTIME)

    assert terms(shop) == [("realtime", "2026-05-01")]


def test_practice_does_not_hold_a_choice_up(shop: ReportingShop) -> None:
    shop.sells(is_training=True)

    shop.chooses(SAFT)

    assert terms(shop) == []


@pytest.mark.parametrize(
    ("word", "regime", "code"),
    [
        ("weekly", "pt", "REPORT-CHOICE-01"),
        ("REALTIME", "pt", "REPORT-CHOICE-01"),
        ("realtime", "de", "REPORT-CHOICE-02"),
        ("weekly", "de", "REPORT-CHOICE-01"),
    ],
)
def test_a_wrong_word_and_a_law_without_a_choice_are_refused(
    word: str, regime: str, code: str
) -> None:
    with pytest.raises(Refused) as trouble:
        choice.understood(word, regime)

    assert trouble.value.code.id == code


def test_metadata_say_it_where_the_law_has_the_choice() -> None:
    assert choice.said_in({"reporting": "realtime"}, "pt") is REALTIME
    assert choice.said_in({}, "pt") is SAFT
    assert choice.said_in({"reporting": "to the boss"}, "de") is None
    with pytest.raises(Refused):
        choice.said_in({"reporting": "realtime"}, "de")
    with pytest.raises(Refused):
        choice.said_in({"reporting": "to the boss"}, "pt")
