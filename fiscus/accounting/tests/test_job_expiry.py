from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.accounting import bookkeeping, items, jobs, states
from fiscus.accounting.items import ItemUpdate
from fiscus.accounting.pages import PageRequest
from fiscus.accounting.states import ItemStatus, JobEvent, JobStatus
from fiscus.accounting.tests.exporting import Exporter
from fiscus.model.faults import Conflict
from fiscus.model.tests.clock import MORNING
from fiscus.registry.tests.builders import SUBJECT, an_id
from fiscus.store.connect import reading, writing

HOUR = timedelta(seconds=jobs.EXPIRES_IN)


@pytest.fixture
def exporter(engine: Engine) -> Exporter:
    return Exporter(engine)


def listed(exporter: Exporter, **more: object) -> list[str]:
    said = {"request": PageRequest(limit=100), "now": exporter.now, **more}
    with reading(exporter.engine) as tx:
        return [job.id for job in jobs.listed(tx, [exporter.organization], **said).rows]  # type: ignore[arg-type]


def test_a_client_that_crashed_goes_on_where_it_was(exporter: Exporter) -> None:
    done, open_, lost = (exporter.entry() for _ in range(3))
    job = exporter.starts([done, open_, lost])
    exporter.sets(job, done, ItemStatus.SUCCESSFUL, external_id="1")
    exporter.sets(job, open_, ItemStatus.IN_PROGRESS)
    exporter.later(minutes=50)

    # It comes again, knows nothing, and looks for what is unfinished.
    found = listed(exporter, statuses=[JobStatus.PENDING, JobStatus.IN_PROGRESS])
    assert found == [job.id]
    left = [entry for entry, status in exporter.statuses(job).items() if status != "successful"]
    assert sorted(left) == sorted([open_, lost])
    for entry in left:
        exporter.sets(job, entry, ItemStatus.SUCCESSFUL, external_id="2")
    # It repeats, to be sure, what it had reported: nothing changes.
    exporter.sets(job, done, ItemStatus.SUCCESSFUL, external_id="3")
    exporter.says(job, JobEvent.COMPLETED)

    assert exporter.found(done).external_id == "1"
    assert {exporter.found(one).status for one in (done, open_, lost)} == {"EXPORTED"}


def test_a_job_lives_up_to_its_last_instant_and_not_one_longer(exporter: Exporter) -> None:
    job = exporter.starts([exporter.entry()])

    exporter.now = MORNING + HOUR
    assert (exporter.job(job).status, exporter.expires()) == ("in_progress", 0)

    exporter.now += timedelta(microseconds=1)
    read = exporter.job(job)
    assert (read.status, read.failure_type) == ("failed", "job_expired")
    assert (read.expired_at, read.last_updated_at) == (MORNING + HOUR, MORNING)
    assert (exporter.expires(), exporter.expires()) == (1, 0)
    assert exporter.job(job) == read
    exporter.later(days=9)
    assert exporter.job(job) == read


def test_what_is_read_of_a_job_is_the_same_before_and_after_somebody_notes_its_end(
    exporter: Exporter,
) -> None:
    done, left = exporter.entry(), exporter.entry()
    job = exporter.starts([done, left])
    exporter.sets(job, done, ItemStatus.SUCCESSFUL)
    exporter.now += HOUR + timedelta(seconds=1)

    def looks() -> list[object]:
        failed, alive = [JobStatus.FAILED], [JobStatus.IN_PROGRESS]
        with reading(exporter.engine) as tx:
            found = jobs.find(tx, [exporter.organization], job.id, exporter.now)
            abandoned = items.page(
                tx, found, status=ItemStatus.ABANDONED, request=PageRequest()
            ).rows
            pending = items.page(tx, found, status=ItemStatus.PENDING, request=PageRequest())
            unfinished = items.unfinished(
                tx, [exporter.organization], PageRequest(), now=exporter.now
            )
            counted = jobs.progress(tx, found)
            streamed = [one.status for one in items.each(tx, found)]
        return [
            found,
            [one.entry for one in abandoned],
            pending.total,
            unfinished.total,
            counted,
            sorted(streamed),
            exporter.statuses(job),
            exporter.item(left).status,
            listed(exporter, statuses=failed),
            listed(exporter, statuses=alive),
        ]

    before = looks()
    assert exporter.expires() == 1
    assert looks() == before
    assert before[1:4] == [[left], 0, 0]
    assert before[-2:] == [[job.id], []]


