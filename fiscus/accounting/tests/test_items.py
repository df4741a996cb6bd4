from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from fiscus.accounting import items, jobs
from fiscus.accounting.items import ExportJobItem, ItemUpdate, RefusalType
from fiscus.accounting.jobs import ExportJob
from fiscus.accounting.pages import Page, PageRequest, SortOrder
from fiscus.accounting.states import ItemFailure, ItemStatus, JobEvent
from fiscus.accounting.tests.exporting import Exporter
from fiscus.model.booked import BookWarning
from fiscus.model.faults import Conflict, Missing
from fiscus.registry.tests.builders import SUBJECT, an_id
from fiscus.store.connect import reading, writing


@pytest.fixture
def exporter(engine: Engine) -> Exporter:
    return Exporter(engine)


def paged(
    exporter: Exporter, job: ExportJob, status: ItemStatus | None = None, **request: object
) -> Page[ExportJobItem]:
    with reading(exporter.engine) as tx:
        return items.page(tx, job, status=status, request=PageRequest(**request))  # type: ignore[arg-type]


def test_an_item_keeps_what_is_reported_of_it(exporter: Exporter) -> None:
    entry, job = (one := exporter.entry()), exporter.starts([one])
    at = exporter.now - timedelta(seconds=5)

    done, refused = exporter.reports(
        job,
        ItemUpdate(
            entry=entry,
            status=ItemStatus.SUCCESSFUL,
            exported_at=at,
            external_id="JE-2041",
            external_url="https://erp.test/je/2041",
        ),
    )

    assert refused == []
    assert done == [exporter.item(entry)]
    assert (done[0].status, done[0].exported_at) == (ItemStatus.SUCCESSFUL, at)
    assert (done[0].external_id, done[0].external_url) == ("JE-2041", "https://erp.test/je/2041")
    assert (exporter.found(entry).status, exporter.found(entry).exported_at) == ("EXPORTED", at)


def test_a_successful_item_was_exported_when_it_was_reported_if_it_says_nothing_else(
    exporter: Exporter,
) -> None:
    entry, job = (one := exporter.entry()), exporter.starts([one])
    exporter.later(minutes=2)
    exporter.sets(job, entry, ItemStatus.SUCCESSFUL)

    assert exporter.item(entry).exported_at == exporter.now


def test_a_failed_item_keeps_its_reason_and_its_entry_stays_held(exporter: Exporter) -> None:
    entry, job = (one := exporter.entry()), exporter.starts([one])
    exporter.sets(
        job,
        entry,
        ItemStatus.FAILED,
        failure_reason="Account 4930 missing",
        failure_type=ItemFailure.TAG_UNKNOWN,
    )

    item = exporter.item(entry)
    assert (item.status, item.failure_reason, item.exported_at) == (
        ItemStatus.FAILED,
        "Account 4930 missing",
        None,
    )
    assert item.failure_type == "tag_unknown"
    assert (exporter.found(entry).status, exporter.found(entry).job) == ("EXPORTING", job.id)


def test_a_pending_job_takes_reports_too(exporter: Exporter) -> None:
    entry, job = (one := exporter.entry()), exporter.creates([one])
    exporter.sets(job, entry, ItemStatus.SUCCESSFUL)

    assert (exporter.job(job).status, exporter.found(entry).status) == ("pending", "EXPORTED")
    exporter.says(job, JobEvent.STARTED)
    assert exporter.found(entry).status == "EXPORTED"


