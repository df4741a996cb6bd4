"""The life of export jobs over HTTP, in every version of the contract."""

import pytest

from fiscus.api.families.export_jobs.tests.office import Office, done, refusal
from tests.support import words


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_a_new_job_is_shown_with_all_its_members(office: Office, version: int) -> None:
    entries = office.enters(2)
    job = office.creates(entries, version)

    assert job == {
        "id": job["id"],
        "companyId": office.company,
        "status": "pending",
        "numberOfItems": 2,
        "isInteractive": True,
        "vendorBasedBookkeeping": False,
        "createdAt": "2026-11-16T09:00:00Z",
        "createdBy": None,
        "startedAt": None,
        "lastUpdatedAt": "2026-11-16T09:00:00Z",
        "completedAt": None,
        "expiredAt": None,
        "expiresIn": 3600,
        "failureReason": None,
        "failureReasonType": None,
    }
    assert office.connector.get(f"/v{version}/export-jobs/{job['id']}") == {"data": job}


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_a_job_goes_the_whole_way(office: Office, version: int) -> None:
    first, second = office.enters(2)
    job = office.creates([first, second], version)["id"]
    at = f"/v{version}/export-jobs/{job}"
    started = office.tells(job, "started", version)
    assert (started.status_code, started.content) == (202, b"")
    office.premises.clock.move(minutes=2)

    answered = office.connector.put(f"{at}/items", [done(first), done(second)])
    assert [one["status"] for one in answered["data"]] == ["successful", "successful"]
    assert answered["errors"] == []
    assert office.tells(job, "completed", version).status_code == 202

    shown = office.connector.get(at)["data"]
    assert (shown["status"], shown["completedAt"]) == ("completed", "2026-11-16T09:02:00Z")
    assert shown["startedAt"] == "2026-11-16T09:00:00Z"
    late = office.connector.send("PUT", f"{at}/items", [done(first)])
    refusal(late, 422, "EXPORT_JOB_STATUS_UNPROCESSABLE")
    refusal(office.tells(job, "started", version), 422, "INVALID_EXPORT_JOB_STATUS_CHANGE")


def test_a_company_has_one_unfinished_job(office: Office) -> None:
    first, second = office.enters(2)
    office.creates([first])
    body = {"companyId": office.company, "accountingEntryIds": [second]}
    for version in (0, 1, 2, 3):
        again = office.connector.send("POST", f"/v{version}/export-jobs", body)
        refusal(again, 409, "EXPORT_ALREADY_IN_PROGRESS")


def test_entries_that_cannot_be_exported_are_all_named(office: Office) -> None:
    (entry,) = office.enters()
    strange = ["01a1e395-0000-7000-8000-000000000001", "01a1e395-0000-7000-8000-000000000002"]
    body = {"companyId": office.company, "accountingEntryIds": [strange[0], entry, strange[1]]}
    response = office.connector.send("POST", "/v3/export-jobs", body)

    message = refusal(response, 422, "ACCOUNTING_ENTRY_DOES_NOT_EXIST")
    assert "accountingEntryIds[0], accountingEntryIds[2]:" in message


def test_what_was_exported_is_not_exported_again(office: Office) -> None:
    (entry,) = office.enters()
    job = office.starts([entry])
    office.reports(job, done(entry))
    assert office.tells(job, "completed").status_code == 202
    body = {"companyId": office.company, "accountingEntryIds": [entry]}
    again = office.connector.send("POST", "/v3/export-jobs", body)

    message = refusal(again, 409, "ACCOUNTING_ENTRY_ALREADY_EXPORTED")
    assert message.startswith("accountingEntryIds[0]: ")


def test_the_newest_version_alone_wants_the_contra_account(office: Office) -> None:
    first, second = office.enters(2, contraKey="nowhere")
    body = {"companyId": office.company, "accountingEntryIds": [first]}
    refused = office.connector.send("POST", "/v3/export-jobs", body)
    refusal(refused, 400, "MISSING_CONTRA_ACCOUNTS")

    job = office.creates([first, second], 2)["id"]
    assert office.connector.get(f"/v2/export-items?job_id={job}")["data"]
    newest = office.connector.send("GET", f"/v3/export-items?job_id={job}")
    refusal(newest, 400, "MISSING_CONTRA_ACCOUNTS")


