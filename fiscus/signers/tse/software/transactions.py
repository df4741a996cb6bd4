"""What registers do with a device: start, update and finish transactions.

The checks come in the guideline's order: user, clock, lock, limit, client. A start that fails
after them still consumes its number, so that no two attempts ever share one.
"""

import sqlite3
from datetime import datetime

import msgspec

from fiscus.model.devices import TransactionState
from fiscus.signers.tse.log import errors
from fiscus.signers.tse.log.contents import UserRole
from fiscus.signers.tse.log.messages import (
    Log,
    LogOperation,
    MessageProof,
    TransactionLog,
    decode,
    operation_type,
)
from fiscus.signers.tse.software import device as tse
from fiscus.signers.tse.software.device import SoftwareTse

PROCESS_TYPE_MAX = 100
PROCESS_DATA_MAX = 1024 * 1024


class StartProof(msgspec.Struct, frozen=True, kw_only=True):
    """The proof of a start: its number and what every message ends with."""

    number: int
    time: datetime
    serial: bytes
    counter: int
    signature: bytes


class SignProof(msgspec.Struct, frozen=True, kw_only=True):
    """The proof of an update or an end."""

    time: datetime
    counter: int
    signature: bytes


FAILURES = {
    LogOperation.START: errors.ErrorStartTransactionFailed,
    LogOperation.UPDATE: errors.ErrorUpdateTransactionFailed,
    LogOperation.FINISH: errors.ErrorFinishTransactionFailed,
}


def start(
    device: SoftwareTse, client_id: str, process_data: bytes, process_type: str
) -> StartProof:
    """Begins a transaction."""
    failure: errors.TseError | None = None
    with tse.step(device):
        state = _expect_ready(device, client_id)
        if state["number_open"] >= state["transactions_max"]:
            raise errors.ErrorLimitOfSimultaneousOpenTransactionsReached
        _expect_client(state)
        _expect_sizes(process_data, process_type)
        number = state["transaction_counter"] + 1
        device.memory.execute("UPDATE device SET transaction_counter = ?", (number,))
        try:
            content = _CallContent(client_id, process_type, process_data)
            proof = _record(device, LogOperation.START, number, content, state)
            device.memory.execute("INSERT INTO open_transaction VALUES (?, ?)", (number, client_id))
        except errors.ErrorStartTransactionFailed as error:
            failure = error
    if failure is not None:
        raise failure
    tse.expect_valid_certificate(device, proof)
    return StartProof(
        number=number,
        time=proof.time.at(),
        serial=device.serial,
        counter=proof.counter,
        signature=proof.signature,
    )


def update(
    device: SoftwareTse,
    client_id: str,
    number: int,
    process_data: bytes,
    process_type: str,
    *,
    is_signed: bool = True,
) -> SignProof | None:
    """Adds to an open transaction. Unsigned data waits, durably, for the next signature of the
    transaction: then all of it goes into one message, piece by piece."""
    with tse.step(device):
        state = _expect_ready(device, client_id, number)
        _expect_client(state)
        _expect_open(state)
        _expect_sizes(process_data, process_type)
        if not is_signed:
            device.memory.execute(
                "INSERT INTO pending (number, process_type, data) VALUES (?, ?, ?)",
                (number, process_type, process_data),
            )
            return None
        waiting = _pending(device, number, state)
        parts = (*waiting, process_data) if waiting else ()
        content = _CallContent(client_id, process_type, b"".join(parts) or process_data, parts)
        proof = _record(device, LogOperation.UPDATE, number, content, state)
    tse.expect_valid_certificate(device, proof)
    return SignProof(time=proof.time.at(), counter=proof.counter, signature=proof.signature)


def finish(
    device: SoftwareTse, client_id: str, number: int, process_data: bytes, process_type: str
) -> SignProof:
    """Ends a transaction. What still waits for a signature is signed first, as an update."""
    with tse.step(device):
        state = _expect_ready(device, client_id, number)
        _expect_client(state)
        _expect_open(state)
        _expect_sizes(process_data, process_type)
        if waiting := _pending(device, number, state):
            gathered = _CallContent(client_id, process_type, b"".join(waiting), waiting)
            _record(device, LogOperation.UPDATE, number, gathered, state)
            state = device.state
        content = _CallContent(client_id, process_type, process_data)
        proof = _record(device, LogOperation.FINISH, number, content, state)
        device.memory.execute("DELETE FROM open_transaction WHERE number = ?", (number,))
    tse.expect_valid_certificate(device, proof)
    return SignProof(time=proof.time.at(), counter=proof.counter, signature=proof.signature)


def state_of(device: SoftwareTse, number: int) -> TransactionState:
    with device.lock:
        if _open_client(device, number) is not None:
            return TransactionState.OPEN
        if 0 < number <= device.state["transaction_counter"]:
            found = device.memory.execute(
                "SELECT 1 FROM log WHERE number = ? AND operation = 'Finish'", (number,)
            ).fetchone()
            return TransactionState.FINISHED if found else TransactionState.UNKNOWN
        return TransactionState.UNKNOWN


