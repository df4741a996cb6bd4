"""A broken body is described by places and expectations, never by what was sent."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from fiscus.api.families.unified.wire import access, records, systems, taxpayers
from fiscus.api.problem import problem

ID = "0196a1f0-2222-7c3d-9e4f-0123456789ab"


def sentence(adapter: TypeAdapter[Any], body: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_json(body if isinstance(body, bytes) else json.dumps(body))
    return problem(caught.value)


def an_intention(**operation: Any) -> dict[str, Any]:
    operation = {"type": "TRANSACTION", **operation}
    return {"content": {"type": "INTENTION", "system": {"id": ID}, "operation": operation}}


def an_entry(price: Any) -> dict[str, Any]:
    return {
        "type": "SALE",
        "data": {
            "type": "ITEM",
            "text": "Café",
            "unit": {"quantity": "1", "price": price},
            "value": {"base": "1.00"},
            "vat": {"type": "VAT_EXEMPTION", "code": "CAUSE_1"},
        },
        "details": {"concept": "GOOD"},
    }


def a_receipt(price: Any) -> dict[str, Any]:
    operation = {
        "type": "RECEIPT",
        "document": {
            "number": "1",
            "total_vat": {"amount": "0", "exclusive": "1", "inclusive": "1"},
        },
        "entries": [an_entry(price)],
        "payments": [{"type": "CASH", "details": {"amount": "1"}}],
    }
    return {"content": {"type": "TRANSACTION", "record": {"id": ID}, "operation": operation}}


def test_a_pattern_is_named_with_the_place_but_without_variants():
    assert sentence(records.CREATE_RECORD, a_receipt("1,00")) == (
        "content.operation.entries[0].data.unit.price: "
        r"should match pattern ^(-)?[0-9]{1,12}(\.[0-9]{1,8})?$"
    )


def test_an_unknown_member_is_named_with_its_place():
    body = {"content": {"type": "API_KEY", "key": "k", "secret": "s", "api_key": "hush"}}

    assert sentence(access.CREATE_TOKEN, body) == 'property "api_key" is unsupported at content'


def test_a_flat_body_is_told_what_it_lacks_and_has_too_much():
    text = sentence(access.CREATE_TOKEN, {"api_key": "hush"})

    assert text == 'content: is required; property "api_key" is unsupported'


def test_what_was_sent_is_never_repeated():
    body = {"content": {"type": "hush-1", "key": 1, "secret": ["hush-2"]}}

    assert "hush" not in sentence(access.CREATE_TOKEN, body)


def test_an_unknown_type_is_answered_with_the_known_ones():
    text = sentence(records.CREATE_RECORD, an_intention(type="hush"))

    assert text.startswith("content.operation: should have a type among 'TRANSACTION', 'EVENT'")
    assert "hush" not in text


def test_a_missing_type_is_named():
    assert sentence(records.CREATE_RECORD, {"content": {}}) == "content: should have a type"


def test_bytes_that_are_not_json_are_called_so():
    assert sentence(records.CREATE_RECORD, b"{") == "the body is not valid JSON"
    assert sentence(records.CREATE_RECORD, b'{"a":"\xff"}') == "the body is not valid JSON"


def test_a_list_is_not_an_object():
    assert sentence(records.CREATE_RECORD, []) == "the body: should be an object"


def test_null_is_not_an_absent_member():
    assert sentence(records.CREATE_RECORD, an_intention(details=None)) == (
        "content.operation.details: should be an object"
    )


def test_keys_of_free_maps_keep_their_names():
    body = {**an_intention(), "metadata": {"STORE": 7}}

    assert sentence(records.CREATE_RECORD, body) == "metadata.STORE: should be a string"


def test_a_day_that_does_not_exist_is_called_so():
    body = a_receipt("1.00")
    body["content"]["operation"]["document"]["operation_date"] = "2026-02-30"

    assert sentence(records.CREATE_RECORD, body) == (
        "content.operation.document.operation_date: should be a moment that exists"
    )


def test_a_long_list_of_choices_is_not_repeated():
    body = {
        "content": {
            "type": "COMPANY",
            "name": {"legal": "A", "trade": "A"},
            "address": {
                "line": {"type": "STREET_NUMBER", "street": "R", "number": "1"},
                "code": "1",
                "city": "L",
                "country": "XX",
            },
        }
    }

    assert sentence(taxpayers.CREATE_TAXPAYER, body) == (
        "content.address.country: should be one of the listed values"
    )


def test_a_list_of_distinct_things_has_none_twice():
    body = {"content": {"connected_to": [ID, ID]}}

    assert sentence(systems.UPDATE_SYSTEM, body) == (
        "content.connected_to: should have no item twice"
    )


def test_many_problems_are_cut_short():
    body = {**an_intention(), "metadata": {str(number): number for number in range(109)}}

    assert sentence(records.CREATE_RECORD, body).endswith("; and 9 more")
