"""What the tax office wants to know about the registers of a location, and what may be missing."""

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date

from fiscus.model.faults import Code, Fault, Refused
from fiscus.model.notified import NotifiedLocation, NotifiedRegister

LAW = "AO § 146a (4)"
TEST = "TEST"
NOT_TO_BE_USED = "TEST: nicht einreichen, die TSE ist nicht zertifiziert"

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

_SERIAL = re.compile(r"[0-9a-f]{64}")
_CERTIFICATION = re.compile(r"\d{4}-20\d{2}")


def due(register: NotifiedRegister) -> date:
    """One month after what is to be notified. Weekends and holidays (AO § 108 (3)) may move it
    later, which is nothing to rely on."""
    return a_month_after(register.released or register.acquired)


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


def is_test(location: NotifiedLocation) -> bool:
    """Whether it only shows how a notification would look: a test device is not certified, so its
    register has not been put into use, and nothing may be handed in."""
    return any(register.device.is_test for register in location.registers)


def certification(register: NotifiedRegister) -> str:
    return TEST if register.device.is_test else register.device.certification


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
)
