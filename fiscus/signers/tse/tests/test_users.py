"""Who is at the device: tries that are counted, and the way back with the PUK."""

from typing import Any

import pytest

from fiscus.signers.tse.log import errors
from fiscus.signers.tse.log.contents import AuthResult, UnblockResult
from fiscus.signers.tse.software import device as tse
from fiscus.signers.tse.software import users
from fiscus.signers.tse.software.device import SoftwareTse


@pytest.fixture
def device(factory: Any) -> SoftwareTse:
    found: SoftwareTse = factory.a_ready_device()
    return found


def pin(device: SoftwareTse, pin: str, user: str = "admin") -> users.LoginAttempt:
    return users.authenticate(device, user, pin)


def puk(device: SoftwareTse, puk: str = "123456", new: str = "777") -> UnblockResult:
    return users.unblock_pin(device, "admin", puk, new)


def test_the_right_pin_forgets_the_wrong_ones_before_it(device: SoftwareTse) -> None:
    for _ in range(2):
        assert [pin(device, "wrong").retries, pin(device, "wrong").retries] == [2, 1]
        right = pin(device, "12345")
        assert (right.is_success, right.retries, device.user) == (True, users.PIN_TRIES, "admin")


def test_a_user_that_is_not_there_has_no_tries(device: SoftwareTse) -> None:
    found = pin(device, "12345", "stranger")

    assert (found.result, found.retries, found.is_success) == (AuthResult.UNKNOWN_USER, 0, False)
    assert users.unblock_pin(device, "stranger", "1", "2") is UnblockResult.UNKNOWN_USER


def test_who_logs_in_takes_the_place_of_who_was_there_and_a_failure_does_not(
    device: SoftwareTse,
) -> None:
    pin(device, "12345")
    assert not pin(device, "wrong", "logger").is_success
    assert device.user == "admin"
    assert pin(device, "32345", "logger").is_success
    assert device.user == "logger"
    users.log_out(device)
    assert device.user == tse.NOBODY
    with pytest.raises(errors.ErrorUserIdNotAuthenticated):
        users.log_out(device)


def test_five_wrong_puks_close_the_way_for_fifteen_minutes(
    device: SoftwareTse, factory: Any
) -> None:
    for _ in range(users.PUK_TRIES - 1):
        assert puk(device, "nope") is UnblockResult.INCORRECT_PUK
    assert puk(device) is UnblockResult.SUCCESS
    for _ in range(users.PUK_TRIES):
        assert puk(device, "nope") is UnblockResult.INCORRECT_PUK
    assert puk(device) is UnblockResult.TEMPORARILY_BLOCKED

    factory.clock.pass_by(minutes=15, microseconds=-1)
    assert puk(device) is UnblockResult.TEMPORARILY_BLOCKED
    factory.clock.pass_by(microseconds=1)
    assert puk(device, "nope") is UnblockResult.INCORRECT_PUK
    assert puk(device) is UnblockResult.SUCCESS
    assert pin(device, "777").is_success


def test_a_new_pin_is_not_empty_and_the_puk_stays_what_it_was(device: SoftwareTse) -> None:
    assert puk(device, new="") is UnblockResult.NEW_PIN_FAILED
    assert pin(device, "12345").is_success
    assert puk(device, new="777") is UnblockResult.SUCCESS
    assert puk(device, new="888") is UnblockResult.SUCCESS
    assert not pin(device, "777").is_success
    assert pin(device, "888").is_success
