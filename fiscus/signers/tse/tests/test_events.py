from typing import Any

import pytest

from fiscus.signers.tse.log import contents as c
from fiscus.signers.tse.log import events
from fiscus.signers.tse.log.asn1 import Asn1Error
from fiscus.signers.tse.log.logtime import LogTime, TimeFormat

T1, T2 = LogTime(TimeFormat.UNIX, "1628955072"), LogTime(TimeFormat.UNIX, "1628955073")
SWITCHES = (
    c.Switch(event="initialize", is_enabled=True),
    c.Switch(event="logOut", is_enabled=False),
)
PART = c.Component(name="device", manufacturer="TEST", model="M", version="1", certification="")

COMMON: dict[str, Any] = {
    "updateTime": c.TimeUpdated(before=T1, after=T2),
    "registerClient": c.ClientNamed(client_id="KASSE-1"),
    "deregisterClient": c.ClientNamed(client_id="KASSE-1"),
    "authenticateUser": c.UserLogin(
        user="admin", role=c.UserRole.ADMIN, result=c.AuthResult.INCORRECT_PIN, retries=2
    ),
    "logOut": c.UserLogout(user="admin", cause=c.LogOutCause.TIMEOUT),
    "configureLogging": c.LoggingConfigured(
        components=(
            c.ComponentLogging(component="SMA", is_success=True, switches=SWITCHES),
            c.ComponentLogging(component="CSP", is_success=False),
        )
    ),
    "startAudit": c.EmptyContent(),
    "exitSecureState": c.EmptyContent(),
    "enterSecureState": c.LateEvent(time=T1),
    "selfTest": c.SelfTestResult(
        results=(
            c.ComponentTest(component="CSP", is_positive=True),
            c.ComponentTest(component="SMA", is_positive=False, error="broken", time=T1),
        ),
        are_all_positive=False,
    ),
}
OLDER: dict[str, Any] = COMMON | {
    "initialize": c.DescriptionSet(description="a kiosk"),
    "unblockUser": c.PinUnblock(user="admin", result=c.UnblockResult.INCORRECT_PUK),
    "disableSecureElement": c.LateEvent(time=T1),
    "updateDevice": c.UpdateStarted(user="admin", version="1"),
    "updateDeviceCompleted": c.UpdateCompleted(
        outcome=c.UpdateOutcome.FAILED, reason="no power", version="1"
    ),
    "deleteStoredData": c.UserAction(user="admin"),
    "lockTransactionLogging": c.UserAction(user="admin"),
    "unlockTransactionLogging": c.UserAction(user="admin"),
    "authenticateSmaersAdmin": c.AdminLogin(user="admin", result=c.AuthResult.SUCCESS, retries=4),
}
NEWER: dict[str, Any] = COMMON | {
    "initialize": c.EmptyContent(),
    "setDescription": c.DescriptionSet(description="a kiosk"),
    "updateTime": c.TimeUpdated(before=T1, after=T2, slew=c.Slew(step_microseconds=500, rate=1000)),
    "authenticateUser": c.UserLogin(user="x", result=c.AuthResult.UNKNOWN_USER),
    "logOut": c.UserLogout(user="admin", cause=c.LogOutCause.OTHER_USER),
    "unblockPin": c.PinUnblock(user="admin", result=c.UnblockResult.TEMPORARILY_BLOCKED),
    "disableSecureElement": c.EmptyContent(),
    "updateDevice": c.UpdateStarted(components=(PART,)),
    "updateDeviceCompleted": c.UpdateCompleted(
        outcome=c.UpdateOutcome.PARTLY_FAILED, components=(PART, PART)
    ),
    "deleteLogMessages": c.EmptyContent(),
    "lockTransactionLogging": c.EmptyContent(),
    "unlockTransactionLogging": c.EmptyContent(),
    "authenticateSmaAdmin": c.AdminLogin(result=c.AuthResult.PIN_BLOCKED, retries=0),
}
CASES = [(2, name, content) for name, content in OLDER.items()]
CASES += [(3, name, content) for name, content in NEWER.items()]


@pytest.mark.parametrize(("version", "name", "content"), CASES)
def test_every_event_is_decoded_to_what_was_encoded(version: int, name: str, content: Any) -> None:
    data = events.encode(version, name, content)

    assert events.decode(version, name, data) == content


@pytest.mark.parametrize("version", [2, 3])
def test_every_event_of_the_guideline_is_tried(version: int) -> None:
    assert set(events.EVENTS[version]) == {name for one, name, _ in CASES if one == version}


@pytest.mark.parametrize("version", [2, 3])
def test_content_that_does_not_fit_its_event_is_refused(version: int) -> None:
    client = events.encode(version, "registerClient", c.ClientNamed(client_id="A"))

    for name, data in (
        ("registerClient", b""),
        ("registerClient", client + client),
        ("updateTime", client),
        ("startAudit", client),
        ("noSuchEvent", b""),
    ):
        with pytest.raises(Asn1Error):
            events.decode(version, name, data)


def test_the_numbers_of_version_2_are_those_seen_on_real_devices() -> None:
    success = c.UserLogin(user="admin", role=c.UserRole.ADMIN, result=c.AuthResult.SUCCESS)

    assert events.encode(2, "authenticateUser", success) == b"\x81\x05admin\x82\x01\x01\x83\x01\xff"
    left = c.UserLogout(user="admin", cause=c.LogOutCause.USER)
    assert events.encode(2, "logOut", left) == b"\x81\x05admin\x82\x01\x00"


@pytest.mark.parametrize(
    ("result", "number"),
    [
        (c.UnblockResult.SUCCESS, 0),
        (c.UnblockResult.INCORRECT_PUK, 1),
        (c.UnblockResult.UNKNOWN_USER, 2),
        (c.UnblockResult.RESETTING_ERROR, 3),
    ],
)
def test_version_2_counts_the_outcomes_of_unblocking(result: c.UnblockResult, number: int) -> None:
    data = events.encode(2, "unblockUser", c.PinUnblock(user="admin", result=result))

    assert data == b"\x81\x05admin\x82\x01" + bytes([number])
    assert events.decode(2, "unblockUser", data) == c.PinUnblock(user="admin", result=result)


def test_version_2_tells_a_user_from_a_time_out() -> None:
    for cause, number in ((c.LogOutCause.OTHER_USER, 0), (c.LogOutCause.TIMEOUT, 1)):
        left = events.encode(2, "logOut", c.UserLogout(user="admin", cause=cause))
        assert left == b"\x81\x05admin\x82\x01" + bytes([number])
