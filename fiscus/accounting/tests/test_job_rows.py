from datetime import timedelta

import pytest
from sqlalchemy import Engine

from fiscus.accounting import job_rows
from fiscus.accounting.job_rows import ExportJob
from fiscus.accounting.states import JobFailure, JobStatus
from fiscus.model.faults import Missing
from fiscus.model.tests.clock import MORNING
from fiscus.registry.tests.builders import an_id
from fiscus.store.accounting_schema import EXPORT_JOB
from fiscus.store.connect import writing


def a_job(**more: object) -> ExportJob:
    said: dict[str, object] = {
        "id": an_id(),
        "company": an_id(),
        "organization": an_id(),
        "target": "pull",
        "status": JobStatus.PENDING,
        "items": 1,
        "is_interactive": True,
        "is_vendor_based": False,
        "expires_in": 60,
        "asked_by": "key",
        "created_at": MORNING,
        "last_updated_at": MORNING,
    }
    return ExportJob(**{**said, **more})  # type: ignore[arg-type]


FULL = a_job(
    status=JobStatus.FAILED,
    created_by="who",
    started_at=MORNING,
    completed_at=MORNING,
    expired_at=MORNING,
    failure_reason="no",
    failure_type=JobFailure.SERVICE_TIMEOUT,
    retry_of=an_id(),
    artifact="ab" * 32,
    bytes=7,
    file_name="books.csv",
)


@pytest.mark.parametrize("job", [a_job(), FULL], ids=["empty", "full"])
def test_a_job_is_read_as_it_was_written(engine: Engine, job: ExportJob) -> None:
    with writing(engine) as tx:
        tx.execute(EXPORT_JOB.insert().values(**job_rows.row_of(job), bookkeeping="{}"))
        assert job_rows.held(tx, job.id) == job


def test_all_that_may_change_is_written_and_nothing_else(engine: Engine) -> None:
    job = a_job(id=FULL.id)
    with writing(engine) as tx:
        tx.execute(EXPORT_JOB.insert().values(**job_rows.row_of(job), bookkeeping="{}"))
        job_rows.write(tx, FULL)
        found = job_rows.held(tx, job.id)

    assert (found.company, found.organization) == (job.company, job.organization)
    assert job_rows.row_of(found) == {
        **job_rows.row_of(FULL),
        "company": job.company,
        "organization": job.organization,
    }


def test_what_is_not_there_cannot_be_held(engine: Engine) -> None:
    with pytest.raises(Missing) as caught, writing(engine) as tx:
        job_rows.held(tx, an_id())

    assert caught.value.code == job_rows.UNKNOWN_JOB


def test_a_job_is_judged_by_the_time_since_its_last_act() -> None:
    job = a_job(last_updated_at=MORNING + timedelta(minutes=5))
    last = MORNING + timedelta(minutes=6)

    assert job_rows.judged(job, last) == job
    expired = job_rows.judged(job, last + timedelta(microseconds=1))
    assert (expired.status, expired.expired_at) == (JobStatus.FAILED, last)
    assert expired.failure_type == JobFailure.JOB_EXPIRED
    assert job_rows.judged(FULL, last + timedelta(days=9)) == FULL
