"""Accounting entries over HTTP: searched, and entered where no register has sealed them."""

from typing import Any

import pytest

from fiscus.api.families.export_jobs.tests.office import SALE_KEY, Office, an_entry, refusal

PATH = "/v1/accounting-entries"


def found(office: Office, query: str = "", **body: Any) -> list[str]:
    said = {"includeDeleted": False, **body}
    page = office.connector.post(f"{PATH}:search{query}", said, status=200)
    return [one["id"] for one in page["data"]]


def test_an_entry_is_shown_as_it_was_entered(office: Office) -> None:
    made = office.owner.post(PATH, an_entry(3, note="Corrected", partner="Bar do Cais"))["data"]

    line = made["lines"][0]
    assert made == {
        "id": made["id"],
        "companyId": office.company,
        "family": "CARD_PURCHASE",
        "status": "COMPLETED",
        "reviewStatus": "NOT_REQUIRED",
        "exportStatus": "NOT_EXPORTED",
        "performedAt": "2026-10-03T00:00:00Z",
        "settledAt": "2026-10-03T00:00:00Z",
        "bookkeepingDate": "2026-10-03T00:00:00Z",
        "createdAt": "2026-11-16T09:00:00Z",
        "updatedAt": "2026-11-16T09:00:00Z",
        "transactionValue": {"currency": "EUR", "minors": -12300},
        "totalBillValue": {"currency": "EUR", "minors": -12300},
        "attendees": [],
        "receiptIds": [],
        "tags": [],
        "splitItems": [],
        "lines": [
            {
                "id": line["id"],
                "key": SALE_KEY,
                "account": "",
                "net": -10000,
                "vat": -2300,
                "gross": -12300,
                "taxCode": "NOR",
                "percentage": "23",
                "text": "",
            }
        ],
        "note": "Corrected",
        "subType": "sale",
        "reference": "FT A/3",
        "partner": "Bar do Cais",
    }
    assert office.connector.get(f"{PATH}/{made['id'].upper()}")["data"] == made


def test_entries_are_searched(office: Office) -> None:
    entries = office.enters(3)
    (paid,) = office.enters(subType="payment")
    office.creates(entries[:1])

    assert found(office) == [*entries, paid]
    assert found(office, exportStatus=["NOT_EXPORTED"]) == [*entries[1:], paid]
    assert found(office, exportStatus=["QUEUED", "CREATED"]) == entries[:1]
    assert found(office, exportStatus=["CREATED"]) == []
    assert found(office, families=["WALLET"]) == [paid]
    assert found(office, families=["MILEAGE"]) == []
    assert found(office, subTypes=["payment"]) == [paid]
    assert found(office, reference="FT A/2") == entries[1:2]
    assert found(office, status=["COMPLETED"], reviewStatus=["NOT_REQUIRED"]) == [*entries, paid]
    assert found(office, status=["DRAFT"]) == found(office, employeeIds=[office.company]) == []
    assert found(office, "?limit=1&sorting_keys=id&sorting_order=DESC") == [paid]


def test_entries_are_searched_by_the_accounts_and_taxes_that_items_show(office: Office) -> None:
    (sold,) = office.enters()
    (spent,) = office.enters(lines=[{"net": 500, "account": "6888"}])
    (lost,) = office.enters(lines=[{"net": -500, "key": "sale/XX/P/PT/NOR/x"}])
    job = office.starts([sold, spent])
    shown = office.connector.get(f"/v3/export-items?job_id={job}")["data"]
    lines = {one["accountingEntryId"]: one["accountingEntryLines"][0] for one in shown}
    account = {id_: line["account"]["id"] for id_, line in lines.items()}
    tax = lines[sold]["tax"]["id"]

    assert found(office, accountIds=[account[sold].upper()]) == [sold]
    assert found(office, accountIds=[*account.values()]) == [sold, spent]
    assert found(office, accountIds=[tax]) == []
    assert found(office, accountIds=[]) == [sold, spent, lost]
    assert found(office, taxCodeIds=[tax]) == [sold]
    assert found(office, taxCodeIds=[tax], accountIds=[account[spent]]) == []
    assert found(office, hasAccount=True) == [sold, spent]
    assert found(office, hasAccount=False) == [lost]
    assert found(office, hasAccount=None, status=["COMPLETED"]) == [sold, spent, lost]
    assert found(office, hasAccount=False, status=["PENDING"]) == []


