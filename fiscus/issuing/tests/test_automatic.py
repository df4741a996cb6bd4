"""Closings that the house makes by itself: what was forgotten is cancelled, a customer is not."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.issuing import automatic
from fiscus.issuing.answers import Failed
from fiscus.issuing.closing import STILL_OPEN
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.issuing.tests.test_business_days import Night, closed, move_in
from fiscus.model.documents import ClosingType, Draft, Kind

MINUTE = timedelta(minutes=1)
CUT_OFF = datetime.fromisoformat("2026-11-22T03:00:00Z")


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    """A bar in Berlin that closes at four in the morning."""
    found = Kiosk(engine, tmp_path)
    found.clock.now = CUT_OFF - 600 * MINUTE
    move_in(found, Night(timezone="Europe/Berlin", cut_off="04:00", on=CUT_OFF.date()))
    return found


def test_a_customer_at_the_till_neither_holds_the_day_up_nor_is_sent_away(kiosk: Kiosk) -> None:
    kiosk.clock.now = CUT_OFF - 30 * MINUTE
    kiosk.opens_session()
    kiosk.sells()
    forgotten = kiosk.begins()
    kiosk.clock.now = CUT_OFF + MINUTE
    served = kiosk.begins()

    assert automatic.close_due(kiosk.desk, kiosk.channel) == 1
    kiosk.clock.now += MINUTE
    late = kiosk.sells(intent=served)
    refused = kiosk.out(kiosk.issue(Draft(kind=Kind.ABORT), forgotten))
    assert isinstance(refused, Failed), "it was cancelled at the cut-off"
    kiosk.closes()

    night, day = closed(kiosk)
    assert (night.voids, night.sales.count, day.voids, day.sales.count) == (1, 1, 0, 1)
    assert night.last_sequence < late.sequence <= day.last_sequence
    kiosk.assert_proved()


def test_whoever_closes_by_hand_is_told_of_every_open_operation(kiosk: Kiosk) -> None:
    kiosk.sells()
    open_one = kiosk.begins()

    refused = kiosk.out(kiosk.enter(Draft(kind=Kind.CLOSING, closing=ClosingType.DAILY)))

    assert isinstance(refused, Failed)
    (fault,) = refused.trouble.faults
    assert (fault.code, fault.paths) == (STILL_OPEN.id, (open_one,))
