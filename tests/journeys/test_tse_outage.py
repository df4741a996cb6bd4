"""The signing device goes away in the middle of a day and comes back: sales go on, and it shows.

Told twice: of a cloud TSE whose server is stopped, and of a software TSE whose folder is gone.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from fiscus.api.families.reporting.tests.berlin import Kiosk
from fiscus.api.families.reporting.tests.caller import Json, answer, refusal
from fiscus.api.families.reporting.tests.restaurant import a_bill, a_dish, an_order
from fiscus.signers.tse.log import qr
from fiscus.signers.tse.simulator.server import SimulatedCloud, serve, stop
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY
from tests.journeys.week import opens_shop
from tests.support import auditor
from tests.support.auditor import bon_id, by_receipt
from tests.support.environment import environment
from tests.support.premises import Model, MovingClock, Premises, opened

KEY, SECRET = "cloud-key", "cloud-secret"
PATIENCE_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A kiosk whose device can be made to go away and to come back."""

    kiosk: Kiosk
    goes: Callable[[], object]
    returns: Callable[[], object]

    @property
    def premises(self) -> Premises:
        return self.kiosk.premises

    def health(self) -> Json:
        found: Json = self.premises.http.get("/health").json()
        return found

    def metric(self, name: str) -> float:
        text = self.premises.http.get("/metrics").text
        found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        assert found is not None, name
        return float(found[1])

    def waits_for_the_probe(self) -> None:
        """Nobody sells, nobody asks: the service itself finds the device again."""
        self.premises.clock.move(seconds=61)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.health()["problems"]:
            assert time.monotonic() < deadline, self.health()
            self.premises.clock.move(seconds=1)  # so long an answer of health is told again
            time.sleep(0.1)


@contextmanager
def in_the_cloud(model: Model, folder: Path) -> Iterator[Shop]:
    clocks: list[MovingClock] = []
    cloud = SimulatedCloud(
        folder=folder / "cloud",
        clock=lambda: clocks[0](),
        api_key=KEY,
        api_secret=SECRET,
        entropy=os.urandom,
    )
    servers = [serve(cloud)]
    host, port = servers[0].server_address[:2]

    def returns() -> None:
        servers.append(serve(cloud, port=int(port)))

    account = {
        "device_url": f"http://{host!s}:{port}",
        "device_key": KEY,
        "device_secret": SECRET,
    }
    try:
        with (
            environment(**account),
            opened(model, folder / "data", device="cloud-tse") as premises,
        ):
            clocks.append(premises.clock)
            yield Shop(
                kiosk=opens_shop(premises), goes=lambda: stop(servers.pop()), returns=returns
            )
    finally:
        for server in servers:
            stop(server)
        cloud.close()


@contextmanager
def in_a_folder(model: Model, folder: Path) -> Iterator[Shop]:
    devices, away = folder / "data" / "devices", folder / "away"
    with opened(model, folder / "data") as premises:
        yield Shop(
            kiosk=opens_shop(premises),
            goes=lambda: devices.rename(away),
            returns=lambda: away.rename(devices),
        )


@pytest.fixture(params=[in_the_cloud, in_a_folder], ids=["cloud", "folder"])
def shop(request: pytest.FixtureRequest, model: Model, tmp_path: Path) -> Iterator[Shop]:
    with request.param(model, tmp_path) as found:
        yield found


def test_sales_go_on_without_the_device_and_are_signed_again_when_it_is_back(shop: Shop) -> None:
    kiosk = shop.kiosk
    kiosk.opens()
    before, begun = kiosk.sells(), kiosk.begins()
    assert is_signed(before)
    assert (shop.health()["problems"], shop.metric("fiscus_devices_down")) == ([], 0)

    shop.premises.clock.move(minutes=1)
    shop.goes()
    unsigned = [kiosk.completes(begun), kiosk.sells(), kiosk.voids(kiosk.begins())]
    for one in unsigned:
        assert is_unsigned(one)
    assert_seen(shop)

    shop.returns()
    shop.waits_for_the_probe()
    after = kiosk.sells()
    assert is_signed(after)
    assert shop.metric("fiscus_devices_down") == shop.metric("fiscus_registers_in_outage") == 0
    tse = f"/registers/{kiosk.register}/tse"
    assert kiosk.caller.get(tse)["outage_since"] is None
    for one in unsigned:
        shown = kiosk.caller.get(f"/operations/{one['id']}")
        assert shown["fiscal_information"] == one["fiscal_information"], "nothing is signed later"


