"""Asks a register's device, outside any transaction. After a crash it asks the device what was
carried out."""

from fiscus.devices.pool import DeviceExchanged
from fiscus.issuing import signing
from fiscus.issuing.answers import DeviceAnswer, DeviceNeeded, DeviceStep
from fiscus.issuing.services import IssuingServices
from fiscus.model.devices import (
    FinishedTransaction,
    StartedTransaction,
    TransactionOutcome,
    TransactionState,
)
from fiscus.model.records import DeviceSigning
from fiscus.signers import SignerDown
from fiscus.store.connect import reading


def ask(services: IssuingServices, needed: DeviceNeeded) -> DeviceAnswer:
    """The device's answer. A device that is out is an answer too: the law decides what follows."""
    try:
        if needed.step is DeviceStep.START:
            return _started(services, needed)
        return DeviceAnswer(signing=_signed(services, needed))
    except SignerDown as outage:
        reason = str(outage) or type(outage).__name__
        if needed.started is not None:
            # What its log shows as begun, and perhaps as ended, belongs to this document.
            reason = f"{reason}; transaction {needed.started.number} was begun"
        return DeviceAnswer(outage=reason, is_past=isinstance(outage, DeviceExchanged))


def _started(services: IssuingServices, needed: DeviceNeeded) -> DeviceAnswer:
    """The transaction for a start; after a lost answer, the one that no intention knows of."""
    if needed.is_repeated and (lost := _lost(services, needed)):
        return DeviceAnswer(started=lost, is_found=True)
    return DeviceAnswer(started=services.devices.start(needed.register))


def _lost(services: IssuingServices, needed: DeviceNeeded) -> StartedTransaction | None:
    """The first transaction that the device began for this register and no intention knows of.

    Not one from before the intention: an outage has left it open. Nor a young one: the process
    that began it may be about to store it. The first, so that of several that were lost none is
    left over.
    """
    register = needed.register
    fitted = services.devices.of(register)
    if fitted is None:
        return None
    serial = fitted.info.serial
    still_open = services.devices.open_numbers(register, serial)
    with reading(services.engine) as tx:
        # After the device: it may have been told meanwhile.
        known = signing.numbers(tx, register, serial)
        since = signing.intended_at(tx, needed.intent) - signing.HELD / 2  # clocks differ a little
    until = services.clock() - signing.HELD / 2
    for number in sorted(set(still_open) - known):
        found = services.devices.find(register, serial, number)
        if (
            found.state is TransactionState.OPEN
            and found.client_id == fitted.client
            and found.started_at is not None
            and since <= found.started_at <= until
        ):
            return StartedTransaction(
                number=number,
                time=found.started_at,
                serial=serial,
                signature_counter=0,
                signature="",
            )
    return None


def _signed(services: IssuingServices, needed: DeviceNeeded) -> DeviceSigning:
    started = needed.started
    assert started is not None, "only what was started is finished"
    fitted = services.devices.expected(needed.register, started.serial)
    finished = _ended(services, needed, started) if needed.is_repeated else None
    if finished is None:
        finished = services.devices.finish(
            needed.register,
            started.serial,
            started.number,
            needed.process_type,
            needed.process_data.encode(),
        )
    return DeviceSigning(
        serial=started.serial,
        client=fitted.client,
        number=started.number,
        process_type=needed.process_type,
        process_data=needed.process_data,
        started_at=started.time,
        finished_at=finished.time,
        counter=finished.signature_counter,
        signature=finished.signature,
        algorithm=fitted.info.algorithm,
        time_format=fitted.info.time_format,
        public_key=fitted.info.public_key,
    )


def _ended(
    services: IssuingServices, needed: DeviceNeeded, started: StartedTransaction
) -> FinishedTransaction | None:
    """The finished transaction, if the device was asked to end it before."""
    found: TransactionOutcome = services.devices.find(
        needed.register, started.serial, started.number
    )
    if found.state is TransactionState.OPEN:
        return None
    is_ours = found.process_data == needed.process_data.encode()
    if found.finished is None or not is_ours or found.process_type != needed.process_type:
        raise SignerDown(f"transaction {started.number} was not ended by this document")
    return found.finished
