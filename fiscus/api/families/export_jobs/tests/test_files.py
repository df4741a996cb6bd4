"""Jobs whose entries become a file: made by the worker, fetched under a signed address."""

import hashlib
from urllib.parse import urlsplit

import pytest

from fiscus.api.families.export_jobs.tests.office import Json, Office, refusal
from fiscus.api.families.export_jobs.told import told
from fiscus.store.connect import reading
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import ToldEvent

TARGET = "beancount"


def written(office: Office, target: str = TARGET) -> Json:
    job = office.creates(office.enters(2), target=target)
    office.premises.work()
    found: Json = office.connector.get(f"/v3/export-jobs/{job['id']}")["data"]
    return found


def local(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_a_file_is_written_and_fetched_without_a_key(office: Office) -> None:
    job = written(office)
    assert (job["status"], job["target"], job["failureReason"]) == ("completed", TARGET, None)
    response = office.premises.http.get(local(job["file"]["url"]))

    assert response.status_code == 200
    assert hashlib.sha256(response.content).hexdigest() == job["file"]["sha256"]
    assert len(response.content) == job["file"]["bytes"]
    assert response.headers["content-disposition"].endswith(f'"{job["file"]["name"]}"')
    assert b"123.00 EUR" in response.content
    items = office.connector.get(f"/v3/export-jobs/{job['id']}/items")["data"]
    assert {one["status"] for one in items} == {"successful"}
    assert {one["externalId"] for one in items} == {job["file"]["name"]}


def test_the_address_is_good_for_a_day_and_for_this_file(office: Office) -> None:
    url = local(written(office)["file"]["url"])
    refusal(office.premises.http.get(url.partition("?")[0]), 403, "FORBIDDEN")
    refusal(office.premises.http.get(f"{url}x"), 403, "FORBIDDEN")
    office.premises.clock.move(hours=24, seconds=-1)
    assert office.premises.http.get(url).status_code == 200
    office.premises.clock.move(seconds=1)

    refusal(office.premises.http.get(url), 410, "GONE")


def test_a_file_job_keeps_no_program_from_its_own(office: Office) -> None:
    first, second = office.enters(2)
    office.creates([first], target=TARGET)
    assert office.creates([second])["status"] == "pending"
    assert [
        one["accountingEntryId"] for one in office.connector.get("/v3/export-items")["data"]
    ] == [second]


def test_older_versions_show_a_file_job_as_any_other(office: Office) -> None:
    job = written(office)
    shown = office.connector.get(f"/v2/export-jobs/{job['id']}")["data"]

    assert job.keys() - shown.keys() == {"target", "file"}


def test_a_target_that_lacks_a_setting_is_refused(office: Office) -> None:
    body = {
        "companyId": office.company,
        "accountingEntryIds": office.enters(),
        "target": "datev-extf",
    }
    response = office.connector.send("POST", "/v3/export-jobs", body)

    message = refusal(response, 422, "TARGET_NOT_CONFIGURED")
    assert "formats.datev-extf.client_number" in message


def test_what_failed_in_a_file_is_written_by_a_retry(office: Office) -> None:
    job = office.creates(office.enters(), target=TARGET)["id"]
    office.connector.post(f"/v3/export-jobs/{job}:cancel", status=200)
    again = office.connector.post(f"/v3/export-jobs/{job}:retry")["data"]
    office.premises.work()

    shown = office.connector.get(f"/v3/export-jobs/{again['id']}")["data"]
    assert (shown["status"], shown["retryOf"], "file" in shown) == ("completed", job, True)


@pytest.mark.parametrize("type_", [EventType.JOB_CREATED, EventType.RECORD_SEALED])
def test_webhooks_show_a_job_as_its_get_does(office: Office, type_: EventType) -> None:
    job = office.creates(office.enters())
    services = office.premises.services
    event = ToldEvent(
        organization=office.till.organization,
        type=type_,
        subject=job["id"],
        at=office.premises.clock.now,
        company=office.company,
    )
    with reading(services.engine) as tx:
        found = told(services, tx, event)

    assert found == (job if type_ is EventType.JOB_CREATED else None)
