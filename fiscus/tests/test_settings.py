import os
import re
from pathlib import Path
from typing import Any

import pytest

from fiscus import regimes, settings
from fiscus.model.faults import Refused
from fiscus.settings import Environment, Settings
from fiscus.transparency.notes import VerifierKey
from fiscus.witness.places import FileMemory, RemoteWitness

WITNESS_KEY = VerifierKey(name="w1", kind=4, public=bytes(32)).text()


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FISCUS_")]:
        monkeypatch.delenv(name)


def test_nothing_needs_to_be_set() -> None:
    chosen = settings.load()

    assert (chosen.environment, chosen.port, chosen.is_live) == (Environment.TEST, 8080, False)
    assert chosen.url() == f"sqlite:///{Path('.data/fiscus.db').absolute()}"


def test_every_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "ENVIRONMENT": "live",
        "DATA_DIR": "/srv/fiscus",
        "STATE_DIR": "/mnt/other/fiscus",
        "HOST": "0.0.0.0",
        "PORT": "9000",
        "DATABASE_URL": "postgresql+psycopg://u:p@h/n",
        "MASTER_KEY": "k",
        "CHECKPOINT_SECONDS": "5",
        "RATE_LIMIT_PER_SECOND": "7",
        "BODY_BYTES_MAX": "2048",
        "STRICT_GATEWAY": "true",
        "LOG_LEVEL": "debug",
        "PUBLIC_URL": "https://pos.example/fiscus",
        "ARTIFACTS_URL": "s3://bucket/files",
        "ARTIFACTS_ENDPOINT": "https://s3.example",
        "ARTIFACTS_REGION": "eu-central-1",
        "ARTIFACTS_ACCESS_KEY": "a",
        "ARTIFACTS_SECRET_KEY": "s",
        "DEVICE": "cloud-tse",
        "TRUSTED_PROXIES": "10.0.0.0/8, ::1",
        "OPS_ADDRESS": "[::1]:9090",
        "CONSOLE": "False",
        "VERIFY_HOURS": "12",
        "SERIES_AHEAD_DAYS": "5",
        "WEBHOOK_PRIVATE_TARGETS": "10.0.0.0/8,ledger.lan:8080",
        "WITNESSES": f"https://w.example/w1 {WITNESS_KEY}\nfile:/mnt/stick",
    }
    for name, value in said.items():
        monkeypatch.setenv(f"FISCUS_{name}", value)
    chosen = settings.load()

    assert {name.upper() for name in Settings.model_fields} == set(said)
    assert chosen.url() == said["DATABASE_URL"]
    assert chosen.is_live
    assert {name: str(getattr(chosen, name.lower())) for name in said} == said | {
        "STRICT_GATEWAY": "True"
    }


def test_witnesses_and_memories_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.load().witness_places() == ()

    monkeypatch.setenv("FISCUS_WITNESSES", f"https://w.example/w1 {WITNESS_KEY} file:/mnt/stick")

    remote, memory = settings.load().witness_places()
    assert isinstance(remote, RemoteWitness)
    assert memory == FileMemory(folder=Path("/mnt/stick"))


def test_a_witness_that_is_not_understood_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FISCUS_WITNESSES", "https://w.example/w1")

    with pytest.raises(Refused, match=r"WITNESS-PLACE-03.*fiscus witness init"):
        settings.load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "production"),
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("CHECKPOINT_SECONDS", "0"),
        ("RATE_LIMIT_PER_SECOND", "-1"),
        ("BODY_BYTES_MAX", "12"),
        ("OPS_ADDRESS", "9090"),
        ("OPS_ADDRESS", "127.0.0.1:0"),
        ("OPS_ADDRESS", "127.0.0.1:65536"),
        ("OPS_ADDRESS", "::1:9090"),
        ("OPS_ADDRESS", "http://127.0.0.1:9090"),
        ("STRICT_GATEWAY", "perhaps"),
        ("LOG_LEVEL", "loud"),
        ("DEVICE", "abacus"),
        ("WITNESSES", "https://w.example/w1"),
        ("WITNESSES", f"http://w.example/w1 {WITNESS_KEY}"),
        ("WITNESSES", "file:notes"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "10.0.0.5/8"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "postgresql://host/name"),
        ("DATABASE_URL", "fiscus.db"),
        ("DATABASE_URL", "sqlite:///"),
    ],
)
def test_a_wrong_value_is_refused_and_its_variable_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"FISCUS_{name}", value)

    with pytest.raises(Refused) as caught:
        settings.load()
    assert [fault.paths for fault in caught.value.faults] == [(f"FISCUS_{name}",)]
    assert caught.value.code == settings.BAD_SETTING