def test_an_expired_job_keeps_what_was_successful_and_frees_the_rest(exporter: Exporter) -> None:
    done, left = exporter.entry(), exporter.entry()
    job = exporter.starts([done, left])
    exporter.sets(job, done, ItemStatus.SUCCESSFUL, external_id="1")
    exporter.now += HOUR + timedelta(seconds=1)
    exporter.expires()

    assert exporter.statuses(job) == {done: "successful", left: "abandoned"}
    assert (exporter.found(done).status, exporter.found(done).external_id) == ("EXPORTED", "1")
    assert (exporter.found(left).status, exporter.found(left).job) == ("NOT_EXPORTED", "")


def test_nothing_can_be_said_of_a_job_whose_time_is_over(exporter: Exporter) -> None:
    entry = exporter.entry()
    job = exporter.starts([entry])
    exporter.now += HOUR + timedelta(microseconds=1)

    with pytest.raises(Conflict) as event:
        exporter.says(job, JobEvent.COMPLETED)
    with pytest.raises(Conflict) as update:
        exporter.reports(job, ItemUpdate(entry=entry, status=ItemStatus.SUCCESSFUL))
    with pytest.raises(Conflict) as cancel:
        exporter.cancels(job)

    assert event.value.code == states.BAD_EVENT
    assert update.value.code == cancel.value.code == items.JOB_FINISHED
    assert exporter.found(entry).status == "EXPORTING"


def test_who_makes_the_next_job_ends_the_one_whose_time_is_over(exporter: Exporter) -> None:
    entry, other = exporter.entry(), exporter.entry()
    old = exporter.creates([entry])
    file = exporter.creates([other], target="ledger")
    exporter.now += HOUR
    with pytest.raises(Conflict):
        exporter.creates([entry])
    exporter.now += timedelta(microseconds=1)

    new = exporter.creates([entry, other])

    assert exporter.job(old).failure_type == exporter.job(file).failure_type == "job_expired"
    assert exporter.found(entry).job == exporter.found(other).job == new.id
    acts = [(one.job, one.act) for one in exporter.stated()]
    assert sorted(acts[2:4]) == sorted([(old.id, "expired"), (file.id, "expired")])
    assert acts[4] == (new.id, "created")


def test_each_report_prolongs_a_job_and_reading_does_not(exporter: Exporter) -> None:
    entry = exporter.entry()
    job = exporter.starts([entry])
    for _ in range(3):
        exporter.now += HOUR
        exporter.sets(job, entry, ItemStatus.IN_PROGRESS)
    assert exporter.job(job).last_updated_at == exporter.now

    exporter.reports(job, ItemUpdate(entry=an_id(), status=ItemStatus.IN_PROGRESS))
    exporter.now += HOUR
    exporter.job(job)
    exporter.reports(job, ItemUpdate(entry=an_id(), status=ItemStatus.IN_PROGRESS))
    exporter.now += timedelta(microseconds=1)
    assert exporter.job(job).status == "failed"


def test_a_company_says_how_long_its_jobs_may_rest(exporter: Exporter) -> None:
    with writing(exporter.engine) as tx:
        version, content = bookkeeping.of(tx, exporter.company)
        changed = msgspec.structs.replace(content, expires_in=60)
        bookkeeping.change(tx, exporter.company, changed, version=version, by=SUBJECT, at=MORNING)

    job = exporter.creates([exporter.entry()])

    assert job.expires_in == 60
    exporter.later(seconds=60.000001)
    assert exporter.job(job).status == "failed"


def test_the_chore_notes_a_bounded_number_of_jobs_oldest_first(exporter: Exporter) -> None:
    made = []
    for _ in range(3):
        made.append(exporter.creates([exporter.entry()], target="ledger").id)
        exporter.later(seconds=1)
    exporter.now += HOUR

    assert exporter.expires(limit=2) == 2
    assert sorted(one.job for one in exporter.stated()[3:]) == sorted(made[:2])
    assert (exporter.expires(limit=2), exporter.expires(limit=2)) == (1, 0)


def test_chores_that_race_note_each_job_once(exporter: Exporter, server: str) -> None:
    for _ in range(4):
        exporter.creates([exporter.entry()], target="ledger")
    exporter.now += HOUR + timedelta(seconds=1)

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: exporter.expires(), range(4)))

    assert sum(counts) == 4
    assert [one.act for one in exporter.stated()] == ["created"] * 4 + ["expired"] * 4


def test_a_job_whose_time_is_over_can_be_retried_at_once(exporter: Exporter) -> None:
    entry = exporter.entry()
    job = exporter.starts([entry])
    exporter.now += HOUR + timedelta(seconds=1)

    again = exporter.retries(job)

    assert exporter.statuses(job) == {entry: "abandoned"}
    assert exporter.statuses(again) == {entry: "pending"}