def test_the_auditor_is_told_of_the_outage(shop: Shop, tmp_path: Path) -> None:
    kiosk = shop.kiosk
    kiosk.opens()
    signed = [kiosk.sells()]
    begun = kiosk.begins()
    shop.premises.clock.move(minutes=1)
    shop.goes()
    unsigned = [kiosk.completes(begun), kiosk.sells()]
    shop.returns()
    shop.waits_for_the_probe()
    signed.append(kiosk.sells())
    closing = answer(kiosk.closing("daily"), 201)

    listed = unsigned_on_paper(shop.premises, closing)
    assert listed.startswith("2")
    assert [bon_id(one) in listed for one in (*unsigned, *signed)] == [True, True, False, False]
    rows = by_receipt(auditor.tables(exported(shop, tmp_path))["transactions_tse"])
    for one in unsigned:
        row = rows[bon_id(one)]
        assert row["TSE_TA_FEHLER"] == one["fiscal_information"]["outage"]["reason"]
        assert row["TSE_TA_SIG"] == row["TSE_TA_SIGZ"] == row["TSE_TANR"] == ""
    for one in signed:
        row = rows[bon_id(one)]
        assert row["TSE_TA_FEHLER"] == ""
        assert row["TSE_TA_SIG"] == one["fiscal_information"]["end_event"]["signature"]
    assert_checked(shop, tmp_path)


def test_orders_go_on_unsigned_and_are_billed(shop: Shop, tmp_path: Path) -> None:
    """An order of which the device is out is recorded with the reason, and its tab is billed."""
    kiosk = shop.kiosk
    kiosk.opens()
    shop.goes()
    order = kiosk.does(an_order(a_dish("Wein"), tables=["Tisch 5"]))
    shop.returns()
    shop.waits_for_the_probe()
    bill = kiosk.completes(kiosk.does(a_bill(a_dish("Wein"), tab_id=order["tab_id"])))
    answer(kiosk.closing("daily"), 201)

    assert is_unsigned(order)
    assert order["fiscal_information"]["document_type"] == "AVBestellung"
    assert is_signed(bill)
    assert [x for x in bill["fiscal_information"]["prints"] if x.startswith("Erste Bestellung")]
    rows = by_receipt(auditor.tables(exported(shop, tmp_path))["transactions_tse"])
    row = rows[bon_id(order)]
    assert row["TSE_TA_FEHLER"] == order["fiscal_information"]["outage"]["reason"]
    assert_checked(shop, tmp_path)


def test_an_outage_goes_over_a_closing(shop: Shop, tmp_path: Path) -> None:
    """A day is closed although the device is out, and the next one begins."""
    kiosk = shop.kiosk
    kiosk.opens()
    kiosk.sells()
    shop.goes()
    unsigned = kiosk.sells()
    first = answer(kiosk.closing("daily"), 201)
    shop.premises.clock.move(days=1)
    kiosk.opens()
    shop.returns()
    shop.waits_for_the_probe()
    kiosk.sells()
    second = answer(kiosk.closing("daily"), 201)

    assert (first["fiscal"]["z_number"], second["fiscal"]["z_number"]) == (1, 2)
    assert (first["fiscal"]["signature"], bool(second["fiscal"]["signature"])) == (None, True)
    assert bon_id(unsigned) in unsigned_on_paper(shop.premises, first)
    rows = auditor.tables(exported(shop, tmp_path))["transactions_tse"]
    silent = [row for row in rows if row["TSE_TA_FEHLER"]]
    assert [row["Z_NR"] for row in silent] == ["1", "1", "2"]
    assert_checked(shop, tmp_path)


def is_signed(operation: Json) -> bool:
    said = operation["fiscal_information"]
    assert "outage" not in said
    return qr.verifies(qr.parse(said["verification"]["qr_data"]))


def is_unsigned(operation: Json) -> bool:
    said = operation["fiscal_information"]
    assert said["outage"]["reason"]
    assert operation["status"] in ("completed", "voided")
    return (said["end_event"], said["verification"]) == (None, None)


def assert_seen(shop: Shop) -> None:
    """Whoever operates the service, and whoever asks for the device, sees that it is out."""
    health = shop.health()
    assert health["ready"] is True
    (problem,) = health["problems"]
    assert re.fullmatch(r"signing device \S+ is down since 2026-11-16T09:01:00\+00:00: .+", problem)
    assert shop.metric("fiscus_devices_down") == shop.metric("fiscus_registers_in_outage") == 1
    tse = f"/registers/{shop.kiosk.register}/tse"
    assert shop.kiosk.caller.get(tse)["outage_since"] == "2026-11-16T09:01:00Z"
    refusal(shop.kiosk.caller.send("GET", f"{tse}/export"), 503, "service_unavailable")


def assert_checked(shop: Shop, folder: Path) -> None:
    """The device's own log is whole, and our journal tells of one outage with its end."""
    auditor.assert_checked("tse", auditor.log_of(shop.kiosk), folder)
    with reading(shop.premises.services.engine) as tx:
        kinds = list(tx.scalars(select(ENTRY.c.kind).order_by(ENTRY.c.sequence)))
    assert [kind for kind in kinds if kind in ("outage@1", "restored@1")] == [
        "outage@1",
        "restored@1",
    ]
    shop.premises.assert_proved()


def exported(shop: Shop, folder: Path) -> bytes:
    """The DSFinV-K of all closings, with nothing to find in it."""
    content = auditor.fetched(shop.premises, auditor.export(shop.kiosk)["download_url"])
    auditor.assert_checked("dsfinvk", content, folder)
    return content


def unsigned_on_paper(premises: Premises, closing: Json) -> str:
    """How many operations the report lists as unsigned, and which, without blanks."""
    return auditor.paper(premises, closing).partition("VorgängeohneSignatur:")[2]
