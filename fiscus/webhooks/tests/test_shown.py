"""A day in Berlin on which the signing device goes away, as its subscriber is told of it."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fiscus.api.families.reporting.tests.berlin import a_kiosk
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.webhooks.tests.receiver import Receiver, listening
from tests.support import words
from tests.support.premises import Model, Premises, opened

OWN = ["record.sealed", "closing.completed", "outage.began", "outage.ended", "series.blocked"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture
def premises(model: Model, tmp_path: Path, receiver: Receiver) -> Iterator[Premises]:
    allowed = f"127.0.0.1:{receiver.port}"
    with opened(model, tmp_path / "data", webhook_private_targets=allowed) as found:
        yield found


def subscribe(premises: Premises, receiver: Receiver) -> None:
    """With the operator's own key: it hears of all units below it."""
    answer = premises.http.post(
        "/v1/subscriptions",
        headers={"Authorization": f"Bearer {premises.first.api_key}"},
        json={"endpointUrl": receiver.url, "eventTypes": OWN},
    )
    assert answer.status_code == 200, answer.text


def told(premises: Premises, receiver: Receiver) -> list[tuple[str, Any]]:
    """What came in, in the order in which it happened."""
    premises.work()
    found = [json.loads(one.body) for one in receiver.received]
    found.sort(key=lambda one: one["timestamp"])
    return [(one["type"], one["data"]) for one in found]


def wait_for_the_probe(premises: Premises) -> None:
    """The service itself finds the device again."""
    premises.clock.move(seconds=61)
    deadline = time.monotonic() + 30
    while premises.http.get("/health").json()["problems"]:
        assert time.monotonic() < deadline
        premises.clock.move(seconds=1)  # so long an answer of health is told again
        time.sleep(0.1)


def test_an_outage_is_told_at_its_beginning_and_its_end(
    premises: Premises, receiver: Receiver, tmp_path: Path
) -> None:
    subscribe(premises, receiver)
    devices, away = tmp_path / "data" / "devices", tmp_path / "away"
    kiosk = a_kiosk(premises, platform(premises).opens_merchant())
    kiosk.opens()
    premises.clock.move(minutes=1)
    devices.rename(away)
    kiosk.sells()
    away.rename(devices)
    wait_for_the_probe(premises)
    kiosk.sells()
    premises.clock.move(minutes=1)
    assert kiosk.closing().status_code == 201

    found = told(premises, receiver)

    began = [data for type_, data in found if type_ == "outage.began"]
    ended = [data for type_, data in found if type_ == "outage.ended"]
    assert len(began) == len(ended) == 1
    assert began[0]["outageId"] == began[0]["id"] == ended[0]["outageId"] != ended[0]["id"]
    register = kiosk.register.removeprefix("reg_")
    assert began[0]["registerId"].replace("-", "") == register
    assert began[0]["reason"]
    assert "reason" not in ended[0]
    types = [type_ for type_, _ in found]
    assert types.count("record.sealed") >= 2
    assert types[-1] == "closing.completed"


def test_a_series_that_the_authority_refuses_is_told_once_an_hour(
    premises: Premises, receiver: Receiver
) -> None:
    subscribe(premises, receiver)
    owner = words.taxpayer(fiscalization=words.fiscalization(words.NIF, "wrong"))
    till = premises.unit("A").opens_shop(owner)
    for minutes in (1, 1, 60):
        till.records(words.receipt())
        premises.clock.move(minutes=minutes)
    till.records(words.receipt())

    found = [data for type_, data in told(premises, receiver) if type_ == "series.blocked"]

    assert [(one["name"], one["state"]) for one in found] == [("FR-T01-2026", "wanted")] * 2
    assert {one["companyId"] for one in found} == {till.taxpayer}
