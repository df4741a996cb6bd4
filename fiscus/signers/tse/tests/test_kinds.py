"""The kinds of TSE as the plug-in point offers them: made, opened by their secret, left and
entered."""

import os
import threading
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

from fiscus import signers
from fiscus.model.devices import LogFilter, SigningDevice, TransactionState
from fiscus.model.faults import Refused
from fiscus.signers.tse import kinds
from fiscus.signers.tse.cloud import setup
from fiscus.signers.tse.cloud.transport import CloudAccount
from fiscus.signers.tse.kinds import CLOUD, SOFTWARE
from fiscus.signers.tse.log import verify
from fiscus.signers.tse.log.errors import TseDown, TseRefused
from fiscus.signers.tse.software import export, ready, status

SALE = b"Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar"
VERSIONS = pytest.mark.parametrize("version", ["2", "3"])


def a_software_tse(folder: Path, clock, **wanted: str) -> SigningDevice:
    return opened(SOFTWARE.create(wanted, folder, clock, os.urandom), folder, clock)


def opened(
    secret: bytes, folder: Path, clock, kind: signers.DeviceKind = SOFTWARE
) -> SigningDevice:
    return kind.open(secret, folder, clock, lambda: str(uuid4()))


def sold(device: SigningDevice, client: str = "KASSE-1") -> int:
    number = device.start(client, "", b"").number
    device.finish(client, number, "Kassenbeleg-V1", SALE)
    return number


def examined(device: SigningDevice, place: Path) -> verify.LogReport:
    place.write_bytes(b"".join(device.export(LogFilter())))
    return verify.examine(place)


def test_the_socket_offers_a_software_tse_for_tests_and_a_cloud_tse() -> None:
    found = {code: (kind.family, kind.is_test_only) for code, kind in signers.devices().items()}

    assert found == {"software-tse": ("tse", True), "cloud-tse": ("tse", False)}
    assert signers.find_device("software-tse") is SOFTWARE
    assert "tse" not in signers.installed()


@VERSIONS
def test_a_software_tse_is_made_and_opened_by_its_secret(
    tmp_path: Path, factory, version: str
) -> None:
    folder = tmp_path / "devices" / "d-1"
    secret = SOFTWARE.create(
        {"log_version": version, "description": "a kiosk"}, folder, factory.clock, os.urandom
    )
    device = opened(secret, folder, factory.clock)
    device.register_client("KASSE-1")

    assert sold(device) == 1
    info = device.info()
    assert (info.is_test, info.description) == (True, "TEST a kiosk")
    assert len(info.certificates) == 3
    report = examined(device, tmp_path / "a.tar")
    assert (report.faults, report.versions, report.serial) == ((), (int(version),), info.serial)


def test_pins_are_digits_and_differ(tmp_path: Path, factory) -> None:
    secret = SOFTWARE.create({}, tmp_path / "d", factory.clock, os.urandom)

    pins = msgspec.structs.astuple(msgspec.json.decode(secret, type=kinds.TseSecret).pins)

    assert all(pin.isdigit() for pin in pins)
    assert [len(pin) for pin in pins] == [8, 10, 8, 10, 8, 10]
    assert len(set(pins)) == 6


def test_making_a_device_again_makes_another_and_harms_none(tmp_path: Path, factory) -> None:
    folder = tmp_path / "d"
    first = a_software_tse(folder, factory.clock)
    first.register_client("KASSE-1")
    sold(first)

    second = a_software_tse(folder, factory.clock)
    second.register_client("KASSE-1")

    assert first.info().serial != second.info().serial
    assert (sold(first), sold(second)) == (2, 1)


def test_opening_asks_nobody(tmp_path: Path, factory) -> None:
    secret = SOFTWARE.create({}, tmp_path / "d", factory.clock, os.urandom)
    account = msgspec.json.encode(
        CloudAccount(url="http://127.0.0.1:9", tss_id=str(uuid4()), api_key="k", api_secret="s")
    )

    elsewhere = opened(secret, tmp_path / "nowhere", factory.clock)
    far = opened(account, tmp_path / "nowhere", factory.clock, CLOUD)

    for device in (elsewhere, far):
        with pytest.raises(TseDown):
            device.info()
    assert not (tmp_path / "nowhere").exists()


