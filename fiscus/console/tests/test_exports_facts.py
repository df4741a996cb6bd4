"""What is shown of exports, without pages."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.console import exports_facts
from fiscus.exports import jobs, run
from fiscus.exports.jobs import ExportFilter
from fiscus.exports.tests.office import DAY, TODAY, Office
from fiscus.model.faults import Missing
from fiscus.registry.tests.builders import SUBJECT
from fiscus.store.connect import reading


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def test_the_journal_tells_who_asked_and_what_was_made(office: Office) -> None:
    job = office.asks()
    with reading(office.engine) as tx:
        waiting = exports_facts.origin(tx, job)
    run.do(office.services, office.task())
    other = office.asks()
    with reading(office.engine) as tx:
        made = exports_facts.origin(tx, jobs.read(tx, job.id))
        not_made = exports_facts.origin(tx, other)

    assert (waiting.asked_by, waiting.sha256) == (SUBJECT, "")
    assert made.sha256 == office.file(job.id).artifact
    assert made.bytes == office.file(job.id).bytes
    assert made.asked_sequence < made.made_sequence < not_made.asked_sequence
    assert made.heads == 1
    assert not_made.made_at is None


def test_a_file_is_seen_by_who_may_see_all_its_days(office: Office) -> None:
    job = office.asks(period=DAY, register=office.counter.shop.register)
    unit = office.counter.shop.organization

    def sees(**limits: object) -> bool:
        wanted = ExportFilter(**limits)  # type: ignore[arg-type]
        with reading(office.engine) as tx:
            try:
                exports_facts.one(tx, office.artifacts, unit, job.id, wanted, office.clock())
            except Missing:
                return False
            return True

    day = timedelta(days=1)
    assert sees()
    assert sees(first=TODAY, last=TODAY, registers=(office.counter.shop.register,))
    assert not sees(first=TODAY + day)
    assert not sees(last=TODAY - day)
    assert not sees(registers=("another",))


def test_names_say_what_and_when(office: Office) -> None:
    job = office.asks()

    name = f"export_{TODAY}_{TODAY}.zip"
    assert exports_facts.file_name(job) == name
    assert exports_facts.media_type(job) == "application/zip"


def test_the_least_id_of_an_instant_is_below_all_that_follow() -> None:
    at = datetime(2026, 11, 16, 9, tzinfo=UTC)

    assert exports_facts.first_id(at) == "01a1e395-ae80-7000-8000-000000000000"
    assert exports_facts.first_id(at - timedelta(milliseconds=1)) < exports_facts.first_id(at)