def test_all_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FISCUS_PORT", "x")
    monkeypatch.setenv("FISCUS_LOG_LEVEL", "x")

    with pytest.raises(Refused) as caught:
        settings.load()
    assert {fault.paths[0] for fault in caught.value.faults} == {"FISCUS_PORT", "FISCUS_LOG_LEVEL"}


def test_no_secret_is_shown_when_settings_are_printed_or_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FISCUS_MASTER_KEY", "canary-master")
    monkeypatch.setenv("FISCUS_DATABASE_URL", "postgresql+psycopg://u:canary-password@h/n")
    assert "canary" not in repr(settings.load())

    monkeypatch.setenv("FISCUS_DATABASE_URL", "mysql://u:canary-password@h/n")
    with pytest.raises(Refused) as caught:
        settings.load()
    assert "canary" not in str(caught.value)


def test_settings_cannot_be_changed() -> None:
    chosen: Any = settings.load()

    with pytest.raises(ValueError, match="frozen"):
        chosen.port = 1


def test_a_law_has_its_settings_by_default_in_test_but_not_in_live() -> None:
    in_test, in_live = settings.of_regimes(False, {}), settings.of_regimes(True, {})

    assert set(in_test) == set(in_live) == set(regimes.installed())
    assert in_test["pt"]["certificate_number"] == "9999"
    assert in_live["pt"] == {}


def test_a_law_reads_its_own_variables() -> None:
    environ = {"FISCUS_PT_CERTIFICATE_NUMBER": "1234", "FISCUS_PT_KEY_VERSION": "2"}

    found = settings.of_regimes(True, environ)["pt"]

    assert found == {"certificate_number": "1234", "key_version": "2"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CERTIFICATE_NUMBER", "9999"),
        ("CERTIFICATE_NUMBER", "0"),
        ("CERTIFICATE_NUMBER", "0000"),
        ("PRODUCER_TAX_NUMBER", "599999993"),
    ],
)
def test_what_is_for_tests_is_refused_in_live(name: str, value: str) -> None:
    environ = {f"FISCUS_PT_{name}": value}

    with pytest.raises(Refused) as caught:
        settings.of_regimes(True, environ)
    assert (caught.value.code, caught.value.paths) == (settings.FOR_TESTS, (f"FISCUS_PT_{name}",))
    assert settings.of_regimes(False, environ)["pt"][name.lower()] == value


def test_a_channel_reads_its_own_variables_once_one_is_given() -> None:
    environ = {"FISCUS_AT_PORTUGAL_CERTIFICATE": "/keys/at.pem"}

    assert settings.of_channels(False, {}) == settings.of_channels(True, {}) == {}
    assert settings.of_channels(True, environ) == {"at_portugal": {"certificate": "/keys/at.pem"}}
    in_test = settings.of_channels(False, environ)["at_portugal"]
    assert in_test["series_address"].endswith(":722/SeriesWSService")


def test_a_channels_setting_of_a_wrong_form_is_refused_by_its_name() -> None:
    name = "FISCUS_AT_PORTUGAL_SERIES_ADDRESS"

    with pytest.raises(Refused) as caught:
        settings.of_channels(True, {name: "http://example.org/"})
    assert caught.value.paths == (name,)


