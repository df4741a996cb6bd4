"""What webhooks show of export jobs: the same as this family's GET."""

from typing import Any

from sqlalchemy import Connection

from fiscus.accounting import jobs
from fiscus.api.families.export_jobs.calls import NEWEST
from fiscus.api.families.export_jobs.translate import jobs as translate
from fiscus.services import Services
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import ToldEvent

JOBS = (
    EventType.JOB_CREATED,
    EventType.JOB_STARTED,
    EventType.JOB_COMPLETED,
    EventType.JOB_COMPLETED_WITH_ERRORS,
    EventType.JOB_FAILED,
)


def told(services: Services, tx: Connection, event: ToldEvent) -> dict[str, Any] | None:
    """The job as it is when it is told; without the address of its file, which is good for the key
    that asks."""
    if event.type not in JOBS:
        return None
    job = jobs.find(tx, [event.organization], event.subject, services.clock())
    return translate.job(job, NEWEST)
