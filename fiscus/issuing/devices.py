"""The foreign devices of this process: which one signs for a register, and how it is asked.

Every call to a device goes through its breaker and waits for its turn, because a device works one
call at a time. What fails is an outage (`SignerDown`), and the law decides what follows.
"""

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog
from sqlalchemy import Engine

from fiscus.issuing.breaker import Breaker
from fiscus.model import closings
from fiscus.model.devices import Device, DeviceInfo, Filter, Finished, Found, Started
from fiscus.model.faults import Code, Refused
from fiscus.model.ids import Ids
from fiscus.model.times import Clock
from fiscus.registry import devices as registry
from fiscus.registry.vault import Vault
from fiscus.signers import SignerDown, find_device
from fiscus.store.connect import reading

TEST_DEVICE = Code(
    "DEVICE-TEST-01", "a test device signs nothing that is legally valid: not for live"
)

CALL_SECONDS = 5.0
"""How long a call waits for its turn; who waits longer counts the device as down."""

PROBE_SECONDS = 1.0

_FRESH = timedelta(seconds=30)
"""How long a process trusts what it knows of a register: another one may have changed it."""

_log = structlog.get_logger("fiscus.devices")

T = TypeVar("T")


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """The device of a register, and as which `client` it knows the register."""

    device: str
    client: str
    info: DeviceInfo


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a device has done since the process began. `down_since` is None while it works."""

    device: str
    down_since: datetime | None
    reason: str
    calls: int
    failures: int
    refusals: int


@dataclass(frozen=True, kw_only=True)
class _Line:
    """The way to one device: one call at a time, none while the breaker is open."""

    device: Device
    breaker: Breaker
    call_seconds: float
    turn: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, question: Callable[[Device], T]) -> T:
        self.breaker.expect_closed()
        if not self.turn.acquire(timeout=self.call_seconds):
            busy = SignerDown(f"the device is busy: no turn within {self.call_seconds:g} s")
            self.breaker.failed(busy)
            raise busy
        try:
            self.breaker.expect_closed()  # it may have failed while we waited
            answer = question(self.device)
        except SignerDown as error:
            self._count(error)
            raise
        except Exception as error:  # noqa: BLE001 - a plug-in's mistake must not stop the shop
            _log.exception("device stumbled", device=self.breaker.name)
            outage = SignerDown(f"the device stumbled: {type(error).__name__}")
            self.breaker.failed(outage)
            raise outage from error
        finally:
            self.turn.release()
        self.breaker.succeeded()
        return answer

    def _count(self, error: SignerDown) -> None:
        if error.is_particular:
            self.breaker.refused()
        elif self.breaker.down_since is None:
            self.breaker.failed(error)

    def probe(self) -> None:
        """Asks a device that is out whether it is back. Nobody waits for the answer."""
        if not self.breaker.is_due() or not self.turn.acquire(blocking=False):
            return
        try:
            self.device.info()
        except Exception as error:  # noqa: BLE001 - whatever it says, it is not back
            _log.info("device is still down", device=self.breaker.name, reason=str(error))
            self.breaker.probe_failed()
        else:
            self.breaker.probe_succeeded()
        finally:
            self.turn.release()


@dataclass(kw_only=True)
class Devices:
    """All devices, opened when they are first needed. `folder` has a folder for each device by its
    id; `ids` gives random UUIDs for what is asked of them."""

    engine: Engine
    clock: Clock
    ids: Ids
    vault: Vault
    folder: Path
    is_live: bool
    call_seconds: float = CALL_SECONDS
    _fitted: dict[str, tuple[datetime, Fitted]] = field(default_factory=dict)
    _lines: dict[str, _Line] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, register: str) -> Fitted | None:
        """The device that signs for a register, None if it has none.

        Raises `Refused` if it has one that signs for tests only and this is live.
        """
        now = self.clock()
        known = self._fitted.get(register)
        if known is not None and abs(now - known[0]) < _FRESH:
            return known[1]
        with reading(self.engine) as tx:
            view = registry.of_register(tx, register)
        if view is None or view.state is not registry.State.FITTED or view.info is None:
            self._fitted.pop(register, None)
            return None
        self.expect_valid(view.kind, view.info)
        fitted = Fitted(device=view.device, client=view.client, info=view.info)
        self._fitted[register] = (now, fitted)
        return fitted

    def expect_valid(self, kind: str, info: DeviceInfo | None = None) -> None:
        """Raises `Refused` for a device for tests where tenants are live."""
        is_test = find_device(kind).is_test_only or (info is not None and info.is_test)
        if self.is_live and is_test:
            raise Refused(TEST_DEVICE)

    def forget(self, register: str) -> None:
        """What is known of a register is no longer true."""
        self._fitted.pop(register, None)

    def facts(self, register: str) -> tuple[closings.Device, ...]:
        """What a closing says about the register's device."""
        fitted = self.of(register)
        if fitted is None:
            return ()
        info = fitted.info
        return (
            closings.Device(
                serial=info.serial,
                client=fitted.client,
                algorithm=info.algorithm,
                time_format=info.time_format,
                public_key=info.public_key,
                certificate=b64encode(info.certificates[0]).decode("ascii"),
            ),
        )

    def start(self, register: str) -> Started:
        """A new transaction; nothing has been said in it yet."""
        return self._ask(register, lambda device, client: device.start(client, "", b""))

    def finish(
        self, register: str, number: int, process_type: str, process_data: bytes
    ) -> Finished:
        return self._ask(
            register,
            lambda device, client: device.finish(client, number, process_type, process_data),
        )

    def find(self, register: str, number: int) -> Found:
        return self._ask(register, lambda device, _: device.find(number))

    def open_numbers(self, register: str) -> tuple[int, ...]:
        """Transactions that are open in the register's device, also those of its other clients."""
        return self._ask(register, lambda device, _: device.open_numbers())

    def export(self, device: str, wanted: Filter) -> Iterator[bytes]:
        """The device's archive, in blocks. Only the request takes the device's time; an archive
        that breaks off later raises `SignerDown` too, but the device is not down for it."""
        return self._line(device).ask(lambda opened: opened.export(wanted))

    def opened(self, device: str) -> Device:
        """The device itself, for those who set it up and have the time to wait for it."""
        return self._line(device).device

    def probe(self) -> None:
        """Ask the devices that are out whether they are back."""
        for line in list(self._lines.values()):
            line.probe()

    def standings(self) -> tuple[Standing, ...]:
        """Every device this process has asked, in the order of their ids."""
        return tuple(
            Standing(
                device=device,
                down_since=line.breaker.down_since,
                reason=line.breaker.reason,
                calls=line.breaker.calls,
                failures=line.breaker.failures,
                refusals=line.breaker.refusals,
            )
            for device, line in sorted(self._lines.items())
        )

    def _ask(self, register: str, question: Callable[[Device, str], T]) -> T:
        fitted = self.of(register)
        if fitted is None:
            raise SignerDown("no device is fitted to this register")
        try:
            return self._line(fitted.device).ask(lambda device: question(device, fitted.client))
        except SignerDown as error:
            if error.is_particular:
                self.forget(register)  # perhaps it has another device by now
            raise

    def _line(self, device: str) -> _Line:
        with self._lock:
            if device not in self._lines:
                with reading(self.engine) as tx:
                    kind, secret = registry.read(tx, self.vault, device)
                opened = find_device(kind).open(secret, self.folder / device, self.clock, self.ids)
                self._lines[device] = _Line(
                    device=opened,
                    breaker=Breaker(device, self.clock),
                    call_seconds=self.call_seconds,
                )
            return self._lines[device]


class Prober:
    """One thread that calls `probe()` now and then, as long as the process signs."""

    def __init__(self, devices: Devices, every_seconds: float = PROBE_SECONDS) -> None:
        self._devices = devices
        self._every_seconds = every_seconds
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self.run, name="fiscus-prober", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        while not self._is_stopped.wait(self._every_seconds):
            self._devices.probe()
