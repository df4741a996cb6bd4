"""What an order needs from outside any transaction, and orders that the house gives itself."""

from collections.abc import Callable

import msgspec
import structlog

from fiscus.channels import Connection as Channel
from fiscus.issuing import closing, foreign, series, signing
from fiscus.issuing.answers import (
    CountNeeded,
    DeviceNeeded,
    Done,
    Failed,
    Needed,
    SeriesNeeded,
    Waiting,
)
from fiscus.issuing.desk import Desk
from fiscus.issuing.issue import carry_out
from fiscus.issuing.signing import Held
from fiscus.model.orders import Enter, Order
from fiscus.store.connect import reading, writing

RECOVERED_MAX = 100

Channels = Callable[[str], Channel]

_log = structlog.get_logger("fiscus.errands")


def prepared(desk: Desk, channels: Channels, waiting: Waiting, needed: Needed) -> Waiting:
    """The order with what it needed: a series registered, documents counted, a device asked.

    Raises `Unavailable` if an authority's answer is not known.
    """
    match needed:
        case SeriesNeeded():
            faults = series.prepare(desk, channels, needed)
            return msgspec.structs.replace(waiting, faults=faults)
        case CountNeeded():
            return _counted(desk, waiting, needed)
        case DeviceNeeded():
            device = foreign.ask(desk, needed)
            return msgspec.structs.replace(
                waiting, order=needed.order, entry=needed.entry, made=needed.made, device=device
            )


def _counted(desk: Desk, waiting: Waiting, needed: CountNeeded) -> Waiting:
    order = waiting.order
    assert isinstance(order, Enter), "only a closing counts"
    draft = msgspec.structs.replace(order.draft, is_report=needed.is_report)
    order = msgspec.structs.replace(order, draft=draft)
    if needed.is_report:
        return msgspec.structs.replace(waiting, order=order, ahead=None)
    with reading(desk.engine) as tx:
        ahead = closing.ahead(tx, needed.register, needed.first_sequence)
    return msgspec.structs.replace(waiting, order=order, ahead=ahead)


def carried_out(
    desk: Desk, channels: Channels, order: Order, needed: Needed | None = None
) -> Done | Failed:
    """Carry an order of our own out to its end, here and now; `needed`: go on from there."""
    waiting = Waiting(order=order)
    while True:
        if needed is not None:
            waiting = prepared(desk, channels, waiting, needed)
        with writing(desk.engine) as tx:
            answer = carry_out(tx, desk, [waiting])[0]
        if isinstance(answer, Done | Failed):
            return answer
        needed = answer


def recover(desk: Desk, channels: Channels) -> int:
    """Carry out what was being asked when its process went away; gives how many were ended."""
    with reading(desk.engine) as tx:
        overdue = signing.overdue(tx, desk.clock(), RECOVERED_MAX)
    return sum(_recovered(desk, channels, held) for held in overdue)


def _recovered(desk: Desk, channels: Channels, held: Held) -> bool:
    assert held.order is not None, "what is being asked has an order"
    with writing(desk.engine) as tx:
        if not signing.lease(tx, held, desk.clock()):
            return False
    answer = carried_out(desk, channels, held.order, held.needed(is_repeated=True))
    if isinstance(answer, Failed):
        _log.error("not recovered", intent=held.intent, trouble=str(answer.trouble))
        return False
    _log.info("recovered", intent=held.intent, register=held.register)
    return True
