from datetime import timedelta

import pytest
from sqlalchemy import Engine

from fiscus.accounting import items, jobs, states
from fiscus.accounting.pages import PageRequest, SortOrder
from fiscus.accounting.states import ItemFailure, ItemStatus, JobEvent, JobFailure, JobStatus
from fiscus.accounting.tests.exporting import Exporter
from fiscus.model.faults import Conflict, Missing
from fiscus.registry.stating import SERVICE
from fiscus.registry.tests.builders import an_id
from fiscus.store.connect import reading, writing

HOUR = timedelta(seconds=jobs.EXPIRES_IN)


@pytest.fixture
def exporter(engine: Engine) -> Exporter:
    return Exporter(engine)


def listed(exporter: Exporter, **more: object) -> list[str]:
    said = {"request": PageRequest(limit=100), "now": exporter.now, **more}
    with reading(exporter.engine) as tx:
        return [job.id for job in jobs.listed(tx, [exporter.organization], **said).rows]  # type: ignore[arg-type]


def test_a_job_is_worked_off(exporter: Exporter) -> None:
    good, bad = exporter.entry(), exporter.entry()
    job = exporter.creates([good, bad])
    exporter.later(minutes=1)
    started = exporter.says(job, JobEvent.STARTED)
    assert (started.status, started.started_at) == ("in_progress", exporter.now)
    assert exporter.found(good).status == "EXPORTING"
    exporter.later(minutes=1)
    exporter.sets(job, good, ItemStatus.SUCCESSFUL, external_id="JE-1", external_url="https://x/1")
    exporter.sets(job, bad, ItemStatus.FAILED, failure_reason="no")
    reported_at = exporter.now
    exporter.later(minutes=1)
    done = exporter.says(job, JobEvent.COMPLETED_WITH_ERRORS)

    assert done == exporter.job(job)
    assert (done.status, done.completed_at) == ("completed_with_errors", exporter.now)
    assert done.last_updated_at == exporter.now
    entry = exporter.found(good)
    assert (entry.status, entry.job, entry.exported_at) == ("EXPORTED", "", reported_at)
    assert (entry.external_id, entry.external_url) == ("JE-1", "https://x/1")
    assert (exporter.found(bad).status, exporter.found(bad).job) == ("NOT_EXPORTED", "")
    assert exporter.found(bad).updated_at == exporter.now


def test_a_closing_event_is_not_checked_and_abandons_what_was_not_reported(
    exporter: Exporter,
) -> None:
    first, second = exporter.entry(), exporter.entry()
    job = exporter.starts([first, second])
    exporter.sets(job, first, ItemStatus.IN_PROGRESS)

    done = exporter.says(job, JobEvent.COMPLETED)

    assert done.status == "completed"
    assert exporter.statuses(job) == {first: "abandoned", second: "abandoned"}
    assert exporter.found(first).status == exporter.found(second).status == "NOT_EXPORTED"


def test_a_target_that_refuses_everything_fails_the_job_with_its_reason(
    exporter: Exporter,
) -> None:
    entry = exporter.entry()
    job = exporter.starts([entry])

    failed = exporter.says(
        job,
        JobEvent.FAILED,
        reason="Ledger host not reachable",
        failure_type=JobFailure.ACCOUNTING_SYSTEM_UNREACHABLE,
    )

    assert (failed.status, failed.completed_at) == ("failed", None)
    assert failed.failure_reason == "Ledger host not reachable"
    assert failed.failure_type == "accounting_system_unreachable"
    assert exporter.statuses(job) == {entry: "abandoned"}
    assert exporter.retries(failed).retry_of == job.id


def test_completed_with_errors_takes_a_reason_that_only_items_have(exporter: Exporter) -> None:
    job = exporter.starts([exporter.entry()])

    done = exporter.says(
        job,
        JobEvent.COMPLETED_WITH_ERRORS,
        reason="two were refused",
        failure_type=ItemFailure.ACCOUNTING_SYSTEM_VALIDATION_FAILURE,
    )

    assert (done.failure_type, done.failure_reason) == ("validation_failure", "two were refused")


