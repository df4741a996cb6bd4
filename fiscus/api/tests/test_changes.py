"""Each change that breaks a caller is found, and none that breaks nobody."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from fiscus.api.changes import breaks

Json = dict[str, Any]
Change = Callable[[Json], object]

SALE: Json = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "kind": {"type": "string", "enum": ["sale", "return"]},
        "text": {"type": "string", "maxLength": 20, "minLength": 1, "pattern": "^a"},
        "lines": {"type": "array", "maxItems": 9, "items": {"$ref": "#/components/schemas/Line"}},
        "paid": {
            "oneOf": [{"$ref": "#/components/schemas/Cash"}, {"$ref": "#/components/schemas/Card"}],
            "discriminator": {
                "propertyName": "type",
                "mapping": {
                    "CASH": "#/components/schemas/Cash",
                    "CARD": "#/components/schemas/Card",
                },
            },
        },
    },
    "required": ["kind"],
}
LINE: Json = {
    "type": "object",
    "properties": {"price": {"type": "string"}, "of": {"$ref": "#/components/schemas/Line"}},
    "required": ["price"],
}


def body(name: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def a_document() -> Json:
    post = {
        "parameters": [
            {"$ref": "#/components/parameters/Key"},
            {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        ],
        "requestBody": {"required": False, "content": body("Sale")},
        "responses": {
            "200": {"headers": {"Link": {}}, "content": body("Record")},
            "400": {"content": body("Cash")},
        },
    }
    schemas = {"Sale": SALE, "Record": SALE, "Line": LINE}
    for name in ("Cash", "Card"):
        schemas[name] = {"type": "object", "properties": {"type": {"const": name.upper()}}}
    key = {"name": "Key", "in": "header", "required": False, "schema": {}}
    document = {
        "paths": {"/sales": {"post": post}},
        "components": {"schemas": schemas, "parameters": {"Key": key}},
    }
    return {name: copy.deepcopy(part) for name, part in document.items()}


def at(document: Json, *steps: str | int) -> Any:
    """A place in a document: `post` is the operation; a name that begins large is a schema."""
    node: Any = document
    if steps[0] == "post":
        node, steps = document["paths"]["/sales"]["post"], steps[1:]
    elif str(steps[0])[0].isupper():
        node = copy_of_its_own(document, str(steps[0]))
        steps = steps[1:]
    for step in steps:
        node = node[step]
    return node


def copy_of_its_own(document: Json, name: str) -> Any:
    """Two schemas of one making must not change together."""
    found = document["components"]["schemas"]
    found[name] = copy.deepcopy(found[name])
    return found[name]


def sets(*steps: str | int, **members: Any) -> Change:
    return lambda document: at(document, *steps).update(members)


def drops(*steps: str | int) -> Change:
    return lambda document: at(document, *steps[:-1]).pop(steps[-1])


def adds(value: Any, *steps: str | int) -> Change:
    return lambda document: at(document, *steps).append(value)


OF_SALE = ("Sale", "properties")

BREAKING: dict[str, Change] = {
    "POST /sales is gone": drops("paths", "/sales", "post"),
    "POST /sales does not take limit any more": drops("post", "parameters", 1),
    "POST /sales now needs Key": sets("components", "parameters", "Key", required=True),
    "POST /sales now needs shop": adds(
        {"name": "shop", "in": "query", "required": True, "schema": {}}, "post", "parameters"
    ),
    "POST /sales limit is string, it was integer": sets(
        "post", "parameters", 1, schema={"type": "string"}
    ),
    "POST /sales now needs a body": sets("post", "requestBody", required=True),
    "POST /sales takes no body any more": drops("post", "requestBody"),
    "POST /sales does not answer 200 any more": drops("post", "responses", "200"),
    "POST /sales 200 lacks the header Link": drops("post", "responses", "200", "headers", "Link"),
    "POST /sales body is not application/json any more": sets("post", "requestBody", content={}),
    "Sale.text is gone": drops(*OF_SALE, "text"),
    "Record.text is gone": drops("Record", "properties", "text"),
    "Sale now needs text": adds("text", "Sale", "required"),
    "Record may lack kind now": drops("Record", "required", 0),
    "Sale.text is integer, it was string": sets(*OF_SALE, text={"type": "integer"}),
    "Sale.kind does not take 'return' any more": drops(*OF_SALE, "kind", "enum", 1),
    "Sale.text does not take 'other values' any more": sets(*OF_SALE, "text", enum=["a"]),
    "Sale.text has maxLength 19, it was 20": sets(*OF_SALE, "text", maxLength=19),
    "Sale.text has minLength 2, it was 1": sets(*OF_SALE, "text", minLength=2),
    "Sale.lines has minItems 1, it was none": sets(*OF_SALE, "lines", minItems=1),
    "Sale.text has pattern '^b', it was '^a'": sets(*OF_SALE, "text", pattern="^b"),
    "Sale.paid does not take CARD any more": drops(*OF_SALE, "paid", "oneOf", 1),
}
HARMLESS: dict[str, Change] = {
    "a new operation": sets("paths", **{"/new": {"get": {}}}),
    "a new member that may be left out": sets(*OF_SALE, more={"type": "string"}),
    "a member that is always answered now": adds("text", "Record", "required"),
    "a member that may be left out now": drops("Sale", "required", 0),
    "a further value that may be sent": adds("void", *OF_SALE, "kind", "enum"),
    "a wider limit": sets(*OF_SALE, "text", maxLength=40),
    "no limit": drops(*OF_SALE, "text", "maxLength"),
    "a narrower answer": sets("Record", "properties", "text", maxLength=1),
    "a new parameter": adds({"name": "more", "in": "query", "schema": {}}, "post", "parameters"),
    "another text": sets("Sale", description="x", title="y"),
    "another error": drops("post", "responses", "400"),
}


@pytest.mark.parametrize("expected", BREAKING)
def test_a_change_that_breaks_callers_is_told(expected: str) -> None:
    changed = a_document()
    BREAKING[expected](changed)

    assert breaks(a_document(), changed) == [expected]


@pytest.mark.parametrize("what", HARMLESS)
def test_a_change_that_breaks_nobody_is_not(what: str) -> None:
    changed = a_document()
    HARMLESS[what](changed)

    assert breaks(a_document(), changed) == []


def test_members_that_were_free_may_not_be_closed() -> None:
    changed = a_document()
    at(changed, "Line").update(additionalProperties=False)

    assert "Line takes no other members any more" in breaks(a_document(), changed)
