from base64 import b64encode
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fiscus.exports import jobs, process
from fiscus.exports.states import ExportState
from fiscus.exports.tests.office import Office, a_kiosk
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.faults import Unavailable
from fiscus.outbox.queue import OutboxTask
from fiscus.registry.tests.builders import MASTER


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    """A shift that is closed."""
    found = a_kiosk(engine, tmp_path)
    found.sells()
    found.closes()
    return found


@pytest.fixture
def office(engine: Engine, tmp_path: Path, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose folder and database other processes find by their settings."""
    monkeypatch.setenv("FISCUS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FISCUS_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("FISCUS_MASTER_KEY", b64encode(MASTER).decode())
    return Office(engine, tmp_path, counter=kiosk)


def test_another_process_makes_the_file_that_this_one_would_have_made(office: Office) -> None:
    job = office.asks_one()
    here = office.written(job)

    process.do(office.task())

    there = office.file(job.id)
    assert there.state == ExportState.COMPLETED
    assert b"".join(office.artifacts.read(there.artifact)) == b"".join(here)


def test_what_the_other_process_failed_of_is_told(office: Office) -> None:
    task = OutboxTask(id="a", kind=jobs.TASK, payload="no such job", attempts=1)

    with pytest.raises(Unavailable) as caught:
        process.do(task)

    assert caught.value.code == process.ENDED
    assert jobs.UNKNOWN_FILE.text in str(caught.value)