def test_ids_are_taken_in_any_case_and_by_both_names(office: Office) -> None:
    (entry,) = office.enters()
    body = {"companyId": office.company.upper(), "accountingEntryIds": [entry.upper()]}
    job = office.connector.post("/v3/export-jobs", body)["data"]
    assert (job["companyId"], job["id"]) == (office.company, job["id"].lower())

    shown = office.connector.get(f"/v3/export-jobs/{job['id'].upper()}")
    assert shown["data"] == job
    event = {"exportJobId": job["id"].upper(), "event": "started"}
    assert office.connector.send("POST", "/v3/export-job-events", event).status_code == 202
    listed = office.connector.get(f"/v3/export-jobs?companyId={office.company.upper()}")
    assert [one["id"] for one in listed["data"]] == [job["id"]]
    answered = office.connector.put(
        f"/v3/export-jobs/{job['id'].upper()}/items", [done(entry.upper())]
    )
    assert answered["data"][0]["accountingEntryId"] == entry


def test_a_closing_event_may_have_the_reason_of_an_item(office: Office) -> None:
    job = office.starts(office.enters())
    told = office.tells(
        job,
        "completed_with_errors",
        failureReason="one was refused",
        failureReasonType="accounting_system_validation_failure",
    )
    assert told.status_code == 202

    shown = office.connector.get(f"/v3/export-jobs/{job}")["data"]
    assert shown["status"] == "completed_with_errors"
    assert shown["failureReason"] == "one was refused"
    assert shown["failureReasonType"] == "validation_failure"


def test_a_job_that_rests_too_long_has_failed(office: Office) -> None:
    first, second = office.enters(2)
    job = office.starts([first, second])
    office.reports(job, done(first))
    office.premises.clock.move(seconds=3600)
    assert office.connector.get(f"/v3/export-jobs/{job}")["data"]["status"] == "in_progress"
    office.premises.clock.move(seconds=1)

    shown = office.connector.get(f"/v3/export-jobs/{job}")["data"]
    assert (shown["status"], shown["failureReasonType"]) == ("failed", "job_expired")
    assert shown["expiredAt"] == "2026-11-16T10:00:00Z"
    assert office.connector.get("/v3/export-jobs?statuses=in_progress")["data"] == []
    items = office.connector.get(f"/v3/export-jobs/{job}/items")["data"]
    assert [one["status"] for one in items] == ["successful", "abandoned"]
    refusal(office.tells(job, "completed"), 422, "INVALID_EXPORT_JOB_STATUS_CHANGE")
    assert office.creates([second])["status"] == "pending"


def test_a_report_prolongs_a_job(office: Office) -> None:
    (entry,) = office.enters()
    job = office.starts([entry])
    for _ in range(3):
        office.premises.clock.move(minutes=50)
        office.reports(job, {"accountingEntryId": entry, "status": "in_progress"})

    assert office.connector.get(f"/v3/export-jobs/{job}")["data"]["status"] == "in_progress"


def test_a_job_is_cancelled_and_what_is_left_tried_again(office: Office) -> None:
    first, second = office.enters(2)
    job = office.starts([first, second])
    office.reports(job, done(first))
    refusal(
        office.connector.send("POST", f"/v3/export-jobs/{job}:retry"), 409, "EXPORT_NOT_FINISHED"
    )
    cancelled = office.connector.post(f"/v3/export-jobs/{job}:cancel", status=200)["data"]
    assert (cancelled["status"], cancelled["failureReasonType"]) == ("failed", "canceled_by_user")
    again = office.connector.send("POST", f"/v3/export-jobs/{job}:cancel")
    refusal(again, 422, "EXPORT_JOB_STATUS_UNPROCESSABLE")

    retried = office.connector.post(f"/v3/export-jobs/{job}:retry")["data"]
    assert (retried["numberOfItems"], retried["retryOf"]) == (1, job)
    items = office.connector.get(f"/v3/export-jobs/{retried['id']}/items")["data"]
    assert [one["accountingEntryId"] for one in items] == [second]


def test_progress_counts_items_and_says_when_the_job_ends(office: Office) -> None:
    first, second = office.enters(2)
    job = office.starts([first, second])
    office.reports(job, done(first))

    assert office.connector.get(f"/v3/export-jobs/{job}/progress")["data"] == {
        "status": "in_progress",
        "numberOfItems": 2,
        "items": {"pending": 1, "in_progress": 0, "failed": 0, "successful": 1, "abandoned": 0},
        "expiresAt": "2026-11-16T10:00:00Z",
    }


