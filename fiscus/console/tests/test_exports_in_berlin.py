"""Exports of a kiosk in Berlin: files of one register, of its closings and of its device."""

import io
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.console.tests.conftest import Browser
from fiscus.exports import requests, retention
from fiscus.registry import taxpayers
from fiscus.registry.roles import Role
from fiscus.store.connect import reading
from tests.support.premises import Model, Premises, continued, opened


def a_day(premises: Premises) -> Kiosk:
    """Sold and closed."""
    found = a_kiosk(premises, platform(premises).opens_merchant())
    found.opens()
    found.sells()
    found.closes()
    return found


@pytest.fixture(scope="module")
def kiosk_model(
    model: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, Kiosk]]:
    with continued(model, tmp_path_factory.mktemp("berlin") / "data", a_day) as found:
        yield found


@pytest.fixture
def premises(kiosk_model: tuple[Model, Kiosk], tmp_path: Path) -> Iterator[Premises]:
    with opened(kiosk_model[0], tmp_path / "data") as found:
        found.clock.move(hours=1)
        yield found


@pytest.fixture
def register(kiosk_model: tuple[Model, Kiosk]) -> str:
    return ids.read("reg", kiosk_model[1].register)


@pytest.fixture
def console(premises: Premises) -> Browser:
    """The accountant of the kiosk."""
    with reading(premises.services.engine) as tx:
        [unit] = taxpayers.below(tx, premises.first.organization_id, regime="de", after="", limit=2)
    nobody = Browser(
        premises=premises, organization=unit.taxpayer.organization, cookies=httpx.Cookies()
    )
    return nobody.as_(Role.AUDITOR)


def ask(console: Browser, **said: str) -> httpx.Response:
    return console.post(
        "/console/exports", {"span": "days", "first": "2026-11-16", "last": "2026-11-16", **said}
    )


def test_the_form_offers_each_file_of_the_law(console: Browser, register: str) -> None:
    page = console.get("/console/exports").text

    offered = re.findall(r'name="kind" value="([^"]+)"', page)
    assert offered == ["AUDIT", "EXPORT", "dsfinvk", "tse"]
    assert f'<option value="{register}"' in page
    assert "Europe/Berlin" in page


@pytest.mark.parametrize("kind", ["dsfinvk", "tse"])
def test_a_file_of_one_register_is_made_checked_and_deleted_after_a_week(
    premises: Premises, console: Browser, register: str, kind: str
) -> None:
    answer = ask(console, kind=kind, register=register)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    premises.work()

    page = console.get(address).text
    assert "no error found" in page
    assert ("Closings, with" in page) is (kind == "dsfinvk")
    assert "Kept until" in page
    file = console.get(f"{address}/file")
    assert file.headers["content-type"] == "application/x-tar"
    with tarfile.open(fileobj=io.BytesIO(file.content)) as archive:
        assert archive.getnames()
    assert console.get(f"{address}/signature").status_code == 404

    premises.clock.move(hours=retention.LIFE.days * 24)
    again = console.as_(Role.AUDITOR)
    assert "was deleted on" in again.get(address).text
    assert "deleted" in again.get("/console/exports").text
    assert again.get(f"{address}/file").status_code == 404


def test_a_file_of_one_register_wants_the_register(console: Browser) -> None:
    answer = ask(console, kind="tse", first="nonsense")

    assert answer.status_code == 422
    assert set(re.findall(r'<a href="#f-(\w+)">', answer.text)) == {"register", "first"}
    assert requests.NO_REGISTER.id in answer.text


def test_days_without_a_closing_are_refused_at_the_period(console: Browser, register: str) -> None:
    answer = ask(console, kind="dsfinvk", register=register, first="2026-11-01", last="2026-11-15")

    assert answer.status_code == 422
    assert "The register had no signing device in this period." in answer.text or (
        requests.NOTHING_CLOSED.id in answer.text
    )
    assert 'value="2026-11-15"' in answer.text


def test_days_before_the_device_are_refused(console: Browser, register: str) -> None:
    answer = ask(console, kind="tse", register=register, first="2026-11-01", last="2026-11-15")

    assert answer.status_code == 422
    assert requests.BACKWARDS.id in answer.text


def test_a_package_of_the_month_holds_the_file_of_the_law(
    premises: Premises, console: Browser
) -> None:
    answer = console.post(
        "/console/exports", {"kind": "AUDIT", "span": "month", "month": "2026-11"}
    )
    assert answer.status_code == 303
    premises.work()

    page = console.get(answer.headers["location"]).text
    assert "ready" in page
    assert "DSFinV-K" in console.get("/console/exports").text
