from datetime import date
from typing import Any

import msgspec
import pytest
from lxml import etree

from fiscus.formats.notification.facts import a_month_after, faults
from fiscus.formats.notification.paper import printed
from fiscus.formats.notification.write import NAMESPACE, notification
from fiscus.model.documents import Address
from fiscus.model.faults import Refused
from fiscus.model.notified import DeviceForm, NotifiedDevice, NotifiedLocation, NotifiedRegister

SERIAL = "a5a6c45f1a133061c9718d413ebee26763e719d635b94cb4954ccd16a883ddc1"
BELOW = "{" + NAMESPACE + "}"


def a_device(**changes: Any) -> NotifiedDevice:
    values: dict[str, Any] = {
        "serial": SERIAL,
        "certification": "0362-2019",
        "form": DeviceForm.CLOUD,
        "fitted": date(2026, 3, 2),
    }
    return NotifiedDevice(**(values | changes))


def a_register(**changes: Any) -> NotifiedRegister:
    values: dict[str, Any] = {
        "serial": "5f0c1f0e-8a0b-4f2e-9d7a-3d0b6b8a1c77",
        "manufacturer": "Tablet & Co",
        "model": "T 10",
        "software": "Till",
        "software_version": "4.2",
        "acquired": date(2026, 1, 31),
        "fitted": date(2026, 3, 1),
        "device": a_device(),
    }
    return NotifiedRegister(**(values | changes))


def a_location(*registers: NotifiedRegister, **changes: Any) -> NotifiedLocation:
    values: dict[str, Any] = {
        "taxpayer": "Kiosk Yıldız & Söhne GmbH",
        "tax_number": "21/815/08150",
        "name": "Filiale Wedding",
        "address": Address(
            street="Müllerstraße", number="12 a", code="13353", city="Berlin", country="DE"
        ),
        "registers": registers or (a_register(),),
    }
    return NotifiedLocation(**(values | changes))


def systems(location: NotifiedLocation) -> list[list[tuple[str, str]]]:
    """Names and texts as an XML reader finds them, register by register."""
    root = etree.fromstring(notification(location))
    assert (root.tag, root.get("version")) == (f"{BELOW}Aufzeichnung146a", "1")
    found = root.findall(f"{BELOW}Aufzeichnung146a/{BELOW}AngabenAufzeichnungssystem")
    return [[(one.tag.removeprefix(BELOW), one.text or "") for one in system] for system in found]


def test_the_file_holds_every_fact_of_a_register_in_order() -> None:
    assert systems(a_location()) == [
        [
            ("Art", "1"),
            ("Software", "Till"),
            ("SoftwareVersion", "4.2"),
            ("SeriennummerAS", "5f0c1f0e-8a0b-4f2e-9d7a-3d0b6b8a1c77"),
            ("Hersteller", "Tablet & Co"),
            ("Modell", "T 10"),
            ("SeriennummerTSE", SERIAL),
            ("InbetriebnahmeTSE", "02.03.2026"),
            ("BSIID", "0362-2019"),
            ("ArtTSE", "3"),
            ("AnschaffungAS", "31.01.2026"),
            ("InbetriebnahmeAS", "01.03.2026"),
        ]
    ]


def test_a_released_register_says_when_and_why() -> None:
    released = a_register(released=date(2026, 6, 30), release_reason="Verkauf <gebraucht>")

    assert systems(a_location(released))[0][-2:] == [
        ("AusserbetriebnahmeAS", "30.06.2026"),
        ("GrundAusserbetriebnahme", "Verkauf <gebraucht>"),
    ]


def test_all_registers_of_a_location_are_in_one_notification() -> None:
    found = systems(a_location(a_register(), a_register(serial="another")))

    assert [dict(one)["SeriennummerAS"] for one in found] == [a_register().serial, "another"]


def test_the_same_facts_give_the_same_bytes() -> None:
    assert notification(a_location()) == notification(a_location())


def test_characters_that_no_xml_may_hold_do_not_break_the_file() -> None:
    found = systems(a_location(a_register(model="T\x0010\n\tplus")))

    assert dict(found[0])["Modell"] == "T\ufffd10 plus"


