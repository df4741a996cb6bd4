"""What administrators do with a device: set it up, set its clock, admit clients, end it."""

import re
import sqlite3
from datetime import datetime

from fiscus.signers.tse.log import algorithms, asn1, certificates, errors, messages
from fiscus.signers.tse.log.contents import (
    ClientNamed,
    ComponentTest,
    DescriptionSet,
    EmptyContent,
    LateEvent,
    SelfTestResult,
    TimeUpdated,
    UserAction,
    UserRole,
)
from fiscus.signers.tse.log.logtime import log_time
from fiscus.signers.tse.software import device as tse
from fiscus.signers.tse.software.device import SoftwareTse

DESCRIPTION_MAX = 64
CLIENT_ID_MAX = 70
_CLIENT_ID = re.compile(r"[A-Za-z0-9 '()+\-,.=]+")


def initialize(device: SoftwareTse, description: str = "") -> None:
    """Puts a new device into service. Version 2 says its description here."""
    with tse.step(device):
        state = device.state
        if state["is_disabled"]:
            raise errors.ErrorSecureElementDisabled
        if state["is_initialized"]:
            raise errors.ErrorSeApiAlreadyInitialized
        tse.permit(device, UserRole.ADMIN)
        _expect_description(description)
        device.memory.execute(
            "UPDATE device SET is_initialized = 1, description = ?", (description,)
        )
        is_older = device.version == 2
        tse.record_event(
            device,
            "initialize",
            DescriptionSet(description=description) if is_older else EmptyContent(),
        )


def set_description(device: SoftwareTse, description: str) -> None:
    """Version 3 only: in version 2 the description is given once, at the start."""
    with tse.step(device):
        tse.usable(device)
        tse.permit(device, UserRole.ADMIN)
        _expect_description(description)
        if device.version == 2:
            raise errors.ErrorParameterMismatch("version 2 is described when it is initialized")
        device.memory.execute("UPDATE device SET description = ?", (description,))
        tse.record_event(device, "setDescription", DescriptionSet(description=description))


def update_time(device: SoftwareTse, new: datetime | None = None) -> None:
    """Sets the clock, to the given time or to that of the clock the device was given."""
    with tse.step(device):
        tse.usable(device)
        tse.permit(device, UserRole.ADMIN, UserRole.TIME_ADMIN)
        before, running = tse.now(device), device.clock()
        after = new or running
        if after < tse.UNSET:
            raise errors.ErrorParameterMismatch("no time before 1970")
        offset = tse.microseconds(after) - tse.microseconds(running)
        device.memory.execute(
            "UPDATE device SET clock_offset = ?, latest_time = ?", (offset, tse.microseconds(after))
        )
        form = device.time_format
        content = TimeUpdated(before=log_time(before, form), after=log_time(after, form))
        tse.record_event(device, "updateTime", content)
    tse.expect_valid_certificate(device)


def self_test(device: SoftwareTse) -> tuple[ComponentTest, ...]:
    """Looks at key, memory and the latest message, and logs what it found."""
    with tse.step(device):
        if device.state["is_disabled"]:
            raise errors.ErrorSecureElementDisabled
        results = (
            _tested("CSP", _key_fits(device), "the key is not the certificate's"),
            _tested("storage", _memory_is_sound(device), "the memory is damaged"),
            _tested("SMA", _latest_verifies(device), "the latest message does not verify"),
        )
        logged = results if device.version == 3 else (_worst(results),)
        all_positive = all(one.is_positive for one in results)
        content = SelfTestResult(results=logged, are_all_positive=all_positive)
        tse.record_event(device, "selfTest", content)
        return results


def register_client(device: SoftwareTse, client_id: str) -> None:
    with tse.step(device):
        state = tse.usable(device)
        tse.permit(device, UserRole.ADMIN, UserRole.LOGGER)
        if not _CLIENT_ID.fullmatch(client_id) or len(client_id) > CLIENT_ID_MAX:
            raise errors.ErrorParameterMismatch("the client's name has characters not allowed")
        if is_registered(device, client_id):
            raise errors.ErrorClientAlreadyRegistered
        if number_of_clients(device) >= state["clients_max"]:
            raise errors.ErrorMaxNumberOfClientsReached
        device.memory.execute("INSERT OR REPLACE INTO client VALUES (?, 1)", (client_id,))
        tse.record_event(device, "registerClient", ClientNamed(client_id=client_id))


