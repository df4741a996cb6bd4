"""The signing devices that this process uses: which one signs for a register, and how it is asked.

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
from sqlalchemy import Connection, Engine

from fiscus.devices.breaker import CircuitBreaker
from fiscus.model import closings
from fiscus.model.devices import (
    DeviceInfo,
    FinishedTransaction,
    LogFilter,
    SigningDevice,
    StartedTransaction,
    TransactionOutcome,
)
from fiscus.model.faults import Code, Refused, Unavailable
from fiscus.model.ids import Ids
from fiscus.model.times import Clock, seconds_z
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

_FRESH_FAILING = timedelta(seconds=1)
"""And how long while its device fails: the cure may be another device. Not at every sale, because
an outage must not make the shop slow."""

T = TypeVar("T")


class DeviceExchanged(SignerDown):
    """The transaction was begun by a device that signs no more for the register, and transactions
    do not move. The device that signs now is not out."""


class RegisterDevice(msgspec.Struct, frozen=True, kw_only=True):
    """The device of a register, and as which `client` it knows the register."""

    device: str
    client: str
    info: DeviceInfo


class DevicePeriod(msgspec.Struct, frozen=True, kw_only=True):
    """A device of a register as a closing names it, and the time in which it signed: UTC, `until`
    None for the one that signs now."""

    device: closings.ClosingDevice
    since: datetime
    until: datetime | None


class DeviceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How a device has done since the process began. `down_since` is None while it works."""

    device: str
    down_since: datetime | None
    reason: str
    calls: int
    failures: int
    refusals: int


