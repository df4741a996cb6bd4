"""A shop's life with its tax authority, from the first series to the last: the service, its worker
and the authority are programs of their own that speak over sockets."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from bench.installation import Installation, free_port
from fiscus.app import build
from fiscus.issuing import upkeep
from fiscus.settings import Settings
from tests.support import words
from tests.support.till import Json, Till, logs

pytestmark = (
    pytest.mark.long
)  # four programs are started, and asked until they have done their work

WAIT_SECONDS = 60
SIMULATE = ("simulate", "at-portugal", "--json", "--port", "0", "--control-port", "0")
Found = TypeVar("Found")


@dataclass(kw_only=True)
class WiredShop:
    """A till, the authority's control page, and the commands of the operator."""

    installation: Installation
    till: Till
    control: httpx.Client

    def looks_after_series(self) -> None:
        """What the worker does every ten minutes: it notes what has to end, and tells it then."""
        settings = Settings(data_dir=self.installation.folder / "data", database_url="")
        services = build(settings)
        try:
            upkeep.look(services.issuing, settings.series_ahead_days)
        finally:
            services.engine.dispose()

    def authority(self, path: str, **order: Any) -> None:
        self.control.post(path, json=order).raise_for_status()

    def known(self) -> Json:
        found: Json = self.control.get("/known").json()
        return found

    def documents(self) -> list[tuple[str, str]]:
        return [(one["number"], one["status"]) for one in self.known()["documents"]]

    def reports(self, record: Json) -> list[str]:
        told = self.till.get(f"/records/{record['id']}").get("reports", [])
        return [one["state"] for one in told]

    def until_told(self, record: Json, *states: str) -> None:
        awaited(lambda: self.reports(record) == list(states))

    def report(self, record: Json) -> Json:
        id_ = self.till.get(f"/records/{record['id']}")["reports"][0]["id"]
        return self.till.get(f"/taxpayers/{self.till.taxpayer}/reports/{id_}")

    def retry(self, report: Json) -> None:
        path = f"/taxpayers/{self.till.taxpayer}/reports/{report['id']}/retry"
        assert self.till.send("POST", path).status_code == 200

    def series(self) -> dict[str, str]:
        listed = json.loads(self.installation.run("series", "list", "--json"))
        return {f"{one['type']} {one['name']}": one["state"] for one in listed}

    def problems(self) -> list[str]:
        found: list[str] = self.till.http.get("/health").json()["problems"]
        return found


def awaited(look: Callable[[], Found]) -> Found:
    """What is found once something is."""
    end = time.monotonic() + WAIT_SECONDS
    while not (found := look()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.1)
    return found


