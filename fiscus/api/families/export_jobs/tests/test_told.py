"""What a subscriber is told of export jobs, over real HTTP: what this family's GET shows."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus.api.families.export_jobs.tests.office import Office, an_office, done
from fiscus.webhooks.tests.receiver import Receiver, listening
from tests.support.premises import Model, opened

TOLD = ("created", "started", "completed", "completed_with_errors", "failed")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture
def office(model: Model, receiver: Receiver, tmp_path: Path) -> Iterator[Office]:
    """With an owner who is told of jobs."""
    allowed = f"127.0.0.1:{receiver.port}"
    with opened(model, tmp_path / "data", webhook_private_targets=allowed) as premises:
        found = an_office(premises)
        types = [f"v1.export-job.{one}" for one in TOLD]
        wanted = {"endpointUrl": receiver.url, "eventTypes": types}
        response = found.owner.send("POST", "/v1/subscriptions", wanted)
        assert response.status_code == 200, response.text
        yield found


def test_each_step_of_a_job_is_told_with_the_job_as_its_get_shows_it(
    office: Office, receiver: Receiver
) -> None:
    [entry] = office.enters()
    job = office.creates([entry])["id"]
    shown = []

    def looks() -> None:
        office.premises.work()
        shown.append(office.connector.get(f"/v3/export-jobs/{job}")["data"])

    looks()
    assert office.tells(job, "started").status_code == 202
    looks()
    office.reports(job, done(entry))
    assert office.tells(job, "completed").status_code == 202
    looks()

    bodies = [json.loads(one.body) for one in receiver.received]
    assert [one["payload"]["eventType"] for one in bodies] == [
        "v1.export-job.created",
        "v1.export-job.started",
        "v1.export-job.completed",
    ]
    assert [one["payload"]["data"] for one in bodies] == shown
    assert {one["payload"]["data"]["id"] for one in bodies} == {job}
    assert {one["payload"]["data"]["companyId"] for one in bodies} == {office.company}
    assert all(one["data"] == one["payload"]["data"] for one in bodies)


def test_a_job_whose_file_is_written_is_told_without_an_address(
    office: Office, receiver: Receiver
) -> None:
    job = office.creates(office.enters(), target="beancount")["id"]
    office.premises.work()

    bodies = [json.loads(one.body)["payload"] for one in receiver.received]
    assert {one["eventType"] for one in bodies} == {  # in whichever order: they are of one moment
        "v1.export-job.created",
        "v1.export-job.started",
        "v1.export-job.completed",
    }
    assert {(one["data"]["id"], one["data"]["target"]) for one in bodies} == {(job, "beancount")}
    assert "url" not in json.dumps(bodies)
