"""Health, metrics, the API's own description and checkpoints, as an operator asks for them."""

import html.parser
import os
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from fiscus.api.ops import health
from fiscus.api.reporting import ids
from fiscus.api.reporting.tests.caller import platform
from fiscus.issuing import fitting
from fiscus.issuing.devices import Devices
from fiscus.model.times import micros_z
from fiscus.outbox import queue
from fiscus.signers import SignerDown
from fiscus.store.connect import writing
from fiscus.store.schema import REGISTER_KEY
from tests.journeys import words
from tests.journeys.house import Model, Premises, drop, opened, set_up


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    server = os.environ.get("FISCUS_TEST_DATABASE_URL", "")
    made = set_up(tmp_path_factory.mktemp("model") / "data", server)
    yield made
    if made.database_url:
        drop(made.database_url)


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with opened(model, tmp_path / "data") as found:
        yield found


def metrics(premises: Premises) -> dict[str, float]:
    """Every sample without labels, as Prometheus would read it."""
    answer = premises.http.get("/metrics")
    assert answer.status_code == 200
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if not sample.labels
    }


def test_a_house_that_can_sell_is_ready(premises: Premises) -> None:
    answer = premises.http.get("/health")

    assert answer.status_code == 200
    assert answer.json() == {
        "live": True, "ready": True, "environment": "test", "problems": [],
    }  # fmt: skip


def test_a_device_that_is_out_is_told(premises: Premises) -> None:
    house = premises.house
    merchant = platform(premises).opens_merchant()
    register = ids.read("reg", merchant.opens_register()["id"])
    merchant.fiscalizes({"id": ids.shown("reg", register)})
    with writing(house.engine) as tx:
        task = queue.lease(tx, house.clock())
    assert task is not None
    fitting.do(house.workshop, task)
    house.desk.devices.folder.rename(house.desk.devices.folder.with_name("away"))
    other = Devices(
        engine=house.engine, clock=house.clock, ids=house.uuid4, vault=house.vault,
        folder=house.desk.devices.folder, is_live=False,
    )  # fmt: skip
    house.desk.devices = other
    with pytest.raises(SignerDown):
        other.start(register)

    answer = premises.http.get("/health").json()

    assert answer["ready"]
    assert [problem[:15] for problem in answer["problems"]] == ["signing device "]
    assert metrics(premises)["fiscus_devices_down"] == 1


def ending(premises: Premises) -> dict[str, float]:
    """How many devices' certificates end within so many days."""
    answer = premises.http.get("/metrics").text
    return {
        sample.labels["days"]: sample.value
        for family in text_string_to_metric_families(answer)
        for sample in family.samples
        if sample.name == "fiscus_device_certificates_ending"
    }


@pytest.mark.parametrize(
    ("days", "warning", "counted"),
    [
        (91, "", ()),
        (90, "ends within 90 days", (90,)),
        (30, "ends within 30 days", (90, 30)),
        (15, "ends within 30 days", (90, 30)),
        (14, "ends within 14 days", (90, 30, 14)),
        (7, "ends within 7 days", (90, 30, 14, 7)),
        (1, "ends within a day", (90, 30, 14, 7, 1)),
        (0, "has ended", (90, 30, 14, 7, 1)),
    ],
)
def test_the_end_of_a_devices_certificate_is_told_again_and_again(
    premises: Premises, days: int, warning: str, counted: tuple[int, ...]
) -> None:
    merchant = platform(premises).opens_merchant()
    register = merchant.opens_register()
    merchant.fiscalizes(register)
    premises.work()
    until = datetime.fromisoformat(merchant.get(f"/registers/{register['id']}/tse")["usable_until"])
    # The register's own certificate has a shorter life: it is not what is looked at here.
    with writing(premises.house.engine) as tx:
        tx.execute(REGISTER_KEY.update().values(expires_at=micros_z(until + timedelta(days=999))))
    premises.clock.now = until - timedelta(days=days)

    told = premises.http.get("/health").json()

    text = f"signing devices in service whose certificate {warning}: 1"
    assert told["problems"] == ([text] if warning else [])
    assert told["ready"]
    assert metrics(premises)["fiscus_device_certificate_days"] == days
    assert ending(premises) == {str(limit): float(limit in counted) for limit in (90, 30, 14, 7, 1)}


def test_a_database_at_another_revision_is_not_ready(premises: Premises) -> None:
    with writing(premises.house.engine) as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    answer = premises.http.get("/health")

    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert "fiscus migrate" in answer.json()["problems"][0]