@VERSIONS
def test_a_client_comes_and_goes_and_comes_again(tmp_path: Path, factory, version: str) -> None:
    device = a_software_tse(tmp_path / "d", factory.clock, version=version)
    device.deregister_client("KASSE-1")
    device.register_client("KASSE-1")
    sold(device)

    device.deregister_client("KASSE-1")
    device.deregister_client("KASSE-1")

    with pytest.raises(TseRefused, match="ErrorClientNotRegistered") as caught:
        sold(device)
    assert caught.value.is_particular
    device.register_client("KASSE-1")
    assert sold(device) == 2
    assert examined(device, tmp_path / "a.tar").faults == ()


def test_who_registers_a_client_at_once_with_another_is_not_refused(
    tmp_path: Path, factory
) -> None:
    folder = tmp_path / "d"
    secret = SOFTWARE.create({}, folder, factory.clock, os.urandom)
    crew = [opened(secret, folder, factory.clock) for _ in range(4)]
    for device in crew:
        device.info()
    troubles: list[Exception] = []
    gate = threading.Barrier(len(crew))

    def register(device: SigningDevice) -> None:
        gate.wait()
        try:
            for number in range(5):
                device.register_client(f"KASSE-{number}")
        except TseDown as error:
            troubles.append(error)

    threads = [threading.Thread(target=register, args=(device,)) for device in crew]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert troubles == []
    assert [sold(device, "KASSE-4") for device in crew] == [1, 2, 3, 4]
    assert examined(crew[0], tmp_path / "a.tar").faults == ()


def test_a_wrong_pin_is_counted_when_a_client_is_let_go(factory) -> None:
    device = factory.a_ready_device()
    wrong = msgspec.structs.replace(factory.pins, admin="00000")
    kasse = ready.opened(device, wrong)

    with pytest.raises(TseRefused, match="ErrorUserNotAuthenticated") as caught:
        kasse.deregister_client("KASSE-1")

    assert not caught.value.is_particular
    failures = device.memory.execute("SELECT pin_failures FROM user WHERE id = 'admin'")
    assert failures.fetchone()[0] == 1
    assert status.client_count(device) == 1


def test_a_memory_that_fails_is_an_outage_whatever_is_asked(factory) -> None:
    device = factory.a_ready_device()
    kasse = ready.opened(device, factory.pins)
    sold(kasse)
    blocks = kasse.export(LogFilter())
    next(blocks)
    device.memory.execute("DROP TABLE log")
    device.memory.execute("DROP TABLE device")

    for question in (kasse.info, lambda: kasse.find(1), lambda: kasse.start("KASSE-1", "", b"")):
        with pytest.raises(TseDown, match="no such table") as caught:
            question()
        assert not isinstance(caught.value, TseRefused)
    with pytest.raises(TseDown, match="no such table"):
        list(blocks)
    with pytest.raises(TseDown):
        kasse.export(LogFilter())


def test_a_found_transaction_tells_when_it_began(tmp_path: Path, factory, provider) -> None:
    far = provider.tse()
    for device in (a_software_tse(tmp_path / "d", factory.clock), far):
        device.register_client("KASSE-1")
        started = device.start("KASSE-1", "", b"")
        factory.clock.pass_by(seconds=75)
        device.finish("KASSE-1", started.number, "Kassenbeleg-V1", SALE)

        found = device.find(started.number)

        assert (found.started_at, found.state) == (started.time, TransactionState.FINISHED)
        assert found.finished is not None
        assert (found.finished.time - started.time).seconds == 75


