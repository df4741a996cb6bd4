"""The notification as plain text: to print, to keep, and to type into the form of the portal."""

import textwrap
from collections.abc import Iterator

from fiscus.formats.notification.facts import (
    NOT_TO_BE_USED,
    certification,
    due,
    is_test,
    must_be_complete,
)
from fiscus.formats.notification.write import day_text
from fiscus.model.notified import DeviceForm, NotifiedLocation, NotifiedRegister

WIDTH = 80
LABEL = 30

FORMS = {
    DeviceForm.SD_CARD: "SD-Karte",
    DeviceForm.USB: "USB-Gerät",
    DeviceForm.CLOUD: "Cloud-TSE",
}
COMPUTER = "Computergestütztes Kassensystem, PC-Kasse"


def printed(location: NotifiedLocation) -> str:
    """All facts of the notification in German, the ones that the file leaves to the form too. With
    a test device it says in its first line that it is none.

    Raises `Refused` if a fact is missing.
    """
    must_be_complete(location)
    address = location.address
    lines = [
        *((NOT_TO_BE_USED, "") if is_test(location) else ()),
        "Mitteilung über elektronische Aufzeichnungssysteme (§ 146a Abs. 4 AO)",
        "=" * WIDTH,
        *_row("Steuerpflichtiger", location.taxpayer),
        *_row("Steuernummer", location.tax_number),
        *_row("Betriebsstätte", location.name),
        *_row("Anschrift", f"{address.line()}, {address.code} {address.city}"),
        *_row("Anzahl der Systeme", str(len(location.registers))),
    ]
    for number, register in enumerate(location.registers, 1):
        lines += ["", f"Aufzeichnungssystem {number}", "-" * WIDTH, *_register(register)]
    return "\n".join(lines) + "\n"


def _register(register: NotifiedRegister) -> Iterator[str]:
    device = register.device
    yield from _row("Art", COMPUTER)
    yield from _row("Hersteller, Modell", f"{register.manufacturer}, {register.model}")
    yield from _row("Software, Version", f"{register.software}, {register.software_version}")
    yield from _row("Seriennummer", register.serial)
    yield from _row("Anschaffung", day_text(register.acquired))
    yield from _row("Inbetriebnahme", day_text(register.fitted))
    if register.released is not None:
        yield from _row("Außerbetriebnahme", day_text(register.released))
        yield from _row("Grund", register.release_reason)
    yield from _row("TSE: Seriennummer", device.serial)
    yield from _row("TSE: Zertifizierung", f"BSI-K-TR-{certification(register)}")
    yield from _row("TSE: Art", FORMS[device.form])
    yield from _row("TSE: Inbetriebnahme", day_text(device.fitted))
    yield from _row("Mitzuteilen bis", day_text(due(register)))


def _row(label: str, value: str) -> Iterator[str]:
    first, *more = textwrap.wrap(value, WIDTH - LABEL) or [""]
    yield f"{label:<{LABEL}}{first}"
    for line in more:
        yield " " * LABEL + line