@pytest.mark.parametrize("name", ["performedAt", "settledAt", "bookkeepingDate"])
def test_a_start_is_included_and_an_end_is_not(office: Office, name: str) -> None:
    entries = office.enters(3)
    start, end = {f"{name}Start": "2026-10-02T00:00:00Z"}, {f"{name}End": "2026-10-03T00:00:00Z"}

    assert found(office, **start) == entries[1:]
    assert found(office, **end) == entries[:2]
    assert found(office, **start, **end) == entries[1:2]
    late = {f"{name}Start": "2026-10-02T00:00:01Z"}
    assert found(office, **late) == entries[2:]


def test_a_search_says_until_when_the_books_are(office: Office) -> None:
    page = office.connector.post(f"{PATH}:search", {"includeDeleted": False}, status=200)

    assert page["derivedTo"] is None
    assert page["pagination"]["currentRequestPagination"]["sortingKeys"] == ["bookkeepingDate"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "includeDeleted: is required"),
        ({"includeDeleted": False, "exportStatus": ["SENT"]}, "exportStatus[0]: "),
        ({"includeDeleted": False, "hasAccount": "true"}, "hasAccount: "),
        ({"includeDeleted": False, "accountIds": ["8400"]}, "accountIds[0]: "),
        ({"includeDeleted": False, "taxCodeIds": "x"}, "taxCodeIds: "),
        ({"includeDeleted": False, "vendorIds": []}, "vendorIds: is not supported here"),
        (
            {
                "includeDeleted": False,
                "performedAtStart": "2026-10-01T00:00:00Z",
                "settledAtEnd": "2026-10-01T00:00:00Z",
            },
            "",
        ),
    ],
)
def test_a_search_that_says_nothing_right_is_refused(
    office: Office, body: dict[str, Any], place: str
) -> None:
    response = office.connector.send("POST", f"{PATH}:search", body)
    assert place in refusal(response, 400, "BAD_REQUEST")


def test_an_entry_is_changed_and_taken_away_until_a_job_holds_it(office: Office) -> None:
    first, second = office.enters(2)
    lines = [{"net": 500, "account": "6888"}]
    changed = office.owner.send("PATCH", f"{PATH}/{first}", {"note": "short", "lines": lines})
    shown = changed.json()["data"]
    assert (shown["note"], shown["transactionValue"]["minors"]) == ("short", 500)
    assert (shown["reference"], shown["accountCode"]) == ("FT A/1", "6888")

    deleted = office.owner.send("DELETE", f"{PATH}/{first}")
    assert deleted.json()["data"]["deletedAt"] == "2026-11-16T09:00:00Z"
    gone = office.connector.send("GET", f"{PATH}/{first}")
    refusal(gone, 404, "ACCOUNTING_ENTRY_NOT_FOUND")
    assert office.connector.get(f"{PATH}/{first}?include_deleted=true")["data"]["id"] == first
    assert found(office) == [second]
    assert found(office, includeDeleted=True) == [first, second]
    again = office.owner.send("DELETE", f"{PATH}/{first}")
    refusal(again, 409, "ACCOUNTING_ENTRY_DELETED")

    office.creates([second])
    for method, body in (("PATCH", {"note": "x"}), ("DELETE", None)):
        held = office.owner.send(method, f"{PATH}/{second}", body)
        refusal(held, 409, "ACCOUNTING_ENTRY_LOCKED")


def test_a_line_names_a_key_or_an_account(office: Office) -> None:
    lines = [{"net": 1}, {"net": 1, "key": "a", "account": "b"}]
    response = office.owner.send("POST", PATH, an_entry(lines=lines))

    assert "lines[0], lines[1]: " in refusal(response, 422, "UNPROCESSABLE_ENTITY")


def test_an_entry_takes_another_one_back(office: Office) -> None:
    (entry,) = office.enters()
    (back,) = office.enters(reverses=entry, subType="sale_return")
    assert office.connector.get(f"{PATH}/{back}")["data"]["reverses"] == entry

    nowhere = an_entry(reverses="01a1e395-0000-7000-8000-000000000001")
    response = office.owner.send("POST", PATH, nowhere)
    assert "reverses: " in refusal(response, 404, "ACCOUNTING_ENTRY_NOT_FOUND")


def test_several_lines_are_split_items(office: Office) -> None:
    lines = [{"net": 100, "account": "6888"}, {"net": -50, "key": SALE_KEY}]
    (entry,) = office.enters(lines=lines)
    shown = office.connector.get(f"{PATH}/{entry}")["data"]

    assert [one["transactionValue"]["minors"] for one in shown["splitItems"]] == [100, -50]
    assert [one.get("accountCode") for one in shown["splitItems"]] == ["6888", None]
    assert "accountCode" not in shown
