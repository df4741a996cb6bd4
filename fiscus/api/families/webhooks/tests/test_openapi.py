"""The document of this family: its examples fit their models, and every answer is described."""

import msgspec
import pytest
from pydantic import TypeAdapter

from fiscus.api.families.webhooks import examples, openapi
from fiscus.api.families.webhooks.calls import WebhookOperation
from fiscus.api.families.webhooks.subscriptions import ENDPOINTS

OPERATIONS = [operation for operation, _ in ENDPOINTS]


encoded = msgspec.json.encode


def id_of(operation: WebhookOperation) -> str:
    return operation.id


@pytest.mark.parametrize("operation", OPERATIONS, ids=id_of)
def test_examples_fit_their_models(operation: WebhookOperation) -> None:
    if operation.request is not None:
        TypeAdapter(operation.request).validate_json(encoded(examples.REQUESTS[operation.id]))
    if operation.answer is not None:
        TypeAdapter(operation.answer).validate_json(encoded(examples.ANSWERS[operation.id]))


@pytest.mark.parametrize("operation", OPERATIONS, ids=id_of)
def test_every_status_is_described_and_marked(operation: WebhookOperation) -> None:
    described = openapi.document()["paths"][operation.path][operation.method.lower()]

    assert {int(one) for one in described["responses"]} == openapi.statuses(operation)
    assert described["x-fiscus-scope"] == operation.scope
    assert described.get("x-fiscus-extension", False) is operation.is_extension
    is_idempotent = any("WebhookOnce" in str(one) for one in described["parameters"])
    assert is_idempotent is (operation.method == "POST")


def test_a_deletion_has_no_body() -> None:
    path = openapi.document()["paths"]["/v1/subscriptions/{subscription_id}"]

    assert "content" not in path["delete"]["responses"]["204"]


def test_lists_of_a_query_are_repeated_keys() -> None:
    parameters = openapi.document()["paths"]["/v1/subscriptions"]["get"]["parameters"]
    by_name = {one["name"]: one for one in parameters}

    assert by_name["event_types"]["explode"] is True
    assert by_name["status"]["schema"]["enum"] == ["ACTIVE", "INACTIVE"]
