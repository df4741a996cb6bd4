"""An order from commit to commit, and what becomes of it when its process goes away."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.issuing import device_calls, driver
from fiscus.issuing.tests.counter import done
from fiscus.issuing.tests.kiosk import Kiosk, a_sale, kinds, numbers_signed, until_device
from fiscus.model.documents import ClosingType, DocumentKind, Draft


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_start_that_was_cut_short_is_found_again(
    kiosk: Kiosk, tmp_path: Path, is_lost: bool
) -> None:
    asked = until_device(kiosk, kiosk.open())
    if is_lost:
        device_calls.ask(kiosk.services, asked)
    kiosk.clock.move(seconds=60)

    assert driver.recover(kiosk.services, kiosk.channel) == 1
    assert len(kiosk.services.devices.open_numbers(kiosk.shop.register)) == 1
    kiosk.sells(a_sale(), intent=asked.intent)
    assert numbers_signed(kiosk, tmp_path) == 1


@pytest.mark.parametrize("is_lost", [False, True])
def test_an_end_that_was_cut_short_is_found_again(
    kiosk: Kiosk, tmp_path: Path, is_lost: bool
) -> None:
    asked = until_device(kiosk, kiosk.issue(a_sale(), kiosk.begins()))
    if is_lost:
        device_calls.ask(kiosk.services, asked)
    kiosk.clock.move(seconds=60)

    assert driver.recover(kiosk.services, kiosk.channel) == 1
    assert kinds(kiosk) == ["intent@1", "document@1"]
    assert numbers_signed(kiosk, tmp_path) == 1
    kiosk.assert_proved()


def test_a_client_that_comes_again_after_a_crash_goes_on_itself(kiosk: Kiosk) -> None:
    order = kiosk.issue(a_sale(), kiosk.begins())
    device_calls.ask(kiosk.services, until_device(kiosk, order))
    kiosk.clock.move(seconds=60)

    body = done(kiosk.out(order)).body

    assert body.seal is not None
    assert body.seal.signing is not None
    assert kiosk.pending() == []


def test_a_closing_that_was_cut_short_is_recovered_with_all_sales_until_then(kiosk: Kiosk) -> None:
    kiosk.sells(a_sale("11.90"))
    order = kiosk.enter(Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY))
    until_device(kiosk, order)
    kiosk.sells(a_sale("5.00"))
    kiosk.clock.move(seconds=60)

    assert driver.recover(kiosk.services, kiosk.channel) == 1
    closing = done(kiosk.out(order)).body.closing
    assert closing is not None
    assert closing.sales.gross == Decimal("16.90")
    assert msgspec.json.encode(closing)
    kiosk.assert_proved()
