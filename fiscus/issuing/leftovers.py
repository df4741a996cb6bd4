"""Ends what an outage left open in a device: no document ever will, and a device has room for few.

It is no healing: the document went out unsigned and stays so. The device is told what its law says
of such a transaction, and its own log shows it.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from fiscus.issuing import signing
from fiscus.issuing.desk import Desk
from fiscus.issuing.devices import Fitted
from fiscus.regimes import find as regime_of
from fiscus.registry.devices import State
from fiscus.signers import DeviceTransaction, SignerDown
from fiscus.store.connect import reading
from fiscus.store.schema import FITTING, REGISTER, TAXPAYER

AGE = timedelta(minutes=15)
"""Far longer than anybody needs to say in the journal what he has begun."""

_log = structlog.get_logger("fiscus.devices")

_FITTED = (
    select(FITTING.c.register, TAXPAYER.c.regime)
    .join(REGISTER, REGISTER.c.id == FITTING.c.register)
    .join(TAXPAYER, TAXPAYER.c.id == REGISTER.c.taxpayer)
    .where(FITTING.c.state == State.FITTED)
    .order_by(FITTING.c.register)
)


def end(desk: Desk) -> int:
    """End what no operation waits for, in every device that answers; gives how many were ended."""
    with reading(desk.engine) as tx:
        rows = tx.execute(_FITTED).all()
    ended = 0
    for row in rows:
        said = regime_of(row.regime).left_over
        fitted = desk.devices.of(row.register) if said is not None else None
        if said is None or fitted is None:
            continue
        try:
            ended += _ended(desk, row.register, fitted, said)
        except SignerDown as outage:
            _log.info("left over for later", register=row.register, reason=str(outage))
    return ended


def _ended(desk: Desk, register: str, fitted: Fitted, said: DeviceTransaction) -> int:
    serial, old = fitted.info.serial, desk.clock() - AGE
    still_open = desk.devices.open_numbers(register, serial)
    with reading(desk.engine) as tx:
        known = signing.numbers(tx, register, serial)
        if signing.is_start_lost(tx, register, desk.clock()):
            return 0  # One of them may be what recovery is looking for.
    left = [
        number
        for number in sorted(set(still_open) - known)
        if _is_left(desk, register, fitted, number, old)
    ]
    for number in left:
        data = said.process_data.encode()
        desk.devices.finish(register, serial, number, said.process_type, data)
        _log.warning("ended what an outage left open", register=register, transaction=number)
    return len(left)


def _is_left(desk: Desk, register: str, fitted: Fitted, number: int, old: datetime) -> bool:
    """Whether it is the register's own, and too old to be known to the journal one day."""
    found = desk.devices.find(register, fitted.info.serial, number)
    is_ours = found.client_id == fitted.client
    return is_ours and found.started_at is not None and found.started_at < old