@pytest.mark.parametrize("provider", [2, 3], indirect=True)
def test_a_client_leaves_the_cloud_and_comes_back(provider) -> None:
    tse = provider.tse()
    tse.deregister_client("KASSE-1")
    tse.register_client("KASSE-1")
    sold(tse)

    tse.deregister_client("KASSE-1")
    tse.deregister_client("KASSE-1")

    with pytest.raises(TseRefused, match="E_CLIENT_NOT_REGISTERED") as caught:
        sold(tse)
    assert caught.value.is_particular
    tse.register_client("KASSE-1")
    assert sold(tse) == 2


def account_at(provider) -> dict[str, str]:
    return {
        "url": f"http://127.0.0.1:{provider.port}",
        "key": "key",
        "secret": "secret",
    }


def test_a_cloud_tse_is_set_up_and_keeps_its_puk(provider, tmp_path: Path, factory) -> None:
    folder = tmp_path / "0199-d-1"
    secret = CLOUD.create(account_at(provider), folder, factory.clock, os.urandom)
    account = msgspec.json.decode(secret, type=CloudAccount)

    assert UUID(account.tss_id).version == 4
    tss = provider.cloud.tss[account.tss_id]
    assert (tss.state, account.admin_puk) == ("INITIALIZED", tss.puk)
    device = opened(secret, folder, factory.clock, CLOUD)
    device.register_client("KASSE-1")
    assert sold(device) == 1
    assert b"".join(export.log_messages(tss.device)) == b"".join(device.export(LogFilter()))


def test_setting_up_again_finds_the_tss_of_the_first_attempt(
    provider, tmp_path: Path, factory
) -> None:
    folder = tmp_path / "d-1"
    known = len(provider.cloud.tss)
    first = CLOUD.create(account_at(provider), folder, factory.clock, os.urandom)
    second = CLOUD.create(account_at(provider), folder, factory.clock, os.urandom)

    assert len(provider.cloud.tss) == known + 1
    device = opened(second, folder, factory.clock, CLOUD)
    device.register_client("KASSE-1")
    with pytest.raises(TseRefused, match="E_ADMIN_PIN"):
        opened(first, folder, factory.clock, CLOUD).register_client("KASSE-2")


def test_a_puk_that_is_told_only_once_ends_the_second_attempt(provider) -> None:
    line = provider.line(tss_id=setup.tss_id("d-1"))
    setup.provision(line, "")
    provider.cloud.tss[line.account.tss_id].puk = ""

    with pytest.raises(TseRefused, match="an attempt that is lost"):
        setup.provision(line, "")


def test_a_tss_that_the_operator_set_up_is_taken_as_it_is(
    provider, tmp_path: Path, factory
) -> None:
    (tss_id,) = provider.cloud.tss
    own = account_at(provider) | {"tss": tss_id, "admin_pin": "12345"}

    secret = CLOUD.create(own, tmp_path / "d", factory.clock, os.urandom)

    assert list(provider.cloud.requests) == []
    device = opened(secret, tmp_path / "d", factory.clock, CLOUD)
    device.register_client("KASSE-1")
    assert sold(device) == 1


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"url": ""}, ("FISCUS_DEVICE_URL",)),
        ({"key": "", "secret": ""}, ("FISCUS_DEVICE_KEY", "FISCUS_DEVICE_SECRET")),
        ({"tss": str(uuid4())}, ("FISCUS_DEVICE_ADMIN_PIN",)),
        ({"url": "ftp://cloud"}, ("FISCUS_DEVICE_URL",)),
        ({"url": "https://cloud:99999"}, ("FISCUS_DEVICE_URL",)),
        ({"url": "https:///api"}, ("FISCUS_DEVICE_URL",)),
    ],
)
def test_what_an_account_lacks_is_named(
    tmp_path: Path, factory, changes: dict[str, str], missing: tuple[str, ...]
) -> None:
    whole = {"url": "https://cloud", "key": "k", "secret": "s"}

    with pytest.raises(Refused) as caught:
        CLOUD.create(whole | changes, tmp_path / "d", factory.clock, os.urandom)

    assert (caught.value.code, caught.value.paths) == (kinds.NO_ACCOUNT, missing)
