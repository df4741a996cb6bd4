"""Workers killed while they write a German register's closings: the file is whole, or it is not
there; and however often it was begun, it is the same file."""

import csv
import io
import os
import signal
import tarfile
import time
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec
import pytest

from bench.installation import Installation, fresh
from bench.judge import rows
from fiscus import formats
from fiscus.api.reporting.tests.berlin import a_leg, a_sale
from fiscus.api.reporting.tests.caller import Caller, Json, answer
from tests.storms.driver import engines, need, seed, size, told
from tests.storms.test_exports import PATIENCE_SECONDS, kill_at_work

pytestmark = pytest.mark.storm

CLOSINGS = 3
WINDOW = {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}


class First(msgspec.Struct):
    """The key that `fiscus init --json` prints."""

    api_key: str


@engines
def test_killed_workers_leave_no_job_stuck_and_no_file_wrong(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need(engine)
    sales, kills, chance = size("CLOSED", 60, 600), size("CLOSING_KILLS", 4, 200), seed()
    random = Random(chance)
    with fresh(engine, tmp_path) as installation:
        installation.serve(1, "--no-worker")
        with httpx.Client(base_url=f"http://127.0.0.1:{installation.ports[0]}") as http:
            caller = a_merchant(installation, http)
            register = a_register(installation, caller)
            for _ in range(CLOSINGS):
                a_day(caller, register, sales // CLOSINGS)
            jobs, killed = kill_workers(installation, caller, register, kills, random)
            worker = installation.spawn("work")
            exports = [finished(caller, job) for job in jobs]
            os.killpg(worker.pid, signal.SIGTERM)
            worker.wait()
            contents = [fetched(http, export) for export in exports]
    judge(tmp_path, contents, sales // CLOSINGS * CLOSINGS)
    told(
        capsys,
        f"exports of closings {engine}",
        f"{killed} workers killed at work over {len(jobs)} exports of {sales} sales, seed "
        f"{chance}: all completed, all the same {len(contents[0])} bytes, checked",
    )
    assert killed == kills


def a_merchant(installation: Installation, http: httpx.Client) -> Caller:
    key = msgspec.json.decode(installation.run("init", "--json"), type=First).api_key
    return Caller(http=http, key=key).opens_merchant()


def a_register(installation: Installation, caller: Caller) -> str:
    register = caller.opens_register()
    caller.fiscalizes(register)
    worker = installation.spawn("work")
    path = f"/registers/{register['id']}"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while caller.get(path)["fiscalization_status"] != "fiscalized":
        assert time.monotonic() < deadline, installation.log_end()
        time.sleep(0.1)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    return str(register["id"])


_keys = count(1)


def a_day(caller: Caller, register: str, sales: int) -> None:
    """A cash session with so many sales, from its opening to its closing."""
    opening = {"type": "session_open", "currency": "EUR", "opening_balance_amount": "50.00"}
    operate(caller, register, opening)
    for _ in range(sales):
        sale = operate(caller, register, a_sale())
        path = f"/operations/{sale['id']}/complete"
        body = {"payments": [a_leg(sale["total_amount"])]}
        headers = {"Idempotency_Key": f"till-{next(_keys)}", "If_Match": '"1"'}
        answer(caller.send("POST", path, body, raw=None, **headers), 200)
    operate(caller, register, {"type": "session_close"})


def operate(caller: Caller, register: str, body: Json) -> Json:
    body = {"register_id": register} | body
    key = f"till-{next(_keys)}"
    return answer(caller.send("POST", "/operations", body, raw=None, Idempotency_Key=key), 201)


def kill_workers(
    installation: Installation, caller: Caller, register: str, kills: int, random: Random
) -> tuple[list[str], int]:
    """Kill so many workers in the middle of an export; there is always one to be made."""
    jobs: list[str] = []
    killed = 0
    for _ in range(6 * kills):
        waiting = rows(installation.database, "SELECT id FROM task WHERE kind = 'export'")
        if len(waiting) < 2:
            jobs.append(asked(caller, register))
        killed += kill_at_work(installation, random, patience=0.2)
        if killed == kills:
            break
    return jobs, killed


def asked(caller: Caller, register: str) -> str:
    body = {"type": "dsfinvk", "register_id": register, **WINDOW}
    return str(answer(caller.send("POST", "/exports", body), 202)["id"])


def finished(caller: Caller, job: str) -> Json:
    """The job, once it has an end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    export = caller.get(f"/exports/{job}")
    while export["status"] == "pending":
        assert time.monotonic() < deadline, f"{job} is stuck"
        time.sleep(0.1)
        export = caller.get(f"/exports/{job}")
    assert export["status"] == "completed", export["error"]
    return export


def fetched(http: httpx.Client, export: Json) -> bytes:
    response = http.get(export["download_url"])
    assert response.status_code == 200, response.text
    return response.content


def judge(folder: Path, contents: list[bytes], sales: int) -> None:
    """All files are one, the check of the format finds nothing, and the turnover is what was
    sold."""
    assert set(contents) == {contents[0]}
    file = folder / "export.tar"
    file.write_bytes(contents[0])
    assert formats.find("dsfinvk").check(file, {}) == ()
    cases = list(table(file, "businesscases.csv"))
    turnover = [_amount(row["Z_UMS_BRUTTO"]) for row in cases if row["GV_TYP"] == "Umsatz"]
    assert sum(turnover) == sales * Decimal("11.90")
    assert len(list(table(file, "cashpointclosing.csv"))) == CLOSINGS


def table(file: Path, name: str) -> Any:
    with tarfile.open(file) as archive:
        member = archive.extractfile(name)
        assert member is not None
        text = member.read().decode("utf-8")
    return csv.DictReader(io.StringIO(text), delimiter=";")


def _amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
