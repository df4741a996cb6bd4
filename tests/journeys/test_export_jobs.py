"""Export jobs from the first entry to the closing event, worked off by the connector of the page,
through crashes of the connector and of the service: nothing double, nothing missing."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.installation import SQLITE, Installation, fresh
from bench.merchant import Merchant, found

PAGE = Path(__file__).parents[2] / "docs" / "export-jobs.md"
ENTRIES = 120
WAIT_SECONDS = 60

Json = dict[str, Any]


@dataclass(kw_only=True)
class Office:
    """A service of its own, a company with entries that wait, and the connector's folder."""

    installation: Installation
    merchant: Merchant
    folder: Path
    key: str
    owner: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.installation.ports[0]}"

    @property
    def log(self) -> Path:
        return self.folder / "connector.log"

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.jsonl"

    def ask(
        self, method: str, path: str, body: Any = None, *, owner: bool = False
    ) -> httpx.Response:
        key = self.owner if owner else self.key
        said = {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}
        return httpx.request(method, self.address + path, headers=said, json=body, timeout=30)

    def get(self, path: str) -> Json:
        response = self.ask("GET", path)
        assert response.status_code == 200, response.text
        found: Json = response.json()
        return found

    def all_items(self, job: str) -> list[Json]:
        """Every page of the job's items, by cursor."""
        found, after = [], ""
        while True:
            page = self.get(f"/v3/export-jobs/{job}/items?limit=50{after}")
            found += page["data"]
            if not page["pagination"]["hasNextPage"]:
                return found
            after = f"&after={page['pagination']['endCursor']}"

    def connector(self) -> subprocess.Popen[bytes]:
        script = self.folder / "connector.py"
        script.write_text(connector_of_the_page(), "utf-8")
        clean = {name: value for name, value in os.environ.items() if name[:7] != "FISCUS_"}
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, str(script)],
                cwd=self.folder,
                env=clean | {"API": self.address, "CONNECTOR": self.key},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def posted(self) -> list[str]:
        """The entries in the ledger, line by line."""
        if not self.ledger.exists():
            return []
        lines = self.ledger.read_text("utf-8").splitlines()
        return [json.loads(line)["accountingEntryId"] for line in lines]


def connector_of_the_page() -> str:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert isinstance(code, str)
    return code


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with fresh(SQLITE, tmp_path / "service") as installation:
        installation.serve(1)
        first = installation.first()
        merchant = found(installation.caller(), first, 1)
        caller = installation.caller()
        caller.log_in(first.key, first.secret)
        said = {"type": "API_KEY", "name": "ledger", "role": "connector"}
        made = caller.say("POST", "/subjects", said, scope=merchant.organization)["credentials"]
        key = f"fk_{made['key'].removeprefix('test_')}{made['secret']}"
        folder = tmp_path / "connector"
        folder.mkdir()
        yield Office(
            installation=installation,
            merchant=merchant,
            folder=folder,
            key=key,
            owner=first.api_key,
        )


def entered(office: Office, count: int) -> list[str]:
    company = office.merchant.taxpayer
    begun = office.ask("POST", f"/v3/bookkeeping/{company}", {}, owner=True)
    assert begun.status_code == 201, begun.text
    made = []
    for number in range(count):
        body = {
            "companyId": company,
            "bookkeepingDate": "2026-03-31",
            "reference": f"FT A/{number}",
            "subType": "sale",
            "lines": [{"net": -100 - number, "account": "711"}],
        }
        response = office.ask("POST", "/v1/accounting-entries", body, owner=True)
        assert response.status_code == 201, response.text
        made.append(response.json()["data"]["id"])
    return made


def until(is_there: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Waits while the process runs. Fails if it ends before, or takes too long."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_there():
        assert process.poll() is None, "the connector has ended before it could be stopped"
        assert time.monotonic() < deadline
        time.sleep(0.002)


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.long  # a service and four connectors, each a process of its own
def test_nothing_is_double_and_nothing_missing_whoever_is_killed(office: Office) -> None:
    entries = entered(office, ENTRIES)
    body = {"companyId": office.merchant.taxpayer, "accountingEntryIds": entries}
    created = office.ask("POST", "/v3/export-jobs", body)
    assert created.status_code == 201, created.text
    job = created.json()["data"]["id"]
    again = office.ask("POST", "/v3/export-jobs", body)
    assert (again.status_code, again.json()["type"]) == (409, "EXPORT_ALREADY_IN_PROGRESS")

    first = office.connector()
    until(lambda: len(office.posted()) > ENTRIES // 4, first)
    office.installation.kill(office.installation.ports[0])
    assert first.wait(WAIT_SECONDS) != 0
    assert len(office.posted()) < ENTRIES
    port = office.installation.ports[0]
    office.installation.start(port)
    office.installation.wait(port)
    assert office.get(f"/v3/export-jobs/{job}")["data"]["status"] == "in_progress"

    second = office.connector()
    until(lambda: len(office.posted()) > ENTRIES // 2, second)
    kill(second)
    many = [{"accountingEntryId": entries[0], "status": "successful"}] * 101
    too_many = office.ask("PUT", f"/v3/export-jobs/{job}/items", many)
    assert (too_many.status_code, too_many.json()["type"]) == (413, "EXPORT_JOB_ITEMS_UPDATE_LIMIT")

    last = office.connector()
    assert last.wait(WAIT_SECONDS) == 0, office.log.read_text()
    idle = office.connector()
    assert idle.wait(WAIT_SECONDS) == 0

    assert sorted(office.posted()) == sorted(entries)
    assert office.get(f"/v3/export-jobs/{job}")["data"]["status"] == "completed"
    items = office.all_items(job)
    assert {one["accountingEntryId"] for one in items} == set(entries)
    assert {one["status"] for one in items} == {"successful"}
    lines = {entry: str(number) for number, entry in enumerate(office.posted(), 1)}
    assert {one["accountingEntryId"]: one["externalId"] for one in items} == lines
    late = office.ask("PUT", f"/v3/export-jobs/{job}/items", many[:1])
    assert (late.status_code, late.json()["type"]) == (422, "EXPORT_JOB_STATUS_UNPROCESSABLE")
    event = {"jobId": job, "event": "started"}
    closed = office.ask("POST", "/v3/export-job-events", event)
    assert (closed.status_code, closed.json()["type"]) == (422, "INVALID_EXPORT_JOB_STATUS_CHANGE")
    totals = office.get(f"/v3/export-jobs/{job}/totals")["data"]["currencies"][0]
    assert (totals["gap"], totals["unfinished"]) == (0, 0)
    assert totals["successful"] == -sum(100 + number for number in range(ENTRIES))
    exported = office.get(f"/v1/accounting-entries/{entries[0]}")["data"]
    assert exported["exportStatus"] == "EXPORTED"
    office.installation.run("verify")
