"""B-39, where a server has its exports made by another process: whichever of the two is killed in
the middle, the file is made once, it is the same file, and nothing of the dead stays behind."""

import os
import signal
import time
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine

from bench.installation import Installation, fresh
from bench.judge import rows
from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.caller import Caller
from fiscus.exports.warm import AT_WORK
from fiscus.store.schema import TASK
from tests.storms.driver import engines, need, size, told
from tests.storms.test_exports import PATIENCE_SECONDS
from tests.storms.test_exports_of_closings import (
    LEFT,
    a_day,
    a_merchant,
    a_register,
    asked,
    fetched,
    finished,
)

pytestmark = pytest.mark.storm


@engines
def test_whichever_process_dies_the_file_is_made_once_and_nothing_stays(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need(engine)
    rounds = size("APART", 1, 20)
    begun = time.monotonic()
    with fresh(engine, tmp_path) as installation:
        installation.serve(1, "--no-worker")
        port = installation.ports[0]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
            caller = a_merchant(installation, http)
            register = a_register(installation, caller)
            a_day(caller, register, size("APART_SALES", 40, 400))
            restarted(installation)
            calm = made(installation, http, caller, asked(caller, register))
            for kill in (kill_exporter, kill_server, kill_both, replace_both) * rounds:
                job = asked(caller, register)
                kill(installation, at_work(installation))
                assert made(installation, http, caller, job) == calm, kill.__name__
        artifacts = rows(installation.database, "SELECT DISTINCT artifact FROM file")
        installation.run("verify")
    assert artifacts == [(calm,)]
    told(
        capsys,
        f"B-39 apart {engine}",
        f"{4 * rounds} exports lost their process, their server or both: all completed with the "
        f"same SHA-256, no process and no draft left; {time.monotonic() - begun:.0f} s",
    )


def kill_exporter(installation: Installation, exporter: int) -> None:
    """The server notices, and has it made again some seconds later."""
    os.kill(exporter, signal.SIGKILL)


def kill_server(installation: Installation, exporter: int) -> None:
    """The exporter is left alone, and brings it to its end."""
    (port,) = installation.processes
    os.kill(installation.processes[port].pid, signal.SIGKILL)
    installation.processes[port].wait()
    restarted(installation)


def kill_both(installation: Installation, exporter: int) -> None:
    (port,) = installation.processes
    installation.kill(port)
    let_go(installation)
    restarted(installation)


def replace_both(installation: Installation, exporter: int) -> None:
    """The server dies, and its exporter sleeps until others have done the work of both."""
    os.kill(exporter, signal.SIGSTOP)
    (port,) = installation.processes
    os.kill(installation.processes[port].pid, signal.SIGKILL)
    installation.processes[port].wait()
    let_go(installation)
    restarted(installation)
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while rows(installation.database, LEFT) or exporters(installation) != [exporter]:
            assert time.monotonic() < deadline, installation.log_end()
            time.sleep(0.05)
    finally:
        os.kill(exporter, signal.SIGCONT)


def restarted(installation: Installation) -> None:
    """A new server at the same port, one that has exports made."""
    (port,) = installation.processes
    if installation.processes[port].poll() is None:
        installation.kill(port)
    installation.start(port)
    installation.wait(port)


def let_go(installation: Installation) -> None:
    """End all leases now, instead of waiting for two minutes."""
    engine = create_engine(installation.database)
    with engine.begin() as tx:
        tx.execute(TASK.update().values(due_at="2000-01-01T00:00:00.000000Z", attempts=0))
    engine.dispose()


def at_work(installation: Installation) -> int:
    """The process that makes an export, once it has begun to write."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := exporters(installation)) or not drafts(installation):
        assert time.monotonic() < deadline, installation.log_end()
        time.sleep(0.002)
    (exporter,) = found
    return exporter


def made(installation: Installation, http: httpx.Client, caller: Caller, job: str) -> str:
    """The digest of the job's file, once it is completed and everybody who made it has gone."""
    content = fetched(http, finished(caller, job))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while exporters(installation):
        assert time.monotonic() < deadline, "an exporter lives on"
        time.sleep(0.05)
    assert drafts(installation) == []
    assert rows(installation.database, LEFT) == []
    digest = sha256(content).hexdigest()
    number = ids.read("exp", job)
    query = f"SELECT state, artifact FROM file WHERE id = '{number}'"
    assert rows(installation.database, query) == [("COMPLETED", digest)]
    return digest


def drafts(installation: Installation) -> list[Path]:
    return list((installation.folder / "data" / "artifacts").glob(".draft-*"))


def exporters(installation: Installation) -> list[int]:
    """The processes that make exports of this installation; who waits for some is none."""
    data = f"FISCUS_DATA_DIR={installation.folder / 'data'}".encode()
    return [
        int(place.name)
        for place in Path("/proc").iterdir()
        if place.name.isdigit()
        and said(place / "comm") == [f"{AT_WORK}\n".encode()]
        and data in said(place / "environ")
    ]


def said(file: Path) -> list[bytes]:
    """What the system says of a process; nothing of one that has gone."""
    try:
        return file.read_bytes().rstrip(b"\0").split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return []