def test_a_started_job_is_not_started_again_and_a_finished_one_stays(exporter: Exporter) -> None:
    job = exporter.starts([exporter.entry()])
    with pytest.raises(Conflict):
        exporter.says(job, JobEvent.STARTED)
    done = exporter.says(job, JobEvent.COMPLETED)

    for what in JobEvent:
        with pytest.raises(Conflict) as caught:
            exporter.says(job, what)
        assert caught.value.code == states.BAD_EVENT
    with pytest.raises(Conflict):
        exporter.cancels(job)
    assert exporter.job(job) == done


def test_a_canceled_job_fails_and_keeps_what_was_exported(exporter: Exporter) -> None:
    done, left = exporter.entry(), exporter.entry()
    job = exporter.starts([done, left])
    exporter.sets(job, done, ItemStatus.SUCCESSFUL)

    canceled = exporter.cancels(job)

    assert (canceled.status, canceled.failure_type) == ("failed", "canceled_by_user")
    assert exporter.statuses(job) == {done: "successful", left: "abandoned"}
    assert (exporter.found(done).status, exporter.found(left).status) == (
        "EXPORTED",
        "NOT_EXPORTED",
    )


def test_a_retry_takes_up_what_failed_or_was_abandoned_and_nothing_else(
    exporter: Exporter,
) -> None:
    done, failed, left = (exporter.entry() for _ in range(3))
    job = exporter.starts([done, failed, left], created_by="who", is_vendor_based=True)
    exporter.sets(job, done, ItemStatus.SUCCESSFUL)
    exporter.sets(job, failed, ItemStatus.FAILED)
    with pytest.raises(Conflict) as caught:
        exporter.retries(job)
    assert caught.value.code == jobs.UNFINISHED_JOB
    exporter.says(job, JobEvent.COMPLETED_WITH_ERRORS)
    exporter.later(seconds=1)

    again = exporter.retries(job)

    assert (again.retry_of, again.items, again.target) == (job.id, 2, "pull")
    assert (again.created_by, again.is_vendor_based) == ("who", True)
    assert exporter.statuses(again) == {entry: "pending" for entry in sorted([failed, left])}
    assert exporter.item(failed).job == again.id


def test_a_retry_leaves_out_what_went_another_way_meanwhile(exporter: Exporter) -> None:
    first, second, third = (exporter.entry() for _ in range(3))
    job = exporter.says(exporter.starts([first, second, third]), JobEvent.FAILED)
    file = exporter.starts([first], target="ledger")
    exporter.sets(file, first, ItemStatus.SUCCESSFUL)
    exporter.says(file, JobEvent.COMPLETED)
    exporter.creates([second], target="ledger")

    again = exporter.retries(job)

    assert exporter.statuses(again) == {third: "pending"}
    exporter.sets(again, third, ItemStatus.SUCCESSFUL)
    exporter.says(again, JobEvent.FAILED)
    with pytest.raises(Conflict) as caught:
        exporter.retries(job)
    assert caught.value.code == jobs.NOTHING_LEFT


def test_jobs_are_listed_oldest_first_with_their_filters(exporter: Exporter) -> None:
    made = []
    for number in range(4):
        target = "pull" if number == 3 else "ledger"
        made.append(exporter.creates([exporter.entry()], target=target))
        exporter.later(minutes=1)
    exporter.says(made[0], JobEvent.FAILED)
    ids = [job.id for job in made]

    assert listed(exporter) == ids
    assert listed(exporter, statuses=[JobStatus.FAILED]) == ids[:1]
    assert listed(exporter, statuses=[JobStatus.PENDING, JobStatus.FAILED]) == ids
    assert listed(exporter, targets=["pull"]) == ids[3:]
    assert listed(exporter, company=exporter.company) == ids
    assert listed(exporter, company=an_id()) == []
    since, until = made[1].created_at, made[3].created_at
    assert listed(exporter, created_from=since, created_until=until) == ids[1:3]
    newest = PageRequest(limit=2, sort=(("created_at", SortOrder.DESC),))
    assert listed(exporter, request=newest) == [ids[3], ids[2]]


