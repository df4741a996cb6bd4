"""What a shop has that pages show: made or found over HTTP, by the names of the table of pages."""

import json
import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from bench.installation import Installation
from fiscus.registry.roles import Role
from tests.support.till import Json, Till

Found = TypeVar("Found")

WAIT_SECONDS, BOOKED_SECONDS = 60, 15
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


def of_shop(
    installation: Installation, http: httpx.Client, organization: str, subjects: dict[Role, Json]
) -> dict[str, str]:
    """Ids by name. An export is waited for; a job of some entries is begun, of which one fails."""
    owner = _speaking(http, subjects[Role.OWNER])
    system = owner.listed("/systems")[0]["id"]
    closing = _closed(http, subjects[Role.MANAGER], system)
    shown = ("receipts", "list", "--organization", organization, "--limit", "5", "--json")
    receipts = json.loads(installation.run(*shown))
    kinds = {one["type"]: one["id"] for one in _records(owner)}
    return {
        "receipt": receipts[-1]["record"],
        "token": receipts[-1]["address"].rpartition("/")[2],
        "newest": receipts[0]["record"],
        "correction": kinds.get("TRANSACTION::CORRECTION", receipts[0]["record"]),
        "cancellation": kinds.get("TRANSACTION::CANCELLATION", receipts[0]["record"]),
        "register": system,
        "closing": closing,
        "series": owner.listed("/series")[0]["id"],
        "export": _exported(owner),
        "job": _job(owner),
        "subject": subjects[Role.TILL]["id"],
        "organization": organization,
    }


def _speaking(http: httpx.Client, subject: Json) -> Till:
    said = subject["credentials"]
    return Till(http=http).with_token(said["key"], said["secret"])


def _records(owner: Till) -> list[Json]:
    return [one["content"] for page in owner.pages("/records") for one in page["results"]]


def _closed(http: httpx.Client, manager: Json, register: str) -> str:
    """The day is closed on the page, unless it is already; gives the id of the newest closing."""
    said = manager["credentials"]
    page = f"/console/registers/{register}"
    with httpx.Client(base_url=http.base_url, timeout=30) as browser:
        browser.post("/console/sign-in", data={"key": said["key"], "secret": said["secret"]})
        form = browser.get(f"{page}/close").text
        token = _CSRF.search(form)
        assert token is not None, form
        browser.post(f"{page}/close", data={"csrf": token[1]})
        shown = browser.get(page).text
    found = re.search(rf"{page}/closings/([0-9a-f-]+)/z\.pdf", shown)
    return found[1] if found else ""


def _exported(owner: Till) -> str:
    owner = owner.speaking("2026-06-01")
    today = time.strftime("%Y-%m-%d", time.gmtime())
    asked = owner.made("/files", {"type": "EXPORT", "range": {"from": today, "to": today}})

    def look() -> str | None:
        [file] = [one for one in owner.listed("/files") if one["id"] == asked["id"]]
        return str(file["id"]) if file["state"] == "COMPLETED" else None

    return awaited("an export", look)


def _job(owner: Till) -> str:
    """One item went through, one failed, of the others nothing was said yet."""
    company = owner.listed("/taxpayers")[0]["id"]
    _asked(owner, "POST", f"/v3/bookkeeping/{company}", {}, (200, 201, 409))
    wish = {"includeDeleted": False, "exportStatus": ["NOT_EXPORTED"]}

    def look() -> list[str] | None:
        search = f"/v1/accounting-entries:search?company_id={company}"
        return [one["id"] for one in _asked(owner, "POST", search, wish)["data"]][:5] or None

    try:
        entries = awaited("entries in the books", look, BOOKED_SECONDS)
    except TimeoutError:  # the month was handed over already
        jobs = _asked(owner, "GET", "/v3/export-jobs", None)["data"]
        return str(jobs[0]["id"])
    job = _asked(
        owner, "POST", "/v3/export-jobs", {"companyId": company, "accountingEntryIds": entries}
    )["data"]["id"]
    _asked(owner, "POST", "/v3/export-job-events", {"jobId": job, "event": "started"}, (202,))
    items: list[Json] = [
        {"accountingEntryId": entries[0], "status": "successful", "externalId": "JE-1"},
        {
            "accountingEntryId": entries[-1],
            "status": "failed",
            "failureReason": "No account <7100> in the accounting system",
            "failureReasonType": "account_unknown",
        },
    ]
    _asked(owner, "PUT", f"/v3/export-jobs/{job}/items", items[-len(entries) :])
    return str(job)


def _asked(
    owner: Till, method: str, path: str, body: Any, good: tuple[int, ...] = (200, 201)
) -> Json:
    headers = {"Authorization": f"Bearer {owner.bearer}"}
    response = owner.http.request(method, path, headers=headers, json=body)
    assert response.status_code in good, f"{method} {path}: {response.text}"
    found: Json = response.json() if response.content else {}
    return found


def awaited(what: str, look: Callable[[], Found | None], seconds: float = WAIT_SECONDS) -> Found:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    raise TimeoutError(f"{what}: not within {seconds} seconds")
