"""Counts that are kept for a minute."""

from pathlib import Path

from sqlalchemy import Engine

from fiscus.reporting.month_watch import MonthsWatch
from fiscus.reporting.tests.test_month_listing import MonthlyShop
from fiscus.store.connect import reading


def test_months_are_counted_again_after_a_minute_and_when_the_clock_was_set_back(
    engine: Engine, tmp_path: Path
) -> None:
    shop, watch = MonthlyShop(engine, tmp_path), MonthsWatch()

    def due(**by: float) -> int:
        shop.clock.move(**by)
        with reading(engine) as tx:
            return watch.counts(tx, shop.clock()).due

    shop.is_at(2026, 5, 31, 23)
    assert due(minutes=59, seconds=30) == 0
    assert due(seconds=59) == 0
    assert due(seconds=1) == 1
    assert due(seconds=-40) == 0
