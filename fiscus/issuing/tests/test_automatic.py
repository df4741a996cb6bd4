"""Automatic closings: what was forgotten is cancelled, a customer is not."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from fiscus.issuing import automatic
from fiscus.issuing.answers import OrderFailed
from fiscus.issuing.closing import STILL_OPEN
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.issuing.tests.test_business_days import Night, closed, move_in
from fiscus.journal import closings
from fiscus.model.documents import ClosingType, DocumentKind, Draft
from fiscus.registry.tests.builders import another_register
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY

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

    assert automatic.close_due(kiosk.services, kiosk.channel) == 1
    kiosk.clock.now += MINUTE
    late = kiosk.sells(intent=served)
    refused = kiosk.out(kiosk.issue(Draft(kind=DocumentKind.ABORT), forgotten))
    assert isinstance(refused, OrderFailed), "it was cancelled at the cut-off"
    kiosk.closes()

    night, day = closed(kiosk)
    assert (night.voids, night.sales.count, day.voids, day.sales.count) == (1, 1, 0, 1)
    assert night.last_sequence < late.sequence <= day.last_sequence
    kiosk.assert_proved()


def test_whoever_closes_by_hand_is_told_of_every_open_operation(kiosk: Kiosk) -> None:
    kiosk.sells()
    open_one = kiosk.begins()

    refused = kiosk.out(kiosk.enter(Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY)))

    assert isinstance(refused, OrderFailed)
    (fault,) = refused.trouble.faults
    assert (fault.code, fault.paths) == (STILL_OPEN.id, (open_one,))


def test_a_register_that_cannot_be_closed_keeps_no_other_one_open(
    engine: Engine, tmp_path: Path
) -> None:
    """What its journal holds cannot be read any more: that is a matter for a person, who must not
    find every other register unclosed as well."""
    shop = Counter(engine, "plain", tmp_path)
    shop.clock.now = CUT_OFF - 600 * MINUTE
    move_in(shop, Night(timezone="Europe/Berlin", cut_off="04:00", on=CUT_OFF.date()))
    with writing(engine) as tx:
        other = another_register(tx, shop.shop)
    broken = shop.sells(a_receipt())
    shop.sells(a_receipt(), intent=shop.intends(register=other)[0])
    _spoil(engine, broken.id)
    shop.clock.now = CUT_OFF + MINUTE

    assert automatic.close_due(shop.services, shop.channel) == 1

    with reading(engine) as tx:
        assert closings.last(tx, other, sealed=True) is not None
        assert closings.last(tx, shop.shop.register, sealed=True) is None


def _spoil(engine: Engine, entry: str) -> None:
    with writing(engine) as tx:
        if engine.dialect.name == "sqlite":
            tx.execute(text("DROP TRIGGER entry_no_update"))
        else:
            tx.execute(text("ALTER TABLE entry DISABLE TRIGGER ALL"))
        tx.execute(ENTRY.update().where(ENTRY.c.id == entry).values(body=b"?"))
