"""The notification of registers to the tax office, from the command line."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from lxml import etree

from fiscus.api.families.reporting.tests.caller import Caller, Json, a_location, platform
from fiscus.commands.tests.command_line import Told, fiscus
from fiscus.commands.tests.places import place_of
from fiscus.formats.notification.write import NAMESPACE
from fiscus.model.devices import DeviceInfo
from fiscus.registry import devices
from fiscus.store.connect import reading, writing
from tests.support.premises import Model, Premises, opened

BELOW = "{" + NAMESPACE + "}"
FACTS = (
    "--manufacturer",
    "Tablet & Co",
    "--model",
    "T 10",
    "--software",
    "Till",
    "--software-version",
    "4.2",
    "--certification",
    "0362-2019",
    "--acquired",
    "2026-10-31",
)


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with opened(model, tmp_path / "installation") as found:
        yield found


@pytest.fixture
def merchant(premises: Premises) -> Caller:
    return platform(premises).opens_merchant()


def a_register(premises: Premises, merchant: Caller) -> Json:
    """Fiscalized with the software TSE."""
    register = merchant.opens_register()
    merchant.fiscalizes(register)
    premises.work()
    return merchant.get(f"/registers/{register['id']}")


def a_certified_register(premises: Premises, merchant: Caller) -> Json:
    """One whose device says that its key is a real one: what only a provider can give us."""
    example = a_register(premises, merchant)
    register = merchant.opens_register()
    with reading(premises.services.engine) as tx:
        (known,) = devices.of_one(tx, uuid_of(example["id"]))
    info = msgspec.structs.replace(certified(known.info), serial="ab" * 32)
    wanted = devices.WantedDevice(
        id=premises.services.uuid7(),
        register=uuid_of(register["id"]),
        organization=known.organization,
        kind="cloud-tse",
        family="tse",
        client=uuid_of(register["id"]),
    )
    with writing(premises.services.engine) as tx:
        devices.want(tx, wanted, premises.clock())
        devices.fitted(tx, wanted.id, info, premises.clock())
    return register


def certified(info: DeviceInfo | None) -> DeviceInfo:
    assert info is not None
    assert info.is_test
    return msgspec.structs.replace(info, is_test=False)


def uuid_of(id_: str) -> str:
    digits = id_.partition("_")[2]
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def notified(premises: Premises, out: Path, *options: str) -> Told:
    return fiscus("notification", "-o", str(out), *options, **place_of(premises))


def test_the_file_for_the_portal_holds_what_the_registry_and_the_operator_know(
    premises: Premises, merchant: Caller, tmp_path: Path
) -> None:
    register = a_certified_register(premises, merchant)
    out = tmp_path / "notification.xml"

    told = notified(premises, out, "--location", register["location_id"], *FACTS)

    assert told.code == 0, told.error
    assert "1 registers; the first is to be notified by 2026-11-30" in told.error
    system = etree.fromstring(out.read_bytes()).find(f".//{BELOW}AngabenAufzeichnungssystem")
    assert system is not None
    said = {one.tag.removeprefix(BELOW): one.text for one in system}
    assert said["SeriennummerAS"] == uuid_of(register["id"])
    assert said["SeriennummerTSE"] == "ab" * 32
    assert said["InbetriebnahmeTSE"] == said["InbetriebnahmeAS"] == "16.11.2026"
    assert (said["BSIID"], said["ArtTSE"]) == ("0362-2019", "3")
    assert (said["Hersteller"], said["Modell"]) == ("Tablet & Co", "T 10")
    assert said["AnschaffungAS"] == "31.10.2026"


def test_the_paper_names_the_merchant_and_why_a_register_is_gone(
    premises: Premises, merchant: Caller, tmp_path: Path
) -> None:
    register = a_certified_register(premises, merchant)
    with writing(premises.services.engine) as tx:
        devices.release(tx, uuid_of(register["id"]), premises.clock())
    out = tmp_path / "notification.txt"
    where = ("--taxpayer", merchant.id, "--location", register["location_id"])

    told = notified(premises, out, *where, *FACTS, "--format", "text", "--reason", "Verkauft")

    assert told.code == 0, told.error
    rows = out.read_text("utf-8").splitlines()
    assert "Steuerpflichtiger             Kiosk am Kotti GmbH" in rows
    assert "Steuernummer                  21/815/08150" in rows
    assert "Außerbetriebnahme             16.11.2026" in rows
    assert "Grund                         Verkauft" in rows


def test_all_that_is_missing_is_listed_and_nothing_is_written(
    premises: Premises, merchant: Caller, tmp_path: Path
) -> None:
    register = a_register(premises, merchant)
    out = tmp_path / "notification.xml"

    told = notified(premises, out, "--taxpayer", "21/815/08150")

    assert (told.code, out.exists()) == (1, False)
    (facts,) = told.error.strip().splitlines()
    assert facts.startswith("NOTIFICATION-REGISTER-02")
    for name in ("manufacturer", "model", "software", "software_version"):
        assert f"registers[0].{name}" in facts
    assert register["fiscalization"]["tse_serial"]


def test_with_a_test_device_it_is_written_and_marked(
    premises: Premises, merchant: Caller, tmp_path: Path
) -> None:
    a_register(premises, merchant)
    out = tmp_path / "notification.xml"

    told = notified(premises, out, "--taxpayer", "21/815/08150", *FACTS)

    assert told.code == 0, told.error
    assert "TEST: nicht einreichen" in out.read_text("utf-8")


def test_a_location_must_be_named_if_there_are_several(
    premises: Premises, merchant: Caller, tmp_path: Path
) -> None:
    out = tmp_path / "notification.xml"
    none = notified(premises, out)
    places = [a_register(premises, merchant)["location_id"] for _ in range(2)]
    empty = merchant.made("/locations", a_location())["id"]

    several = notified(premises, out)
    nothing_there = notified(premises, out, "--location", empty)

    assert none.code == several.code == nothing_there.code == 1
    assert none.error.startswith("EXPORT-NOTIFICATION-03")
    assert several.error.startswith("EXPORT-NOTIFICATION-02")
    assert all(f"--location {uuid_of(place)}" in several.error for place in places)
    assert nothing_there.error.startswith("EXPORT-NOTIFICATION-03")


def test_a_country_without_such_a_duty_is_told_so(premises: Premises, tmp_path: Path) -> None:
    premises.unit().opens_shop()

    told = notified(premises, tmp_path / "notification.xml")

    assert told.code == 1
    assert told.error.startswith("EXPORT-NOTIFICATION-01")


def test_a_form_that_the_law_does_not_know_is_told_with_those_it_knows(
    premises: Premises, merchant: Caller, tmp_path: Path
) -> None:
    a_register(premises, merchant)
    out = tmp_path / "notification.pdf"

    told = notified(premises, out, "--format", "pdf")

    assert (told.code, out.exists()) == (2, False)
    assert "one of: xml, text" in " ".join(told.error.split())