@contextmanager
def control_page(installation: Installation) -> Iterator[httpx.Client]:
    """Of the authority as a program on the folder of the service."""
    process = subprocess.Popen(
        [*installation.source.command, *SIMULATE],
        env=installation.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        with httpx.Client(base_url=json.loads(process.stdout.readline())["control"]) as client:
            yield client
    finally:
        process.terminate()
        process.communicate(timeout=WAIT_SECONDS)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[WiredShop]:
    installation, port = Installation(folder=tmp_path), free_port()
    key = json.loads(installation.run("init", "--json"))
    try:
        installation.start(port, "--no-worker")
        installation.wait(port)
        installation.spawn("work")
        base = f"http://127.0.0.1:{port}"
        with (
            control_page(installation) as control,
            httpx.Client(base_url=base, timeout=WAIT_SECONDS) as http,
        ):
            group = Till(http=http).with_token(key["key"], key["secret"])
            unit = group.made("/organizations", {"type": "UNIT", "name": "Padaria"})
            group.scope = unit["id"]
            mine = group.made("/subjects", {"type": "API_KEY", "name": "pos-1"})["credentials"]
            till = Till(http=http).with_token(mine["key"], mine["secret"])
            till.nif = words.NIF
            till.opens_shop()
            till.changed(f"/taxpayers/{till.taxpayer}", {}, {"reporting": "realtime"})
            yield WiredShop(installation=installation, till=till, control=control)
    finally:
        installation.stop()


def test_a_shop_from_its_first_series_to_its_last(shop: WiredShop) -> None:
    _opens_after_a_refused_series(shop)
    _sends_again_what_was_refused(shop)
    _loses_an_answer(shop)
    _is_not_let_in(shop)
    _closes_for_good(shop)

    assert shop.documents() == [
        (f"FR BALCAO/{number}", "A" if number == 3 else "N") for number in range(1, 7)
    ]
    assert "Good: " in shop.installation.run("verify")


def _sells(shop: WiredShop, number: int) -> Json:
    record = shop.till.sells(words.receipt(series="BALCAO", number=str(number)))
    assert words.qr(record)["G"] == f"FR BALCAO/{number}"
    return record


def _opens_after_a_refused_series(shop: WiredShop) -> None:
    """The taxpayer's activity is closed: no series, no number, no document. It is opened."""
    shop.authority("/activity", nif=words.NIF, open=False)
    failed = shop.till.records(words.receipt(series="BALCAO"))
    assert failed["state"] == "FAILED"
    assert "AT-SERIES-4043" in logs(failed)

    shop.authority("/activity", nif=words.NIF, open=True)
    shop.until_told(_sells(shop, 1), "ACCEPTED")


def _sends_again_what_was_refused(shop: WiredShop) -> None:
    """The document stays issued; a person mends, and has it sent again."""
    shop.authority("/faults", kind="refusal", operation="RegisterInvoice", argument="-8")
    record = _sells(shop, 2)
    shop.until_told(record, "REFUSED")
    report = shop.report(record)
    assert (report["answer"]["code"], report["remedy"]["type"]) == ("-8", "DATA")

    shop.retry(report)
    shop.until_told(record, "ACCEPTED")


def _loses_an_answer(shop: WiredShop) -> None:
    """What comes behind waits, a cancellation too, and nothing is there twice."""
    shop.authority("/faults", kind="timeout", operation="RegisterInvoice", moment="after")
    lost = _sells(shop, 3)
    shop.until_told(lost, "UNKNOWN")
    behind = _sells(shop, 4)
    cancelled = shop.till.sells(words.cancellation(lost["id"]))
    assert shop.reports(behind) == ["PENDING"]

    shop.retry(shop.report(lost))
    shop.until_told(lost, "ACCEPTED", "ACCEPTED")
    shop.until_told(behind, "ACCEPTED")
    assert shop.reports(cancelled) == ["ACCEPTED"]


def _is_not_let_in(shop: WiredShop) -> None:
    """The sub-user may not report: the taxpayer pauses, until another sub-user is named."""
    shop.authority("/permissions", username=f"{words.NIF}/1", profiles="WSE")
    held = _sells(shop, 5)
    shop.until_told(held, "REFUSED")
    assert shop.report(held)["remedy"]["type"] == "ACCESS"
    waiting = _sells(shop, 6)
    awaited(lambda: any("credentials were refused" in one for one in shop.problems()))

    other = words.fiscalization(words.NIF)
    other["credentials"] = {**other["credentials"], "username": f"{words.NIF}/2"}
    for content in ({"mode": "SUSPENDED"}, {"fiscalization": other}, {"mode": "OPERATIVE"}):
        shop.till.changed(f"/taxpayers/{shop.till.taxpayer}", content)
    shop.until_told(held, "ACCEPTED")
    shop.until_told(waiting, "ACCEPTED")


def _closes_for_good(shop: WiredShop) -> None:
    """Out of service: the authority hears of the end of the series, with its last number."""
    for path in reversed(shop.till.places()):
        shop.till.changed(path, {"state": "DECOMMISSIONED"})
    shop.looks_after_series()
    awaited(lambda: shop.series() == {"FR BALCAO": "finished"})
    [series] = shop.known()["series"]
    assert (series["state"], series["last_number"]) == ("F", 6)
    assert json.loads(shop.installation.run("series", "compare", "--json")) == []
