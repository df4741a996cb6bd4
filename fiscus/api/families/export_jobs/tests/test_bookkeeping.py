"""The books of a company over HTTP: begun, read, changed, proven."""

from typing import Any

import pytest

from fiscus.api.families.export_jobs.tests.office import Office, refusal
from tests.support import words


def books(office: Office) -> str:
    return f"/v3/bookkeeping/{office.company}"


def test_the_chart_of_the_law_is_the_beginning(office: Office) -> None:
    shown = office.owner.get(books(office))["data"]
    charts = office.owner.get(f"{books(office)}/charts")

    assert (shown["chart"], shown["version"], shown["coverage"]) == ("SNC", 1, "per_document")
    assert (shown["expiresIn"], shown["since"], shown["derivedTo"]) == (3600, None, None)
    (chart,) = charts["data"]
    assert chart["rules"] == shown["rules"]
    assert {"key": "clearing", "account": "2117"}.items() <= shown["rules"][0].items()
    assert {"sale", "payment"} <= charts["keys"].keys()


def test_books_are_begun_once(office: Office) -> None:
    again = office.owner.send("POST", books(office), {"chart": "SNC"})
    refusal(again, 409, "BOOKKEEPING_ALREADY_BEGUN")


def test_a_chart_that_the_law_does_not_suggest_is_refused(office: Office) -> None:
    shop = office.premises.unit("Another").opens_shop()
    group = office.premises.group()
    path = f"/v3/bookkeeping/{shop.taxpayer}"
    said = {"Authorization": f"Bearer {group.bearer}"}
    none = office.premises.http.get(path, headers=said)
    refusal(none, 404, "BOOKKEEPING_NOT_FOUND")
    unknown = office.premises.http.post(path, headers=said, json={"chart": "SKR03"})
    refusal(unknown, 400, "BAD_REQUEST")
    said_ = {"since": "2026-11-01", "coverage": "per_closing"}
    begun = office.premises.http.post(path, headers=said, json=said_)
    assert begun.status_code == 201
    assert said_.items() <= begun.json()["data"].items()


def test_a_job_of_a_company_without_books_is_refused(office: Office) -> None:
    shop = office.premises.unit("Another").opens_shop()
    said = {"Authorization": f"Bearer {office.premises.group().bearer}"}
    body = {"companyId": shop.taxpayer, "accountingEntryIds": [office.company]}
    response = office.premises.http.post("/v3/export-jobs", headers=said, json=body)
    refusal(response, 404, "BOOKKEEPING_NOT_FOUND")


def changed(office: Office, **members: Any) -> dict[str, Any]:
    shown: dict[str, Any] = office.owner.get(books(office))["data"]
    del shown["companyId"], shown["derivedTo"]
    return shown | members


def test_the_whole_content_is_changed(office: Office) -> None:
    body = changed(office, expiresIn=7200, types={"sale": "refund"}, since="2026-01-01")
    shown = office.owner.put(books(office), body)["data"]

    assert shown == {
        **body,
        "companyId": office.company,
        "derivedTo": None,
        "version": 2,
    }
    job = office.creates(office.enters())
    assert job["expiresIn"] == 7200


def test_a_change_of_an_older_version_is_refused(office: Office) -> None:
    body = changed(office, expiresIn=7200)
    office.owner.put(books(office), body)
    again = office.owner.send("PUT", books(office), body | {"expiresIn": 60})
    refusal(again, 409, "BOOKKEEPING_CHANGED_MEANWHILE")


def test_all_that_is_wrong_with_a_content_is_told(office: Office) -> None:
    body = changed(office, expiresIn=1, types={"sale": "gift"})
    body["rules"][0]["account"] = "nowhere"
    message = refusal(
        office.owner.send("PUT", books(office), body), 422, "BOOKKEEPING_NOT_IN_ORDER"
    )

    for place in ("expiresIn 1:", "types.sale gift:", "rules[0].account nowhere:"):
        assert place in message


def test_the_report_of_completeness_counts_what_was_sealed(office: Office) -> None:
    office.till.sells(words.receipt())
    path = f"{books(office)}/completeness?first=2026-11-16&last=2026-11-16"
    waiting = office.owner.get(path)["data"]
    assert (waiting["documents"], waiting["covered"], waiting["isComplete"]) == (1, 0, False)
    assert waiting["notRead"]["count"] == 1

    office.derives()
    report = office.owner.get(path)["data"]
    assert (report["documents"], report["covered"], report["isComplete"]) == (1, 1, True)
    (rate,) = report["rates"]
    assert rate["isSame"] is True
    assert (rate["percentage"], rate["journalNet"], rate["booksVat"]) == ("23", 200, 46)


def test_what_a_till_has_sold_is_found_and_exported(office: Office) -> None:
    record = office.till.sells(words.receipt())["id"]
    office.derives()
    search = {"includeDeleted": False, "exportStatus": ["NOT_EXPORTED"]}
    page = office.connector.post("/v1/accounting-entries:search", search, status=200)
    sale, payment = sorted(page["data"], key=lambda one: str(one["subType"]), reverse=True)

    assert page["derivedTo"] is not None
    assert (sale["subType"], payment["subType"]) == ("sale", "payment")
    assert sale["recordId"] == payment["recordId"] == record
    assert sale["transactionValue"] == {"currency": "EUR", "minors": -246}
    assert payment["transactionValue"] == {"currency": "EUR", "minors": 246}
    job = office.starts([sale["id"], payment["id"]])
    items = office.connector.get(f"/v3/export-items?job_id={job}")["data"]
    shown = {one["subType"]: one for one in items}
    assert shown["sale"]["type"] == "refund"
    (line,) = shown["sale"]["accountingEntryLines"]
    assert (line["account"]["code"], line["tax"]["code"]) == ("711", "IVA23")
    assert line["netAmount"]["inWalletCurrency"]["value"] == -200
    assert shown["sale"]["_links"]["api"]["exportItem"].endswith(f"#{sale['recordHash']}")
    totals = office.connector.get(f"/v3/export-jobs/{job}/totals")["data"]["currencies"][0]
    clearing = next(one for one in totals["accounts"] if one["code"] == "2117")
    assert clearing["balance"] == 0


@pytest.mark.parametrize("query", ["", "first=2026-11-16", "first=2026-11-02&last=2026-11-01"])
def test_a_period_has_two_days_in_their_order(office: Office, query: str) -> None:
    response = office.owner.send("GET", f"{books(office)}/completeness?{query}")
    assert "last: " in refusal(response, 400, "BAD_REQUEST")
