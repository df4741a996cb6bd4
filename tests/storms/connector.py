"""A connector as its users write them, made to be killed: a process with nothing but the standard
library, which carries pull jobs into a ledger of its own and begins where a dead one left off.

    python connector.py ADDRESS KEY COMPANY LEDGER SEED

`LEDGER` is its accounting system: a file in which each entry gets a number once. It runs until it
is killed; an answer that it does not understand ends it with exit code 1.
"""

import base64
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

Json = Any

TOGETHER = 10
ENTRIES_MAX = 20
IDLE_SECONDS = 0.4
AGAIN = (429, 503)
REFUSED_SHARE = 0.03
"""So many of its entries does the ledger refuse for now."""


class Ledger:
    """The accounting system; of it only the connector knows."""

    def __init__(self, file: Path) -> None:
        self._rows = sqlite3.connect(file, timeout=60)
        self._rows.execute("PRAGMA synchronous = OFF")  # processes die here, machines do not
        self._rows.execute(
            "CREATE TABLE IF NOT EXISTS posted (number INTEGER PRIMARY KEY, entry TEXT NOT NULL)"
        )

    def find(self, entry: str) -> str:
        """Its number; empty if it is not there."""
        found = self._rows.execute("SELECT number FROM posted WHERE entry = ?", [entry]).fetchone()
        return str(found[0]) if found else ""

    def post(self, entry: str) -> str:
        with self._rows:
            return str(
                self._rows.execute("INSERT INTO posted (entry) VALUES (?)", [entry]).lastrowid
            )

    def posted(self) -> list[tuple[str, str]]:
        """Each entry with its number, as often as it was posted."""
        rows = self._rows.execute("SELECT entry, number FROM posted ORDER BY number")
        return [(entry, str(number)) for entry, number in rows]

    def close(self) -> None:
        self._rows.close()


class Service:
    """The export API, as one company's connector sees it."""

    def __init__(self, address: str, key: str, company: str) -> None:
        self.company = company
        self._http = HTTPConnection(address, timeout=60)
        user = base64.b64encode(f"{key}:".encode()).decode()
        self._headers = {"Authorization": f"Basic {user}", "Content-Type": "application/json"}

    def close(self) -> None:
        self._http.close()

    def send(self, method: str, path: str, body: Json = None) -> tuple[int, Json]:
        said = None if body is None else json.dumps(body).encode()
        while True:
            self._http.request(method, path, said, self._headers)
            answer = self._http.getresponse()
            content = answer.read()
            if answer.status not in AGAIN:
                return answer.status, json.loads(content or b"null")
            time.sleep(0.1)

    def good(self, method: str, path: str, body: Json = None, *, taken: int = 0) -> Json:
        """The answer; None if its status is `taken`: the dead connector's last request was carried
        out after all."""
        status, answer = self.send(method, path, body)
        if status == taken:
            return None
        if status not in (200, 201, 202):
            raise SystemExit(f"{method} {path} {status}: {answer}")
        return answer

    def rows(self, path: str, **query: Json) -> Iterator[Json]:
        query = {"limit": 100, **query}
        while True:
            page = self.good("GET", f"{path}?{urlencode(query, doseq=True, quote_via=quote)}")
            yield from page["data"]
            if not page["pagination"]["hasNextPage"]:
                return
            query["after"] = page["pagination"]["endCursor"]

    def unfinished_jobs(self, *targets: str) -> Iterator[Json]:
        """Of the company; of some targets only, if any are named."""
        statuses = ("pending", "in_progress")
        return self.rows(
            "/v3/export-jobs", company_id=self.company, targets=targets, statuses=statuses
        )

    def free_entries(self, limit: int) -> list[str]:
        """Entries that were not exported and that no job holds."""
        path = f"/v1/accounting-entries:search?company_id={self.company}&limit={limit}"
        wanted = {"includeDeleted": False, "exportStatus": ["NOT_EXPORTED"]}
        return [one["id"] for one in self.good("POST", path, wanted)["data"]]

    def create(self, entries: list[str], **more: str) -> bool:
        """Whether a job was made of them; not if somebody was faster with one of them."""
        body = {"companyId": self.company, "accountingEntryIds": entries, **more}
        return self.good("POST", "/v3/export-jobs", body, taken=409) is not None


class Connector:
    def __init__(self, service: Service, ledger: Ledger, random: Random) -> None:
        self.service, self.ledger, self.random = service, ledger, random

    def step(self) -> bool:
        """Work off what is there, or ask for a job; gives whether there was anything to do."""
        found = list(self.service.unfinished_jobs("pull"))
        for job in found:
            self.work_off(job)
        if found:
            return True
        entries = self.service.free_entries(self.random.randint(1, ENTRIES_MAX))
        return bool(entries) and self.service.create(entries)

    def work_off(self, job: Json) -> None:
        said = {"jobId": job["id"], "event": "started"}
        if job["status"] == "pending":
            self.service.good("POST", "/v3/export-job-events", said, taken=422)
        path = f"/v3/export-jobs/{job['id']}/items"
        waiting = [
            one["accountingEntryId"]
            for one in self.service.rows(path)
            if one["status"] in ("pending", "in_progress")
        ]
        for first in range(0, len(waiting), TOGETHER):
            some = waiting[first : first + TOGETHER]
            begun = [{"accountingEntryId": one, "status": "in_progress"} for one in some]
            self.service.good("PUT", path, begun, taken=422)
            self.service.good("PUT", path, [self.posted(job["id"], one) for one in some], taken=422)
        is_whole = all(one["status"] == "successful" for one in self.service.rows(path))
        said["event"] = "completed" if is_whole else "completed_with_errors"
        self.service.good("POST", "/v3/export-job-events", said, taken=422)

    def posted(self, job: str, entry: str) -> Json:
        """What became of it: an entry that is in the ledger already is never posted again. What is
        refused depends on the job and the entry alone: a successor is told the same."""
        number = self.ledger.find(entry)
        if not number and Random(job + entry).random() < REFUSED_SHARE:
            failed = {"status": "failed", "failureReasonType": "vendor_unknown"}
            return {"accountingEntryId": entry, **failed}
        number = number or self.ledger.post(entry)
        return {"accountingEntryId": entry, "status": "successful", "externalId": number}


def main(address: str, key: str, company: str, ledger: str, seed: str) -> None:
    service = Service(address, key, company)
    connector = Connector(service, Ledger(Path(ledger)), Random(seed))
    while True:
        if not connector.step():
            time.sleep(IDLE_SECONDS)


if __name__ == "__main__":
    main(*sys.argv[1:])
