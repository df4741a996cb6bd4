import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fiscus import signers
from fiscus.formats import DeviceArchive, Selection, find
from fiscus.model.devices import LogFilter, SigningDevice
from fiscus.model.documents import Address
from fiscus.model.faults import Missing, Refused
from fiscus.model.ids import uuid7s
from fiscus.model.places import Taxpayer
from fiscus.model.tests.clock import StandingClock
from fiscus.model.times import Period

CLIENT = "0196a1f2-4444-7c3d-9e4f-0123456789ab"


@pytest.fixture
def device(tmp_path: Path) -> SigningDevice:
    """A TSE that has signed one receipt."""
    clock = StandingClock(datetime(2026, 5, 4, 6, 0, tzinfo=UTC))
    kind = signers.find_device("software-tse")
    secret = kind.create({"description": "a kiosk"}, tmp_path / "tse", clock, os.urandom)
    device = kind.open(secret, tmp_path / "tse", clock, uuid7s(clock, os.urandom))
    device.register_client(CLIENT)
    clock.move(minutes=5)
    started = device.start(CLIENT, "", b"")
    device.finish(CLIENT, started.number, "SonstigerVorgang", b"Tagesabschluss")
    return device


def an_archive(device: SigningDevice) -> DeviceArchive:
    return DeviceArchive(serial=device.info().serial, blocks=lambda: device.export(LogFilter()))


def a_selection(*archives: DeviceArchive) -> Selection:
    address = Address(street="Allee", number="1", code="10115", city="Berlin", country="DE")
    return Selection(
        taxpayer=Taxpayer(
            id="t", version=1, organization="o", regime="de", legal_name="Kiosk", address=address
        ),
        period=Period(first=date(2026, 5, 1), last=date(2026, 5, 31)),
        records=lambda: iter(()),
        settings={},
        timezone="Europe/Berlin",
        written_at=datetime(2026, 6, 1, tzinfo=UTC),
        archives=archives,
    )


def written(*archives: DeviceArchive) -> Iterator[bytes]:
    write = find("tse").write
    assert write is not None
    return write(a_selection(*archives))


def test_real_archives_verify_and_the_tampered_one_is_refused_with_its_reason(
    shared_data: Path,
) -> None:
    archives = sorted((shared_data / "de" / "tse_samples").glob("*.tar"))
    assert len(archives) >= 4

    refused = {file.name: find("tse").check(file, {}) for file in archives}

    for name, faults in refused.items():
        assert bool(faults) == name.startswith("NEGATIVE"), (name, faults)
    reasons = {fault.code for faults in refused.values() for fault in faults}
    assert "TSE-CERT-03" in reasons


def test_the_archive_of_a_device_is_passed_on_as_it_is(
    device: SigningDevice, tmp_path: Path
) -> None:
    archive = an_archive(device)

    passed_on = b"".join(written(archive))

    assert passed_on == b"".join(archive.blocks())
    path = tmp_path / "tse.tar"
    path.write_bytes(passed_on)
    assert find("tse").check(path, {}) == ()


def test_archives_of_two_devices_are_never_put_into_one(device: SigningDevice) -> None:
    archive = an_archive(device)

    with pytest.raises(Refused) as caught:
        written(archive, DeviceArchive(serial="ab" * 32, blocks=archive.blocks))

    assert caught.value.code.id == "TSETAR-DEVICE-02"
    assert caught.value.paths == (archive.serial, "ab" * 32)


def test_a_period_in_which_no_device_signed_has_no_archive() -> None:
    with pytest.raises(Missing) as caught:
        written()

    assert caught.value.code.id == "TSETAR-DEVICE-01"


def test_the_archive_is_no_part_of_an_audit_package() -> None:
    """It needs the device itself; a package is made from the journal alone."""
    assert not find("tse").is_prescribed
    assert find("dsfinvk").is_prescribed
