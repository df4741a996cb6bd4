"""Whoever subscribed hears what becomes of a job, once each, and never of what was rolled back."""

import pytest
from sqlalchemy import Engine, select

from fiscus.accounting.job_events import TOLD_AS
from fiscus.accounting.states import JobAct, JobEvent
from fiscus.accounting.tests.exporting import Exporter
from fiscus.model.faults import Conflict
from fiscus.store.connect import reading, writing
from fiscus.store.webhook_schema import WEBHOOK_EVENT, WEBHOOK_SUBSCRIPTION
from fiscus.webhooks.event_types import EventType


@pytest.fixture
def exporter(engine: Engine) -> Exporter:
    """One of whose organization everything is told."""
    found = Exporter(engine)
    with writing(engine) as tx:
        tx.execute(
            WEBHOOK_SUBSCRIPTION.insert().values(
                id="01a22b52-0000-7000-8000-000000000001",
                version=1,
                organization=found.organization,
                endpoint_url="https://ledger.example/hook",
                event_types=str([one.value for one in EventType]).replace("'", '"'),
                status="ACTIVE",
                secrets=b"sealed",
                created_at="2026-05-04T08:00:00.000000Z",
                updated_at="2026-05-04T08:00:00.000000Z",
            )
        )
    return found


def told(exporter: Exporter) -> list[str]:
    with reading(exporter.engine) as tx:
        return list(tx.scalars(select(WEBHOOK_EVENT.c.type).order_by(WEBHOOK_EVENT.c.type)))


def test_each_act_but_a_report_of_items_is_told() -> None:
    assert set(JobAct) - set(TOLD_AS) == {JobAct.ITEMS}


def test_the_life_of_a_job_is_told(exporter: Exporter) -> None:
    job = exporter.starts([exporter.entry()])
    exporter.later(seconds=1)
    exporter.says(job, JobEvent.COMPLETED)

    assert told(exporter) == [
        "v1.export-job.completed",
        "v1.export-job.created",
        "v1.export-job.started",
    ]


def test_a_job_that_expires_is_told_as_failed(exporter: Exporter) -> None:
    exporter.creates([exporter.entry()])
    exporter.later(hours=2)

    assert exporter.expires() == 1
    assert told(exporter) == ["v1.export-job.created", "v1.export-job.failed"]


def test_what_was_refused_is_not_told(exporter: Exporter) -> None:
    first, second = exporter.entry(), exporter.entry()
    exporter.creates([first])

    with pytest.raises(Conflict):
        exporter.creates([second])

    assert told(exporter) == ["v1.export-job.created"]
