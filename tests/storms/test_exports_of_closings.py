"""Workers killed while they write a German register's closings: the file is whole, or it is not
there; and however often it was begun, it is the same file."""

import csv
import io
import os
import signal
import tarfile
import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
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
from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.berlin import a_leg, a_sale
from fiscus.api.families.reporting.tests.caller import Caller, Json, answer
from tests.storms.driver import engines, need, seed, size, told
from tests.storms.test_exports import PATIENCE_SECONDS, kill_at_work, leased

pytestmark = pytest.mark.storm

CLOSINGS = 3
TYPES = ("dsfinvk", "tse_tar")
LATEST = 1.3
"""Up to so much of the usual time later a worker is killed: some jobs are completed on the way."""
LEFT = "SELECT id FROM task WHERE kind = 'export'"
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
    begun = time.monotonic()
    with fresh(engine, tmp_path) as installation:
        installation.serve(1, "--no-worker")
        with httpx.Client(base_url=f"http://127.0.0.1:{installation.ports[0]}") as http:
            caller = a_merchant(installation, http)
            register = a_register(installation, caller)
            for _ in range(CLOSINGS):
                a_day(caller, register, sales // CLOSINGS)
            calm = [undisturbed(installation, http, caller, register, type_) for type_ in TYPES]
            wanted = {file.type: file.digest for file in calm}
            usual = {file.type: file.seconds for file in calm}
            storm = Storm(installation, caller, register, Random(chance), usual)
            storm.kills(kills)
            worker = installation.spawn("work")
            exports = [finished(caller, job) for job in storm.jobs]
            os.killpg(worker.pid, signal.SIGTERM)
            worker.wait()
            digests = [(one["type"], sha256(fetched(http, one)).hexdigest()) for one in exports]
        judge(installation, calm, sales // CLOSINGS * CLOSINGS)
        kept(installation, storm.jobs, wanted)
    assert {type_ for type_, _ in digests} == set(TYPES)
    assert [digest for type_, digest in digests if digest != wanted[type_]] == []
    told(
        capsys,
        f"B-39 closings {engine}",
        f"{storm.killed} workers killed at work over {len(storm.jobs)} exports of {sales} sales "
        f"(one job up to {max(storm.times.values())} times), seed {chance}: 0 stuck, all "
        f"completed, the same bytes as undisturbed, checked; {time.monotonic() - begun:.0f} s",
    )
    assert storm.killed == kills


class Calm(msgspec.Struct, frozen=True, kw_only=True):
    """An export that nobody disturbed, and how long it took from lease to end."""

    seconds: float
    type: str
    content: bytes

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


def undisturbed(
    installation: Installation, http: httpx.Client, caller: Caller, register: str, type_: str
) -> Calm:
    job = asked(caller, register, type_)
    worker = installation.spawn("work")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not leased(installation) and time.monotonic() < deadline:
        time.sleep(0.005)
    begun = time.monotonic()
    while leased(installation) and time.monotonic() < deadline:
        time.sleep(0.005)
    seconds = time.monotonic() - begun
    content = fetched(http, finished(caller, job))
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    return Calm(seconds=seconds, type=type_, content=content)


@dataclass
class Storm:
    """Kills workers in the middle of an export; there is always one of each type to be made.
    `usual` is how long an undisturbed one takes, in seconds by type."""

    installation: Installation
    caller: Caller
    register: str
    random: Random
    usual: Mapping[str, float]
    jobs: dict[str, str] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    killed: int = 0

    def kills(self, count: int) -> None:
        for _ in range(6 * count):
            waiting = self.waiting()
            if len(waiting) < len(TYPES):
                type_ = next(one for one in TYPES if one not in waiting.values())
                self.jobs[asked(self.caller, self.register, type_)] = type_
                waiting = self.waiting()
            # The oldest is taken first.
            oldest = min(waiting)
            seconds = LATEST * self.usual[waiting[oldest]]
            self.times[oldest] += kill_at_work(self.installation, self.random, seconds)
            self.killed = sum(self.times.values())
            if self.killed == count:
                return

    def waiting(self) -> dict[str, str]:
        """The types of the jobs that are not ended, by job."""
        left = (ids.shown("exp", row[0]) for row in rows(self.installation.database, LEFT))
        return {job: self.jobs[job] for job in left}


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


def asked(caller: Caller, register: str, type_: str = "dsfinvk") -> str:
    body = {"type": type_, "register_id": register, **WINDOW}
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


def judge(installation: Installation, calm: list[Calm], sales: int) -> None:
    """The checks of the formats find nothing; the turnover is what was sold; and the device's log
    has a start and an end for all that was sealed."""
    files = {one.type: installation.folder / f"{one.type}.tar" for one in calm}
    for one in calm:
        files[one.type].write_bytes(one.content)
    assert formats.find("dsfinvk").check(files["dsfinvk"], {}) == ()
    assert formats.find("tse").check(files["tse_tar"], {}) == ()
    cases = list(table(files["dsfinvk"], "businesscases.csv"))
    turnover = [_amount(row["Z_UMS_BRUTTO"]) for row in cases if row["GV_TYP"] == "Umsatz"]
    assert sum(turnover) == sales * Decimal("11.90")
    assert len(list(table(files["dsfinvk"], "cashpointclosing.csv"))) == CLOSINGS
    kinds = "('document@1', 'abort@1', 'closing@1')"
    query = f"SELECT count(*) FROM entry WHERE kind IN {kinds}"
    sealed = rows(installation.database, query)[0][0]
    with tarfile.open(files["tse_tar"]) as archive:
        names = archive.getnames()
    for step in ("Start", "Finish"):
        assert len([name for name in names if f"_{step}_" in name]) == sealed, names[:9]


def kept(installation: Installation, jobs: Collection[str], wanted: Mapping[str, str]) -> None:
    """No task is left, and each job names the file by its digest."""
    assert rows(installation.database, LEFT) == []
    query = "SELECT id, state, format, artifact FROM file"
    found = {ids.shown("exp", row[0]): row[1:] for row in rows(installation.database, query)}
    digests = {"dsfinvk": wanted["dsfinvk"], "tse": wanted["tse_tar"]}
    wrong = [job for job in jobs if found[job][0] != "COMPLETED"]
    wrong += [job for job in jobs if found[job][2] != digests[found[job][1]]]
    assert wrong == []


def table(file: Path, name: str) -> Any:
    with tarfile.open(file) as archive:
        member = archive.extractfile(name)
        assert member is not None
        text = member.read().decode("utf-8")
    return csv.DictReader(io.StringIO(text), delimiter=";")


def _amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
