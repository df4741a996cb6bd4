"""The published document: whole, without loose ends, and true to the models and the pipeline."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from fiscus.accounting import mapping
from fiscus.api.families.export_jobs import examples, openapi
from fiscus.api.families.export_jobs.openapi import base, statuses
from fiscus.api.families.export_jobs.routes import ENDPOINTS
from fiscus.api.families.export_jobs.tests.office import Office, done
from fiscus.api.families.export_jobs.wire.export_items import TYPES

DOCUMENT: dict[str, Any] = openapi.document()
OPERATIONS = {operation.id: operation for operation, _ in ENDPOINTS}


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def described() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def a_validator(schema: dict[str, Any]) -> Any:
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def fits(operation_id: str, status: int, body: Any) -> None:
    """Fails unless the document shows this body for this answer."""
    (one,) = (
        one for _, _, one in described() if one["operationId"] == f"exportjobs_{operation_id}"
    )
    content = one["responses"][str(status)]["content"]["application/json"]
    a_validator(content["schema"]).validate(body)


def test_the_nine_calls_of_the_contract_are_there_in_their_versions() -> None:
    found = {(method.upper(), path) for path, method, _ in described()}
    every = {
        ("POST", "/export-jobs"),
        ("GET", "/export-jobs"),
        ("GET", "/export-jobs/{jobId}"),
        ("GET", "/export-jobs/{jobId}/items"),
        ("PUT", "/export-jobs/{jobId}/items"),
        ("POST", "/export-job-events"),
        ("GET", "/export-items"),
    }

    assert {(way, f"/v{number}{path}") for number in range(4) for way, path in every} <= found
    assert {("GET", "/v3/export-job-items"), ("POST", "/v3/export-job-items:search")} <= found


def test_every_endpoint_is_described_with_every_status() -> None:
    found = {(method.upper(), path): one for path, method, one in described()}

    assert found.keys() == {(one.method, one.path) for one in OPERATIONS.values()}
    for one in OPERATIONS.values():
        responses = found[one.method, one.path]["responses"]
        assert {int(status) for status in responses} == statuses(one)


def test_every_reference_leads_somewhere() -> None:
    for node in nodes(DOCUMENT):
        if "$ref" in node:
            target: Any = DOCUMENT
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            assert target


def test_every_place_in_a_path_is_a_parameter() -> None:
    for path, _, operation in described():
        named = {one["name"] for one in operation["parameters"] if one.get("in") == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))


def test_every_example_fits_its_schema() -> None:
    checked = 0
    for node in nodes(DOCUMENT["paths"]):
        if "schema" in node and "example" in node:
            a_validator(node["schema"]).validate(node["example"])
            checked += 1

    assert checked > 200


def test_every_body_has_an_example() -> None:
    for one in OPERATIONS.values():
        assert one.request is None or base(one) in examples.REQUESTS, one.id
        assert one.answer is None or examples.answer(one.id) is not None, one.id


def test_the_examples_are_accepted_by_the_models_that_serve() -> None:
    for one in OPERATIONS.values():
        if one.request is not None:
            one.body_adapter.validate_json(json.dumps(examples.REQUESTS[base(one)]))
        if one.answer is not None:
            one.answer.model_validate_json(json.dumps(examples.answer(one.id)))


def test_arrays_in_queries_are_repeated_keys() -> None:
    for _, _, operation in described():
        for one in operation["parameters"]:
            if one.get("schema", {}).get("type") == "array":
                assert (one["style"], one["explode"]) == ("form", True)


def test_both_credentials_are_named() -> None:
    assert DOCUMENT["security"] == [{"exportJobsBearer": []}, {"exportJobsKey": []}]


def test_the_mapping_knows_the_types_of_the_contract() -> None:
    assert frozenset(TYPES) == mapping.TYPES


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_what_is_answered_fits_what_is_shown(office: Office, version: int) -> None:
    first, second = office.enters(2)
    at, suffix = f"/v{version}", f"V{version}"
    body = {"companyId": office.company, "accountingEntryIds": [first, second]}
    send = office.connector.send
    made = send("POST", f"{at}/export-jobs", body)
    job = made.json()["data"]["id"]
    path = f"{at}/export-jobs/{job}"
    fits(f"createExportJob{suffix}", 201, made.json())
    fits(f"createExportJob{suffix}", 409, send("POST", f"{at}/export-jobs", body).json())
    fits(f"createExportJob{suffix}", 400, send("POST", f"{at}/export-jobs", {}).json())
    fits(f"listExportJobs{suffix}", 200, send("GET", f"{at}/export-jobs").json())
    fits(f"retrieveExportJob{suffix}", 200, send("GET", path).json())
    fits(f"listExportJobItems{suffix}", 200, send("GET", f"{path}/items").json())
    fits(f"listExportItems{suffix}", 200, send("GET", f"{at}/export-items?job_id={job}").json())
    updated = send("PUT", f"{path}/items", [done(first), done(job)])
    fits(f"updateExportJobItems{suffix}", 200, updated.json())


def test_what_we_add_fits_too(office: Office) -> None:
    entries = office.enters(2)
    job = office.starts(entries)
    company, at = office.company, f"/v3/export-jobs/{job}"
    search = {"accountingEntryIds": entries}
    fits("retrieveExportJobProgress", 200, office.connector.get(f"{at}/progress"))
    fits("retrieveExportJobTotals", 200, office.connector.get(f"{at}/totals"))
    item = f"/v3/export-job-items?accounting_entry_id={entries[0]}"
    fits("retrieveExportJobItem", 200, office.connector.get(item))
    found = office.connector.post("/v3/export-job-items:search", search, status=200)
    fits("searchExportJobItems", 200, found)
    books = f"/v3/bookkeeping/{company}"
    fits("retrieveBookkeeping", 200, office.owner.get(books))
    fits("listCharts", 200, office.owner.get(f"{books}/charts"))
    report = office.owner.get(f"{books}/completeness?first=2026-10-01&last=2026-10-31")
    fits("retrieveCompleteness", 200, report)
    fits("cancelExportJob", 200, office.connector.post(f"{at}:cancel", status=200))
    fits("retryExportJob", 201, office.connector.post(f"{at}:retry"))
    path = "/v1/accounting-entries"
    found = office.connector.post(f"{path}:search", {"includeDeleted": True}, status=200)
    fits("searchAccountingEntries", 200, found)
    fits("retrieveAccountingEntry", 200, office.connector.get(f"{path}/{entries[0]}"))
