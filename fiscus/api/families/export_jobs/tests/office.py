"""A company in Lisbon that keeps books here, its owner, and the program that exports them."""

from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from fiscus.accounting import derive
from tests.support.premises import Premises
from tests.support.till import Till

Json = dict[str, Any]

SALE_KEY = "sale/FT/P/PT/NOR"


def basic(user: str, password: str = "") -> dict[str, str]:
    said = b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {said}"}


@dataclass(kw_only=True)
class Program:
    """Whoever holds a key: the owner, or the connector. `key` is the public half of it."""

    http: httpx.Client
    headers: dict[str, str]
    key: str = ""

    def send(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str
    ) -> httpx.Response:
        said = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if raw is not None:
            return self.http.request(method, path, headers=said, content=raw)
        if body is None:
            return self.http.request(method, path, headers=said)
        return self.http.request(method, path, headers=said, json=body)

    def get(self, path: str, status: int = 200) -> Json:
        return answer(self.send("GET", path), status)

    def post(self, path: str, body: Any = None, status: int = 201, **headers: str) -> Json:
        return answer(self.send("POST", path, body, raw=None, **headers), status)

    def put(self, path: str, body: Any, status: int = 200) -> Json:
        return answer(self.send("PUT", path, body), status)


@dataclass(kw_only=True)
class Office:
    """`owner` may everything in the company's unit, `connector` has the role of that name; both are
    known by their API key."""

    premises: Premises
    till: Till
    owner: Program
    connector: Program
    company: str
    entries: list[str] = field(default_factory=list)

    def enters(self, count: int = 1, **more: Any) -> list[str]:
        """Entries that the owner enters, each of another day."""
        made = [
            self.owner.post("/v1/accounting-entries", an_entry(day=day + 1, **more))["data"]["id"]
            for day in range(len(self.entries), len(self.entries) + count)
        ]
        self.entries += made
        return made

    def derives(self) -> None:
        """The books read on to the end of the journal."""
        services = self.premises.services
        while derive.step(services.engine, services.clock) == 0:
            continue

    def creates(self, entries: list[str], version: int = 3, **more: Any) -> Json:
        body = {"companyId": self.company, "accountingEntryIds": entries, **more}
        found: Json = self.connector.post(f"/v{version}/export-jobs", body)["data"]
        return found

    def tells(self, job: str, event: str, version: int = 3, **more: Any) -> httpx.Response:
        body = {"jobId": job, "event": event, **more}
        return self.connector.send("POST", f"/v{version}/export-job-events", body)

    def starts(self, entries: list[str], **more: Any) -> str:
        job: str = self.creates(entries, **more)["id"]
        assert self.tells(job, "started").status_code == 202
        return job

    def reports(self, job: str, *updates: Json, status: int = 200) -> Json:
        return self.connector.put(f"/v3/export-jobs/{job}/items", list(updates), status)


def an_entry(day: int = 1, **more: Any) -> Json:
    """123.00 with 23 % in it, taken in: below zero."""
    line = {"net": -10000, "vat": -2300, "key": SALE_KEY, "taxCode": "NOR", "percentage": "23"}
    return {
        "bookkeepingDate": f"2026-10-{day:02}",
        "reference": f"FT A/{day}",
        "subType": "sale",
        "lines": [line],
    } | more


def done(entry: str, **more: Any) -> Json:
    return {"accountingEntryId": entry, "status": "successful", "externalId": "JE-1", **more}


def an_office(premises: Premises) -> Office:
    till = premises.unit().opens_shop()
    group = premises.group()
    group.scope = till.organization
    owner = _program(premises, group, "owner")
    owner.post(f"/v3/bookkeeping/{till.taxpayer}", {})
    connector = _program(premises, group, "connector")
    return Office(
        premises=premises, till=till, owner=owner, connector=connector, company=till.taxpayer
    )


def moved(office: Office, premises: Premises) -> Office:
    """The same office in a copy of its installation."""
    premises.units = office.premises.units
    return replace(
        office,
        premises=premises,
        till=replace(office.till, http=premises.http),
        owner=replace(office.owner, http=premises.http),
        connector=replace(office.connector, http=premises.http),
        entries=[],
    )


def _program(premises: Premises, group: Till, role: str) -> Program:
    said = {"type": "API_KEY", "name": f"books-{role}", "role": role}
    found = group.made("/subjects", said)["credentials"]
    key = f"fk_{found['key'].removeprefix('test_')}{found['secret']}"
    return Program(http=premises.http, headers=basic(key), key=found["key"])


def answer(response: httpx.Response, status: int) -> Json:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json;charset=UTF-8"
    found: Json = response.json()
    return found


def refusal(response: httpx.Response, status: int, type_: str) -> str:
    """The message of an error, which has nothing but that and its type."""
    found = answer(response, status)
    assert set(found) == {"type", "message"}
    assert found["type"] == type_, found
    message: str = found["message"]
    return message
