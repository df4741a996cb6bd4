"""What changes something through the Export Jobs API, each once all is prepared for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from fiscus.api.families.export_jobs.tests.office import (
    Office,
    Program,
    an_entry,
    an_office,
    done,
)
from tests.support.premises import Premises

Place = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One request that changes something, once all is prepared for it. `key` is the key of the
    subject that sends it."""

    key: str
    send: Callable[[], httpx.Response]


Prepared = Callable[[Premises], Change]


def office(prepare: Callable[[Office], tuple[Program, str, str, Any]]) -> Prepared:
    """What a company's office or its connector does; `prepare` gives who, method, path, body."""

    def change(premises: Premises) -> Change:
        who, method, path, body = prepare(an_office(premises))
        return Change(key=who.key, send=lambda: who.send(method, path, body))

    return change


def export_jobs() -> dict[Place, Mapping[str, Prepared]]:
    """The operations of the Export Jobs API, the same in each of its versions."""
    found: dict[Place, Mapping[str, Prepared]] = {
        ("POST", "/v3/bookkeeping/{companyId}"): {"begun": begins_books},
        ("PUT", "/v3/bookkeeping/{companyId}"): {"changed": office(changes_books)},
        ("POST", "/v1/accounting-entries"): {
            "entered": office(lambda of: (of.owner, "POST", "/v1/accounting-entries", an_entry()))
        },
        ("PATCH", "/v1/accounting-entries/{accountingEntryId}"): {
            "note": office(lambda of: (of.owner, "PATCH", entry_of(of), {"note": "x"}))
        },
        ("DELETE", "/v1/accounting-entries/{accountingEntryId}"): {
            "gone": office(lambda of: (of.owner, "DELETE", entry_of(of), None))
        },
        ("POST", "/v3/export-jobs/{jobId}:cancel"): {
            "cancelled": office(lambda of: (of.connector, "POST", f"{job_of(of)}:cancel", None))
        },
        ("POST", "/v3/export-jobs/{jobId}:retry"): {"again": office(retries)},
    }
    for at in ("/v0", "/v1", "/v2", "/v3"):
        found[("POST", f"{at}/export-jobs")] = {"made": office(partial(makes_job, at))}
        found[("POST", f"{at}/export-job-events")] = {"started": office(partial(starts, at))}
        items = f"{at}/export-jobs/{{jobId}}/items"
        found[("PUT", items)] = {"reported": office(partial(reports, at))}
    return found


def begins_books(premises: Premises) -> Change:
    till = premises.unit().opens_shop()
    said = {"Authorization": f"Bearer {till.bearer}"}
    path = f"/v3/bookkeeping/{till.taxpayer}"
    return Change(key=till.credentials[0], send=lambda: till.http.post(path, headers=said, json={}))


def changes_books(of: Office) -> tuple[Program, str, str, Any]:
    path = f"/v3/bookkeeping/{of.company}"
    content = of.owner.get(path)["data"]
    del content["companyId"], content["derivedTo"]
    return of.owner, "PUT", path, content | {"expiresIn": 7200}


def entry_of(of: Office) -> str:
    return f"/v1/accounting-entries/{of.enters()[0]}"


def job_of(of: Office) -> str:
    return f"/v3/export-jobs/{of.starts(of.enters())}"


def retries(of: Office) -> tuple[Program, str, str, Any]:
    path = job_of(of)
    of.connector.post(f"{path}:cancel", status=200)
    return of.connector, "POST", f"{path}:retry", None


def makes_job(at: str, of: Office) -> tuple[Program, str, str, Any]:
    body = {"companyId": of.company, "accountingEntryIds": of.enters()}
    return of.connector, "POST", f"{at}/export-jobs", body


def starts(at: str, of: Office) -> tuple[Program, str, str, Any]:
    event = {"jobId": of.creates(of.enters())["id"], "event": "started"}
    return of.connector, "POST", f"{at}/export-job-events", event


def reports(at: str, of: Office) -> tuple[Program, str, str, Any]:
    (entry,) = of.enters()
    return of.connector, "PUT", f"{at}/export-jobs/{of.starts([entry])}/items", [done(entry)]