def test_what_is_right_is_done_though_other_updates_are_refused(exporter: Exporter) -> None:
    good, late, long = (exporter.entry() for _ in range(3))
    job = exporter.starts([good, late, long])
    foreign = Exporter(exporter.engine).entry()
    exporter.sets(job, late, ItemStatus.SUCCESSFUL)

    done, refused = exporter.reports(
        job,
        ItemUpdate(entry=foreign, status=ItemStatus.SUCCESSFUL),
        ItemUpdate(entry=late, status=ItemStatus.FAILED),
        ItemUpdate(entry=good, status=ItemStatus.IN_PROGRESS),
        ItemUpdate(entry=long, status=ItemStatus.FAILED, failure_reason="x" * 2_001),
    )

    assert [(one.entry, one.status) for one in done] == [(good, ItemStatus.IN_PROGRESS)]
    assert [(one.entry, one.type) for one in refused] == [
        (foreign, RefusalType.UNKNOWN_ENTRY),
        (late, RefusalType.BAD_STATUS),
        (long, RefusalType.OTHER),
    ]
    assert "it is successful" in refused[1].message
    assert exporter.statuses(job)[long] == "pending"


@pytest.mark.parametrize("name", ["external_id", "external_url", "failure_reason"])
def test_a_text_is_taken_up_to_its_bound_and_without_nul(exporter: Exporter, name: str) -> None:
    entry, job = (one := exporter.entry()), exporter.starts([one])
    for text in ("x" * 2_001, "nul\0"):
        _, refused = exporter.reports(
            job,
            ItemUpdate(entry=entry, status=ItemStatus.FAILED, **{name: text}),  # type: ignore[arg-type]
        )
        assert [one.type for one in refused] == [RefusalType.OTHER]

    exporter.sets(job, entry, ItemStatus.FAILED, **{name: "ü" * 2_000})
    assert getattr(exporter.item(entry), name) == "ü" * 2_000


def test_the_same_final_status_again_is_right_and_changes_nothing(exporter: Exporter) -> None:
    entry, job = (one := exporter.entry()), exporter.starts([one])
    exporter.sets(job, entry, ItemStatus.SUCCESSFUL, external_id="first")
    before, entry_before = exporter.item(entry), exporter.found(entry)
    exporter.later(minutes=1)

    done, refused = exporter.reports(
        job, ItemUpdate(entry=entry, status=ItemStatus.SUCCESSFUL, external_id="second")
    )

    assert (done, refused) == ([before], [])
    assert exporter.item(entry) == before
    assert exporter.found(entry) == entry_before


def test_of_several_updates_of_one_entry_the_first_final_one_stays(exporter: Exporter) -> None:
    entry, job = (one := exporter.entry()), exporter.starts([one])

    done, refused = exporter.reports(
        job,
        ItemUpdate(entry=entry, status=ItemStatus.IN_PROGRESS, external_id="A"),
        ItemUpdate(entry=entry, status=ItemStatus.SUCCESSFUL, external_id="B"),
        ItemUpdate(entry=entry, status=ItemStatus.FAILED),
        ItemUpdate(entry=entry, status=ItemStatus.SUCCESSFUL, external_id="C"),
    )

    assert [(one.status, one.external_id) for one in done] == [(ItemStatus.SUCCESSFUL, "B")]
    assert [one.type for one in refused] == [RefusalType.BAD_STATUS]
    assert exporter.item(entry) == done[0]


def test_an_item_that_was_abandoned_by_its_client_is_free_when_the_job_ends(
    exporter: Exporter,
) -> None:
    entry, job = (one := exporter.entry()), exporter.starts([one])
    exporter.sets(job, entry, ItemStatus.ABANDONED)
    exporter.says(job, JobEvent.COMPLETED)

    assert exporter.found(entry).status == "NOT_EXPORTED"


@pytest.mark.parametrize(
    "what", [JobEvent.FAILED, JobEvent.COMPLETED, JobEvent.COMPLETED_WITH_ERRORS]
)
def test_nothing_is_taken_in_after_the_end_of_a_job(exporter: Exporter, what: JobEvent) -> None:
    entry, job = (one := exporter.entry()), exporter.starts([one])
    exporter.says(job, what)

    with pytest.raises(Conflict) as caught:
        exporter.reports(job, ItemUpdate(entry=entry, status=ItemStatus.SUCCESSFUL))

    assert (caught.value.code, caught.value.paths) == (items.JOB_FINISHED, (what.value,))


