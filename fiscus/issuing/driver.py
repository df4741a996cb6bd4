"""Takes an order from commit to commit, and asks devices and authorities in between."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import structlog

from fiscus.channels import ChannelConnection as Channel
from fiscus.issuing import closing, device_calls, series, signing
from fiscus.issuing.answers import (
    Answer,
    CountNeeded,
    DeviceNeeded,
    Needed,
    OrderDone,
    OrderFailed,
    QueuedOrder,
    SeriesNeeded,
)
from fiscus.issuing.services import IssuingServices
from fiscus.issuing.signing import DeviceRequest
from fiscus.issuing.writer import BROKEN, STOPPED, Reply, committed
from fiscus.model.faults import Corrupt, Trouble, Unavailable
from fiscus.model.orders import Enter, Order
from fiscus.store.connect import reading, writing

RECOVERED_MAX = 100

Channels = Callable[[str], Channel]

End = Callable[[OrderDone | OrderFailed, QueuedOrder], None]
"""Gets the end of an order, and the order as it stood then: it goes on from there if it is tried
again because another request is asking its device."""

_log = structlog.get_logger("fiscus.driver")


def prepared(
    services: IssuingServices, channels: Channels, waiting: QueuedOrder, needed: Needed
) -> QueuedOrder:
    """The order with what it needed: a series registered, documents counted, a device asked.

    Raises `Unavailable` if an authority's answer is not known.
    """
    match needed:
        case SeriesNeeded():
            faults = series.prepare(services, channels, needed)
            return msgspec.structs.replace(waiting, faults=faults)
        case CountNeeded():
            return _counted(services, waiting, needed)
        case DeviceNeeded():
            device = device_calls.ask(services, needed)
            return msgspec.structs.replace(
                waiting, order=needed.order, entry=needed.entry, made=needed.made, device=device
            )


def _counted(services: IssuingServices, waiting: QueuedOrder, needed: CountNeeded) -> QueuedOrder:
    order = waiting.order
    assert isinstance(order, Enter), "only a closing counts"
    draft = msgspec.structs.replace(order.draft, is_report=needed.is_report)
    order = msgspec.structs.replace(order, draft=draft)
    if needed.is_report:
        return msgspec.structs.replace(waiting, order=order, ahead=None)
    with reading(services.engine) as tx:
        ahead = closing.ahead(tx, needed.register, needed.first_sequence)
    return msgspec.structs.replace(waiting, order=order, ahead=ahead)


@dataclass(frozen=True, kw_only=True)
class OrderDriver:
    """Carries an order to its end: commit, do what is needed outside, commit again.

    `commit` brings an order into one transaction and replies after it; `outside` runs what waits
    for authorities and devices, at once or in a thread, and raises `RuntimeError` once the
    service is stopping.
    """

    services: IssuingServices
    channels: Channels
    commit: Callable[[QueuedOrder, Reply], None]
    outside: Callable[[Callable[[], None]], object]

    def send(self, waiting: QueuedOrder, end: End) -> None:
        """Ends once, whatever happens on the way: every trouble is a failure."""

        def answered(answer: Answer) -> None:
            if isinstance(answer, OrderDone | OrderFailed):
                end(answer, waiting)
                return
            try:
                self.outside(lambda: self.go_on(waiting, answer, end))
            except RuntimeError:
                end(OrderFailed(trouble=Unavailable(STOPPED)), waiting)

        self.commit(waiting, answered)

    def go_on(self, waiting: QueuedOrder, needed: Needed, end: End) -> None:
        """Do what the order needs, in this thread, and send the order on."""
        try:
            waiting = prepared(self.services, self.channels, waiting, needed)
        except Trouble as trouble:
            end(OrderFailed(trouble=trouble), waiting)
        except Exception:
            _log.exception("not done", register=getattr(needed, "register", ""))
            end(OrderFailed(trouble=Corrupt(BROKEN)), waiting)
        else:
            self.send(waiting, end)


def carried_out(
    services: IssuingServices, channels: Channels, order: Order, needed: Needed | None = None
) -> OrderDone | OrderFailed:
    """Carry an order of our own out to its end, here and now; `needed`: go on from there."""
    ended: list[OrderDone | OrderFailed] = []

    def commit(waiting: QueuedOrder, reply: Reply) -> None:
        reply(committed(services, [waiting])[0])

    def end(answer: OrderDone | OrderFailed, waiting: QueuedOrder) -> None:
        ended.append(answer)

    driver = OrderDriver(
        services=services, channels=channels, commit=commit, outside=lambda do: do()
    )
    if needed is None:
        driver.send(QueuedOrder(order=order), end)
    else:
        driver.go_on(QueuedOrder(order=order), needed, end)
    return ended[0]


def recover(services: IssuingServices, channels: Channels) -> int:
    """Carry out what was being asked when its process went away; gives how many were ended."""
    with reading(services.engine) as tx:
        overdue = signing.overdue(tx, services.clock(), RECOVERED_MAX)
    return sum(_recovered(services, channels, pending) for pending in overdue)


def _recovered(services: IssuingServices, channels: Channels, pending: DeviceRequest) -> bool:
    assert pending.order is not None, "what is being asked has an order"
    with writing(services.engine) as tx:
        if not signing.lease(tx, pending, services.clock()):
            return False
    answer = carried_out(services, channels, pending.order, pending.needed(is_repeated=True))
    if isinstance(answer, OrderFailed):
        _log.error("not recovered", intent=pending.intent, trouble=str(answer.trouble))
        return False
    _log.info("recovered", intent=pending.intent, register=pending.register)
    return True
