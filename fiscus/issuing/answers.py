"""What comes of an order: a record, a refusal, or something to be done outside first."""

from enum import StrEnum

import msgspec

from fiscus.issuing.counting import Count
from fiscus.model.devices import Started
from fiscus.model.faults import Fault, Trouble
from fiscus.model.orders import Order
from fiscus.model.records import Record, SeriesWanted, Signing


class DeviceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a device said: to a start `started`, to a finish `signing`; or why it is out.
    `is_found`: it was started before, for somebody who lost the answer. `is_past`: it was begun by
    a device that was exchanged since; the one that signs now is not out."""

    started: Started | None = None
    is_found: bool = False
    signing: Signing | None = None
    outage: str = ""
    is_past: bool = False


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A record was made now, or was made before under the same key (`is_replay`)."""

    record: Record
    previous_id: str
    serial: str
    metadata: str
    is_replay: bool = False


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    trouble: Trouble
    is_replay: bool = False


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An order in the queue, with what was done for it outside meanwhile.

    `faults`: what an authority said against it; `entry`: the id it was promised when its device
    was asked, `device` that device's answer, `made` the record that was made with the wish;
    `ahead`: what a closing has counted already.
    """

    order: Order
    faults: tuple[Fault, ...] = ()
    entry: str = ""
    device: DeviceAnswer | None = None
    made: Done | None = None
    ahead: Count | None = None


class SeriesNeeded(msgspec.Struct, frozen=True, kw_only=True):
    """Set aside: this series must be registered first, outside any transaction."""

    organization: str
    taxpayer: str
    tax_number: str
    regime: str
    wanted: SeriesWanted


class CountNeeded(msgspec.Struct, frozen=True, kw_only=True):
    """Set aside: count this register's documents from that sequence on, without any lock. Nothing
    is to be counted for a report: its draft must know that it is one."""

    register: str
    first_sequence: int
    is_report: bool


class Step(StrEnum):
    START = "start"
    FINISH = "finish"


class DeviceNeeded(msgspec.Struct, frozen=True, kw_only=True):
    """Set aside, its wish committed: ask the register's device, outside any transaction.

    `order` (as it stands in the wish), `entry` and `made` go back with the answer. `is_repeated`:
    somebody may have asked before and lost the answer, so the device is asked first what became
    of it.
    """

    order: Order
    entry: str
    register: str
    intent: str
    step: Step
    started: Started | None = None
    process_type: str = ""
    process_data: str = ""
    is_repeated: bool = False
    made: Done | None = None


Needed = SeriesNeeded | CountNeeded | DeviceNeeded
Answer = Done | Failed | Needed
