"""Items of export jobs over HTTP: read page by page, reported on, searched, summed."""

import pytest

from fiscus.api.families.export_jobs.tests.office import Office, done, refusal


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_an_item_has_all_eight_members_from_the_start(office: Office, version: int) -> None:
    (entry,) = office.enters()
    job = office.creates([entry])["id"]
    page = office.connector.get(f"/v{version}/export-jobs/{job}/items")

    assert page["data"] == [
        {
            "accountingEntryId": entry,
            "exportJobId": job,
            "status": "pending",
            "exportedAt": None,
            "externalId": None,
            "externalUrl": None,
            "failureReason": None,
            "failureReasonType": None,
        }
    ]


def test_warnings_are_shown_to_whoever_asks_for_them(office: Office) -> None:
    job = office.creates(office.enters())["id"]
    path = f"/v3/export-jobs/{job}/items"
    assert "warnings" not in office.connector.get(path)["data"][0]

    (item,) = office.connector.get(f"{path}?include_warnings=true")["data"]
    (warning,) = item["warnings"]
    assert (warning["field"], warning["written"]) == ("clearing", "2117")
    older = office.connector.send("GET", f"/v2/export-jobs/{job}/items?include_warnings=true")
    refusal(older, 400, "BAD_REQUEST")


def test_an_update_that_is_refused_keeps_no_other_one_back(office: Office) -> None:
    first, second = office.enters(2)
    job = office.starts([first, second])
    strange = "99999999-0000-4000-8000-000000000000"
    failed = {
        "accountingEntryId": second,
        "status": "failed",
        "failureReason": "account 711 is blocked",
        "failureReasonType": "account_unknown",
    }
    at = "2026-11-16T10:05:00.123456789+01:00"
    answered = office.reports(
        job, done(first, exportedAt=at, externalUrl="https://erp.test/1"), done(strange), failed
    )

    assert answered["data"] == [
        {
            "accountingEntryId": first,
            "exportJobId": job,
            "status": "successful",
            "exportedAt": "2026-11-16T09:05:00Z",
            "externalId": "JE-1",
            "externalUrl": "https://erp.test/1",
            "failureReason": None,
            "failureReasonType": None,
        },
        {
            "accountingEntryId": second,
            "exportJobId": job,
            "status": "failed",
            "exportedAt": None,
            "externalId": None,
            "externalUrl": None,
            "failureReason": "account 711 is blocked",
            "failureReasonType": "account_unknown",
        },
    ]
    (refused,) = answered["errors"]
    assert refused.keys() == {"accountingEntryId", "type", "message"}
    assert refused["accountingEntryId"] == strange
    assert refused["type"] == "ACCOUNTING_ENTRY_DOES_NOT_EXIST"


def test_older_versions_know_a_shorter_list_of_reasons(office: Office) -> None:
    (entry,) = office.enters()
    job = office.starts([entry])
    failed = {"accountingEntryId": entry, "status": "failed", "failureReasonType": "tag_unknown"}
    office.reports(job, failed)

    def reason(version: int) -> str:
        page = office.connector.get(f"/v{version}/export-jobs/{job}/items")
        found: str = page["data"][0]["failureReasonType"]
        return found

    assert [reason(version) for version in (0, 1, 2)] == [
        "accounting_system_validation_failure"
    ] * 3
    assert reason(3) == "tag_unknown"


def test_a_final_status_stays(office: Office) -> None:
    (entry,) = office.enters()
    job = office.starts([entry])
    office.reports(job, done(entry))
    again = office.reports(job, done(entry))
    assert (len(again["data"]), again["errors"]) == (1, [])

    failed = {"accountingEntryId": entry, "status": "failed"}
    answered = office.reports(job, failed)
    assert answered["data"] == []
    assert answered["errors"][0]["type"] == "EXPORT_ENTRY_STATUS_UPDATE_FAILED"


def test_a_hundred_updates_are_taken_and_one_more_is_not(office: Office) -> None:
    (entry,) = office.enters()
    job = office.starts([entry])
    path = f"/v1/export-jobs/{job}/items"
    many = office.connector.send("PUT", path, [done(entry)] * 101)
    refusal(many, 413, "EXPORT_JOB_ITEMS_UPDATE_LIMIT")
    wrong = office.connector.send("PUT", path, [{"nothing": "right"}] * 101)
    refusal(wrong, 413, "EXPORT_JOB_ITEMS_UPDATE_LIMIT")

    assert office.connector.put(path, [done(entry)] * 100)["errors"] == []
    assert office.connector.put(path, []) == {"data": [], "errors": []}


def test_a_body_that_is_no_array_of_updates_is_refused_with_every_place(office: Office) -> None:
    job = office.starts(office.enters())
    path = f"/v3/export-jobs/{job}/items"
    wrapped = office.connector.send("PUT", path, {"items": []})
    refusal(wrapped, 400, "BAD_REQUEST")
    wrong = office.connector.send("PUT", path, [{"accountingEntryId": "7", "status": "done"}])
    message = refusal(wrong, 400, "BAD_REQUEST")
    assert "[0].accountingEntryId:" in message
    assert "[0].status:" in message
    refusal(office.connector.send("PUT", path, raw=b"[{]"), 400, "BAD_REQUEST")


