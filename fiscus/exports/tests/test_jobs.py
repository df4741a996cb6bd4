from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from fiscus.exports import jobs
from fiscus.exports.states import MOVES, ExportState
from fiscus.exports.tests.office import DAY, TODAY, Office
from fiscus.model.faults import Conflict, Missing, Refused
from fiscus.model.times import Period
from fiscus.registry.tests.builders import an_organization
from fiscus.store.connect import reading, writing
from fiscus.store.schema import FILE, TASK


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def test_every_state_is_in_the_table_and_can_be_reached() -> None:
    assert set(MOVES) == set(ExportState)
    assert {ExportState.ACCEPTED}.union(*MOVES.values()) == set(ExportState)


def test_a_job_and_its_task_are_noted_together(office: Office) -> None:
    job = office.asks()

    assert (job.state, job.first, job.last, job.artifact) == (
        ExportState.ACCEPTED,
        TODAY,
        TODAY,
        "",
    )
    task = office.task()
    assert (task.kind, task.payload) == (jobs.TASK, job.id)


@pytest.mark.parametrize(
    ("period", "code"),
    [
        (Period(first=TODAY, last=TODAY - timedelta(days=1)), jobs.BAD_RANGE),
        (Period(first=TODAY, last=TODAY + timedelta(days=1)), jobs.FUTURE_RANGE),
    ],
    ids=str,
)
def test_a_range_that_makes_no_sense_is_refused_and_leaves_nothing(
    office: Office, period: Period, code: object
) -> None:
    with pytest.raises(Refused) as caught:
        office.asks(period=period)

    assert caught.value.code == code
    with reading(office.engine) as tx:
        assert tx.scalar(select(func.count()).select_from(FILE)) == 0
        assert tx.scalar(select(func.count()).select_from(TASK)) == 0


def test_an_audit_file_needs_a_law_that_prescribes_one(engine: Engine, tmp_path: Path) -> None:
    office = Office(engine, tmp_path, "it")

    with pytest.raises(Refused) as caught:
        office.asks(jobs.ExportType.AUDIT)
    assert caught.value.code == jobs.NO_FORMAT
    assert office.asks(jobs.ExportType.EXPORT).state == ExportState.ACCEPTED


def test_a_job_moves_once(office: Office) -> None:
    job = office.asks()
    with writing(office.engine) as tx:
        jobs.move(tx, job.id, ExportState.FAILED, error="no")
    with pytest.raises(Conflict), writing(office.engine) as tx:
        jobs.move(tx, job.id, ExportState.COMPLETED)

    assert (office.file(job.id).state, office.file(job.id).error) == (ExportState.FAILED, "no")


def test_files_are_listed_by_id_with_their_filters(office: Office) -> None:
    made = []
    for _ in range(4):
        made.append(office.asks())
        office.clock.move(hours=1)
    made[0:1] = [office.asks(register=office.counter.shop.register)]
    ids = sorted(job.id for job in made)
    unit = office.counter.shop.organization

    with writing(office.engine) as tx:
        office.counter.clock.move(days=-1)
        pages = jobs.of(tx, unit, after=ids[0], limit=2)
        since = jobs.of(tx, unit, after="", limit=9, start=made[2].created_at)
        before = jobs.of(tx, unit, after="", limit=9, end=made[2].created_at)
        mine = jobs.of(tx, unit, after="", limit=9, register=office.counter.shop.register)
        none = jobs.of(tx, an_organization(tx), after="", limit=9)

    assert len(pages) == 2
    assert all(job.id > ids[0] for job in pages)
    assert {job.id for job in since} == {made[2].id, made[3].id, made[0].id}
    assert made[2].id not in {job.id for job in before}
    assert [job.id for job in mine] == [made[0].id]
    assert none == []


def test_files_are_read_from_the_newest_on_and_back_again(office: Office) -> None:
    made = sorted((office.asks() for _ in range(5)), key=lambda job: job.id)
    ids = [job.id for job in made]
    unit, everything = office.counter.shop.organization, jobs.ExportFilter()

    with writing(office.engine) as tx:
        first = jobs.newest_first(tx, unit, everything, limit=2)
        second = jobs.newest_first(tx, unit, everything, before=first[-1].id, limit=2)
        back = jobs.newest_first(tx, unit, everything, after=second[0].id, limit=2)
        none = jobs.newest_first(tx, an_organization(tx), everything, limit=9)

    assert [job.id for job in first] == [ids[4], ids[3]]
    assert [job.id for job in second] == [ids[2], ids[1]]
    assert back == first
    assert none == []


def test_whoever_may_see_some_days_finds_no_file_that_tells_of_another(office: Office) -> None:
    before = TODAY - timedelta(days=1)
    wide = office.asks(period=Period(first=before, last=TODAY))
    exact = office.asks(register=office.counter.shop.register)
    unit = office.counter.shop.organization

    def found(**wanted: Any) -> set[str]:
        with reading(office.engine) as tx:
            files = jobs.newest_first(tx, unit, jobs.ExportFilter(**wanted), limit=9)
        return {job.id for job in files}

    assert found(first=TODAY, last=TODAY) == {exact.id}
    assert found(first=before, last=TODAY) == {wide.id, exact.id}
    assert found(first=before, last=before) == set()
    assert found(registers=[office.counter.shop.register]) == {exact.id}
    assert found(register=office.counter.shop.register) == {exact.id}
    assert found(kind="EXPORT") == {wide.id, exact.id}
    assert found(kind="saft-pt") == set()
    assert found(state=ExportState.FAILED) == set()


def test_a_file_of_another_organization_is_missing(office: Office) -> None:
    job = office.asks()
    with writing(office.engine) as tx:
        assert jobs.visible(tx, office.counter.shop.organization, job.id) == job
        with pytest.raises(Missing):
            jobs.visible(tx, an_organization(tx), job.id)
        with pytest.raises(Missing):
            jobs.read(tx, "nothing")


def test_the_day_asked_for_may_be_long_ago(office: Office) -> None:
    assert office.asks(period=Period(first=date(1999, 1, 1), last=DAY.last)).first.year == 1999