def test_one_call_is_one_statement_and_one_of_refusals_alone_is_none(exporter: Exporter) -> None:
    wanted = [exporter.entry() for _ in range(3)]
    job = exporter.starts(wanted)
    exporter.later(minutes=1)
    exporter.reports(job, ItemUpdate(entry=an_id(), status=ItemStatus.SUCCESSFUL))
    assert len(exporter.stated()) == 2
    assert exporter.job(job).last_updated_at == exporter.now - timedelta(minutes=1)

    exporter.reports(
        job, *(ItemUpdate(entry=entry, status=ItemStatus.SUCCESSFUL) for entry in wanted)
    )

    assert [(one.act, one.items) for one in exporter.stated()[2:]] == [("items", 3)]
    assert exporter.job(job).last_updated_at == exporter.now


def test_reports_that_race_are_taken_in_one_after_the_other(
    exporter: Exporter, server: str
) -> None:
    wanted = [exporter.entry() for _ in range(4)]
    job = exporter.starts(wanted)

    def report(number: int) -> int:
        order = wanted if number % 2 else wanted[::-1]
        status = ItemStatus.SUCCESSFUL if number % 3 else ItemStatus.FAILED
        done, refused = exporter.reports(
            job, *(ItemUpdate(entry=entry, status=status) for entry in order)
        )
        assert len(done) + len(refused) == 4
        return len(done)

    with ThreadPoolExecutor(6) as pool:
        counts = list(pool.map(report, range(6)))

    # Whoever came first has set all four; who said the same was right, all others were refused.
    assert set(counts) == {0, 4}
    assert len(set(exporter.statuses(job).values())) == 1


def test_warnings_of_an_item_are_kept(exporter: Exporter) -> None:
    entry, job = (one := exporter.entry()), exporter.starts([one])
    warning = BookWarning(code="X-1", text="cut", field="note", said="long", written="lo")

    exporter.sets(job, entry, ItemStatus.IN_PROGRESS, warnings=(warning,))
    exporter.sets(job, entry, ItemStatus.SUCCESSFUL)

    assert exporter.item(entry).warnings == (warning,)


def test_all_that_has_not_failed_succeeds_in_one_go(exporter: Exporter) -> None:
    wanted = [exporter.entry() for _ in range(3)]
    job = exporter.starts(wanted, target="ledger")
    exporter.sets(job, wanted[0], ItemStatus.FAILED)
    exporter.later(minutes=1)
    with writing(exporter.engine) as tx:
        count = items.succeed(tx, job, external_id="books.csv", by=SUBJECT, at=exporter.now)

    assert count == 2
    assert sorted(exporter.statuses(job).values()) == ["failed", "successful", "successful"]
    entry = exporter.found(wanted[1])
    assert (entry.status, entry.job, entry.external_id) == ("EXPORTED", "", "books.csv")
    assert entry.exported_at == exporter.item(wanted[1]).exported_at == exporter.now
    assert exporter.found(wanted[0]).status == "EXPORTING"
    assert (exporter.stated()[-1].act, exporter.stated()[-1].items) == ("items", 2)
    assert exporter.job(job).last_updated_at == exporter.now


def test_items_are_found_by_status(exporter: Exporter) -> None:
    wanted = sorted(exporter.entry() for _ in range(3))
    job = exporter.starts(wanted)
    exporter.sets(job, wanted[1], ItemStatus.SUCCESSFUL)

    pending = paged(exporter, job, ItemStatus.PENDING)
    assert ([one.entry for one in pending.rows], pending.total) == ([wanted[0], wanted[2]], 2)
    assert paged(exporter, job).total == 3
    with reading(exporter.engine) as tx:
        streamed = [one.entry for one in items.each(tx, job, [ItemStatus.PENDING])]
    assert streamed == [wanted[0], wanted[2]]


