"""The published document: whole, without loose ends, and true to the models and the pipeline."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from fiscus.api.families.reporting import examples, openapi
from fiscus.api.families.reporting.openapi import statuses
from fiscus.api.families.reporting.routes import ENDPOINTS
from fiscus.api.families.reporting.tests.caller import Caller, a_location, a_merchant
from fiscus.api.openapi import merged
from tests.support.premises import Premises

DOCUMENT: dict[str, Any] = openapi.document()
OPERATIONS = {operation.id: operation for operation, _ in ENDPOINTS}
REGISTRY = (
    "/v1/merchants",
    "/v1/locations",
    "/v1/registers",
)


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


def of(operation_id: str) -> dict[str, Any]:
    return next(
        one for _, _, one in described() if one["operationId"] == f"reporting_{operation_id}"
    )


def a_validator(schema: dict[str, Any]) -> Any:
    """The schema with the components it refers to, as JSON Schema 2020-12."""
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def fits(operation_id: str, status: int, body: Any) -> None:
    """Fails unless the document shows this body for this answer."""
    content = of(operation_id)["responses"][str(status)]["content"]["application/json"]
    a_validator(content["schema"]).validate(body)


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

    assert checked > 100


def test_every_body_of_the_registry_has_an_example() -> None:
    for path, _, operation in described():
        if path.startswith(REGISTRY) and "closings" not in path:
            id_ = operation["operationId"].removeprefix("reporting_")
            assert "requestBody" not in operation or id_ in examples.REQUESTS
            assert OPERATIONS[id_].answer is None or id_ in examples.ANSWERS


def test_the_examples_are_accepted_by_the_models_that_serve() -> None:
    for id_, body in examples.REQUESTS.items():
        OPERATIONS[id_].body_adapter.validate_json(json.dumps(body))
    for id_, body in examples.ANSWERS.items():
        OPERATIONS[id_].answer.model_validate_json(json.dumps(body))


def test_both_families_fit_into_one_document(premises: Premises) -> None:
    document = premises.http.get("/openapi.json").json()
    ids = [
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    ]

    assert {"/taxpayers", "/v1/merchants"} <= document["paths"].keys()
    assert len(set(ids)) == len(ids)
    assert document["paths"]["/v1/merchants"]["get"]["security"] == [{"apiKey": []}]
    assert document["paths"]["/taxpayers"]["get"]["security"] == [{"bearer": []}]
    assert {"Taxpayer", "ReportingMerchant"} <= document["components"]["schemas"].keys()


def test_families_that_collide_are_found_out_at_the_start() -> None:
    with pytest.raises(AssertionError):
        merged("1", DOCUMENT, DOCUMENT)


def test_what_is_answered_fits_what_is_shown(caller: Caller, premises: Premises) -> None:
    merchant = caller.opens_merchant()
    location = merchant.made("/locations", a_location(cut_off_time="23:59"))
    sent = {"location_id": location["id"], "name": "Till 1"}
    register = merchant.made("/registers", sent)
    path = f"/registers/{register['id']}"
    fits("createLocation", 201, location)
    fits("createRegister", 201, register)
    fits("fiscalizeRegister", 202, merchant.fiscalizes(register))
    fits("retrieveTse", 200, merchant.get(f"{path}/tse"))
    premises.work()
    fits("retrieveTse", 200, merchant.get(f"{path}/tse"))
    fits("listMerchants", 200, merchant.get("/merchants"))
    fits("listLocations", 200, merchant.get("/locations"))
    fits("listRegisters", 200, merchant.get("/registers"))
    fits("createMerchant", 201, caller.made("/merchants", a_merchant(fiscal_identities=[])))
    fits("createMerchant", 400, caller.send("POST", "/merchants", {"a": 1}).json())
    fits("retrieveTse", 404, merchant.send("GET", "/registers/reg_1/tse").json())
    fits("decommissionRegister", 200, merchant.send("POST", f"{path}/decommission").json())