def test_the_paper_holds_what_the_form_asks_for_besides() -> None:
    released = a_register(
        serial="second",
        released=date(2026, 6, 30),
        release_reason="Verkauft",
        device=a_device(form=DeviceForm.USB),
    )

    text = printed(a_location(a_register(), released))

    for row in (
        "Steuerpflichtiger             Kiosk Yıldız & Söhne GmbH",
        "Steuernummer                  21/815/08150",
        "Anschrift                     Müllerstraße 12 a, 13353 Berlin",
        "Anzahl der Systeme            2",
        "TSE: Zertifizierung           BSI-K-TR-0362-2019",
        "TSE: Art                      Cloud-TSE",
        "TSE: Art                      USB-Gerät",
        "Außerbetriebnahme             30.06.2026",
        "Mitzuteilen bis               28.02.2026",
        "Mitzuteilen bis               30.07.2026",
    ):
        assert row in text.splitlines()
    assert SERIAL in text.replace("\n" + " " * 30, "")
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("location", "code", "path"),
    [
        (a_location(taxpayer=" "), "NOTIFICATION-TAXPAYER-01", "taxpayer"),
        (a_location(tax_number=""), "NOTIFICATION-TAXPAYER-01", "tax_number"),
        (
            msgspec.structs.replace(a_location(), registers=()),
            "NOTIFICATION-REGISTER-01",
            "registers",
        ),
        (a_location(a_register(model="")), "NOTIFICATION-REGISTER-02", "registers[0].model"),
        (
            a_location(a_register(), a_register()),
            "NOTIFICATION-REGISTER-03",
            "registers[1].serial",
        ),
        (
            a_location(a_register(released=date(2026, 2, 28), release_reason="Verkauft")),
            "NOTIFICATION-REGISTER-04",
            "registers[0].released",
        ),
        (
            a_location(a_register(released=date(2026, 6, 30))),
            "NOTIFICATION-REGISTER-04",
            "registers[0].release_reason",
        ),
        (
            a_location(a_register(release_reason="Verkauft")),
            "NOTIFICATION-REGISTER-04",
            "registers[0].release_reason",
        ),
        (
            a_location(a_register(device=a_device(serial=SERIAL.upper()))),
            "NOTIFICATION-DEVICE-01",
            "registers[0].device.serial",
        ),
        (
            a_location(a_register(device=a_device(certification="BSI-K-TR-0362-2019"))),
            "NOTIFICATION-DEVICE-02",
            "registers[0].device.certification",
        ),
    ],
)
def test_a_notification_with_a_gap_is_refused(
    location: NotifiedLocation, code: str, path: str
) -> None:
    assert [(one.code, one.paths) for one in faults(location)] == [(code, (path,))]
    for make in (notification, printed):
        with pytest.raises(Refused) as caught:
            make(location)
        assert caught.value.faults == faults(location)


def test_with_a_test_device_it_can_be_written_and_says_that_it_is_none() -> None:
    location = a_location(
        a_register(device=a_device(certification="", is_test=True)), a_register(serial="second")
    )

    said = systems(location)

    assert [dict(one)["BSIID"] for one in said] == ["TEST", "0362-2019"]
    for text in (notification(location).decode(), printed(location)):
        assert "TEST: nicht einreichen" in "\n".join(text.splitlines()[:3])
    assert "TEST" not in notification(a_location()).decode() + printed(a_location())


def test_every_file_says_that_its_form_is_unproven() -> None:
    first = notification(a_location()).decode().splitlines()[1]

    assert "unbestätigt" in first


def test_all_gaps_are_told_at_once() -> None:
    location = a_location(a_register(model="", device=a_device(serial="")), tax_number="")

    assert len(faults(location)) == 3


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 12, 5), date(2027, 1, 5)),
        (date(2028, 1, 30), date(2028, 2, 29)),
    ],
)
def test_a_month_ends_on_the_same_day_or_on_its_last(day: date, due: date) -> None:
    assert a_month_after(day) == due
