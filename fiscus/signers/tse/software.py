"""The software TSE as one TSE among others: set up in the usual order, then ready for registers."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import TypeVar

from fiscus.signers.tse import administration, algorithms, errors, export, transactions, users
from fiscus.signers.tse import device as tse
from fiscus.signers.tse.contract import (
    Filter,
    Finished,
    TransactionFound,
    TransactionStarted,
    TransactionState,
    Tse,
    TseDown,
    TseInfo,
    TseRefused,
)
from fiscus.signers.tse.device import Device, Pins
from fiscus.signers.tse.messages import Operation
from fiscus.signers.tse.status import end_of_usage

T = TypeVar("T")


def set_up(device: Device, pins: Pins, description: str = "") -> None:
    """A new device's first messages: log in, initialize, set the clock, test, log out."""
    with tse.step(device):
        if not users.authenticate(device, tse.ADMIN, pins.admin).is_success:
            raise errors.ErrorUserNotAuthenticated
        administration.initialize(device, description)
        administration.update_time(device)
        administration.self_test(device)
        users.log_out(device)


def opened(device: Device, logger_pin: str) -> Tse:
    """The device as a TSE. It logs in as the logger when, and only when, a call needs a user."""

    def register_client(client_id: str) -> None:
        def call() -> None:
            with device.lock:
                if administration.is_registered(device, client_id):
                    return
                _be_logger(device, logger_pin)
                administration.register_client(device, client_id)

        _answered(device, call)

    def start(client_id: str, process_type: str, data: bytes) -> TransactionStarted:
        def call() -> transactions.Started:
            with device.lock:
                _be_logger_if_needed(device, logger_pin)
                return transactions.start(device, client_id, data, process_type)

        done = _answered(device, call)
        return TransactionStarted(
            number=done.number,
            time=done.time,
            serial=done.serial.hex(),
            signature_counter=done.counter,
            signature=b64encode(done.signature).decode("ascii"),
        )

    def update(client_id: str, number: int, process_type: str, data: bytes) -> Finished:
        def call() -> transactions.Signed | None:
            with device.lock:
                _be_logger_if_needed(device, logger_pin)
                return transactions.update(device, client_id, number, data, process_type)

        done = _answered(device, call)
        assert done is not None, "a signed update gives its proof"
        return _finished(number, done)

    def finish(client_id: str, number: int, process_type: str, data: bytes) -> Finished:
        def call() -> transactions.Signed:
            with device.lock:
                _be_logger_if_needed(device, logger_pin)
                return transactions.finish(device, client_id, number, data, process_type)

        return _finished(number, _answered(device, call))

    return Tse(
        register_client=register_client,
        start=start,
        update=update,
        finish=finish,
        find=lambda number: _answered(device, lambda: _found(device, number)),
        open_numbers=lambda: transactions.open_numbers(device),
        export=lambda wanted: _answered(device, lambda: _exported(device, wanted)),
        info=lambda: _info(device),
    )


def _answered(device: Device, call: Callable[[], T]) -> T:
    """Errors of the device in the words of the contract."""
    try:
        return call()
    except errors.ErrorStorageFailure as error:
        raise TseDown(str(error)) from error
    except errors.TseError as error:
        raise TseRefused(error.name(device.version), str(error)) from error


def _be_logger_if_needed(device: Device, pin: str) -> None:
    if device.version == 3:
        _be_logger(device, pin)


def _be_logger(device: Device, pin: str) -> None:
    if device.user == tse.LOGGER:
        return
    if not users.authenticate(device, tse.LOGGER, pin).is_success:
        raise errors.ErrorUserNotAuthenticated


def _finished(number: int, done: transactions.Signed) -> Finished:
    return Finished(
        number=number,
        time=done.time,
        signature_counter=done.counter,
        signature=b64encode(done.signature).decode("ascii"),
    )


def _found(device: Device, number: int) -> TransactionFound:
    state = transactions.state_of(device, number)
    if state is TransactionState.UNKNOWN:
        return TransactionFound(number=number, state=state)
    log = transactions.last_transaction_log(device, number)
    finished = None
    if log.operation is Operation.FINISH:
        finished = Finished(
            number=number,
            time=log.proof.time.at(),
            signature_counter=log.proof.counter,
            signature=b64encode(log.proof.signature).decode("ascii"),
        )
    return TransactionFound(
        number=number,
        state=state,
        client_id=log.client_id,
        process_type=log.process_type or "",
        process_data=log.process_data,
        finished=finished,
    )


def _exported(device: Device, wanted: Filter) -> Iterator[bytes]:
    if wanted == Filter(records_max=wanted.records_max):
        return export.log_messages(device, records_max=wanted.records_max)
    return export.transaction_logs(device, wanted)


def _info(device: Device) -> TseInfo:
    with device.lock:
        about = tse.about(device)
        point = algorithms.point(device.key.public_key())
        return TseInfo(
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
