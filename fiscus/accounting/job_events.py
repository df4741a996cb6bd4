"""What is told of export jobs to those who subscribed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from fiscus.accounting.job_rows import ExportJob
from fiscus.accounting.states import JobAct
from fiscus.webhooks import events
from fiscus.webhooks.event_types import EventType

TOLD_AS: Mapping[JobAct, EventType] = {
    JobAct.CREATED: EventType.JOB_CREATED,
    JobAct.STARTED: EventType.JOB_STARTED,
    JobAct.COMPLETED: EventType.JOB_COMPLETED,
    JobAct.COMPLETED_WITH_ERRORS: EventType.JOB_COMPLETED_WITH_ERRORS,
    JobAct.FAILED: EventType.JOB_FAILED,
    JobAct.CANCELED: EventType.JOB_FAILED,
    JobAct.EXPIRED: EventType.JOB_FAILED,
}
"""As what each act is told; reports of its items are not told one by one."""


def told(tx: Connection, job: ExportJob, act: JobAct, at: datetime) -> None:
    """Note what happened to a job for whoever subscribed, in that same transaction."""
    if type_ := TOLD_AS.get(act):
        events.tell(tx, job.organization, type_, job.id, at, job.company)
