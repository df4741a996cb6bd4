import os
from pathlib import Path
from typing import Any

import pytest

from fiscus import regimes, settings
from fiscus.model.faults import Refused
from fiscus.settings import Environment, Settings


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
        "ENVIRONMENT": "live", "DATA_DIR": "/srv/fiscus", "HOST": "0.0.0.0", "PORT": "9000",
        "DATABASE_URL": "postgresql+psycopg://u:p@h/n", "MASTER_KEY": "k",
        "CHECKPOINT_SECONDS": "5", "RATE_LIMIT_PER_SECOND": "7", "BODY_BYTES_MAX": "2048",
        "STRICT_GATEWAY": "true", "LOG_LEVEL": "debug", "PUBLIC_URL": "https://pos.example/fiscus",
        "ARTIFACTS_URL": "s3://bucket/files", "ARTIFACTS_ENDPOINT": "https://s3.example",
        "ARTIFACTS_REGION": "eu-central-1", "ARTIFACTS_ACCESS_KEY": "a",
        "ARTIFACTS_SECRET_KEY": "s", "DEVICE": "cloud-tse", "DEVICE_URL": "https://tse.example",
        "DEVICE_LOG_VERSION": "3", "DEVICE_KEY": "dk", "DEVICE_SECRET": "ds", "DEVICE_TSS": "t",
        "DEVICE_ADMIN_PIN": "1",
    }  # fmt: skip
    for name, value in said.items():
        monkeypatch.setenv(f"FISCUS_{name}", value)
    chosen = settings.load()

    assert {name.upper() for name in Settings.model_fields} == set(said)
    assert chosen.url() == said["DATABASE_URL"]
    assert chosen.is_live
    assert {name: str(getattr(chosen, name.lower())) for name in said} == said | {
        "STRICT_GATEWAY": "True"
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "production"),
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("CHECKPOINT_SECONDS", "0"),
        ("RATE_LIMIT_PER_SECOND", "-1"),
        ("BODY_BYTES_MAX", "12"),
        ("STRICT_GATEWAY", "perhaps"),
        ("LOG_LEVEL", "loud"),
        ("DEVICE_LOG_VERSION", "1"),
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
