import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from sqlalchemy import Engine, func, select

from fiscus.accounting import bookkeeping, jobs
from fiscus.accounting.jobs import ExportJob
from fiscus.accounting.states import ItemFailure, ItemStatus, JobEvent, JobStatus
from fiscus.accounting.tests.exporting import REVENUE_19, Exporter, a_line
from fiscus.model.faults import Code, Conflict, Missing, Refused, Trouble
from fiscus.model.tests.clock import MORNING
from fiscus.registry.tests.builders import SUBJECT, an_id
from fiscus.store.accounting_schema import (
    ACCOUNTING_ENTRY,
    BOOKKEEPING,
    EXPORT_JOB,
    EXPORT_JOB_ITEM,
)
from fiscus.store.connect import reading, writing

HOUR = timedelta(seconds=jobs.EXPIRES_IN)


@pytest.fixture
def exporter(engine: Engine) -> Exporter:
    return Exporter(engine)


def rows(exporter: Exporter) -> tuple[int, int]:
    with reading(exporter.engine) as tx:
        one, two = (
            tx.scalar(select(func.count()).select_from(table))
            for table in (EXPORT_JOB, EXPORT_JOB_ITEM)
        )
    return int(one or 0), int(two or 0)


def test_a_job_takes_its_entries_and_holds_them(exporter: Exporter) -> None:
    wanted = [exporter.entry(), exporter.entry()]

    job = exporter.creates(wanted, created_by="who", is_interactive=False, is_vendor_based=True)

    assert job == exporter.job(job)
    assert job == ExportJob(
        id=job.id,
        company=exporter.company,
        organization=exporter.organization,
        target="pull",
        status=JobStatus.PENDING,
        items=2,
        is_interactive=False,
        is_vendor_based=True,
        expires_in=3600,
        created_by="who",
        asked_by=SUBJECT,
        created_at=MORNING,
        last_updated_at=MORNING,
    )
    for entry in wanted:
        assert (exporter.found(entry).status, exporter.found(entry).job) == ("QUEUED", job.id)
    assert exporter.statuses(job) == dict.fromkeys(wanted, "pending")


def test_items_stand_in_the_order_of_days_and_then_of_ids(exporter: Exporter) -> None:
    late, early = exporter.entry(), exporter.entry(day=MORNING.date() - timedelta(days=9))
    same = sorted([exporter.entry(), late])

    job = exporter.creates([late, early, *same])

    assert list(exporter.statuses(job)) == [early, *same]


def test_an_entry_that_is_named_twice_is_exported_once(exporter: Exporter) -> None:
    entry = exporter.entry()

    job = exporter.creates([entry, entry])

    assert (job.items, exporter.statuses(job)) == (1, {entry: "pending"})


def test_all_wrong_entries_are_named_at_once_in_their_places(exporter: Exporter) -> None:
    good, unknown, deleted = exporter.entry(), an_id(), exporter.entry(deleted_at=MORNING)
    exported, held = exporter.entry(), exporter.entry()
    first = exporter.starts([exported], target="ledger")
    exporter.sets(first, exported, ItemStatus.SUCCESSFUL)
    exporter.creates([held], target="ledger")
    foreign = Exporter(exporter.engine).entry()
    before = rows(exporter)

    with pytest.raises(Refused) as refused:
        exporter.creates([good, unknown, held, deleted, exported, foreign])
    with pytest.raises(Conflict) as locked:
        exporter.creates([good, exported, held])
    with pytest.raises(Conflict) as done:
        exporter.creates([good, exported])

    assert refused.value.code == jobs.UNKNOWN_ENTRIES
    assert {fault.code: fault.paths for fault in refused.value.faults} == {
        jobs.UNKNOWN_ENTRIES.id: tuple(f"accountingEntryIds[{place}]" for place in (1, 3, 5)),
        jobs.LOCKED_ENTRIES.id: ("accountingEntryIds[2]",),
        jobs.EXPORTED_ENTRIES.id: ("accountingEntryIds[4]",),
    }
    assert locked.value.code == jobs.LOCKED_ENTRIES
    assert [fault.paths for fault in locked.value.faults] == [
        ("accountingEntryIds[2]",),
        ("accountingEntryIds[1]",),
    ]
    assert done.value.code == jobs.EXPORTED_ENTRIES
    assert rows(exporter) == before
    assert exporter.found(good).status == "NOT_EXPORTED"


def test_a_refusal_leaves_nothing_behind_also_where_the_caller_goes_on(exporter: Exporter) -> None:
    with writing(exporter.engine) as tx, pytest.raises(Refused):
        jobs.create(
            tx,
            id_=an_id(),
            company=exporter.company,
            organization=exporter.organization,
            entries=[an_id()],
            by=SUBJECT,
            at=MORNING,
        )

    assert rows(exporter) == (0, 0)
    assert exporter.stated() == []


@pytest.mark.parametrize("places", [1, 150])
def test_a_refusal_names_a_bounded_number_of_places(exporter: Exporter, places: int) -> None:
    with pytest.raises(Refused) as caught:
        exporter.creates([an_id() for _ in range(places)])

    assert len(caught.value.paths) == min(places, 100)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [([], jobs.NO_ENTRIES), (list(map(str, range(100_001))), jobs.TOO_MANY_ENTRIES)],
    ids=["none", "too many"],
)
def test_a_job_has_a_bounded_number_of_entries_and_not_none(
    exporter: Exporter, wanted: list[str], code: Code
) -> None:
    with pytest.raises(Refused) as caught:
        exporter.creates(wanted)

    assert caught.value.code == code