def test_jobs_are_listed_by_the_registers_of_their_entries(exporter: Exporter) -> None:
    here, there, unknown = (an_id() for _ in range(3))
    of_both = exporter.creates(
        [exporter.entry(register=here), exporter.entry(register=there), exporter.entry()],
        target="ledger",
    )
    of_one = exporter.creates([exporter.entry(register=here) for _ in range(2)], target="ledger")
    of_none = exporter.creates([exporter.entry()], target="ledger")

    assert set(listed(exporter, registers=[here])) == {of_both.id, of_one.id}
    assert listed(exporter, registers=[there, unknown]) == [of_both.id]
    assert listed(exporter, registers=[unknown]) == []
    assert set(listed(exporter, targets=["ledger"])) == {of_both.id, of_one.id, of_none.id}


@pytest.mark.parametrize("name", sorted(jobs.SORTABLE))
def test_jobs_can_be_sorted_by_each_key(exporter: Exporter, name: str) -> None:
    made = {exporter.creates([exporter.entry()], target="ledger").id for _ in range(3)}

    request = PageRequest(sort=((name, SortOrder.DESC_NULLS_LAST),))

    assert set(listed(exporter, request=request)) == made


def test_nobody_sees_the_jobs_of_another_organization(exporter: Exporter) -> None:
    job = exporter.creates([exporter.entry()])
    with reading(exporter.engine) as tx:
        with pytest.raises(Missing) as caught:
            jobs.find(tx, [an_id()], job.id, exporter.now)
        others = jobs.listed(tx, [an_id()], request=PageRequest(), now=exporter.now)

    assert caught.value.code == jobs.UNKNOWN_JOB
    assert (others.rows, others.total) == ([], 0)


def test_progress_names_every_status(exporter: Exporter) -> None:
    wanted = [exporter.entry() for _ in range(3)]
    job = exporter.starts(wanted)
    exporter.sets(job, wanted[0], ItemStatus.IN_PROGRESS)

    def progress() -> dict[str, int]:
        with reading(exporter.engine) as tx:
            return {key.value: count for key, count in jobs.progress(tx, exporter.job(job)).items()}

    assert progress() == {
        "pending": 2,
        "in_progress": 1,
        "successful": 0,
        "failed": 0,
        "abandoned": 0,
    }
    exporter.says(job, JobEvent.FAILED)
    assert progress()["abandoned"] == 3


def test_a_file_is_kept_with_its_job_until_that_is_finished(exporter: Exporter) -> None:
    entry = exporter.entry()
    job = exporter.starts([entry], target="ledger")
    said = {"artifact": "ab" * 32, "size": 12, "name": "books.csv", "at": exporter.now}
    with writing(exporter.engine) as tx:
        jobs.keep_file(tx, job, **said)  # type: ignore[arg-type]
        assert items.succeed(tx, job, external_id="books.csv", by=SERVICE, at=exporter.now) == 1
    done = exporter.says(job, JobEvent.COMPLETED)

    assert (done.artifact, done.bytes, done.file_name) == ("ab" * 32, 12, "books.csv")
    with pytest.raises(Conflict), writing(exporter.engine) as tx:
        jobs.keep_file(tx, job, **said)  # type: ignore[arg-type]


def test_the_chain_of_the_organization_says_all_that_happened(exporter: Exporter) -> None:
    entry = exporter.entry()
    job = exporter.starts([entry])
    exporter.sets(job, entry, ItemStatus.SUCCESSFUL)
    exporter.says(job, JobEvent.COMPLETED)

    stated = exporter.stated()
    assert [(one.act, one.status, one.items) for one in stated] == [
        ("created", "pending", 1),
        ("started", "in_progress", 0),
        ("items", "in_progress", 1),
        ("completed", "completed", 0),
    ]
    assert {(one.job, one.company) for one in stated} == {(job.id, exporter.company)}
    assert all(len(one.sha256) == 64 for one in stated)
