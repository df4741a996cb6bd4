"""Health, metrics, the API's own description and checkpoints, as an operator asks for them."""

import html.parser
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, select, text

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.api.ops import health
from fiscus.channels import ChannelConnection, Expiry
from fiscus.devices.pool import DevicePool
from fiscus.exports import jobs
from fiscus.model.faults import Code, Fault, Unavailable
from fiscus.model.times import micros_z
from fiscus.outbox import queue
from fiscus.outbox.kinds import Lane
from fiscus.provisioning import provision
from fiscus.registry import chains, signers
from fiscus.signers import SignerDown
from fiscus.store.connect import reading, writing
from fiscus.store.log_schema import CHECKPOINT
from fiscus.store.schema import ENTRY, REGISTER_KEY, SERIES
from tests.support import words
from tests.support.premises import Model, Premises, opened


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
        "live": True,
        "ready": True,
        "environment": "test",
        "problems": [],
    }


def test_a_device_that_is_out_is_told(premises: Premises) -> None:
    services = premises.services
    merchant = platform(premises).opens_merchant()
    register = ids.read("reg", merchant.opens_register()["id"])
    merchant.fiscalizes({"id": ids.shown("reg", register)})
    with writing(services.engine) as tx:
        task = queue.lease(tx, services.clock())
    assert task is not None
    provision.do(services.provisioning, task)
    services.issuing.devices.folder.rename(services.issuing.devices.folder.with_name("away"))
    other = DevicePool(
        engine=services.engine,
        clock=services.clock,
        ids=services.uuid4,
        vault=services.vault,
        folder=services.issuing.devices.folder,
        is_live=False,
    )
    services.issuing.devices = other
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
    with writing(premises.services.engine) as tx:
        tx.execute(REGISTER_KEY.update().values(expires_at=micros_z(until + timedelta(days=999))))
    premises.clock.now = until - timedelta(days=days)

    told = premises.http.get("/health").json()

    text = f"signing devices in service whose certificate {warning}: 1"
    assert told["problems"] == ([text] if warning else [])
    assert told["ready"]
    assert metrics(premises)["fiscus_device_certificate_days"] == days
    assert ending(premises) == {str(limit): float(limit in counted) for limit in (90, 30, 14, 7, 1)}


@pytest.mark.parametrize(
    ("days", "warning"),
    [(91, ""), (90, "ends within 90 days"), (1, "ends within a day"), (0, "has ended")],
)
def test_the_end_of_a_channels_certificate_is_told(
    premises: Premises, days: int, warning: str
) -> None:
    end = premises.clock() + timedelta(days=days)
    expiry = Expiry(what="the pass to the office", setting="FISCUS_ELSEWHERE_PASS", ends_at=end)
    services = replace(
        premises.services,
        set_up=("elsewhere",),
        channels=lambda code: ChannelConnection(expiries=(expiry,)),
    )

    told = health.health(services)
    health.measure(services)

    text = f"the pass to the office {warning} (FISCUS_ELSEWHERE_PASS)"
    assert told["problems"] == ([text] if warning else [])
    assert told["ready"]
    counted = generate_latest().decode()
    assert f'fiscus_channel_expiry_days{{setting="FISCUS_ELSEWHERE_PASS"}} {days}.0' in counted


def test_a_channel_that_is_not_set_up_well_says_all_that_is_wrong(premises: Premises) -> None:
    def refused(code: str) -> ChannelConnection:
        faults = (Fault(code="A-B-01", text="one"), Fault(code="A-B-02", text="two"))
        raise Unavailable(Code("A-B-00", "no way"), code, faults=faults)

    services = replace(premises.services, set_up=("elsewhere",), channels=refused)
    health.measure(services)

    assert health.health(services)["problems"] == ["A-B-01: one; A-B-02: two"]


def test_a_database_at_another_revision_is_not_ready(premises: Premises) -> None:
    with writing(premises.services.engine) as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    answer = premises.http.get("/health")

    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert "fiscus migrate" in answer.json()["problems"][0]


def test_a_writer_that_has_stopped_is_not_ready(premises: Premises) -> None:
    premises.services.writer.stop()

    answer = premises.http.get("/health")

    assert (answer.status_code, answer.json()["live"]) == (503, True)
    assert answer.json()["problems"] == ["the writer is not running"]


def test_a_certificate_that_expires_soon_is_a_problem_but_not_yet_a_reason_to_stop(
    premises: Premises,
) -> None:
    premises.unit().opens_shop(words.italian())
    premises.clock.move(days=3 * 365 - 10)

    answer = premises.http.get("/health")

    assert answer.status_code == 200
    assert answer.json()["problems"] == ["a journal certificate ends within 14 days"]
    assert metrics(premises)["fiscus_certificate_days"] == 10


def test_the_certificate_of_a_register_out_of_service_worries_nobody(premises: Premises) -> None:
    till = premises.unit().opens_shop(words.italian())
    till.changed(f"/systems/{till.system}", {"state": "DECOMMISSIONED"})
    premises.clock.move(days=3 * 365)

    assert premises.http.get("/health").json()["problems"] == []
    assert metrics(premises)["fiscus_certificate_days"] > 9000


