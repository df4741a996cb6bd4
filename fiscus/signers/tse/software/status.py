"""Questions a device answers to anybody at any time."""

from datetime import datetime

from fiscus.signers.tse.log import certificates, errors
from fiscus.signers.tse.log.info import DeviceComponent
from fiscus.signers.tse.log.logtime import TimeFormat
from fiscus.signers.tse.software import device as tse
from fiscus.signers.tse.software.administration import number_of_clients
from fiscus.signers.tse.software.device import SoftwareTse

TOTAL_MEMORY = 64 * 1024**3


def current_time(device: SoftwareTse) -> datetime:
    """The device's clock; 1970 until it is set."""
    with device.lock:
        return tse.now(device)


def is_time_set(device: SoftwareTse) -> bool:
    with device.lock:
        return device.state["clock_offset"] is not None


def is_initialized(device: SoftwareTse) -> bool:
    with device.lock:
        return bool(device.state["is_initialized"])


def is_disabled(device: SoftwareTse) -> bool:
    with device.lock:
        return bool(device.state["is_disabled"])


def time_sync_variant(device: SoftwareTse) -> TimeFormat:
    """In which form the clock is set."""
    return device.time_format


def description(device: SoftwareTse) -> str:
    with device.lock:
        return str(device.state["description"])


def component_versions(device: SoftwareTse) -> tuple[DeviceComponent, ...]:
    with device.lock:
        return tse.about(device).components


def end_of_usage(device: SoftwareTse) -> datetime:
    """The device ends with its certificate."""
    return certificates.read(device.chain[0]).not_valid_after_utc


def serial_number(device: SoftwareTse) -> str:
    return device.serial.hex()


def signature_counter(device: SoftwareTse) -> int:
    with device.lock:
        return int(device.state["signature_counter"])


def transaction_counter(device: SoftwareTse) -> int:
    with device.lock:
        return int(device.state["transaction_counter"])


def clients(device: SoftwareTse) -> tuple[str, ...]:
    with device.lock:
        rows = device.memory.execute("SELECT id FROM client WHERE is_registered = 1 ORDER BY id")
        return tuple(row["id"] for row in rows)


def client_count(device: SoftwareTse) -> int:
    with device.lock:
        return number_of_clients(device)


def clients_max(device: SoftwareTse) -> int:
    with device.lock:
        return int(device.state["clients_max"])


def transactions_max(device: SoftwareTse) -> int:
    with device.lock:
        return int(device.state["transactions_max"])


def update_variants(device: SoftwareTse) -> frozenset[str]:
    """An update may be signed at once or gathered with the next one."""
    return frozenset({"signed", "unsigned"})


def last_log_message(device: SoftwareTse) -> bytes:
    with device.lock:
        row = device.memory.execute("SELECT body FROM log ORDER BY counter DESC LIMIT 1").fetchone()
    if row is None:
        raise errors.ErrorNoLogMessage
    body: bytes = row["body"]
    return body


def used_memory(device: SoftwareTse) -> int:
    with device.lock:
        pages = device.memory.execute("PRAGMA page_count").fetchone()[0]
        size = device.memory.execute("PRAGMA page_size").fetchone()[0]
        return int(pages * size)


def total_memory(device: SoftwareTse) -> int:
    return TOTAL_MEMORY


def free_memory(device: SoftwareTse) -> int:
    return max(0, TOTAL_MEMORY - used_memory(device))
