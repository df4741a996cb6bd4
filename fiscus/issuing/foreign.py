"""Asks a register's device, outside any transaction; after a crash, what became of it."""

from fiscus.issuing import signing
from fiscus.issuing.answers import DeviceAnswer, DeviceNeeded, Step
from fiscus.issuing.desk import Desk
from fiscus.issuing.devices import Exchanged
from fiscus.model.devices import Finished, Found, Started, TransactionState
from fiscus.model.records import Signing
from fiscus.signers import SignerDown
from fiscus.store.connect import reading


def ask(desk: Desk, needed: DeviceNeeded) -> DeviceAnswer:
    """The device's answer. A device that is out is an answer too: the law decides what follows."""
    try:
        if needed.step is Step.START:
            return _started(desk, needed)
        return DeviceAnswer(signing=_signed(desk, needed))
    except SignerDown as outage:
        reason = str(outage) or type(outage).__name__
        if needed.started is not None:
            # What its log shows as begun, and perhaps as ended, belongs to this document.
            reason = f"{reason}; transaction {needed.started.number} was begun"
        return DeviceAnswer(outage=reason, is_past=isinstance(outage, Exchanged))


def _started(desk: Desk, needed: DeviceNeeded) -> DeviceAnswer:
    """A transaction of its own; after a lost answer, the one that nobody knows of."""
    if needed.is_repeated and (lost := _lost(desk, needed)):
        return DeviceAnswer(started=lost, is_found=True)
    return DeviceAnswer(started=desk.devices.start(needed.register))


def _lost(desk: Desk, needed: DeviceNeeded) -> Started | None:
    """The first transaction that the device began for this register and no intention holds.

    Not one from before the intention: an outage has left it open. Nor a young one: whoever began
    it may be about to say so. The first, so that of several that were lost none is left over.
    """
    register = needed.register
    fitted = desk.devices.of(register)
    if fitted is None:
        return None
    serial = fitted.info.serial
    still_open = desk.devices.open_numbers(register, serial)
    with reading(desk.engine) as tx:
        # After the device: it may have been told meanwhile.
        known = signing.numbers(tx, register, serial)
        since = signing.wished_at(tx, needed.intent) - signing.HELD / 2  # clocks differ a little
    until = desk.clock() - signing.HELD / 2
    for number in sorted(set(still_open) - known):
        found = desk.devices.find(register, serial, number)
        if (
            found.state is TransactionState.OPEN
            and found.client_id == fitted.client
            and found.started_at is not None
            and since <= found.started_at <= until
        ):
            return Started(
                number=number, time=found.started_at, serial=serial,
                signature_counter=0, signature="",
            )  # fmt: skip
    return None


def _signed(desk: Desk, needed: DeviceNeeded) -> Signing:
    started = needed.started
    assert started is not None, "only what was started is finished"
    fitted = desk.devices.expected(needed.register, started.serial)
    finished = _ended(desk, needed, started) if needed.is_repeated else None
    if finished is None:
        finished = desk.devices.finish(
            needed.register,
            started.serial,
            started.number,
            needed.process_type,
            needed.process_data.encode(),
        )
    return Signing(
        serial=started.serial, client=fitted.client, number=started.number,
        process_type=needed.process_type, process_data=needed.process_data,
        started_at=started.time, finished_at=finished.time,
        counter=finished.signature_counter, signature=finished.signature,
        algorithm=fitted.info.algorithm, time_format=fitted.info.time_format,
        public_key=fitted.info.public_key,
    )  # fmt: skip


def _ended(desk: Desk, needed: DeviceNeeded, started: Started) -> Finished | None:
    """What became of the transaction, if the device was asked to end it before."""
    found: Found = desk.devices.find(needed.register, started.serial, started.number)
    if found.state is TransactionState.OPEN:
        return None
    is_ours = found.process_data == needed.process_data.encode()
    if found.finished is None or not is_ours or found.process_type != needed.process_type:
        raise SignerDown(f"transaction {started.number} was not ended by this document")
    return found.finished