def test_a_writer_that_has_stopped_is_not_ready(premises: Premises) -> None:
    premises.house.writer.stop()

    answer = premises.http.get("/health")

    assert (answer.status_code, answer.json()["live"]) == (503, True)
    assert answer.json()["problems"] == ["the writer is not running"]


def test_a_certificate_that_expires_soon_is_a_problem_but_not_yet_a_reason_to_stop(
    premises: Premises,
) -> None:
    premises.unit().opens_shop()
    premises.clock.move(days=3 * 365 - 10)

    answer = premises.http.get("/health")

    assert answer.status_code == 200
    assert answer.json()["problems"] == ["a journal certificate ends within 14 days"]
    assert metrics(premises)["fiscus_certificate_days"] == 10


def test_the_certificate_of_a_register_out_of_service_worries_nobody(premises: Premises) -> None:
    till = premises.unit().opens_shop()
    till.changed(f"/systems/{till.system}", {"state": "DECOMMISSIONED"})
    premises.clock.move(days=3 * 365)

    assert premises.http.get("/health").json()["problems"] == []
    assert metrics(premises)["fiscus_certificate_days"] > 9000


def test_metrics_are_read_by_prometheus_and_count_what_happens(premises: Premises) -> None:
    before = metrics(premises)
    till = premises.unit().opens_shop()
    till.sells(words.receipt())
    after = metrics(premises)

    assert after["fiscus_writer_orders"] >= before["fiscus_writer_orders"] + 2
    assert after["fiscus_checkpoint_uncovered_entries"] == 2
    assert 0 < after["fiscus_disk_free_ratio"] < 1
    premises.clock.move(seconds=61)
    premises.work()
    premises.clock.move(seconds=5)
    covered = metrics(premises)
    assert covered["fiscus_checkpoint_uncovered_entries"] == 0
    assert covered["fiscus_checkpoint_age_seconds"] == 5


def test_the_oldest_task_shows_how_long_it_has_waited(premises: Premises) -> None:
    house = premises.house
    with writing(house.engine) as tx:
        tx.execute(
            text(
                "INSERT INTO task (id, kind, payload, due_at, attempts) "
                "VALUES ('t', 'export', '', '2026-11-16T08:59:00.000000Z', 0)"
            )
        )
    health.measure(house)

    assert metrics(premises)["fiscus_outbox_tasks"] == 1
    assert metrics(premises)["fiscus_outbox_oldest_seconds"] == 60


def test_the_description_is_json_and_its_page_shows_every_operation(premises: Premises) -> None:
    document = premises.http.get("/openapi.json").json()
    page = premises.http.get("/docs")
    reader = Reader()
    reader.feed(page.text)
    ids = {
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict) and "operationId" in operation
    }

    assert document["openapi"].startswith("3.")
    assert page.headers["content-type"].startswith("text/html")
    assert len(ids) > 20
    assert ids <= reader.ids
    assert not reader.open
    assert not {"script", "img", "link", "iframe"} & reader.tags


class Reader(html.parser.HTMLParser):
    """Remembers ids and tags, and whether what was opened was closed."""

    VOID = frozenset({"meta", "th", "br", "!doctype"})

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.tags: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.ids |= {value for name, value in attrs if name == "id" and value}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_there_is_no_checkpoint_until_one_is_signed(premises: Premises) -> None:
    assert premises.http.get("/checkpoint").status_code == 404


def test_the_newest_checkpoint_comes_with_the_certificate_that_proves_it(
    premises: Premises,
) -> None:
    premises.unit().opens_shop().intends()
    premises.clock.move(seconds=61)
    premises.work()
    kept = premises.http.get("/checkpoint").json()

    assert (kept["number"], kept["size"]) == (1, 1)
    assert kept["note"].startswith("fiscus checkpoint v1\n1\n1\n")
    key = x509.load_pem_x509_certificate(kept["certificate_pem"].encode()).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    raw = urlsafe_b64decode(kept["signature"] + "==")
    halves = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    key.verify(encode_dss_signature(*halves), kept["note"].encode(), ec.ECDSA(hashes.SHA256()))


def test_nothing_of_a_tenant_is_shown_without_a_token(premises: Premises) -> None:
    till = premises.unit("Canary Bakery").opens_shop()
    till.sells(words.receipt())
    shown = "".join(
        premises.http.get(path).text for path in ("/health", "/metrics", "/docs", "/checkpoint")
    )

    assert "Canary" not in shown
    assert words.NIF not in shown
    assert till.system not in shown
