"""The pages of export jobs over the running service: what failed and why, another try, and whether
the books are complete."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from fiscus.api.families.export_jobs.tests.office import Office, an_office, done, moved
from fiscus.console.tests.conftest import Browser
from fiscus.registry.roles import Role
from tests.support import words
from tests.support.premises import Model, Premises, continued, opened

DATEV = "datev-extf"


@pytest.fixture(scope="module")
def office_model(
    model: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, Office]]:
    with continued(model, tmp_path_factory.mktemp("office") / "data", an_office) as found:
        yield found


@pytest.fixture
def premises(office_model: tuple[Model, Office], tmp_path: Path) -> Iterator[Premises]:
    with opened(office_model[0], tmp_path / "data") as found:
        yield found


@pytest.fixture
def office(premises: Premises, office_model: tuple[Model, Office]) -> Office:
    """A company in Lisbon that keeps books."""
    return moved(office_model[1], premises)


@pytest.fixture
def console(office: Office) -> Browser:
    """The owner of the company, signed in."""
    nobody = Browser(
        premises=office.premises,
        organization=office.till.organization,
        cookies=httpx.Cookies(),
    )
    return nobody.as_(Role.OWNER)


def failed(office: Office) -> str:
    """A job of three entries: one went through, one failed, of one nothing was said."""
    one, two, three = office.enters(3)
    job = office.starts([one, two, three])
    office.reports(
        job,
        done(one),
        {
            "accountingEntryId": two,
            "status": "failed",
            "failureReason": "No account <7> in Sage",
            "failureReasonType": "account_unknown",
        },
    )
    return job


def test_a_job_that_runs_shows_how_far_it_is(office: Office, console: Browser) -> None:
    job = failed(office)

    page = console.get(f"/console/jobs/{job}").text
    assert "being worked off" in page
    assert "Look again" in page
    assert console.get(f"/console/jobs/{job}/progress").json() == {"is_over": False, "count": 2}
    office.tells(job, "completed_with_errors")
    assert console.get(f"/console/jobs/{job}/progress").json() == {"is_over": True, "count": 3}


def test_failed_items_come_first_with_their_reason(office: Office, console: Browser) -> None:
    job = failed(office)

    page = console.get(f"/console/jobs/{job}").text

    assert "No account &lt;7&gt; in Sage" in page
    assert "account_unknown" in page
    assert page.count('<th scope="row">FT A/') == 1
    every = console.get(f"/console/jobs/{job}?status=any").text
    assert every.count('<th scope="row">FT A/') == 3
    assert every.count("account 2117 stands for the clearing of the tills here") == 1
    assert "For all items shown here:" in every
    assert ">Sale</td>" in every
    assert "<code>sale</code>" not in every
    german = replace(console, language="de")
    assert "das Konto 2117 steht hier" in german.get(f"/console/jobs/{job}?status=any").text
    waiting = console.get(f"/console/jobs/{job}?status=pending").text
    assert waiting.count('<th scope="row">FT A/') == 1
    none = console.get(f"/console/jobs/{job}?status=abandoned").text
    assert "No item is in this state" in none


def test_what_is_left_is_tried_again_in_a_job_of_its_own(office: Office, console: Browser) -> None:
    job = failed(office)
    office.tells(job, "failed", failureReason="Sage did not answer")
    page = console.get(f"/console/jobs/{job}").text
    assert "Sage did not answer" in page
    assert "2 entries were not exported" in page

    answer = console.post(f"/console/jobs/{job}/act", {"act": "retry"})

    assert answer.status_code == 303
    again = console.get(answer.headers["location"]).text
    assert "an earlier job" in again
    assert f"/console/jobs/{job}" in again
    [shown] = [one for one in office.connector.get("/v3/export-jobs")["data"] if one["id"] != job]
    assert answer.headers["location"].endswith(shown["id"])
    assert shown["numberOfItems"] == 2
    office.premises.assert_proved()


def test_a_job_without_anything_left_says_so_instead_of_failing(
    office: Office, console: Browser
) -> None:
    [one] = office.enters(1)
    job = office.starts([one])
    office.reports(job, done(one))
    office.tells(job, "completed")

    assert "Try again" not in console.get(f"/console/jobs/{job}").text
    answer = console.post(f"/console/jobs/{job}/act", {"act": "retry"})
    assert answer.status_code == 409
    assert "BOOKS-JOB-12" in answer.text


def test_a_job_is_canceled(office: Office, console: Browser) -> None:
    job = failed(office)

    assert console.post(f"/console/jobs/{job}/act", {"act": "cancel"}).status_code == 303
    page = console.get(f"/console/jobs/{job}").text
    assert "canceled_by_user" in page
    again = console.post(f"/console/jobs/{job}/act", {"act": "cancel"})
    assert again.status_code == 409


def test_the_file_of_a_job_is_downloaded_within_the_session(
    office: Office, console: Browser
) -> None:
    job = office.creates(office.enters(2), target="ledger")["id"]
    assert console.get(f"/console/jobs/{job}/file").status_code == 404
    office.premises.work()

    page = console.get(f"/console/jobs/{job}").text
    assert "SHA-256" in page
    file = console.get(f"/console/jobs/{job}/file")
    assert file.status_code == 200
    assert "FT A/1" in file.text
    assert file.headers["content-disposition"].startswith('attachment; filename="')


def test_jobs_are_listed_filtered_and_paged(office: Office, console: Browser) -> None:
    assert "no export job yet" in console.get("/console/jobs").text
    for _ in range(28):
        office.creates(office.enters(1, bookkeepingDate="2026-10-01"), target="ledger")
        office.premises.work()

    row = re.compile(r'<th scope="row"><a href="/console/jobs/([^"]+)"')
    first = console.get("/console/jobs").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = console.get(older[1].replace("&amp;", "&")).text
    assert len(row.findall(first)) == 25
    assert len(row.findall(second)) == 3
    assert len({*row.findall(first), *row.findall(second)}) == 28
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer
    back = console.get(newer[1].replace("&amp;", "&")).text
    assert row.findall(back) == row.findall(first)
    assert "No job fits this filter" in console.get("/console/jobs?status=failed").text


def test_the_scopes_of_the_api_decide_who_sees_and_does_what(
    office: Office, console: Browser
) -> None:
    job = failed(office)
    paths = {
        "/console/jobs": {Role.OWNER, Role.CONNECTOR},
        f"/console/jobs/{job}": {Role.OWNER, Role.CONNECTOR},
        f"/console/jobs/{job}/progress": {Role.OWNER, Role.CONNECTOR},
        "/console/books": {Role.OWNER, Role.MANAGER, Role.AUDITOR},
    }
    for role in Role:
        visitor = console.as_(role)
        for path, allowed in paths.items():
            expected = 200 if role in allowed else 403
            assert visitor.get(path).status_code == expected, (role, path)
        acted = visitor.post(f"/console/jobs/{job}/act", {"act": "retry"}).status_code
        assert acted == (409 if role in (Role.OWNER, Role.CONNECTOR) else 403), role


def test_another_tenant_finds_nothing(office: Office, console: Browser) -> None:
    job = failed(office)
    other = console.as_(Role.OWNER, office.premises.unit("Outra Padaria").organization)

    for path in (f"/console/jobs/{job}", f"/console/jobs/{job}/progress"):
        assert other.get(path).status_code == 404
    assert other.post(f"/console/jobs/{job}/act", {"act": "cancel"}).status_code == 404
    assert job not in other.get("/console/jobs").text
    days = "first=2026-11-01&last=2026-11-02"
    assert other.get(f"/console/books?company={office.company}&{days}").status_code == 404


def test_a_form_without_its_token_does_nothing(office: Office, console: Browser) -> None:
    job = failed(office)

    answer = console.post(f"/console/jobs/{job}/act", {"act": "cancel", "csrf": "0" * 64})

    assert answer.status_code == 422
    assert "being worked off" in console.get(f"/console/jobs/{job}").text


def test_the_report_says_whether_the_books_are_complete(office: Office, console: Browser) -> None:
    office.till.sells(words.receipt())
    days = f"company={office.company}&first=2026-11-16&last=2026-11-16"

    early = console.get(f"/console/books?{days}").text
    assert "not complete" in early
    office.derives()
    page = console.get(f"/console/books?{days}").text
    assert "Counted here: what bears money and is to be booked, each cancellation too." in page
    assert "Complete and right" in page
    assert "Revenue and VAT by rate" in page


def test_a_report_wants_days_and_names_all_that_is_wrong(console: Browser) -> None:
    def wrong(query: str) -> set[str]:
        answer = console.get(f"/console/books?{query}")
        assert answer.status_code == 422
        return set(re.findall(r'id="e-(\w+)"', answer.text))

    assert wrong("first=x&last=y") == {"first", "last"}
    assert wrong("first=2026-11-02&last=2026-11-01") == {"last"}
    assert wrong("first=2020-01-01&last=2026-01-01") == {"last"}
    assert console.get("/console/books").status_code == 200


def test_a_link_reports_on_its_days_alone(office: Office, console: Browser) -> None:
    link = console.by_link(office.premises.clock().date(), office.premises.clock().date())
    company = f"company={office.company}"

    inside = link.get(f"/console/books?{company}&first=2026-11-16&last=2026-11-16")
    outside = link.get(f"/console/books?{company}&first=2026-11-15&last=2026-11-17")
    assert inside.status_code == 200
    assert outside.status_code == 422
    assert set(re.findall(r'id="e-(\w+)"', outside.text)) == {"first", "last"}


def test_the_entries_of_a_document_are_shown(office: Office, console: Browser) -> None:
    record = office.till.sells(words.receipt())["id"]
    path = f"/console/books/documents/{record}"
    assert "No accounting entry was made" in console.get(path).text

    office.derives()

    page = console.get(path).text
    assert "Lines: debit is positive" in page
    assert re.search(r"Together they come to [^<]*0\.00", page)
    assert console.as_(Role.CONNECTOR).get(path).status_code == 200
    other = console.as_(Role.OWNER, office.premises.unit("Outra Padaria").organization)
    assert other.get(path).status_code == 404