def test_a_company_without_books_has_no_jobs(exporter: Exporter) -> None:
    with pytest.raises(Missing) as caught:
        exporter.creates([an_id()], company=an_id())

    assert caught.value.code == bookkeeping.NO_BOOKS


def test_a_company_has_one_unfinished_pull_job_and_others_have_theirs(
    exporter: Exporter, server: str
) -> None:
    other = Exporter(exporter.engine)
    first = exporter.creates([exporter.entry()])
    free = exporter.entry()
    other.creates([other.entry()])

    with pytest.raises(Conflict) as caught:
        exporter.creates([free])
    file = exporter.creates([free], target="beancount")

    assert caught.value.code == jobs.ALREADY_IN_PROGRESS
    assert (file.target, file.status) == ("beancount", "pending")
    exporter.says(first, JobEvent.FAILED)
    assert exporter.creates([exporter.entry()]).status == "pending"


def test_of_two_who_make_a_job_at_once_one_is_told_of_the_other(
    exporter: Exporter, server: str
) -> None:
    wanted = [exporter.entry() for _ in range(8)]
    start = threading.Barrier(len(wanted))

    def make(entry: str) -> Code | None:
        start.wait()
        try:
            exporter.creates([entry])
        except Trouble as trouble:
            return trouble.code
        return None

    with ThreadPoolExecutor(len(wanted)) as pool:
        answers = list(pool.map(make, wanted))

    assert sorted(answers, key=str) == [jobs.ALREADY_IN_PROGRESS] * (len(wanted) - 1) + [None]
    assert rows(exporter) == (1, 1)
    assert len(exporter.stated()) == 1


def test_of_two_files_that_want_one_entry_at_once_one_gets_it(
    exporter: Exporter, server: str
) -> None:
    shared = [exporter.entry() for _ in range(5)]
    start = threading.Barrier(6)

    def make(turned: bool) -> Code | None:
        start.wait()
        try:
            exporter.creates(shared[::-1] if turned else shared, target="ledger")
        except Trouble as trouble:
            return trouble.code
        return None

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(make, [True, False] * 3))

    assert sorted(answers, key=str) == [jobs.LOCKED_ENTRIES] * 5 + [None]
    assert rows(exporter) == (1, 5)


def test_an_entry_without_an_account_fails_at_once_and_the_others_go_on(exporter: Exporter) -> None:
    good, bad = exporter.entry(), exporter.entry(a_line(key="case/Unheard/19"))

    job = exporter.creates([good, bad])

    item = exporter.item(bad)
    assert exporter.statuses(job) == {good: "pending", bad: "failed"}
    assert item.failure_type == ItemFailure.ACCOUNT_UNKNOWN
    assert item.failure_reason == (
        "Account for case/Unheard/19 missing: add a rule for this key to the mapping of the company"
    )
    assert exporter.found(bad).job == job.id
    exporter.says(job, JobEvent.FAILED)
    assert (exporter.found(bad).status, exporter.found(bad).job) == ("NOT_EXPORTED", "")


def without_clearing(exporter: Exporter) -> None:
    """As if the books had been begun before they had to have it."""
    with writing(exporter.engine) as tx:
        _, content = bookkeeping.of(tx, exporter.company)
        kept = tuple(rule for rule in content.rules if rule.key != "clearing")
        changed = msgspec.structs.replace(content, rules=kept)
        tx.execute(BOOKKEEPING.update().values(content=bookkeeping.as_text(changed)))


def test_who_needs_the_contra_account_is_refused_without_it(exporter: Exporter) -> None:
    entry = exporter.entry()
    without_clearing(exporter)

    with pytest.raises(Refused) as caught:
        exporter.creates([entry], must_have_contra=True)

    assert (caught.value.code, caught.value.paths) == (jobs.MISSING_CONTRA, ("clearing",))
    assert rows(exporter) == (0, 0)
    job = exporter.creates([entry])
    assert exporter.statuses(job) == {entry: "failed"}


def test_what_was_frozen_stays_though_the_mapping_changes(exporter: Exporter) -> None:
    entry = exporter.entry()
    job = exporter.creates([entry])
    with writing(exporter.engine) as tx:
        version, content = bookkeeping.of(tx, exporter.company)
        rules = tuple(
            msgspec.structs.replace(rule, account="8300", tax="USt7")
            if rule.key == REVENUE_19
            else rule
            for rule in content.rules
        )
        changed = msgspec.structs.replace(content, rules=rules)
        bookkeeping.change(
            tx, exporter.company, changed, version=version, by=SUBJECT, at=exporter.now
        )

    assert exporter.item(entry).frozen.booked.lines[0].account == "8400"
    with reading(exporter.engine) as tx:
        assert jobs.frozen_books(tx, job) == content


def test_what_is_frozen_decides_the_digest_that_is_stated(exporter: Exporter) -> None:
    entry, line = an_id(), a_line("-11.90", "-1.90")
    exporter.entry(line, id=entry)
    first = exporter.creates([entry])
    exporter.says(first, JobEvent.FAILED)
    exporter.creates([entry])
    with writing(exporter.engine) as tx:
        tx.execute(ACCOUNTING_ENTRY.update().values(reference="other", job=None))
        jobs.create(
            tx,
            id_=an_id(),
            company=exporter.company,
            organization=exporter.organization,
            entries=[entry],
            target="ledger",
            by=SUBJECT,
            at=exporter.now,
        )

    one, two, three = (each.sha256 for each in exporter.stated() if each.act == "created")
    assert one == two != three
    assert exporter.item(entry).frozen.booked.lines[0].amount == Decimal("-11.90")
