"""What every TSE can do for us, whoever made it: a value of a few bounded calls.

A call that fails raises `TseDown`; the law then lets the sale go out unsigned and says so on the
receipt. A TSE that answers with a refusal raises `TseRefused`, which is the same to the law but
tells the operator what to mend.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from fiscus.signers import SignerDown
from fiscus.signers.tse.logtime import TimeFormat


class TseDown(SignerDown):
    """The TSE does not answer, or its answer cannot be understood."""


class TseRefused(TseDown):
    """The TSE answered with an error; `name` is the guideline's or the provider's."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(f"{name}: {text}" if text else name)
        self.name = name


class TransactionStarted(msgspec.Struct, frozen=True, kw_only=True):
    """`serial` is hex, `signature` base64, as they stand on receipts."""

    number: int
    time: datetime
    serial: str
    signature_counter: int
    signature: str


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """The proof of an update or of the end of a transaction."""

    number: int
    time: datetime
    signature_counter: int
    signature: str


class TransactionState(StrEnum):
    OPEN = "open"
    FINISHED = "finished"
    UNKNOWN = "unknown"


class TransactionFound(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a transaction: asked after a crash between the device and the journal.
    `finished` is there if it ended, with what was said and signed at the end."""

    number: int
    state: TransactionState
    client_id: str = ""
    process_type: str = ""
    process_data: bytes = b""
    finished: Finished | None = None


class TseInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What receipts, DSFinV-K and the notification of registers say about a TSE.
    `public_key` is base64 of the uncompressed point; `is_test` keys are never legally valid."""

    serial: str
    public_key: str
    algorithm: str
    time_format: TimeFormat
    certificates: tuple[bytes, ...]
    is_test: bool
    description: str = ""
    manufacturer: str = ""
    usable_until: datetime | None = None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
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
class Tse:
    """One TSE, ready for its registers.

    `register_client(client)` may be repeated; `start(client, process_type, process_data)`;
    `update` and `finish(client, number, process_type, process_data)`; `find(number)`;
    `open_numbers()`; `export(filter)` gives the archive in blocks; `info()`.
    """

    register_client: Callable[[str], None]
    start: Callable[[str, str, bytes], TransactionStarted]
    update: Callable[[str, int, str, bytes], Finished]
    finish: Callable[[str, int, str, bytes], Finished]
    find: Callable[[int], TransactionFound]
    open_numbers: Callable[[], tuple[int, ...]]
    export: Callable[[Filter], Iterator[bytes]]
    info: Callable[[], TseInfo]
