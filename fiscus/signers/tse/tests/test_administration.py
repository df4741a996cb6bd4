"""The clock of a device, set by who may."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fiscus.signers.tse.log import errors
from fiscus.signers.tse.software import administration, users
from fiscus.signers.tse.software import device as tse


def test_a_clock_begins_in_1970_and_not_before(factory: Any) -> None:
    device = factory.a_ready_device()
    users.authenticate(device, "admin", "12345")
    before = tse.now(device)

    with pytest.raises(errors.ErrorParameterMismatch, match="1970"):
        administration.update_time(device, tse.UNSET - timedelta(microseconds=1))
    assert tse.now(device) == before
    moment = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    administration.update_time(device, moment)
    assert tse.now(device) == moment


def test_the_clock_is_not_the_loggers_to_set(factory: Any) -> None:
    device = factory.a_ready_device()
    users.authenticate(device, "logger", "32345")

    with pytest.raises(errors.ErrorUserNotAuthorized):
        administration.update_time(device)


def test_what_is_disabled_is_neither_locked_nor_unlocked(factory: Any) -> None:
    device = factory.a_ready_device()
    users.authenticate(device, "admin", "12345")
    device.memory.execute("UPDATE device SET is_disabled = 1")

    for act in (
        administration.lock_transaction_logging,
        administration.unlock_transaction_logging,
    ):
        with pytest.raises(errors.ErrorSecureElementDisabled):
            act(device)


@pytest.mark.parametrize(("version", "components"), [(2, 1), (3, 3)])
def test_a_self_test_logs_each_component_from_the_third_version_on(
    factory: Any, version: int, components: int
) -> None:
    device = factory.a_ready_device(version=version)

    told = administration.self_test(device)

    row = device.memory.execute("SELECT body FROM log ORDER BY counter DESC LIMIT 1").fetchone()
    assert len(told) == 3
    assert sum(row["body"].count(one.component.encode()) for one in told) == components


def test_a_description_is_changed_from_the_third_version_on(factory: Any) -> None:
    older, newer = (factory.a_ready_device(version=version) for version in (2, 3))
    for device in (older, newer):
        users.authenticate(device, "admin", "12345")

    administration.set_description(newer, "another kiosk")
    with pytest.raises(errors.ErrorParameterMismatch, match="version 2"):
        administration.set_description(older, "another kiosk")

    said = [
        device.memory.execute("SELECT description FROM device").fetchone()[0]
        for device in (older, newer)
    ]
    assert said == ["a kiosk", "another kiosk"]
