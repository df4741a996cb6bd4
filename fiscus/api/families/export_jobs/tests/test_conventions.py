"""What every endpoint of the family answers: credentials, roles, queries, headers, pages."""

from typing import Any

import pytest

from fiscus.api.families.export_jobs.tests.office import (
    Office,
    Program,
    answer,
    basic,
    done,
    refusal,
)
from tests.support.premises import Premises


def test_a_bearer_token_and_an_api_key_open_the_same(office: Office) -> None:
    job = office.creates(office.enters())["id"]
    group = office.premises.group()
    bearer = Program(http=office.premises.http, headers={"Authorization": f"Bearer {group.bearer}"})

    assert bearer.get(f"/v3/export-jobs/{job}") == office.connector.get(f"/v3/export-jobs/{job}")


def test_key_and_secret_may_be_user_and_password(office: Office) -> None:
    first = office.premises.first
    program = Program(http=office.premises.http, headers=basic(first.key, first.secret))

    assert program.get("/v3/export-jobs")["data"] == []
    one_word = Program(http=office.premises.http, headers=basic(first.api_key))
    assert one_word.get("/v3/export-jobs")["data"] == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic x"},
        {"Authorization": "Basic eDo="},
        {"Authorization": "Digest x"},
        basic("fk_" + "a" * 77),
        basic("test_" + "a" * 34, "b" * 43),
    ],
)
def test_a_wrong_credential_is_refused(premises: Premises, headers: dict[str, str]) -> None:
    for path in ("/v0/export-jobs", "/v3/export-items", "/v1/accounting-entries/7"):
        refusal(Program(http=premises.http, headers=headers).send("GET", path), 401, "UNAUTHORIZED")


def test_a_key_that_is_stopped_opens_nothing(office: Office) -> None:
    assert office.connector.get("/v3/export-jobs")["data"] == []
    group = office.premises.group()
    group.scope = office.till.organization
    connector = next(one for one in group.listed("/subjects") if one["name"] == "books-connector")
    group.changed(f"/subjects/{connector['id']}", {"state": "DISABLED"})
    office.premises.services.subjects.forget(connector["id"])

    refusal(office.connector.send("GET", "/v3/export-jobs"), 401, "UNAUTHORIZED")


def test_a_role_that_may_not_is_told_who_may(office: Office) -> None:
    manager = Program(
        http=office.premises.http, headers={"Authorization": f"Bearer {office.till.bearer}"}
    )
    message = refusal(manager.send("GET", "/v3/export-jobs"), 403, "FORBIDDEN")
    assert "'export-jobs:read'" in message
    assert "connector" in message
    books = f"/v3/bookkeeping/{office.company}"
    refusal(office.connector.send("GET", books), 403, "FORBIDDEN")
    assert manager.get(books)["data"]["companyId"] == office.company


def test_others_see_nothing_of_it(office: Office) -> None:
    entries = office.enters()
    job = office.creates(entries)["id"]
    other = office.premises.unit("Another")
    group = office.premises.group()
    group.scope = other.organization
    said = {"type": "API_KEY", "name": "strangers", "role": "connector"}
    found = group.made("/subjects", said)["credentials"]
    stranger = Program(http=office.premises.http, headers=basic(found["key"], found["secret"]))

    assert stranger.get("/v3/export-jobs")["data"] == []
    assert stranger.get("/v3/export-items")["data"] == []
    missing = "EXPORT_NOT_FOUND"
    refusal(stranger.send("GET", f"/v3/export-jobs/{job}"), 404, missing)
    refusal(stranger.send("GET", f"/v3/export-items?job_id={job}"), 404, missing)
    refusal(stranger.send("PUT", f"/v3/export-jobs/{job}/items", [done(entries[0])]), 404, missing)
    event = {"jobId": job, "event": "started"}
    refusal(stranger.send("POST", "/v3/export-job-events", event), 404, missing)
    body = {"companyId": office.company, "accountingEntryIds": entries}
    refusal(stranger.send("POST", "/v3/export-jobs", body), 404, "COMPANY_NOT_FOUND")
    entry = f"/v1/accounting-entries/{entries[0]}"
    refusal(stranger.send("GET", entry), 404, "ACCOUNTING_ENTRY_NOT_FOUND")


def test_what_is_wrong_in_a_body_is_named_at_every_place(office: Office) -> None:
    body = {"accountingEntryIds": ["x"], "companyId": 7, "isInteractive": "yes", "more": 1}
    response = office.connector.send("POST", "/v2/export-jobs", body)

    message = refusal(response, 400, "BAD_REQUEST")
    for place in ("accountingEntryIds[0]:", "companyId:", "isInteractive:", "more:"):
        assert place in message
    assert "[EXPORTJOBS-BODY-01]" in message
    nothing = office.connector.send("POST", "/v2/export-jobs", raw=b"")
    assert "companyId: is required" in refusal(nothing, 400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("limit=-1", "limit: "),
        ("limit=ten", "limit: "),
        ("offset=-1", "offset: "),
        ("after=a", "after: "),
        ("company_id=7", "company_id: "),
        ("companyId=7", "companyId: "),
        ("company_id=7&companyId=7", "companyId: can be sent once"),
        ("limit=1&limit=2", "limit: can be sent once"),
        ("statuses=done&statuses=pending", "statuses[0]: "),
        ("sorting_order=UP", "sorting_order[0]: "),
        ("nothing=1", "nothing: is not supported here"),
        ("after=AA&before=AA", "only one of before and after can be said"),
        ("after=AA&offset=0", "only one of after and offset can be said"),
        ("sorting_keys=id&sorting_order=ASC&sorting_order=ASC", "as many words"),
        ("sorting_keys=colour", "sorting_keys[0]: should be one of id, createdAt, status"),
        ("sorting_keys=id&sorting_keys=id", "names no key twice"),
        ("after=AAAAAAAA", "after: this is no cursor"),
    ],
)
def test_a_query_that_says_nothing_right_is_refused(office: Office, query: str, place: str) -> None:
    response = office.connector.send("GET", f"/v3/export-jobs?{query}")

    assert place.lower() in refusal(response, 400, "BAD_REQUEST").lower()