def test_an_entry_without_an_account_fails_and_the_others_go_on(office: Office) -> None:
    (good,) = office.enters()
    line = {"net": -10000, "vat": -2300, "key": "sale/FT/X/PT/NOR", "percentage": "23"}
    (bad,) = office.enters(lines=[line])
    job = office.starts([good, bad])

    items = office.connector.get(f"/v3/export-jobs/{job}/items")["data"]
    assert [one["status"] for one in items] == ["pending", "failed"]
    assert items[1]["failureReasonType"] == "account_unknown"
    assert "sale/FT/X/PT/NOR" in items[1]["failureReason"]
    totals = office.connector.get(f"/v3/export-jobs/{job}/totals")["data"]
    assert totals["currencies"][0]["gap"] == -12300


def test_items_are_filtered_and_paged(office: Office) -> None:
    entries = office.enters(5)
    job = office.starts(entries)
    office.reports(job, done(entries[0]), done(entries[1]))
    path = f"/v3/export-jobs/{job}/items"

    waiting = office.connector.get(f"{path}?status=pending")
    assert [one["accountingEntryId"] for one in waiting["data"]] == entries[2:]
    assert waiting["pagination"]["total"] == 3
    seen, after = [], ""
    while True:
        page = office.connector.get(f"{path}?limit=2{after}")
        seen += [one["accountingEntryId"] for one in page["data"]]
        if not page["pagination"]["hasNextPage"]:
            break
        after = f"&after={page['pagination']['endCursor']}"
    assert seen == entries


def test_the_newest_item_of_an_entry_is_found(office: Office) -> None:
    (entry, other) = office.enters(2)
    first = office.starts([entry])
    office.tells(first, "failed")
    second = office.starts([entry])
    office.premises.clock.move(minutes=1)

    path = f"/v3/export-job-items?company_id={office.company}&accounting_entry_id={entry.upper()}"
    found = office.connector.get(path)["data"]
    assert (found["exportJobId"], found["status"]) == (second, "pending")
    bare = office.connector.get(f"/v3/export-job-items?accountingEntryId={entry}")["data"]
    assert bare == found
    none = office.connector.send("GET", f"/v3/export-job-items?accounting_entry_id={other}")
    refusal(none, 404, "EXPORT_ENTRY_NOT_FOUND")


def test_items_are_searched_by_their_entries(office: Office) -> None:
    entry, other = office.enters(2)
    first = office.starts([entry])
    office.tells(first, "failed")
    second = office.starts([entry, other])
    body = {"accountingEntryIds": [entry]}
    path = f"/v3/export-job-items:search?company_id={office.company}"

    found = office.connector.post(path, body, status=200)["data"]
    assert {one["exportJobId"] for one in found} == {first, second}
    narrowed = office.connector.post(path, body | {"status": "abandoned"}, status=200)["data"]
    assert [one["exportJobId"] for one in narrowed] == [first]


def test_control_totals_come_to_zero(office: Office) -> None:
    entries = office.enters(3)
    job = office.starts(entries)
    office.reports(job, done(entries[0]), {"accountingEntryId": entries[1], "status": "failed"})

    assert office.connector.get(f"/v3/export-jobs/{job}/totals")["data"] == {
        "numberOfItems": 3,
        "items": {"pending": 1, "in_progress": 0, "failed": 1, "successful": 1, "abandoned": 0},
        "currencies": [
            {
                "currency": "EUR",
                "debit": 36900,
                "credit": 36900,
                "accounts": [
                    {
                        "code": "2117",
                        "name": "Clientes, ponto de venda",
                        "debit": 36900,
                        "credit": 0,
                        "balance": 36900,
                    },
                    {
                        "code": "711",
                        "name": "Vendas de mercadorias",
                        "debit": 0,
                        "credit": 36900,
                        "balance": -36900,
                    },
                ],
                "taxes": [{"code": "IVA23", "percentage": "23", "net": -30000, "tax": -6900}],
                "amount": -36900,
                "successful": -12300,
                "unfinished": -12300,
                "gap": -12300,
            }
        ],
    }


def test_older_versions_cannot_show_several_currencies(office: Office) -> None:
    entries = [*office.enters(), *office.enters(currency="USD")]
    job = office.creates(entries)["id"]
    for version in (0, 1, 2):
        response = office.connector.send("GET", f"/v{version}/export-items?job_id={job}")
        refusal(response, 400, "MULTI_CURRENCY_NOT_SUPPORTED")

    shown = office.connector.get(f"/v3/export-items?job_id={job}")["data"]
    money = [one["amount"]["inWalletCurrency"]["currency"] for one in shown]
    assert money == ["EUR", "USD"]


def test_items_of_a_finished_job_are_not_shown_as_entries(office: Office) -> None:
    job = office.starts(office.enters())
    office.tells(job, "failed")
    for version in (0, 1, 2, 3):
        response = office.connector.send("GET", f"/v{version}/export-items?job_id={job}")
        refusal(response, 422, "EXPORT_JOB_STATUS_UNPROCESSABLE")


def test_without_a_job_the_entries_of_all_unfinished_ones_are_shown(office: Office) -> None:
    first, second = office.enters(2)
    finished = office.starts([first])
    office.tells(finished, "failed")
    job = office.creates([first, second])["id"]

    shown = office.connector.get("/v3/export-items")
    assert [one["accountingEntryId"] for one in shown["data"]] == [first, second]
    assert office.connector.get(f"/v3/export-items?jobId={job}")["data"] == shown["data"]
