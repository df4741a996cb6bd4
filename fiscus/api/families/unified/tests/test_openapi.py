"""The published document: whole, without loose ends, and true to the models."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import TypeAdapter

from fiscus.api.families.unified import errors, examples, openapi, operations, translate, versions
from fiscus.api.families.unified import records as handlers
from fiscus.api.families.unified.calls import UnifiedCall
from fiscus.api.families.unified.wire import intentions, records, transactions
from fiscus.api.families.unified.wire.envelope import Reference7
from fiscus.api.openapi import JSON_MEDIA, NOT_IMPLEMENTED
from fiscus.model.faults import Refused
from fiscus.model.tests.clock import MORNING

EXAMPLES = Path(__file__).parent / "examples"
SERVER = "http://127.0.0.1:8080"
DOCUMENTS = {version: openapi.document(version, SERVER) for version in versions.VERSIONS}
OURS = DOCUMENTS[versions.CURRENT]


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def described(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def resolved(document: dict[str, Any], reference: str) -> Any:
    node: Any = document
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


def a_validator(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """The schema with the components it refers to, as JSON Schema 2020-12."""
    return jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]})


@pytest.mark.parametrize("version", versions.VERSIONS)
def test_every_operation_of_the_table_is_described(version: str):
    document = DOCUMENTS[version]
    found = {(method, path): one for path, method, one in described(document)}

    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == version
    assert document["servers"] == [{"url": SERVER}]
    assert found.keys() == {(one.method.lower(), one.path) for one in operations.OPERATIONS}
    for one in operations.OPERATIONS:
        operation = found[one.method.lower(), one.path]
        assert operation["operationId"] == one.id
        assert {int(status) for status in operation["responses"]} == set(one.answers)
        has_body = one.method in ("POST", "PATCH") and one.id != "retryReport"
        assert ("requestBody" in operation) == has_body


@pytest.mark.parametrize("version", versions.VERSIONS)
def test_every_reference_leads_somewhere(version: str):
    document = DOCUMENTS[version]
    references = [node["$ref"] for node in nodes(document) if "$ref" in node]
    references += [
        target
        for node in nodes(document)
        if "mapping" in node and "propertyName" in node
        for target in node["mapping"].values()
    ]

    assert len(references) > 300
    for reference in references:
        assert resolved(document, reference)


@pytest.mark.parametrize("version", versions.VERSIONS)
def test_every_component_is_a_valid_schema_and_needed(version: str):
    document = DOCUMENTS[version]
    text = json.dumps(document)

    for name, schema in document["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name
        assert f'"#/components/schemas/{name}"' in text
        assert re.fullmatch("[A-Za-z0-9]+", name)


@pytest.mark.parametrize("version", versions.VERSIONS)
def test_every_object_is_closed_but_pages_and_maps(version: str):
    is_open = {
        name
        for name, schema in DOCUMENTS[version]["components"]["schemas"].items()
        if schema.get("type") == "object" and schema.get("additionalProperties") is not False
    }

    later = {"Instruction"} if version == versions.LATER else set()
    assert is_open == {"Pagination"} | later


@pytest.mark.parametrize("version", versions.VERSIONS)
def test_every_example_keeps_to_its_schema(version: str):
    document = DOCUMENTS[version]
    checked = 0
    for path, method, operation in described(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            whole = resolved(document, body["$ref"]) if "$ref" in body else body
            for media in whole.get("content", {}).values():
                more = [one["value"] for one in media.get("examples", {}).values()]
                for sample in more or [media[name] for name in ("example",) if name in media]:
                    faults = a_validator(document, media["schema"]).iter_errors(sample)
                    assert not [fault.message for fault in faults], (method, path)
                    checked += 1
    assert checked > 200


@pytest.mark.parametrize("operation", operations.OPERATIONS, ids=lambda one: one.id)
def test_every_example_is_accepted_by_the_models_that_serve(operation: operations.UnifiedOperation):
    if operation.request is not None:
        operation.request.validate_json(json.dumps(examples.REQUESTS[operation.id]))
    if operation.response is not None:
        sample = json.dumps(examples.RESPONSES[operation.id])
        TypeAdapter(operation.response).validate_json(sample)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_the_document_shows_the_samples_of_the_reference(path: Path):
    operation_id, part = path.name.split(".")[:2]
    shown = examples.REQUESTS if part == "request" else examples.RESPONSES

    ours = examples.ERROR if operation_id == "error" else shown[operation_id]

    assert ours == json.loads(path.read_text())


def test_the_schemas_refuse_what_the_models_refuse():
    schema = OURS["paths"]["/tokens"]["post"]["requestBody"]["content"][JSON_MEDIA]
    validator = a_validator(OURS, schema["schema"])
    good = examples.REQUESTS["createToken"]

    assert validator.is_valid(good)
    assert not validator.is_valid({**good, "extra": 1})
    assert not validator.is_valid({"content": {**good["content"], "type": "USER"}})
    assert not validator.is_valid({**good, "metadata": None})


@pytest.mark.parametrize(
    ("operation_id", "headers"),
    [
        ("createToken", ["X-Api-Version", "X-Idempotency-Key"]),
        ("listSubjects", ["X-Api-Version", "X-Scope-Identifier"]),
        ("createSubject", ["X-Api-Version", "X-Idempotency-Key", "X-Scope-Identifier"]),
        ("retrieveSystem", ["X-Api-Version"]),
        (
            "createRecord",
            ["X-Api-Version", "X-Idempotency-Key", "X-Replay-Remaining", "X-Replay-Hash"],
        ),
    ],
)
def test_every_operation_names_its_headers(operation_id: str, headers: list[str]):
    (found,) = (one for _, _, one in described(OURS) if one["operationId"] == operation_id)
    parameters = [
        resolved(OURS, one["$ref"]) if "$ref" in one else one for one in found["parameters"]
    ]

    assert [one["name"] for one in parameters if one["in"] == "header"] == headers


def test_only_tokens_are_asked_for_without_a_bearer():
    assert [one["operationId"] for _, _, one in described(OURS) if one.get("security") == []] == [
        "createToken"
    ]


def test_extensions_are_marked():
    schemas = OURS["components"]["schemas"]

    assert schemas["ReceiptDocument"]["properties"]["simplified_invoice"]["x-fiscus-extension"]
    assert schemas["RatedVat"]["properties"]["fiscal_location"]["x-fiscus-extension"]
    assert schemas["ExemptVat"]["properties"]["reason"]["x-fiscus-extension"]
    assert OURS["paths"]["/files"]["post"]["x-fiscus-extension"]


def test_the_earlier_document_knows_neither_reasons_nor_portugal():
    schemas = DOCUMENTS[versions.EARLIER]["components"]["schemas"]

    assert "PtFiscalization" not in schemas
    assert "Sequence" not in schemas
    assert "reason" not in schemas["Correction"]["properties"]
    assert list(schemas["Correction"]["properties"]["data"]["discriminator"]["mapping"]) == [
        "RECEIPT"
    ]


def test_the_later_document_has_its_own_totals_and_prices():
    schemas = DOCUMENTS[versions.LATER]["components"]["schemas"]

    assert "totals" in schemas["Receipt"]["required"]
    assert schemas["Unit"]["properties"]["price"] == {"$ref": "#/components/schemas/Price"}


def test_errors_speak_as_the_routes_do():
    for status in openapi.ERROR_STATUSES:
        response = OURS["components"]["responses"][f"Error{status}"]
        sample = response["content"][JSON_MEDIA]["example"]["content"]
        spoken: Any = errors.envelope(status, "")
        assert sample["code"] == spoken["content"]["code"]


def variants(document: dict[str, Any], content: str) -> dict[str, str]:
    """The kinds of operation in a body, each with the name of its schema."""
    operation = document["components"]["schemas"][content]["properties"]["operation"]
    mapping = operation["discriminator"]["mapping"]
    return {kind: reference.rpartition("/")[2] for kind, reference in mapping.items()}


def is_refused(do: Callable[[], object]) -> bool:
    """Whether it is answered with 501; a kind that is done goes on, and misses its members."""
    try:
        do()
    except Refused as refusal:
        return errors.status(refusal, (501,)) == 501
    except AttributeError:
        return False
    return False


def test_the_kinds_that_are_answered_with_501_are_marked():
    schemas = OURS["components"]["schemas"]
    found = {}
    for kind, name in variants(OURS, "TransactionCreateContent").items():
        operation = getattr(transactions, name).model_construct(type=kind, details=None)
        found[name] = is_refused(partial(translate.draft, operation, training=False))
    for kind, name in variants(OURS, "IntentionCreateContent").items():
        operation = getattr(intentions, name).model_construct(type=kind, details=None)
        content = intentions.IntentionCreateContent.model_construct(
            type="INTENTION", operation=operation, system=Reference7(id=examples.ID7)
        )
        body = records.CREATE_RECORD.validate_python(examples.REQUESTS["createRecord"])
        body = body.model_copy(update={"content": content})
        call = UnifiedCall(
            operation=operations.find("createRecord"),
            version=versions.CURRENT,
            trace="t",
            at=MORNING,
            digest_key=bytes(32),
            said=body,
            body=body,
        )
        found[name] = is_refused(partial(handlers.order, call))

    assert {name for name, is_so in found.items() if is_so} == {
        name for name in found if schemas[name].get(NOT_IMPLEMENTED)
    }
    assert {"ProFormaInvoice", "EventIntention"} <= {name for name, is_so in found.items() if is_so}
    assert not found["Receipt"]
    assert not found["TransactionIntention"]


def test_a_country_without_a_law_is_marked():
    schemas = OURS["components"]["schemas"]
    marked = {name for name, one in schemas.items() if one.get(NOT_IMPLEMENTED)}

    assert {"FrFiscalization", "BeFiscalization"} <= marked
    assert {"PtFiscalization", "DeFiscalization"}.isdisjoint(marked)


@pytest.mark.parametrize("version", versions.VERSIONS)
def test_what_may_be_left_out_has_no_default_and_says_what_it_means(version: str):
    details = DOCUMENTS[version]["components"]["schemas"]["EntryDetails"]

    assert "purpose" not in details["required"]
    assert details["properties"]["purpose"]["x-fiscus-default"] == "STANDARD"
    for schema in DOCUMENTS[version]["components"]["schemas"].values():
        assert not any("default" in one for one in schema.get("properties", {}).values())


@pytest.mark.parametrize("version", versions.VERSIONS)
def test_every_version_describes_its_own_bodies(version: str):
    schemas = DOCUMENTS[version]["components"]["schemas"]

    assert ("reason" in schemas["Correction"]["properties"]) == (version != versions.EARLIER)
    assert ("OpeningIntention" in schemas) == (version == versions.LATER)