def test_a_kind_of_device_reads_its_own_variables() -> None:
    said = {
        "URL": "https://tse.example",
        "KEY": "dk",
        "SECRET": "ds",
        "TSS": "t",
        "ADMIN_PIN": "1",
        "LOG_VERSION": "3",
    }
    environ = {f"FISCUS_DEVICE_{name}": value for name, value in said.items()}

    found = settings.of_devices(Settings(device="cloud-tse"), environ)

    assert found == {name.lower(): value for name, value in said.items()}


@pytest.mark.parametrize("device", ["", "software-tse"])
def test_the_setting_of_a_device_that_serves_must_have_its_form(device: str) -> None:
    environ = {"FISCUS_DEVICE_LOG_VERSION": "1"}

    with pytest.raises(Refused) as caught:
        settings.of_devices(Settings(device=device), environ)
    assert caught.value.paths == ("FISCUS_DEVICE_LOG_VERSION",)
    assert settings.of_devices(Settings(device="cloud-tse"), environ) == {"log_version": "1"}


def test_in_test_a_device_for_tests_serves_its_family_unless_one_is_chosen() -> None:
    assert settings.spare_devices(Settings()) == {"tse": "software-tse"}
    assert settings.spare_devices(Settings(device="cloud-tse")) == {}
    assert settings.spare_devices(Settings(environment=Environment.LIVE)) == {}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DATABSE_URL", "DATABASE_URL"),
        ("LOGLEVEL", "LOG_LEVEL"),
        ("DEVICE_LOGVERSION", "DEVICE_LOG_VERSION"),
        ("PT_CERTIFICATE_NO", "PT_CERTIFICATE_NUMBER"),
    ],
)
def test_a_misspelt_variable_is_refused_and_the_right_one_named(
    monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(f"FISCUS_{name}", "1")

    with pytest.raises(Refused) as caught:
        settings.load()
    [fault] = caught.value.faults
    assert fault.paths == (f"FISCUS_{name}",)
    assert f"rename it to FISCUS_{meant}," in fault.text


def test_a_variable_like_no_setting_is_named_and_not_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FISCUS_IMAGE_OF_OURS", "1")
    monkeypatch.setenv("FISCUS_TEST_POSTGRES_URL", "sqlite:///x")

    settings.load()

    assert settings.strange_variables() == {"FISCUS_IMAGE_OF_OURS": ""}


def test_every_setting_is_known() -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()

    assert settings.known_variables() == set(re.findall(r"^\| `(FISCUS_[A-Z_]+)`", page, re.M))


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("FISCUS_PT_CERTIFICATE_NUMBER", "12345"),
        ("FISCUS_PT_CERTIFICATE_NUMBER", "12\n"),
        ("FISCUS_PT_KEY_VERSION", "0"),
        ("FISCUS_PT_PRODUCER_TAX_NUMBER", "PT509876544"),
        ("FISCUS_PT_PRODUCT_ID", "Fiscus"),
    ],
)
def test_a_laws_setting_of_a_wrong_form_is_refused_by_its_name(
    is_live: bool, variable: str, value: str
) -> None:
    with pytest.raises(Refused) as caught:
        settings.of_regimes(is_live, {variable: value})

    assert caught.value.paths == (variable,)


def test_what_was_issued_last_is_noted_in_two_places() -> None:
    chosen = Settings(data_dir=Path("/srv/fiscus"))
    inside = Path("/srv/fiscus/seen")

    assert chosen.seen_folders("i", {"XDG_STATE_HOME": "/x", "HOME": "/h"}) == (
        inside,
        Path("/x/fiscus/i"),
    )
    assert chosen.seen_folders("i", {"XDG_STATE_HOME": "", "HOME": "/h"}) == (
        inside,
        Path("/h/.local/state/fiscus/i"),
    )
    assert chosen.seen_folders("i", {}) == (inside,)
    told = Settings(data_dir=Path("/srv/fiscus"), state_dir=Path("/mnt/b"))
    assert told.seen_folders("i", {"HOME": "/h"}) == (inside, Path("/mnt/b"))
