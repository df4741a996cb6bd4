"""The life of a register's TSE over HTTP: set up, exchanged alive or dead, and let go."""

import csv
import io
import tarfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from fiscus import cli, formats
from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.families.reporting.tests.caller import Caller, Json, answer, platform, refusal
from fiscus.issuing.tests.bench import a_cloud
from fiscus.model.tests.clock import StandingClock
from fiscus.outbox.kinds import ATTEMPTS_MAX
from fiscus.signers.tse.simulator.server import SimulatedCloud
from tests.support.environment import environment
from tests.support.premises import MONDAY, Model, Premises, opened

NOVEMBER = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T23:59:59Z"}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[tuple[SimulatedCloud, dict[str, str]]]:
    with a_cloud(tmp_path / "cloud", StandingClock(MONDAY)) as found:
        yield found


@contextmanager
def in_the_cloud(model: Model, folder: Path, wanted: dict[str, str]) -> Iterator[Premises]:
    """An installation whose registers sign through this account."""
    account = {f"device_{name}": value for name, value in wanted.items()}
    with environment(**account), opened(model, folder, device="cloud-tse") as premises:
        yield premises


def tse(kiosk: Kiosk, serial: str = "") -> Json:
    query = f"?serial={serial}" if serial else ""
    return kiosk.caller.get(f"/registers/{kiosk.register}/tse{query}")


def asks_for_another(kiosk: Kiosk, reason: str = "") -> Json:
    path = f"/registers/{kiosk.register}/tse/replace"
    body = {"reason": reason} if reason else None
    return answer(kiosk.caller.send("POST", path, body), 202)


def gets_another(kiosk: Kiosk, reason: str = "") -> str:
    """The serial of the device that takes the place of the present one."""
    asks_for_another(kiosk, reason)
    kiosk.premises.work()
    return str(tse(kiosk)["serial"])


def dies(kiosk: Kiosk) -> None:
    """The present device is gone for good."""
    devices = kiosk.premises.services.issuing.devices
    fitted = devices.of(uuid_of(kiosk.register))
    assert fitted is not None
    (memory,) = (devices.folder / fitted.device).glob("*/tse.sqlite")
    memory.unlink()


def uuid_of(id_: str) -> str:
    digits = id_.partition("_")[2]
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def exported(kiosk: Kiosk, folder: Path, type_: str = "dsfinvk", **window: str) -> Path:
    body = {"type": type_, "register_id": kiosk.register, **NOVEMBER, **window}
    id_ = answer(kiosk.caller.send("POST", "/exports", body), 202)["id"]
    kiosk.premises.work()
    export = kiosk.caller.get(f"/exports/{id_}")
    assert export["status"] == "completed", export
    url = export["download_url"].removeprefix("http://127.0.0.1:8080")
    file = folder / f"{type_}.tar"
    file.write_bytes(kiosk.premises.http.get(url).content)
    return file


