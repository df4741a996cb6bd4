"""One file of one format: sound, the same each time, and never half made."""

import threading
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine

from fiscus import formats
from fiscus.exports import format_file, jobs, retention, run, services
from fiscus.exports.services import JobProgress
from fiscus.exports.states import ExportState
from fiscus.exports.tests.office import DAY, Office, a_kiosk
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.faults import Unavailable
from fiscus.outbox import queue
from fiscus.store.connect import reading, writing


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    """Two shifts and a sale of a third one."""
    found = a_kiosk(engine, tmp_path)
    for _ in range(2):
        found.clock.move(minutes=10)
        found.sells()
        found.sells()
        found.clock.move(minutes=10)
        found.closes()
    found.sells()
    found.clock.move(hours=1)
    return found


@pytest.fixture
def office(engine: Engine, tmp_path: Path, kiosk: Kiosk) -> Office:
    return Office(engine, tmp_path, counter=kiosk)


def content(office: Office, job: jobs.ExportFile) -> bytes:
    return b"".join(office.artifacts.read(job.artifact))


def faults(office: Office, job: jobs.ExportFile, code: str) -> tuple[object, ...]:
    file = office.folder / f"{job.id}.tar"
    file.write_bytes(content(office, job))
    return formats.find(code).check(file, {"is_filtered": "yes"})


@pytest.mark.parametrize(("code", "documents"), [("dsfinvk", 4), ("tse", 0)])
def test_a_finished_file_is_sound_and_has_an_end(office: Office, code: str, documents: int) -> None:
    job = office.makes_one(code)

    assert (job.details, job.state, job.documents) == ((), ExportState.COMPLETED, documents)
    assert job.completed_at == office.clock()
    assert job.expires_at == office.clock() + timedelta(days=7)
    assert job.bytes == len(content(office, job))
    assert faults(office, job, code) == ()


def test_equal_journals_give_equal_bytes_whenever_they_are_asked(office: Office) -> None:
    first = office.makes_one()
    office.clock.move(days=3)
    second = office.makes_one()
    assert (first.artifact, first.jws) == (second.artifact, "")

    assert isinstance(office.counter, Kiosk)
    office.counter.closes()
    office.clock.move(seconds=1)
    third = office.makes_one()
    assert third.artifact != first.artifact
    assert third.documents == 5


def test_an_audit_file_of_a_law_with_devices_has_the_closings_of_its_days(office: Office) -> None:
    job = office.asks(jobs.ExportType.AUDIT, DAY)
    run.do(office.services, office.task())
    job = office.file(job.id)

    assert (job.state, job.documents) == (ExportState.COMPLETED, 4)
    with ZipFile(office.kept(job)) as archive:
        (name,) = archive.namelist()
        archive.extract(name, office.folder)
    assert formats.find("dsfinvk").check(office.folder / name, {}) == ()
    other = office.makes_one()
    assert (office.folder / name).read_bytes() == content(office, other)


def test_a_device_that_does_not_answer_is_asked_again_later(office: Office) -> None:
    job = office.asks_one("tse")
    broken = Office(office.engine, office.folder / "moved", counter=office.counter)
    broken.services.devices = office.counter.devices()
    broken.services.devices.folder = office.folder / "nowhere"
    task = office.task()
    with pytest.raises(Unavailable):
        run.do(broken.services, task)
    assert office.file(job.id).state == ExportState.ACCEPTED

    run.do(office.services, task)
    assert office.file(job.id).state == ExportState.COMPLETED


def test_a_file_that_is_not_sound_is_not_handed_out(office: Office) -> None:
    """A device breaks its archive off in the middle and does not say so."""
    job = office.asks_one("tse")
    task = office.task()
    truncate(office)
    run.do(office.services, task)
    found = office.file(job.id)

    assert found.state == ExportState.FAILED
    assert found.error.startswith(format_file.UNSOUND.id)
    assert found.details
    assert found.completed_at == office.clock()
    assert (found.artifact, found.expires_at) == ("", None)


