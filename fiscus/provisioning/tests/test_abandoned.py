"""What an outage left open in the device is ended, and nothing that somebody may still want."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.issuing.answers import DeviceNeeded
from fiscus.issuing.tests.kiosk import Kiosk, numbers_signed, until_device
from fiscus.model.devices import TransactionState
from fiscus.provisioning import abandoned

LATER = abandoned.AGE + timedelta(minutes=1)


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def left_open(kiosk: Kiosk) -> int:
    """A transaction that the device began and whose answer nobody got."""
    return kiosk.services.devices.start(kiosk.shop.register).number


def open_ones(kiosk: Kiosk) -> tuple[int, ...]:
    return kiosk.services.devices.open_numbers(kiosk.shop.register)


def test_what_nobody_waits_for_is_ended_in_the_words_of_the_law(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    number = left_open(kiosk)
    assert abandoned.end(kiosk.services) == 0, "it is young: somebody may be about to tell of it"

    kiosk.clock.now += LATER
    assert abandoned.end(kiosk.services) == 1
    assert abandoned.end(kiosk.services) == 0

    device = kiosk.services.devices.of(kiosk.shop.register)
    assert device is not None
    found = kiosk.services.devices.find(kiosk.shop.register, device.info.serial, number)
    assert found.state is TransactionState.FINISHED
    assert found.process_type == "SonstigerVorgang"
    assert found.process_data.decode() == "Nach Ausfall beendet, ohne Beleg"
    assert numbers_signed(kiosk, tmp_path) == 1
    assert kiosk.sells().seal is not None


def test_a_sale_that_is_still_open_is_left_alone_however_old(kiosk: Kiosk) -> None:
    intent = kiosk.begins()
    left_open(kiosk)
    kiosk.clock.now += LATER * 100

    assert abandoned.end(kiosk.services) == 1
    assert len(open_ones(kiosk)) == 1
    sold = kiosk.sells(intent=intent).seal
    assert sold is not None
    assert sold.signing is not None


def test_a_start_that_recovery_is_looking_for_is_left_to_it(kiosk: Kiosk) -> None:
    asked = until_device(kiosk, kiosk.open())
    assert isinstance(asked, DeviceNeeded)
    left_open(kiosk)
    kiosk.clock.now += LATER

    assert abandoned.end(kiosk.services) == 0
    assert len(open_ones(kiosk)) == 1


def test_what_another_client_of_the_device_has_open_is_not_ours(kiosk: Kiosk) -> None:
    device = kiosk.services.devices.of(kiosk.shop.register)
    assert device is not None
    opened = kiosk.services.devices.opened(device.device)
    opened.register_client("somebody-else")
    opened.start("somebody-else", "", b"")
    kiosk.clock.now += LATER

    assert abandoned.end(kiosk.services) == 0
    assert len(open_ones(kiosk)) == 1


def test_a_device_that_is_out_does_not_hold_the_others_up(kiosk: Kiosk, tmp_path: Path) -> None:
    left_open(kiosk)
    kiosk.clock.now += LATER
    folder = kiosk.devices_folder
    folder.rename(tmp_path / "away")
    kiosk.services.devices.close(kiosk.services.devices.of(kiosk.shop.register).device)  # type: ignore[union-attr]

    assert abandoned.end(kiosk.services) == 0