@dataclass(frozen=True, kw_only=True)
class _DeviceAccess:
    """The way to one device: one call at a time, none while the breaker is open."""

    device: SigningDevice
    breaker: CircuitBreaker
    call_seconds: float
    turn: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, question: Callable[[SigningDevice], T]) -> T:
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
class DevicePool:
    """All devices, opened when they are first needed. `folder` has a folder for each device by its
    id; `ids` gives random UUIDs for what is asked of them."""

    engine: Engine
    clock: Clock
    ids: Ids
    vault: Vault
    folder: Path
    is_live: bool
    call_seconds: float = CALL_SECONDS
    _fitted: dict[str, tuple[datetime, RegisterDevice]] = field(default_factory=dict)
    _lines: dict[str, _DeviceAccess] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, register: str) -> RegisterDevice | None:
        """The device that signs for a register, None if it has none.

        Raises `Refused` if it has one that signs for tests only and this is live.
        """
        if known := self._known(register, _FRESH):
            return known
        now = self.clock()
        with reading(self.engine) as tx:
            view = registry.present(tx, register)
        if view is None or view.info is None:
            self._fitted.pop(register, None)
            return None
        self.expect_valid(view.kind, view.info)
        fitted = RegisterDevice(device=view.device, client=view.client, info=view.info)
        self._fitted[register] = (now, fitted)
        return fitted

    def _known(self, register: str, fresh: timedelta) -> RegisterDevice | None:
        """What was looked up a short time ago, if it still holds."""
        known = self._fitted.get(register)
        if known is None or abs(self.clock() - known[0]) >= fresh:
            return None
        return known[1]

    def expect_valid(self, kind: str, info: DeviceInfo | None = None) -> None:
        """Raises `Refused` for a device for tests where tenants are live."""
        is_test = find_device(kind).is_test_only or (info is not None and info.is_test)
        if self.is_live and is_test:
            raise Refused(TEST_DEVICE)

    def forget(self, register: str) -> None:
        """Forget which device a register has: it may have another one now."""
        self._fitted.pop(register, None)

    def facts(self, tx: Connection, register: str) -> tuple[DevicePeriod, ...]:
        """Every device that ever signed for the register, in the order in which they did."""
        return tuple(
            DevicePeriod(
                device=_facts(view.client, view.info),
                since=view.fitted_at,
                until=view.released_at,
            )
            for view in registry.of_one(tx, register)
            if view.info is not None and view.fitted_at is not None
        )

    def start(self, register: str) -> StartedTransaction:
        """Start a transaction on the register's device, without content yet."""
        return self._ask(register, "", lambda device, client: device.start(client, "", b""))

    def finish(
        self, register: str, serial: str, number: int, process_type: str, process_data: bytes
    ) -> FinishedTransaction:
        """End a transaction of the device with that serial. Raises `DeviceExchanged` if another
        device signs by now: its transaction of the same number is another one."""
        return self._ask(
            register,
            serial,
            lambda device, client: device.finish(client, number, process_type, process_data),
        )

    def find(self, register: str, serial: str, number: int) -> TransactionOutcome:
        return self._ask(register, serial, lambda device, _: device.find(number))

    def open_numbers(self, register: str, serial: str = "") -> tuple[int, ...]:
        """Transactions that are open in the register's device, also those of its other clients."""
        return self._ask(register, serial, lambda device, _: device.open_numbers())

    def export(self, device: str, wanted: LogFilter) -> Iterator[bytes]:
        """The device's archive, in blocks. Only the request takes the device's time; an archive
        that breaks off later raises `SignerDown` too, but the device is not down for it."""
        return self._line(device).ask(lambda opened: opened.export(wanted))

    def opened(self, device: str) -> SigningDevice:
        """The device itself, for those who set it up and have the time to wait for it."""
        return self._line(device).device

    def close(self, device: str) -> None:
        """Close the device, and forget how it is opened: that may have changed."""
        self._lines.pop(device, None)

    def probe(self) -> None:
        """Ask the devices that are out whether they are back. One that was exchanged is no longer
        waited for."""
        for device, line in list(self._lines.items()):
            if line.breaker.is_due() and not self._signs(device):
                self.close(device)
            else:
                line.probe()

    def _signs(self, device: str) -> bool:
        with reading(self.engine) as tx:
            return registry.signs(tx, device)

    def standings(self) -> tuple[DeviceHealth, ...]:
        """Every device this process has asked, in the order of their ids."""
        return tuple(
            DeviceHealth(
                device=device,
                down_since=line.breaker.down_since,
                reason=line.breaker.reason,
                calls=line.breaker.calls,
                failures=line.breaker.failures,
                refusals=line.breaker.refusals,
            )
            for device, line in sorted(self._lines.items())
        )

    def _ask(self, register: str, serial: str, question: Callable[[SigningDevice, str], T]) -> T:
        """Ask the register's device, the one with that serial if it is said. A device that fails
        may have been exchanged by another process: then the device that signs now is asked at
        once."""
        fitted = self.expected(register, serial)
        try:
            return self._asked(fitted, question)
        except SignerDown as error:
            if not error.is_particular and self._known(register, _FRESH_FAILING):
                raise
            self.forget(register)
            now = self.expected(register, serial)
            if now.device == fitted.device:
                raise
        return self._asked(now, question)

    def _asked(self, fitted: RegisterDevice, question: Callable[[SigningDevice, str], T]) -> T:
        return self._line(fitted.device).ask(lambda device: question(device, fitted.client))

    def expected(self, register: str, serial: str) -> RegisterDevice:
        """The device to ask: the one with that serial, if it is said.

        One whose certificate has ended is not asked: it would sign, but what it signs is not
        valid, and its log would fill with transactions that nobody ends.
        """
        fitted = self.of(register)
        if fitted is not None and serial not in ("", fitted.info.serial):
            self.forget(register)
            fitted = self.of(register)
        if fitted is None:
            raise SignerDown("no device is fitted to this register")
        if serial not in ("", fitted.info.serial):
            raise DeviceExchanged(f"begun by the device {serial[:16]}…, which was exchanged since")
        until = fitted.info.usable_until
        if until is not None and until <= self.clock():
            raise SignerDown(f"the certificate of the device ended at {seconds_z(until)}")
        return fitted

    def _line(self, device: str) -> _DeviceAccess:
        with self._lock:
            if device not in self._lines:
                with reading(self.engine) as tx:
                    kind, secret = registry.read(tx, self.vault, device)
                opened = find_device(kind).open(secret, self.folder / device, self.clock, self.ids)
                self._lines[device] = _DeviceAccess(
                    device=opened,
                    breaker=CircuitBreaker(device, self.clock),
                    call_seconds=self.call_seconds,
                )
            return self._lines[device]


def _facts(client: str, info: DeviceInfo) -> closings.ClosingDevice:
    return closings.ClosingDevice(
        serial=info.serial,
        client=client,
        algorithm=info.algorithm,
        time_format=info.time_format,
        public_key=info.public_key,
        certificate=b64encode(info.certificates[0]).decode("ascii"),
        is_test=info.is_test,
    )


class DeviceProber:
    """One thread that calls `probe()` now and then, as long as the process signs."""

    def __init__(self, devices: DevicePool, every_seconds: float = PROBE_SECONDS) -> None:
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
            try:
                self._devices.probe()
            except Unavailable as trouble:
                _log.warning("prober waits for the database", trouble=str(trouble))
