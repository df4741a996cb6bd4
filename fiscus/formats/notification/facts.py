"""What the tax office wants to know about the registers of a location, and what may be missing."""

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum

import msgspec

from fiscus.model.documents import Address
from fiscus.model.faults import Code, Fault, Refused

REGIME = "de"
LAW = "AO § 146a (4)"

REFUSED = Code("NOTIFICATION-FACTS-01", "facts that the tax office wants to know are missing")
TAXPAYER = Code("NOTIFICATION-TAXPAYER-01", "the taxpayer needs a name and a tax number")
EMPTY = Code("NOTIFICATION-REGISTER-01", "a location is notified with at least one register")
REGISTER = Code(
    "NOTIFICATION-REGISTER-02",
    "a register needs a serial number, a manufacturer, a model, and its software with version",
)
TWICE = Code("NOTIFICATION-REGISTER-03", "two registers have the same serial number")
RELEASE = Code(
    "NOTIFICATION-REGISTER-04",
    "a register is released after it was fitted, on a day and for a reason",
)
SERIAL = Code("NOTIFICATION-DEVICE-01", "the serial number of a TSE is 64 hexadecimal digits")
CERTIFICATION = Code(
    "NOTIFICATION-DEVICE-02", "a TSE has a certification, four digits and a year: nnnn-yyyy"
)
TEST_DEVICE = Code("NOTIFICATION-DEVICE-03", "a test device is not certified and not notified")

_SERIAL = re.compile(r"[0-9a-f]{64}")
_CERTIFICATION = re.compile(r"\d{4}-20\d{2}")


class DeviceForm(StrEnum):
    """How a TSE is built, as the form numbers it."""

    SD_CARD = "1"
    USB = "2"
    CLOUD = "3"


class NotifiedDevice(msgspec.Struct, frozen=True, kw_only=True):
    """`serial` is hex; `certification` is the number of the certificate behind `BSI-K-TR-`;
    `fitted` is the day from which it signs for the register."""

    serial: str
    certification: str
    form: DeviceForm
    fitted: date
    is_test: bool = False


class NotifiedRegister(msgspec.Struct, frozen=True, kw_only=True):
    """`serial` is the one on receipts and in exports; `type` 1 is a computer with register
    software. A register that is `released` was taken out of use on that day, for that reason."""

    serial: str
    manufacturer: str
    model: str
    software: str
    software_version: str
    acquired: date
    fitted: date
    device: NotifiedDevice
    type: str = "1"
    released: date | None = None
    release_reason: str = ""

    @property
    def due(self) -> date:
        """One month after what is to be notified. Weekends and holidays (AO § 108 (3)) may move
        it later, which is nothing to rely on."""
        return a_month_after(self.released or self.acquired)


class NotifiedLocation(msgspec.Struct, frozen=True, kw_only=True):
    """One notification covers all registers of one location of a taxpayer."""

    taxpayer: str
    tax_number: str
    name: str
    address: Address
    registers: tuple[NotifiedRegister, ...]


def a_month_after(day: date) -> date:
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def faults(location: NotifiedLocation) -> tuple[Fault, ...]:
    """Everything that keeps the location from being notified."""
    found = [
        Fault(code=code.id, text=code.text, law=LAW, paths=paths)
        for code, broken_at in _CHECKS
        if (paths := tuple(broken_at(location)))
    ]
    return tuple(found)


def must_be_complete(location: NotifiedLocation) -> None:
    """Raises `Refused` with all faults at once."""
    if found := faults(location):
        raise Refused(REFUSED, faults=found)


def _taxpayer(location: NotifiedLocation) -> Iterator[str]:
    if not location.taxpayer.strip():
        yield "taxpayer"
    if not location.tax_number.strip():
        yield "tax_number"


def _empty(location: NotifiedLocation) -> Iterator[str]:
    if not location.registers:
        yield "registers"


def _register(location: NotifiedLocation) -> Iterator[str]:
    for path, register in _registers(location):
        for name in ("serial", "manufacturer", "model", "software", "software_version"):
            if not getattr(register, name).strip():
                yield f"{path}.{name}"


def _twice(location: NotifiedLocation) -> Iterator[str]:
    seen: set[str] = set()
    for path, register in _registers(location):
        if register.serial in seen:
            yield f"{path}.serial"
        seen.add(register.serial)


def _release(location: NotifiedLocation) -> Iterator[str]:
    for path, register in _registers(location):
        if register.released is not None and register.released < register.fitted:
            yield f"{path}.released"
        if (register.released is None) == bool(register.release_reason.strip()):
            yield f"{path}.release_reason"


def _serial(location: NotifiedLocation) -> Iterator[str]:
    for path, register in _registers(location):
        if not _SERIAL.fullmatch(register.device.serial):
            yield f"{path}.device.serial"


def _certification(location: NotifiedLocation) -> Iterator[str]:
    for path, register in _registers(location):
        # What is a test device has none to give.
        if not register.device.is_test and not _CERTIFICATION.fullmatch(
            register.device.certification
        ):
            yield f"{path}.device.certification"


def _test_device(location: NotifiedLocation) -> Iterator[str]:
    for path, register in _registers(location):
        if register.device.is_test:
            yield f"{path}.device"


def _registers(location: NotifiedLocation) -> Iterator[tuple[str, NotifiedRegister]]:
    for at, register in enumerate(location.registers):
        yield f"registers[{at}]", register


_CHECKS: tuple[tuple[Code, Callable[[NotifiedLocation], Iterator[str]]], ...] = (
    (TAXPAYER, _taxpayer),
    (EMPTY, _empty),
    (REGISTER, _register),
    (TWICE, _twice),
    (RELEASE, _release),
    (SERIAL, _serial),
    (CERTIFICATION, _certification),
    (TEST_DEVICE, _test_device),
)