def table(archive: Path, name: str) -> list[dict[str, str]]:
    with tarfile.open(archive) as tar:
        member = tar.extractfile(name)
        assert member is not None
        text = member.read().decode("utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def names(archive: Path) -> str:
    with tarfile.open(archive) as tar:
        return " ".join(tar.getnames())


def test_a_device_that_works_is_exchanged_between_two_sales(kiosk: Kiosk) -> None:
    kiosk.opens()
    first = tse(kiosk)
    kiosk.premises.clock.move(hours=1)

    asked = asks_for_another(kiosk, "the certificate ends soon")
    while_waiting = kiosk.sells()
    kiosk.premises.work()
    shown = tse(kiosk)
    afterwards = kiosk.sells()

    assert asked["serial"] == first["serial"]
    assert asked["replacement"] == {
        "state": "pending",
        "reason": "the certificate ends soon",
        "requested_at": "2026-11-16T10:00:00Z",
        "error": None,
    }
    assert while_waiting["fiscal_information"]["tss_serial_number"] == first["serial"]
    assert afterwards["fiscal_information"]["tss_serial_number"] == shown["serial"]
    assert afterwards["fiscal_information"]["document_number"] == "1"
    assert (shown["state"], shown["replacement"]) == ("fitted", None)
    assert shown["reason"] == "the certificate ends soon"
    assert shown["former"] == [
        {
            "serial": first["serial"],
            "fitted_at": "2026-11-16T09:00:00Z",
            "released_at": "2026-11-16T10:00:00Z",
            "deregistered_at": "2026-11-16T10:00:00Z",
            "error": None,
        }
    ]
    register = kiosk.caller.get(f"/registers/{kiosk.register}")
    assert register["fiscalization_status"] == "fiscalized"
    assert register["fiscalization"]["fiscalized_at"] == "2026-11-16T09:00:00Z"
    assert register["fiscalization"]["tse_serial"] == shown["serial"]
    kiosk.premises.assert_proved()


def test_a_dead_device_is_exchanged_and_what_it_began_goes_out_unsigned(kiosk: Kiosk) -> None:
    kiosk.opens()
    first = tse(kiosk)
    open_sale, given_up = kiosk.begins(), kiosk.begins()
    dies(kiosk)
    without = kiosk.sells()
    assert tse(kiosk)["outage_since"]

    gets_another(kiosk, "broken")
    concluded, voided = kiosk.completes(open_sale), kiosk.voids(given_up)
    signed = kiosk.sells()

    assert "lässt sich nicht öffnen" in without["fiscal_information"]["outage"]["reason"]
    for one in (concluded, voided):
        told = one["fiscal_information"]
        assert first["serial"][:16] in told["outage"]["reason"]
        assert "ausgetauscht" in told["outage"]["reason"]
        assert told["end_event"] is None
    assert signed["fiscal_information"]["end_event"]["signature"]
    assert tse(kiosk)["outage_since"] is None
    (former,) = tse(kiosk)["former"]
    assert (former["serial"], former["deregistered_at"]) == (first["serial"], None)
    assert "cannot be opened" in former["error"]
    answer(kiosk.closing(), 201)
    kiosk.premises.assert_proved()


def test_what_a_living_device_began_is_not_ended_by_another_one(kiosk: Kiosk) -> None:
    """Both have a transaction 1; the open sale's must not become the other's."""
    kiosk.opens()
    sale = kiosk.begins()
    gets_another(kiosk)
    other = kiosk.begins()

    concluded = kiosk.completes(sale)

    assert concluded["fiscal_information"]["outage"]
    assert tse(kiosk)["outage_since"] is None, "the present device is not out"
    assert kiosk.completes(other)["fiscal_information"]["end_event"]["signature"]


def test_a_closing_over_an_exchange_names_both_devices_and_each_signature_its_own(
    kiosk: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk.opens()
    first = tse(kiosk)["serial"]
    for _ in range(2):
        kiosk.sells()
    open_sale = kiosk.begins()
    kiosk.premises.clock.move(seconds=1)
    second = gets_another(kiosk, "too slow")
    kiosk.completes(open_sale)
    for _ in range(3):
        kiosk.sells()
    answer(kiosk.closing(), 201)
    kiosk.premises.clock.move(hours=1)

    archive = exported(kiosk, tmp_path)

    assert formats.find("dsfinvk").check(archive, {}) == ()
    monkeypatch.setattr("sys.argv", ["fiscus", "check", "dsfinvk", str(archive)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code in (0, None)
    assert [(row["TSE_ID"], row["TSE_SERIAL"]) for row in table(archive, "tse.csv")] == [
        ("1", first),
        ("2", second),
    ]
    signed = Counter(
        (row["TSE_ID"], bool(row["TSE_TA_SIG"])) for row in table(archive, "transactions_tse.csv")
    )
    # Opening and two sales; what was open at the change; three sales and the closing itself.
    assert signed == {("1", True): 3, ("1", False): 1, ("2", True): 4}


def test_the_closing_after_an_exchange_names_only_the_new_device(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    kiosk.opens()
    answer(kiosk.closing(), 201)
    kiosk.premises.clock.move(hours=1)
    second = gets_another(kiosk)
    kiosk.premises.clock.move(hours=1)
    kiosk.opens()
    answer(kiosk.closing(), 201)
    kiosk.premises.clock.move(hours=1)

    archive = exported(kiosk, tmp_path)

    assert formats.find("dsfinvk").check(archive, {}) == ()
    rows = table(archive, "tse.csv")
    assert [(row["Z_NR"], row["TSE_ID"]) for row in rows] == [("1", "1"), ("2", "1")]
    assert rows[1]["TSE_SERIAL"] == second


def test_a_closing_in_which_the_device_signed_nothing_names_it_all_the_same(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    dead = tse(kiosk)["serial"]
    dies(kiosk)
    kiosk.opens()
    kiosk.sells()
    answer(kiosk.closing(), 201)
    kiosk.premises.clock.move(hours=1)

    archive = exported(kiosk, tmp_path)

    assert formats.find("dsfinvk").check(archive, {}) == ()
    assert [row["TSE_SERIAL"] for row in table(archive, "tse.csv")] == [dead]
    unsigned = table(archive, "transactions_tse.csv")
    assert len(unsigned) == 3
    assert all(row["TSE_ID"] == "1" and row["TSE_TA_FEHLER"] for row in unsigned)


def test_after_the_end_of_its_certificate_a_device_is_out_until_it_is_exchanged(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    """It would sign, but validity is judged at the time of signing (BSI TR-03153-1)."""
    kiosk.opens()
    first = tse(kiosk)
    open_sale = kiosk.begins()
    kiosk.premises.clock.now = datetime.fromisoformat(first["usable_until"])

    concluded, without = kiosk.completes(open_sale), kiosk.sells()
    warned = kiosk.premises.http.get("/health").json()["problems"]
    outage_since = tse(kiosk)["outage_since"]
    second = gets_another(kiosk, "the certificate has ended")
    signed = kiosk.sells()
    answer(kiosk.closing(), 201)
    kiosk.premises.clock.move(hours=1)

    for one in (concluded, without):
        assert "Zertifikat" in one["fiscal_information"]["outage"]["reason"]
    assert outage_since
    assert "signing devices in service whose certificate has ended: 1" in warned
    assert signed["fiscal_information"]["tss_serial_number"] == second
    assert kiosk.premises.http.get("/health").json()["ready"]
    window = {"from": "2026-11-01T00:00:00Z", "to": "2099-12-31T00:00:00Z"}
    archive = exported(kiosk, tmp_path, **window)
    assert formats.find("dsfinvk").check(archive, {}) == ()
    assert len(table(archive, "tse.csv")) == 2
    log = tmp_path / "first.tar"
    path = f"/registers/{kiosk.register}/tse/export?serial={first['serial']}"
    log.write_bytes(kiosk.caller.send("GET", path).content)
    assert formats.find("tse").check(log, {}) == ()


def test_the_log_of_a_former_device_can_still_be_had(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.opens()
    first = tse(kiosk)["serial"]
    kiosk.premises.clock.move(hours=1)
    second = gets_another(kiosk)
    path = f"/registers/{kiosk.register}/tse/export"

    for serial, is_former in ((first, True), (second, False)):
        file = tmp_path / f"{serial}.tar"
        file.write_bytes(kiosk.caller.send("GET", f"{path}?serial={serial}").content)
        assert formats.find("tse").check(file, {}) == ()
        assert (b"deregisterClient" in file.read_bytes()) is is_former
        shown = tse(kiosk, serial)
        assert (shown["serial"], shown["state"]) == (serial, "released" if is_former else "fitted")

    assert kiosk.caller.send("GET", path).content == file.read_bytes()
    for query in (f"?serial={'0' * 64}", f"?serial={'0' * 64}&transaction_number=1"):
        refusal(kiosk.caller.send("GET", path + query), 404, "not_found")
    refusal(kiosk.caller.send("GET", f"{path}?serial=x"), 400, "invalid_request")


def test_an_archive_of_a_window_is_of_the_device_that_signed_in_it(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    kiosk.opens()
    kiosk.premises.clock.move(hours=2)
    second = gets_another(kiosk)
    kiosk.premises.clock.move(hours=1)
    kiosk.sells()

    early = exported(kiosk, tmp_path, "tse_tar", to="2026-11-16T10:00:00Z")
    assert formats.find("tse").check(early, {"is_filtered": "yes"}) == ()
    assert second not in names(early)
    late = exported(kiosk, tmp_path, "tse_tar", **{"from": "2026-11-16T11:30:00Z"})
    assert second in names(late)
    body = {"type": "tse_tar", "register_id": kiosk.register, **NOVEMBER}
    id_ = answer(kiosk.caller.send("POST", "/exports", body), 202)["id"]
    kiosk.premises.work()
    both = kiosk.caller.get(f"/exports/{id_}")
    assert both["status"] == "failed"
    assert second in str(both["error"])


def test_there_is_nothing_to_exchange_before_and_after_its_life(
    merchant: Caller, premises: Premises
) -> None:
    register = merchant.opens_register()
    path = f"/registers/{register['id']}"
    refusal(merchant.send("POST", f"{path}/tse/replace"), 409, "operation_invalid_state")
    merchant.fiscalizes(register)
    refusal(merchant.send("POST", f"{path}/tse/replace"), 409, "operation_invalid_state")
    premises.work()
    answer(merchant.send("POST", f"{path}/decommission"), 200)
    refusal(merchant.send("POST", f"{path}/tse/replace"), 409, "operation_invalid_state")


def test_a_register_with_a_dead_device_is_decommissioned_and_the_state_says_so(
    kiosk: Kiosk,
) -> None:
    dies(kiosk)
    path = f"/registers/{kiosk.register}"

    gone = answer(kiosk.caller.send("POST", f"{path}/decommission"), 200)
    assert gone["fiscalization_status"] == "decommissioned"
    for _ in range(ATTEMPTS_MAX):
        kiosk.premises.work()
        assert "cannot be opened" in tse(kiosk)["error"]
        kiosk.premises.clock.move(minutes=10)

    shown = tse(kiosk)
    assert (shown["state"], shown["deregistered_at"]) == ("released", None)
    assert "cannot be opened" in kiosk.caller.get(path)["fiscalization"]["error"]
    assert not kiosk.premises.helper.step()


def test_what_is_open_is_ended_before_a_register_is_decommissioned(kiosk: Kiosk) -> None:
    path = f"/registers/{kiosk.register}/decommission"
    kiosk.opens()
    refusal(kiosk.caller.send("POST", path), 409, "session_invalid_state")


def test_a_register_whose_cloud_is_away_fails_with_its_reason_and_goes_on_from_there(
    model: Model, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    provider, wanted = cloud
    wrong = wanted | {"secret": "wrong"}
    with in_the_cloud(model, tmp_path / "data", wrong) as premises:
        merchant = platform(premises).opens_merchant()
        register = merchant.opens_register()
        path = f"/registers/{register['id']}"
        merchant.fiscalizes(register)
        for _ in range(ATTEMPTS_MAX):
            premises.work()
            premises.clock.move(minutes=10)
        failed = merchant.get(path)
        assert failed["fiscalization_status"] == "failed"
        assert "E_UNAUTHORIZED" in failed["fiscalization"]["error"]
        assert "E_UNAUTHORIZED" in merchant.get(f"{path}/tse")["error"]

        premises.services.provisioning.wanted = wanted
        assert merchant.fiscalizes(register)["fiscalization_status"] == "pending"
        premises.work()

        ready = merchant.get(path)
        assert (ready["fiscalization_status"], ready["fiscalization"]["error"]) == (
            "fiscalized",
            None,
        )
        (one,) = provider.tss.values()
        assert len(one.clients) == 1


def test_an_exchange_that_failed_says_why_and_is_asked_for_again(
    model: Model, tmp_path: Path, cloud: tuple[SimulatedCloud, dict[str, str]]
) -> None:
    provider, wanted = cloud
    with in_the_cloud(model, tmp_path / "data", wanted) as premises:
        kiosk = a_kiosk(premises, platform(premises).opens_merchant())
        first = tse(kiosk)["serial"]
        provisioning: Any = premises.services.provisioning
        provisioning.wanted = {**wanted, "secret": "wrong"}
        asks_for_another(kiosk)
        for _ in range(ATTEMPTS_MAX):
            premises.work()
            premises.clock.move(minutes=10)

        failed = tse(kiosk)
        assert (failed["state"], failed["serial"]) == ("fitted", first)
        assert failed["replacement"]["state"] == "failed"
        assert "E_UNAUTHORIZED" in failed["replacement"]["error"]
        kiosk.opens()
        assert kiosk.sells()["fiscal_information"]["tss_serial_number"] == first

        provisioning.wanted = wanted
        assert gets_another(kiosk) != first
        assert kiosk.sells()["fiscal_information"]["tss_serial_number"] != first
        assert [len(tss.clients) for tss in provider.tss.values()] == [1, 1]
        (former,) = tse(kiosk)["former"]
        assert former["deregistered_at"]