def deregister_client(device: SoftwareTse, client_id: str) -> None:
    with tse.step(device):
        tse.usable(device)
        tse.permit(device, UserRole.ADMIN)
        if not is_registered(device, client_id):
            raise errors.ErrorClientNotRegistered
        device.memory.execute("UPDATE client SET is_registered = 0 WHERE id = ?", (client_id,))
        tse.record_event(device, "deregisterClient", ClientNamed(client_id=client_id))


def lock_transaction_logging(device: SoftwareTse) -> None:
    _lock(device, "lockTransactionLogging", is_locked=True)


def unlock_transaction_logging(device: SoftwareTse) -> None:
    _lock(device, "unlockTransactionLogging", is_locked=False)


def disable_secure_element(device: SoftwareTse) -> None:
    """For good. Exports go on working; nothing is ever signed again."""
    with tse.step(device):
        tse.usable(device)
        tse.permit(device, UserRole.ADMIN)
        at = log_time(tse.now(device), device.time_format)
        content = LateEvent(time=at) if device.version == 2 else EmptyContent()
        tse.record_event(device, "disableSecureElement", content)
        device.memory.execute("UPDATE device SET is_disabled = 1")
        device.user = tse.NOBODY


def delete_log_messages(device: SoftwareTse) -> int:
    """Forgets what a complete export has carried out; tells how many messages that were.

    Raises `ErrorUnexportedLogMessages` while a transaction was recorded since that export.
    """
    with tse.step(device):
        state = tse.usable(device)
        tse.permit(device, UserRole.ADMIN)
        newer = device.memory.execute(
            "SELECT 1 FROM log WHERE counter > ? AND number IS NOT NULL LIMIT 1",
            (state["exported_counter"],),
        ).fetchone()
        if newer or not state["exported_counter"]:
            raise errors.ErrorUnexportedLogMessages
        gone = device.memory.execute(
            "DELETE FROM log WHERE counter <= ?", (state["exported_counter"],)
        ).rowcount
        is_older = device.version == 2
        name = "deleteStoredData" if is_older else "deleteLogMessages"
        tse.record_event(device, name, UserAction(user=device.user) if is_older else EmptyContent())
        return gone


def is_registered(device: SoftwareTse, client_id: str) -> bool:
    row = device.memory.execute(
        "SELECT is_registered FROM client WHERE id = ?", (client_id,)
    ).fetchone()
    return row is not None and bool(row["is_registered"])


def number_of_clients(device: SoftwareTse) -> int:
    row = device.memory.execute("SELECT COUNT(*) FROM client WHERE is_registered = 1").fetchone()
    return int(row[0])


def _lock(device: SoftwareTse, event: str, *, is_locked: bool) -> None:
    with tse.step(device):
        tse.usable(device)
        tse.permit(device, UserRole.ADMIN)
        device.memory.execute("UPDATE device SET is_locked = ?", (is_locked,))
        is_older = device.version == 2
        tse.record_event(
            device, event, UserAction(user=device.user) if is_older else EmptyContent()
        )


def _expect_description(description: str) -> None:
    if len(description) > DESCRIPTION_MAX:
        raise errors.ErrorParameterMismatch("the description is too long")


def _tested(component: str, is_positive: bool, error: str) -> ComponentTest:
    return ComponentTest(
        component=component, is_positive=is_positive, error=None if is_positive else error
    )


def _worst(results: tuple[ComponentTest, ...]) -> ComponentTest:
    """Version 2 logs one component: the whole."""
    wrong = [one for one in results if not one.is_positive]
    return ComponentTest(
        component="SMAERS", is_positive=not wrong, error=wrong[0].error if wrong else None
    )


def _key_fits(device: SoftwareTse) -> bool:
    return certificates.serial(certificates.read(device.chain[0])) == algorithms.serial(
        device.key.public_key()
    )


def _memory_is_sound(device: SoftwareTse) -> bool:
    try:
        return bool(device.memory.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False


def _latest_verifies(device: SoftwareTse) -> bool:
    row = device.memory.execute("SELECT body FROM log ORDER BY counter DESC LIMIT 1").fetchone()
    if row is None:
        return True
    try:
        decoded = messages.decode(row["body"])
    except asn1.Asn1Error:
        return False
    return algorithms.verifies(
        device.key.public_key(), device.algorithm, decoded.signed, decoded.log.proof.signature
    )
