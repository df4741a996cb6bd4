"""The software TSE as one device among others: set up in the usual order, then ready to sign."""

import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import TypeVar

from fiscus.model.devices import (
    DeviceInfo,
    FinishedTransaction,
    LogFilter,
    SigningDevice,
    StartedTransaction,
    TransactionOutcome,
    TransactionState,
)
from fiscus.signers.tse.log import algorithms, errors
from fiscus.signers.tse.log.errors import TseDown, TseRefused
from fiscus.signers.tse.log.messages import LogOperation
from fiscus.signers.tse.software import administration, export, transactions, users
from fiscus.signers.tse.software import device as tse
from fiscus.signers.tse.software.device import SoftwareTse, UserPins
from fiscus.signers.tse.software.status import end_of_usage

T = TypeVar("T")


def set_up(device: SoftwareTse, pins: UserPins, description: str = "") -> None:
    """A new device's first messages: log in, initialize, set the clock, test, log out."""
    with tse.step(device):
        if not users.authenticate(device, tse.ADMIN, pins.admin).is_success:
            raise errors.ErrorUserNotAuthenticated
        administration.initialize(device, description)
        administration.update_time(device)
        administration.self_test(device)
        users.log_out(device)


def opened(device: SoftwareTse, pins: UserPins) -> SigningDevice:
    """The device, ready for registers. It logs in as the logger when, and only when, a call needs
    a user; as the administrator only to let a client go."""

    def start(client_id: str, process_type: str, data: bytes) -> StartedTransaction:
        def call() -> transactions.StartProof:
            with device.lock:
                _be_logger_if_needed(device, pins)
                return transactions.start(device, client_id, data, process_type)

        done = _answered(device, call)
        return StartedTransaction(
            number=done.number,
            time=done.time,
            serial=done.serial.hex(),
            signature_counter=done.counter,
            signature=b64encode(done.signature).decode("ascii"),
        )

    def update(client_id: str, number: int, process_type: str, data: bytes) -> FinishedTransaction:
        def call() -> transactions.SignProof | None:
            with device.lock:
                _be_logger_if_needed(device, pins)
                return transactions.update(device, client_id, number, data, process_type)

        done = _answered(device, call)
        assert done is not None, "a signed update gives its proof"
        return _finished(number, done)

    def finish(client_id: str, number: int, process_type: str, data: bytes) -> FinishedTransaction:
        def call() -> transactions.SignProof:
            with device.lock:
                _be_logger_if_needed(device, pins)
                return transactions.finish(device, client_id, number, data, process_type)

        return _finished(number, _answered(device, call))

    return SigningDevice(
        register_client=lambda client: _answered(device, lambda: _register(device, pins, client)),
        deregister_client=lambda client: _answered(
            device, lambda: _deregister(device, pins, client)
        ),
        start=start,
        update=update,
        finish=finish,
        find=lambda number: _answered(device, lambda: _found(device, number)),
        open_numbers=lambda: _answered(device, lambda: transactions.open_numbers(device)),
        export=lambda wanted: _exported(device, wanted),
        info=lambda: _answered(device, lambda: _info(device)),
    )


def _answered(device: SoftwareTse, call: Callable[[], T]) -> T:
    """Errors of the device in the words of the contract."""
    try:
        return call()
    except (errors.ErrorStorageFailure, sqlite3.Error) as error:
        raise TseDown(f"{errors.ErrorStorageFailure.__name__}: {error}") from error
    except errors.TseError as error:
        raise TseRefused(error.name(device.version), str(error)) from error


def _register(device: SoftwareTse, pins: UserPins, client_id: str) -> None:
    with device.lock:
        if administration.is_registered(device, client_id):
            return
        _be_logger(device, pins)
        with tse.step(device):  # another process may be at it
            if not administration.is_registered(device, client_id):
                administration.register_client(device, client_id)


def _deregister(device: SoftwareTse, pins: UserPins, client_id: str) -> None:
    with device.lock:
        if not administration.is_registered(device, client_id):
            return
        if not users.authenticate(device, tse.ADMIN, pins.admin).is_success:
            raise errors.ErrorUserNotAuthenticated
        with tse.step(device):
            if administration.is_registered(device, client_id):
                administration.deregister_client(device, client_id)
            users.log_out(device)


def _be_logger_if_needed(device: SoftwareTse, pins: UserPins) -> None:
    if device.version == 3:
        _be_logger(device, pins)


def _be_logger(device: SoftwareTse, pins: UserPins) -> None:
    if device.user == tse.LOGGER:
        return
    if not users.authenticate(device, tse.LOGGER, pins.logger).is_success:
        raise errors.ErrorUserNotAuthenticated


def _finished(number: int, done: transactions.SignProof) -> FinishedTransaction:
    return FinishedTransaction(
        number=number,
        time=done.time,
        signature_counter=done.counter,
        signature=b64encode(done.signature).decode("ascii"),
    )


def _found(device: SoftwareTse, number: int) -> TransactionOutcome:
    with tse.step(device):  # one state, whatever another process writes meanwhile
        state = transactions.state_of(device, number)
        if state is TransactionState.UNKNOWN:
            return TransactionOutcome(number=number, state=state)
        log = transactions.last_transaction_log(device, number)
        started_at = transactions.started_at(device, number)
    finished = None
    if log.operation is LogOperation.FINISH:
        finished = FinishedTransaction(
            number=number,
            time=log.proof.time.at(),
            signature_counter=log.proof.counter,
            signature=b64encode(log.proof.signature).decode("ascii"),
        )
    return TransactionOutcome(
        number=number,
        state=state,
        started_at=started_at,
        client_id=log.client_id,
        process_type=log.process_type or "",
        process_data=log.process_data,
        finished=finished,
    )


def _exported(device: SoftwareTse, wanted: LogFilter) -> Iterator[bytes]:
    """What is refused is refused at once; a memory that fails later breaks the archive off."""

    def begun() -> Iterator[bytes]:
        if wanted == LogFilter(records_max=wanted.records_max):
            return export.log_messages(device, records_max=wanted.records_max)
        return export.transaction_logs(device, wanted)

    blocks = _answered(device, begun)
    return _to_the_end(device, blocks)


def _to_the_end(device: SoftwareTse, blocks: Iterator[bytes]) -> Iterator[bytes]:
    while (block := _answered(device, lambda: next(blocks, None))) is not None:
        yield block


def _info(device: SoftwareTse) -> DeviceInfo:
    with device.lock:
        about = tse.about(device)
        point = algorithms.point(device.key.public_key())
        return DeviceInfo(
            serial=device.serial.hex(),
            public_key=b64encode(point).decode("ascii"),
            algorithm=device.algorithm,
            time_format=device.time_format,
            certificates=device.chain,
            is_test=True,
            description=about.description,
            manufacturer=tse.MANUFACTURER,
            usable_until=end_of_usage(device),
        )
