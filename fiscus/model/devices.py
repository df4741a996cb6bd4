"""A foreign device that signs transactions (a TSE): what it can be asked and what it answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec


class StartedTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """`serial` is hex, `signature` base64, as they stand on receipts."""

    number: int
    time: datetime
    serial: str
    signature_counter: int
    signature: str


class FinishedTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """The proof of an update or of the end of a transaction."""

    number: int
    time: datetime
    signature_counter: int
    signature: str


class TransactionState(StrEnum):
    """How far a device is with a transaction."""

    OPEN = "open"
    FINISHED = "finished"
    UNKNOWN = "unknown"


class TransactionOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a transaction: asked after a crash between the device and the journal.
    `finished` is there if it ended, with what was said and signed at the end; `started_at` is the
    logged time of its start."""

    number: int
    state: TransactionState
    started_at: datetime | None = None
    client_id: str = ""
    process_type: str = ""
    process_data: bytes = b""
    finished: FinishedTransaction | None = None


class DeviceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What receipts, exports and notifications say about a device. `public_key` is base64 of the
    uncompressed point; `certificates` are DER, its own first; `is_test` keys are never valid."""

    serial: str
    public_key: str
    algorithm: str
    time_format: str
    certificates: tuple[bytes, ...]
    is_test: bool
    description: str = ""
    manufacturer: str = ""
    usable_until: datetime | None = None


class LogFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which transactions to export. By number, by numbers or by time; each also by client.

    Both bounds are included; `records_max` of 0 means no limit. Nothing given means everything,
    system logs included.
    """

    client_id: str = ""
    number: int | None = None
    first_number: int | None = None
    last_number: int | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    records_max: int = 0


@dataclass(frozen=True, kw_only=True)
class SigningDevice:
    """One opened device, ready for its registers; every call is bounded in time.

    `register_client(client)` may be repeated, `deregister_client(client)` too;
    `start(client, process_type, process_data)`; `update` and
    `finish(client, number, process_type, process_data)`; `find(number)`; `open_numbers()`;
    `export(filter)` gives the archive in blocks; `info()`.
    """

    register_client: Callable[[str], None]
    deregister_client: Callable[[str], None]
    start: Callable[[str, str, bytes], StartedTransaction]
    update: Callable[[str, int, str, bytes], FinishedTransaction]
    finish: Callable[[str, int, str, bytes], FinishedTransaction]
    find: Callable[[int], TransactionOutcome]
    open_numbers: Callable[[], tuple[int, ...]]
    export: Callable[[LogFilter], Iterator[bytes]]
    info: Callable[[], DeviceInfo]
