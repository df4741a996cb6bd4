"""Ends transactions that an outage left open on a device: no document will, and a device can hold
few.

This repairs nothing: the document went out unsigned and stays so. The device is told what its law
says of such a transaction, and its own log shows it.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from fiscus.devices.pool import RegisterDevice
from fiscus.issuing import signing
from fiscus.issuing.services import IssuingServices
from fiscus.regimes import find as regime_of
from fiscus.registry.devices import DeviceState
from fiscus.signers import DeviceTransaction, SignerDown
from fiscus.store.connect import reading
from fiscus.store.schema import FITTING, REGISTER, TAXPAYER

AGE = timedelta(minutes=15)
"""Far longer than it takes to journal what was begun."""

_log = structlog.get_logger("fiscus.devices")

_FITTED = (
    select(FITTING.c.register, TAXPAYER.c.regime)
    .join(REGISTER, REGISTER.c.id == FITTING.c.register)
    .join(TAXPAYER, TAXPAYER.c.id == REGISTER.c.taxpayer)
    .where(FITTING.c.state == DeviceState.FITTED)
    .order_by(FITTING.c.register)
)


def end(issuing: IssuingServices) -> int:
    """End what no operation waits for, in every device that answers; gives how many were ended."""
    with reading(issuing.engine) as tx:
        rows = tx.execute(_FITTED).all()
    ended = 0
    for row in rows:
        said = regime_of(row.regime).left_over
        fitted = issuing.devices.of(row.register) if said is not None else None
        if said is None or fitted is None:
            continue
        try:
            ended += _ended(issuing, row.register, fitted, said)
        except SignerDown as outage:
            _log.info("left over for later", register=row.register, reason=str(outage))
    return ended


def _ended(
    issuing: IssuingServices, register: str, fitted: RegisterDevice, said: DeviceTransaction
) -> int:
    serial, old = fitted.info.serial, issuing.clock() - AGE
    still_open = issuing.devices.open_numbers(register, serial)
    with reading(issuing.engine) as tx:
        known = signing.numbers(tx, register, serial)
        if signing.is_start_lost(tx, register, issuing.clock()):
            return 0  # One of them may be what recovery is looking for.
    left = [
        number
        for number in sorted(set(still_open) - known)
        if _is_left(issuing, register, fitted, number, old)
    ]
    for number in left:
        data = said.process_data.encode()
        issuing.devices.finish(register, serial, number, said.process_type, data)
        _log.warning("ended what an outage left open", register=register, transaction=number)
    return len(left)


def _is_left(
    issuing: IssuingServices, register: str, fitted: RegisterDevice, number: int, old: datetime
) -> bool:
    """Whether it is the register's own, and too old to be known to the journal one day."""
    found = issuing.devices.find(register, fitted.info.serial, number)
    is_ours = found.client_id == fitted.client
    return is_ours and found.started_at is not None and found.started_at < old