@pytest.mark.parametrize("name", sorted(items.SORTABLE))
def test_items_can_be_sorted_by_each_key(exporter: Exporter, name: str) -> None:
    wanted = {exporter.entry() for _ in range(3)}
    job = exporter.starts(list(wanted))

    shown = paged(exporter, job, sort=((name, SortOrder.DESC_NULLS_FIRST),))

    assert {one.entry for one in shown.rows} == wanted


def test_an_entry_shows_all_jobs_it_was_in_newest_first(exporter: Exporter) -> None:
    entry, other = exporter.entry(), exporter.entry()
    made = []
    for _ in range(3):
        job = exporter.creates([entry, other])
        made.append(exporter.says(job, JobEvent.FAILED).id)
        exporter.later(minutes=1)
    made.append(exporter.creates([entry]).id)

    def of(
        wanted: list[str], status: ItemStatus | None = None, company: str = ""
    ) -> Page[ExportJobItem]:
        with reading(exporter.engine) as tx:
            return items.of_entries(
                tx,
                company or exporter.company,
                wanted,
                status,
                PageRequest(limit=100),
                now=exporter.now,
            )

    assert [one.job for one in of([entry]).rows] == made[::-1]
    assert of([entry, other]).total == 7
    assert [one.job for one in of([entry], ItemStatus.PENDING).rows] == made[3:]
    assert of([entry], company=an_id()).rows == []
    assert exporter.item(entry).job == made[3]
    exporter.later(hours=2)
    assert of([entry], ItemStatus.PENDING).rows == []
    assert of([entry], ItemStatus.ABANDONED).total == 4


def test_an_entry_that_was_in_no_job_has_no_item(exporter: Exporter) -> None:
    with pytest.raises(Missing) as caught:
        exporter.item(exporter.entry())

    assert caught.value.code == items.UNKNOWN_ITEM


def test_the_items_of_all_unfinished_pull_jobs_are_one_list(exporter: Exporter) -> None:
    entry, in_file = exporter.entry(), exporter.entry()
    other = Exporter(exporter.engine)
    foreign = other.entry()
    first = exporter.starts([entry])
    exporter.starts([in_file], target="ledger")
    exporter.later(minutes=1)
    other.now = exporter.now
    other.starts([foreign])

    def unfinished(*organizations: str) -> list[str]:
        with reading(exporter.engine) as tx:
            found = items.unfinished(tx, organizations, PageRequest(), now=exporter.now)
        return [one.entry for one in found.rows]

    both = unfinished(exporter.organization, other.organization)
    assert sorted(both) == sorted([entry, foreign])
    assert unfinished(exporter.organization) == [entry]
    exporter.says(first, JobEvent.COMPLETED)
    assert unfinished(exporter.organization, other.organization) == [foreign]


@pytest.mark.parametrize("count", [1_050, pytest.param(10_000, marks=pytest.mark.long)])
def test_thousands_of_items_are_paged_forward_and_backward_each_once(
    exporter: Exporter, server: str, count: int
) -> None:
    wanted = exporter.entries(count)
    job = exporter.starts(wanted)

    with reading(exporter.engine) as tx:
        forward: list[str] = []
        page = items.page(tx, job, request=PageRequest(limit=100))
        while True:
            forward += [one.entry for one in page.rows]
            assert page.total == count
            if not page.has_next:
                break
            page = items.page(tx, job, request=PageRequest(limit=100, after=page.end_cursor))
        backward: list[str] = [one.entry for one in page.rows]
        while page.has_previous:
            page = items.page(tx, job, request=PageRequest(limit=100, before=page.start_cursor))
            backward = [one.entry for one in page.rows] + backward

    assert forward == backward == wanted
    assert exporter.says(job, JobEvent.COMPLETED).status == "completed"
    with reading(exporter.engine) as tx:
        assert jobs.progress(tx, job)[ItemStatus.ABANDONED] == count