def test_metrics_are_read_by_prometheus_and_count_what_happens(premises: Premises) -> None:
    before = metrics(premises)
    premises.clock.move(seconds=1)  # what was told once is told again for so long
    till = premises.unit().opens_shop()
    till.sells(words.receipt())
    after = metrics(premises)

    assert after["fiscus_writer_orders"] >= before["fiscus_writer_orders"] + 2
    with reading(premises.services.engine) as tx:
        entries = tx.scalar(select(func.count()).select_from(ENTRY))
        size = tx.scalar(select(func.max(CHECKPOINT.c.size)))
    assert entries is not None
    assert after["fiscus_checkpoint_uncovered_entries"] == entries - (size or 0) > 2
    assert 0 < after["fiscus_disk_free_ratio"] < 1
    premises.clock.move(seconds=61)
    premises.work()
    premises.clock.move(seconds=5)
    covered = metrics(premises)
    assert covered["fiscus_checkpoint_uncovered_entries"] == 0
    assert covered["fiscus_checkpoint_age_seconds"] == 5


def test_the_oldest_task_shows_how_long_it_has_waited(premises: Premises) -> None:
    services = premises.services
    with writing(services.engine) as tx:
        queue.enqueue(tx, "t", jobs.TASK, "", services.clock() - timedelta(minutes=1))
    health.measure(services)

    assert metrics(premises)["fiscus_outbox_tasks"] == 1
    assert metrics(premises)["fiscus_outbox_oldest_seconds"] == 60


def test_waiting_tasks_are_counted_by_lane_and_dead_ones_apart(premises: Premises) -> None:
    services = premises.services
    with writing(services.engine) as tx:
        for number in range(3):
            queue.enqueue(tx, f"t-{number}", jobs.TASK, "", services.clock())
        task = queue.lease(tx, services.clock(), Lane.HEAVY)
        assert task is not None
        assert queue.given_up(tx, task, "no", services.clock())
    health.measure(services)

    found = {
        (sample.name, sample.labels.get("lane")): sample.value
        for family in text_string_to_metric_families(premises.http.get("/metrics").text)
        for sample in family.samples
        if sample.name.startswith("fiscus_outbox_")
        and sample.name != "fiscus_outbox_oldest_seconds"
    }
    assert found == {
        ("fiscus_outbox_tasks", None): 2,
        ("fiscus_outbox_dead_tasks", None): 1,
        ("fiscus_outbox_lane_tasks", "heavy"): 2,
        ("fiscus_outbox_lane_tasks", "steady"): 0,
        ("fiscus_outbox_lane_tasks", "quick"): 0,
        ("fiscus_outbox_lane_tasks", "reports"): 0,
        ("fiscus_outbox_lane_tasks", "messages"): 0,
        ("fiscus_outbox_lane_tasks", "devices"): 0,
    }


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


def test_the_newest_checkpoint_is_a_note_that_the_key_of_the_log_has_signed(
    premises: Premises,
) -> None:
    first = premises.http.get("/checkpoint")
    premises.unit().opens_shop().intends()
    premises.clock.move(seconds=61)
    premises.work()
    second = premises.http.get("/checkpoint")
    with reading(premises.services.engine) as tx:
        signer = signers.opened(tx, premises.services.vault, signers.LOG)
        entries = tx.scalar(select(func.count()).select_from(ENTRY))
        own = chains.installation(tx)

    assert second.headers["content-type"].startswith("text/plain")
    for one in (first, second):
        text, _, lines = one.text.partition("\n\n")
        origin, size, root = text.splitlines()
        assert origin == f"fiscus/{own}/journal/1"
        assert len(b64decode(root)) == 32
        [line] = lines.splitlines()
        dash, name, signature = line.split(" ")
        assert (dash, name) == ("\u2014", origin)
        raw = b64decode(signature)
        key = serialization.load_pem_public_key(signer.public_pem.encode())
        assert isinstance(key, ed25519.Ed25519PublicKey)
        key.verify(raw[4:], f"{text}\n".encode())
    assert int(first.text.splitlines()[1]) < int(size) == entries


def test_nothing_of_a_tenant_is_shown_without_a_token(premises: Premises) -> None:
    till = premises.unit("Canary Bakery").opens_shop()
    till.sells(words.receipt())
    shown = "".join(
        premises.http.get(path).text for path in ("/health", "/metrics", "/docs", "/checkpoint")
    )

    assert "Canary" not in shown
    assert words.NIF not in shown
    assert till.system not in shown


def test_the_description_is_sent_once_to_who_keeps_it(premises: Premises) -> None:
    for path in ("/docs", "/openapi.json"):
        first = premises.http.get(path)
        again = premises.http.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_health_is_told_again_for_a_second(premises: Premises) -> None:
    assert premises.http.get("/health").status_code == 200
    premises.services.writer.stop()
    assert premises.http.get("/health").status_code == 200
    premises.clock.move(seconds=1)
    assert premises.http.get("/health").status_code == 503


def test_series_that_wait_for_an_authority_are_counted_without_their_names(
    premises: Premises,
) -> None:
    owner = words.taxpayer(fiscalization=words.fiscalization(words.NIF, "wrong"))
    till = premises.unit().opens_shop(owner)
    services = premises.services
    till.records(words.receipt(series="SECRET"))
    with writing(services.engine) as tx:
        at = micros_z(services.clock())
        tx.execute(SERIES.update().values(state="asked", asked_at=at, said="AT-LOGIN-99: no"))
    assert health.health(services)["problems"] == []

    premises.clock.move(minutes=16)
    [problem] = health.health(services)["problems"]
    assert problem.startswith("1 series wait for an answer of the authority, the first since 2026")
    assert "(AT-LOGIN-99)" in problem
    assert "SECRET" not in problem
