"""Who is at the device: log in with a PIN, log out, unblock with a PUK."""

import os
import sqlite3
from datetime import timedelta

import msgspec

from fiscus.signers.tse.log import errors
from fiscus.signers.tse.log.contents import (
    AuthResult,
    LogOutCause,
    PinUnblock,
    UnblockResult,
    UserLogin,
    UserLogout,
    UserRole,
)
from fiscus.signers.tse.software import device as tse
from fiscus.signers.tse.software import pins
from fiscus.signers.tse.software.device import SoftwareTse

PIN_TRIES = 3
PUK_TRIES = 5
PUK_PAUSE = timedelta(minutes=15)


class LoginAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt to log in ended, and how many are left."""

    result: AuthResult
    retries: int

    @property
    def is_success(self) -> bool:
        return self.result is AuthResult.SUCCESS


def authenticate(device: SoftwareTse, user: str, pin: str) -> LoginAttempt:
    """Logs a user in; whoever was logged in before is logged out. A failure is an answer, not an
    error, because it is counted and logged like a success."""
    with tse.step(device):
        _expect_in_service(device)
        found = _find(device, user)
        if found is None:
            return _answer(device, user, None, AuthResult.UNKNOWN_USER, 0)
        role = UserRole(found["role"])
        failures = found["pin_failures"]
        if failures >= PIN_TRIES:
            return _answer(device, user, role, AuthResult.PIN_BLOCKED, 0)
        if not pins.is_right(found["salt"], pin, found["pin"]):
            failures += 1
            device.memory.execute("UPDATE user SET pin_failures = ? WHERE id = ?", (failures, user))
            left = PIN_TRIES - failures
            return _answer(device, user, role, AuthResult.INCORRECT_PIN, left)
        device.memory.execute("UPDATE user SET pin_failures = 0 WHERE id = ?", (user,))
        if device.user != tse.NOBODY:
            _leave(device, LogOutCause.OTHER_USER)
        answer = _answer(device, user, role, AuthResult.SUCCESS, PIN_TRIES)
        device.user = user
        return answer


def log_out(device: SoftwareTse) -> None:
    with tse.step(device):
        _expect_in_service(device)
        if device.user == tse.NOBODY:
            raise errors.ErrorUserIdNotAuthenticated
        _leave(device, LogOutCause.USER)


def unblock_pin(device: SoftwareTse, user: str, puk: str, new_pin: str) -> UnblockResult:
    """A new PIN for who knows the PUK. Too many wrong PUKs close this way for a while."""
    with tse.step(device):
        _expect_in_service(device)
        result = _unblocked(device, _find(device, user), puk, new_pin)
        name = "unblockUser" if device.version == 2 else "unblockPin"
        tse.record_event(device, name, PinUnblock(user=user, result=result))
        return result


def _unblocked(
    device: SoftwareTse, found: sqlite3.Row | None, puk: str, new_pin: str
) -> UnblockResult:
    if found is None:
        return UnblockResult.UNKNOWN_USER
    at = tse.microseconds(device.clock())
    if found["blocked_until"] > at:
        return UnblockResult.TEMPORARILY_BLOCKED
    if not new_pin:
        return UnblockResult.NEW_PIN_FAILED
    if not pins.is_right(found["salt"], puk, found["puk"]):
        failures = found["puk_failures"] + 1
        is_over = failures >= PUK_TRIES
        pause = at + PUK_PAUSE // timedelta(microseconds=1)
        device.memory.execute(
            "UPDATE user SET puk_failures = ?, blocked_until = ? WHERE id = ?",
            (0 if is_over else failures, pause if is_over else 0, found["id"]),
        )
        return UnblockResult.INCORRECT_PUK
    salt = os.urandom(16)
    device.memory.execute(
        "UPDATE user SET salt = ?, pin = ?, puk = ?, pin_failures = 0, puk_failures = 0,"
        " blocked_until = 0 WHERE id = ?",
        (salt, pins.hashed(salt, new_pin), pins.hashed(salt, puk), found["id"]),
    )
    return UnblockResult.SUCCESS


def _find(device: SoftwareTse, user: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = device.memory.execute(
        "SELECT * FROM user WHERE id = ?", (user,)
    ).fetchone()
    return row


def _answer(
    device: SoftwareTse, user: str, role: UserRole | None, result: AuthResult, retries: int
) -> LoginAttempt:
    if device.version == 3:
        told: int | None = retries
        role = UserRole.UNAUTHENTICATED if role is None else role
    else:  # real devices of version 2 count only what went wrong
        told = retries if result in (AuthResult.INCORRECT_PIN, AuthResult.PIN_BLOCKED) else None
    content = UserLogin(user=user, role=role, result=result, retries=told)
    tse.record_event(device, "authenticateUser", content)
    return LoginAttempt(result=result, retries=retries)


def _leave(device: SoftwareTse, cause: LogOutCause) -> None:
    tse.record_event(device, "logOut", UserLogout(user=device.user, cause=cause))
    device.user = tse.NOBODY


def _expect_in_service(device: SoftwareTse) -> None:
    if device.state["is_disabled"]:
        raise errors.ErrorSecureElementDisabled