def truncate(office: Office) -> None:
    devices = office.counter.services.devices
    original = devices.export

    def export(device: str, wanted: object) -> object:
        whole = b"".join(original(device, wanted))  # type: ignore[arg-type]
        return iter((whole[: len(whole) // 2],))

    devices.export = export  # type: ignore[method-assign, assignment]


def test_a_worker_that_lost_its_lease_completes_nothing(office: Office) -> None:
    job = office.asks_one()
    late = office.task()
    office.clock.move(minutes=3)
    other = office.task()

    with pytest.raises(Unavailable):
        run.do(office.services, late)
    assert office.file(job.id).state == ExportState.ACCEPTED
    run.do(office.services, other)
    assert office.file(job.id).state == ExportState.COMPLETED


def test_what_a_killed_worker_left_is_no_obstacle(office: Office) -> None:
    """It had put the file there, and did not come to say so."""
    job = office.asks_one()
    office.task()
    whole = office.makes_one_beside(job)
    office.clock.move(minutes=3)
    run.do(office.services, office.task())

    found = office.file(job.id)
    assert (found.state, found.artifact) == (ExportState.COMPLETED, whole)


def test_long_silent_work_keeps_its_lease(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_RENEW", timedelta(milliseconds=5))
    office.asks_one()
    task = office.task()
    progress = JobProgress(office.services, task)
    progress.count = 7
    renewed = threading.Event()
    with progress.alive():
        for _ in range(400):
            with reading(office.engine) as tx:
                if jobs.read(tx, task.payload).documents == 7:
                    renewed.set()
                    break
            threading.Event().wait(0.01)
    assert renewed.is_set()

    office.clock.move(minutes=3)
    assert office.task().attempts == 2
    with pytest.raises(Unavailable), progress.alive():
        threading.Event().wait(0.5)


def test_a_job_that_failed_for_good_is_told_once(office: Office) -> None:
    job = office.asks_one()
    task = office.task()
    office.gives_up(task, "the disk is full\nvery full")
    office.gives_up(task, "again")

    found = office.file(job.id)
    assert (found.state, found.error, found.details) == (
        ExportState.FAILED,
        "the disk is full",
        ("very full",),
    )


def kept(office: Office) -> list[str]:
    folder = office.folder / "artifacts"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def drops(office: Office) -> int:
    """Carry out every drop that waits; gives how many."""
    count = 0
    with writing(office.engine) as tx:
        task = queue.lease(tx, office.clock())
    while task is not None:
        assert task.kind == retention.TASK_DROP
        retention.drop(office.services, task)
        count += 1
        with writing(office.engine) as tx:
            task = queue.lease(tx, office.clock())
    return count


def test_an_expired_file_goes_when_the_last_job_that_refers_to_it_has_expired(
    office: Office,
) -> None:
    first = office.makes_one()
    office.clock.move(days=1)
    second = office.makes_one()
    office.clock.move(days=6)
    assert retention.expire(office.services) == 1
    assert (drops(office), kept(office)) == (0, [first.artifact])
    assert office.file(first.id).artifact == ""

    office.clock.move(days=1)
    assert retention.expire(office.services) == 1
    assert retention.expire(office.services) == 0
    assert (drops(office), kept(office)) == (1, [])
    assert office.file(second.id).state == ExportState.COMPLETED


def test_a_job_that_comes_before_the_drop_keeps_the_file(office: Office) -> None:
    old = office.makes_one()
    job = office.asks_one()
    task = office.task()
    office.clock.move(days=7)
    assert retention.expire(office.services) == 1
    run.do(office.services, task)

    assert (drops(office), kept(office)) == (0, [old.artifact])
    assert office.file(job.id).state == ExportState.COMPLETED


def test_a_job_waits_for_a_drop_that_has_begun(office: Office) -> None:
    office.makes_one()
    office.clock.move(days=7)
    retention.expire(office.services)
    drop = office.task()
    job = office.asks_one()
    task = office.task()
    with pytest.raises(Unavailable) as caught:
        run.do(office.services, task)
    assert caught.value.code == retention.BEING_DROPPED

    retention.drop(office.services, drop)
    run.do(office.services, task)
    assert kept(office) == [office.file(job.id).artifact]


def test_a_failed_job_leaves_no_file(office: Office) -> None:
    job = office.asks_one()
    task = office.task()
    office.makes_one_beside(job)
    office.gives_up(task, "the database is gone")
    assert len(kept(office)) == 1

    assert retention.expire(office.services) == 1
    assert (drops(office), kept(office)) == (1, [])


def test_packages_stay_for_good(office: Office) -> None:
    office.asks(jobs.ExportType.EXPORT)
    run.do(office.services, office.task())
    office.clock.move(days=4_000)

    assert retention.expire(office.services) == 0
    assert len(kept(office)) == 1
