"""What an order comes back with: a record, a trouble, or something to be done outside the
transaction first."""

from datetime import date
from enum import StrEnum

import msgspec

from fiscus.issuing.counting import PeriodCount
from fiscus.model.devices import StartedTransaction
from fiscus.model.faults import Fault, Trouble
from fiscus.model.orders import Order
from fiscus.model.records import DeviceSigning, Record, SeriesWanted
from fiscus.registry.series import SeriesWish


class DeviceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a device answered: `started` to a start, `signing` to a finish, or why it is out.
    `is_found`: it was started before, and the answer was lost. `is_past`: it was begun by
    a device that was exchanged since; the one that signs now is not out."""

    started: StartedTransaction | None = None
    is_found: bool = False
    signing: DeviceSigning | None = None
    outage: str = ""
    is_past: bool = False


class OrderDone(msgspec.Struct, frozen=True, kw_only=True):
    """A record was made now, or was made before under the same key (`is_replay`)."""

    record: Record
    previous_id: str
    metadata: str
    is_replay: bool = False


class OrderFailed(msgspec.Struct, frozen=True, kw_only=True):
    """An order was not carried out; the trouble says why."""

    trouble: Trouble
    is_replay: bool = False


class QueuedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order in the queue, with what was done for it outside meanwhile.

    `faults`: what an authority said against it; `entry`: the id it was promised when its device
    was asked, `device` that device's answer, `made` the record that was made with the request;
    `ahead`: what a closing has counted already.
    """

    order: Order
    faults: tuple[Fault, ...] = ()
    entry: str = ""
    device: DeviceAnswer | None = None
    made: OrderDone | None = None
    ahead: PeriodCount | None = None


class SeriesNeeded(msgspec.Struct, frozen=True, kw_only=True):
    """Set aside: this series must be registered first, outside any transaction. `starts_on`: it is
    wanted ahead, from that day on."""

    organization: str
    tax_number: str
    regime: str
    wish: SeriesWish
    starts_on: date | None = None

    @property
    def wanted(self) -> SeriesWanted:
        return self.wish.wanted


class CountNeeded(msgspec.Struct, frozen=True, kw_only=True):
    """Set aside: count this register's documents from that sequence on, without any lock. Nothing
    is to be counted for a report: its draft must know that it is one."""

    register: str
    first_sequence: int
    is_report: bool


class DeviceStep(StrEnum):
    """What a device is asked for: to start a transaction or to finish it."""

    START = "start"
    FINISH = "finish"


class DeviceNeeded(msgspec.Struct, frozen=True, kw_only=True):
    """Set aside, its device request committed: ask the register's device, outside any transaction.

    `order` (as the device request stores it), `entry` and `made` go back with the answer.
    `is_repeated`: the device may have been asked before, and the answer lost, so the device is
    asked first what became of it.
    """

    order: Order
    entry: str
    register: str
    intent: str
    step: DeviceStep
    started: StartedTransaction | None = None
    process_type: str = ""
    process_data: str = ""
    is_repeated: bool = False
    made: OrderDone | None = None


Needed = SeriesNeeded | CountNeeded | DeviceNeeded
Answer = OrderDone | OrderFailed | Needed