def test_an_empty_list_has_no_cursors(office: Office) -> None:
    assert office.connector.get("/v3/export-jobs?statuses=pending&statuses=in_progress") == {
        "data": [],
        "pagination": {
            "currentRequestPagination": {
                "parameters": {"statuses": ["pending", "in_progress"]},
                "limit": 20,
                "offset": 0,
                "sortingKeys": ["createdAt"],
                "sortingOrder": ["ASC"],
            },
            "hasNextPage": False,
            "hasPreviousPage": False,
            "total": 0,
        },
    }


def test_a_limit_of_zero_tells_the_total_alone(office: Office) -> None:
    office.creates(office.enters())
    page = office.connector.get("/v3/export-jobs?limit=0")

    assert page["data"] == []
    assert (page["pagination"]["total"], page["pagination"]["hasNextPage"]) == (1, False)
    assert "startCursor" not in page["pagination"]


def test_a_large_limit_is_a_hundred(office: Office) -> None:
    page = office.connector.get("/v3/export-jobs?limit=100000")

    assert page["pagination"]["currentRequestPagination"]["limit"] == 100


def test_pages_go_forward_and_back(office: Office) -> None:
    jobs = []
    for entry in office.enters(5):
        jobs.append(office.creates([entry])["id"])
        office.connector.post(f"/v3/export-jobs/{jobs[-1]}:cancel", status=200)
        office.premises.clock.move(minutes=1)

    def page(query: str) -> tuple[list[str], dict[str, Any]]:
        found = office.connector.get(f"/v3/export-jobs?limit=2{query}")
        return [job["id"] for job in found["data"]], found["pagination"]

    first, told = page("")
    assert (first, told["hasNextPage"], told["hasPreviousPage"]) == (jobs[:2], True, False)
    second, told = page(f"&after={told['endCursor']}")
    assert (second, told["hasPreviousPage"]) == (jobs[2:4], True)
    assert "offset" not in told["currentRequestPagination"]
    last, ended = page(f"&after={told['endCursor']}")
    assert (last, ended["hasNextPage"], ended["total"]) == (jobs[4:], False, 5)
    back, _ = page(f"&before={told['startCursor']}")
    assert back == jobs[:2]
    assert page("&offset=3")[0] == jobs[3:]
    assert page("&sorting_keys=createdAt&sorting_order=DESC")[0] == [jobs[4], jobs[3]]
    assert page("&sortingKeys=id&sortingOrder=DESC_NULLS_LAST")[0] == [jobs[4], jobs[3]]


def test_whoever_reaches_several_companies_says_which(office: Office) -> None:
    office.premises.unit("Another").opens_shop()
    first = office.premises.first
    group = Program(http=office.premises.http, headers=basic(first.api_key))
    body = {"includeDeleted": False}
    response = group.send("POST", "/v1/accounting-entries:search", body)

    assert "company_id: " in refusal(response, 400, "BAD_REQUEST")
    said = f"/v1/accounting-entries:search?company_id={office.company}"
    assert answer(group.send("POST", said, body), 200)["data"] == []
    assert group.get("/v3/export-jobs")["data"] == []


def test_what_is_not_there_is_not_found_in_the_words_of_the_family(premises: Premises) -> None:
    for path in ("/v0", "/v2/nothing", "/v3/export-jobs/a/b/c", "/v1/export-jobs/a/b/c"):
        refusal(premises.http.get(path), 404, "NOT_FOUND")


@pytest.mark.parametrize(("name", "value"), [("Idempotency-Key", "a b"), ("Idempotency-Key", "")])
def test_a_malformed_header_is_refused(office: Office, name: str, value: str) -> None:
    said = {name.replace("-", "_"): value}
    response = office.connector.send("POST", "/v3/export-jobs", {}, raw=None, **said)
    assert refusal(response, 400, "BAD_REQUEST").startswith(name)


def test_every_answer_names_itself(office: Office) -> None:
    response = office.connector.send("GET", "/v3/export-jobs")

    assert len(response.headers["X-Request-Id"]) == 36


def test_a_plain_media_type_and_the_long_one_are_taken(office: Office) -> None:
    (entry,) = office.enters()
    body = {"companyId": office.company, "accountingEntryIds": [entry]}
    for media in ("application/json", "application/json;charset=UTF-8"):
        made = office.connector.send("POST", "/v3/export-jobs", body, Content_Type=media)
        job = answer(made, 201)["data"]["id"]
        office.connector.post(f"/v3/export-jobs/{job}:cancel", status=200)