def test_the_same_key_makes_one_job(office: Office) -> None:
    entries = office.enters()
    body = {"companyId": office.company, "accountingEntryIds": entries}
    first = office.connector.send("POST", "/v3/export-jobs", body, Idempotency_Key="a")
    again = office.connector.send("POST", "/v3/export-jobs", body, Idempotency_Key="a")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    other = office.connector.send(
        "POST", "/v3/export-jobs", body | {"isInteractive": False}, Idempotency_Key="a"
    )
    refusal(other, 409, "IDEMPOTENCY_KEY_CONFLICT")

    event = {"jobId": first.json()["data"]["id"], "event": "started"}
    for _ in range(2):
        told = office.connector.send("POST", "/v3/export-job-events", event, Idempotency_Key="b")
        assert (told.status_code, told.content) == (202, b"")


@pytest.mark.parametrize("version", [0, 1, 2])
def test_older_versions_list_by_either_spelling_of_status(office: Office, version: int) -> None:
    job = office.creates(office.enters())["id"]
    at = f"/v{version}/export-jobs"
    for query in ("status=pending", "statuses=pending", "statuses=failed&statuses=pending"):
        assert [one["id"] for one in office.connector.get(f"{at}?{query}")["data"]] == [job]
    for query in ("status=failed", "statuses=failed&statuses=completed"):
        assert office.connector.get(f"{at}?{query}")["data"] == []
    message = refusal(office.connector.send("GET", f"{at}?status=done"), 400, "BAD_REQUEST")
    assert message.startswith("status: ")


def test_the_newest_version_has_no_status_of_its_own(office: Office) -> None:
    message = refusal(
        office.connector.send("GET", "/v3/export-jobs?status=failed"), 400, "BAD_REQUEST"
    )
    assert message.startswith("status: is not supported here")


def test_lists_are_narrowed_by_time_and_target(office: Office) -> None:
    first, second = office.enters(2)
    one = office.creates([first])["id"]
    office.connector.post(f"/v3/export-jobs/{one}:cancel", status=200)
    office.premises.clock.move(hours=1)
    other = office.creates([second])["id"]

    def found(query: str) -> list[str]:
        return [job["id"] for job in office.connector.get(f"/v3/export-jobs?{query}")["data"]]

    assert found("") == found("targets=pull") == [one, other]
    assert found("created_after=2026-11-16T10:00:00Z") == [other]
    assert found("created_before=2026-11-16T11:00:00+01:00") == [one]
    assert found("targets=datev-extf") == []


def test_jobs_are_listed_by_register(office: Office) -> None:
    by_hand = office.creates(office.enters())["id"]
    office.connector.post(f"/v3/export-jobs/{by_hand}:cancel", status=200)
    office.till.sells(words.receipt())
    office.derives()
    said = {"includeDeleted": False, "exportStatus": ["NOT_EXPORTED"], "subTypes": ["payment"]}
    sold = office.connector.post("/v1/accounting-entries:search", said, status=200)["data"]
    register = sold[0]["registerId"]
    job = office.creates([sold[0]["id"]])["id"]

    def found(query: str) -> list[str]:
        return [one["id"] for one in office.connector.get(f"/v3/export-jobs?{query}")["data"]]

    assert found("") == [by_hand, job]
    assert found(f"registers={register.upper()}") == [job]
    assert found(f"registers={by_hand}&registers={register}&targets=pull") == [job]
    assert found(f"registers={by_hand}") == []
    wrong = office.connector.send("GET", "/v3/export-jobs?registers=A1")
    assert refusal(wrong, 400, "BAD_REQUEST").startswith("registers[0]: ")


def test_an_unknown_target_is_refused(office: Office) -> None:
    body = {"companyId": office.company, "accountingEntryIds": office.enters(), "target": "abacus"}
    message = refusal(office.connector.send("POST", "/v3/export-jobs", body), 400, "BAD_REQUEST")
    assert message.startswith("target abacus (known: datev-extf, ")
    older = office.connector.send("POST", "/v2/export-jobs", body)
    assert refusal(older, 400, "BAD_REQUEST").startswith("target: is not supported here")


@pytest.mark.parametrize("path", ["", "/items", "/progress", "/totals"])
def test_a_job_that_is_not_there_is_not_found(office: Office, path: str) -> None:
    nowhere = "01a1e395-0000-7000-8000-000000000001"
    response = office.connector.send("GET", f"/v3/export-jobs/{nowhere}{path}")
    refusal(response, 404, "EXPORT_NOT_FOUND")
    bad = office.connector.send("GET", f"/v3/export-jobs/7{path}")
    assert refusal(bad, 400, "BAD_REQUEST").startswith("jobId: ")
