"""Writes the XML of a notification; what of it is not proven says `SPEC.md`."""

import re
from collections.abc import Iterator
from datetime import date
from xml.sax.saxutils import escape

from fiscus.formats.notification.facts import (
    NOT_TO_BE_USED,
    certification,
    is_test,
    must_be_complete,
)
from fiscus.model.notified import DeviceForm, NotifiedLocation, NotifiedRegister

NAMESPACE = "http://finkonsens.de/elster/elsternachricht/aufzeichnung146a/v1"
VERSION = "1"
UNPROVEN = "Aufbau unbestätigt: nie am amtlichen Schema oder am Portal geprüft"
COMPUTER = "1"
"""The kind of register, as the form numbers it: a computer with register software."""

FORMS = {DeviceForm.SD_CARD: "1", DeviceForm.USB: "2", DeviceForm.CLOUD: "3"}
"""How a TSE is built, as the form numbers it."""

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def notification(location: NotifiedLocation) -> bytes:
    """One location with all its registers; the same facts give the same bytes. It says itself that
    its form is unproven, and with a test device that it is none.

    Raises `Refused` if a fact is missing: half a notification is none.
    """
    must_be_complete(location)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<!-- {UNPROVEN} -->",
        *((f"<!-- {NOT_TO_BE_USED} -->",) if is_test(location) else ()),
        f'<Aufzeichnung146a xmlns="{NAMESPACE}" version="{VERSION}">',
        "  <Aufzeichnung146a>",
        *(line for register in location.registers for line in _register(register)),
        "  </Aufzeichnung146a>",
        "</Aufzeichnung146a>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _register(register: NotifiedRegister) -> Iterator[str]:
    yield "    <AngabenAufzeichnungssystem>"
    for name, value in _elements(register):
        yield f"      <{name}>{_text(value)}</{name}>"
    yield "    </AngabenAufzeichnungssystem>"


def _elements(register: NotifiedRegister) -> Iterator[tuple[str, str]]:
    device = register.device
    yield "Art", COMPUTER
    yield "Software", register.software
    yield "SoftwareVersion", register.software_version
    yield "SeriennummerAS", register.serial
    yield "Hersteller", register.manufacturer
    yield "Modell", register.model
    yield "SeriennummerTSE", device.serial
    yield "InbetriebnahmeTSE", day_text(device.fitted)
    yield "BSIID", certification(register)
    yield "ArtTSE", FORMS[device.form]
    yield "AnschaffungAS", day_text(register.acquired)
    yield "InbetriebnahmeAS", day_text(register.fitted)
    if register.released is not None:
        yield "AusserbetriebnahmeAS", day_text(register.released)
        yield "GrundAusserbetriebnahme", register.release_reason


def day_text(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def _text(value: str) -> str:
    """One line of characters that XML 1.0 allows."""
    return escape(" ".join(_FORBIDDEN.sub("\ufffd", value).split()))