def open_numbers(device: SoftwareTse) -> tuple[int, ...]:
    """Numbers of the open transactions, in order."""
    with device.lock:
        rows = device.memory.execute("SELECT number FROM open_transaction ORDER BY number")
        return tuple(row["number"] for row in rows)


def number_open(device: SoftwareTse) -> int:
    with device.lock:
        return int(device.memory.execute("SELECT COUNT(*) FROM open_transaction").fetchone()[0])


def last_log(device: SoftwareTse, number: int | None = None) -> bytes:
    """The latest transaction message, of one transaction or of all."""
    with device.lock:
        row = device.memory.execute(
            "SELECT body FROM log WHERE number IS NOT NULL AND (? IS NULL OR number = ?)"
            " ORDER BY counter DESC LIMIT 1",
            (number, number),
        ).fetchone()
    if row is None:
        raise errors.ErrorNoLogMessage if number is None else errors.ErrorTransactionNumberNotFound
    body: bytes = row["body"]
    return body


def started_at(device: SoftwareTse, number: int) -> datetime | None:
    """The logged time of a transaction's start, if that message is still stored."""
    with device.lock:
        row = device.memory.execute(
            "SELECT body FROM log WHERE number = ? AND operation = ?", (number, LogOperation.START)
        ).fetchone()
    return None if row is None else decode(row["body"]).log.proof.time.at()


def last_transaction_log(device: SoftwareTse, number: int) -> TransactionLog:
    log = decode(last_log(device, number)).log
    assert isinstance(log, TransactionLog)
    return log


class _CallContent(msgspec.Struct, frozen=True):
    """What a register says in one call."""

    client_id: str
    process_type: str
    data: bytes
    parts: tuple[bytes, ...] = ()


def _record(
    device: SoftwareTse,
    operation: LogOperation,
    number: int,
    content: _CallContent,
    state: sqlite3.Row,
) -> MessageProof:
    def make(proof: MessageProof) -> Log:
        return TransactionLog(
            version=device.version,
            operation_type=operation_type(operation, device.version),
            client_id=content.client_id,
            process_data=content.data,
            process_type=content.process_type,
            number=number,
            parts=content.parts,
            proof=proof,
        )

    return tse.record(device, make, FAILURES[operation], state)


_STANDING = """
SELECT device.*,
    (SELECT COUNT(*) FROM open_transaction) AS number_open,
    (SELECT is_registered FROM client WHERE client.id = :client) AS is_registered,
    (SELECT 1 FROM open_transaction WHERE number = :number) AS is_open,
    (SELECT COUNT(*) FROM pending WHERE number = :number) AS number_pending
FROM device
"""
"""All that a call must know, at once: each question to the memory is a chance for other threads to
get in between, while everybody waits for the device."""


def _expect_ready(device: SoftwareTse, client_id: str, number: int = 0) -> sqlite3.Row:
    """In service, with a user, a clock and no lock. Version 2 knows no user for registers."""
    asked = {"client": client_id, "number": number}
    state = tse.expect_usable(device.memory.execute(_STANDING, asked).fetchone())
    if device.version == 3:
        tse.permit(device, UserRole.LOGGER)
    if state["clock_offset"] is None:
        raise errors.ErrorTimeNotSet
    if state["is_locked"]:
        raise errors.ErrorTransactionLoggingLocked
    return state


def _expect_client(state: sqlite3.Row) -> None:
    if not state["is_registered"]:
        raise errors.ErrorClientNotRegistered


def _expect_open(state: sqlite3.Row) -> None:
    if not state["is_open"]:
        raise errors.ErrorTransactionNumberNotFound


def _expect_sizes(process_data: bytes, process_type: str) -> None:
    if len(process_type) > PROCESS_TYPE_MAX or not process_type.isascii():
        raise errors.ErrorParameterMismatch("the process type is too long")
    if len(process_data) > PROCESS_DATA_MAX:
        raise errors.ErrorParameterMismatch("the process data is too long")


def _open_client(device: SoftwareTse, number: int) -> str | None:
    row = device.memory.execute(
        "SELECT client FROM open_transaction WHERE number = ?", (number,)
    ).fetchone()
    return None if row is None else str(row["client"])


def _pending(device: SoftwareTse, number: int, state: sqlite3.Row) -> tuple[bytes, ...]:
    """Takes what waits for a signature."""
    if not state["number_pending"]:
        return ()
    rows = device.memory.execute(
        "DELETE FROM pending WHERE number = ? RETURNING id, data", (number,)
    ).fetchall()
    return tuple(row["data"] for row in sorted(rows, key=lambda row: int(row["id"])))
