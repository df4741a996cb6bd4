"""OpenAPI 3.1 documents of the API families, built from the tables and models that serve requests.

A family describes its operations and what is its own in a `Contract`; how a document is made of it
is the same for all, and so is the one document that shows all families together. What tools that
read it stumble over is avoided here: titles are unique, and an absent member has no default.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from fiscus.api.families import ApiFamily

Json = dict[str, Any]

REF = "#/components/schemas/"
JSON_MEDIA = "application/json"
LICENSE = {"name": "Apache 2.0", "identifier": "Apache-2.0"}

DEFAULT = "x-fiscus-default"
"""What an absent member of a body means. Not `default`: of a member that has one, generators of
clients say that it must be there."""

NOT_IMPLEMENTED = "x-fiscus-not-implemented"
"""A kind that the contract has and this service answers with 501."""


@dataclass(frozen=True, kw_only=True)
class DescribedAnswer:
    """One answer of an operation. `headers`: names among the contract's; `model`: a model or its
    adapter, None for bytes of `media`, or for no body at all where that is empty; `name`: under
    which it stands among the components, empty: it stands at the operation."""

    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    model: Any = None
    media: str = JSON_MEDIA
    example: Any = None
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class DescribedOperation:
    """One operation: `parameters` as OpenAPI has them, `answers` by status, `scope` what the role
    of a key must have, None where no key is wanted. `more_examples`: further bodies, by name."""

    id: str
    method: str
    path: str
    summary: str
    tag: str
    parameters: tuple[Json, ...]
    answers: Mapping[int, DescribedAnswer]
    request: Any = None
    request_example: Any = None
    more_examples: Mapping[str, Any] = field(default_factory=dict)
    is_body_needed: bool = True
    scope: str | None = None
    is_extension: bool = False


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What a family's document says, besides what it has in common with others.

    - `tags`: the groups of operations, each with a sentence;
    - `security`: name and scheme of the credential; `or_security`: others that do as well;
    - `prefix`: before the name of every schema, so that no other family's is meant;
    - `edited`: changes the schemas by name, for a version that lacks something.
    """

    title: str
    version: str
    description: str
    tags: Mapping[str, str]
    security: tuple[str, Json]
    operations: tuple[DescribedOperation, ...]
    headers: Json
    parameters: Json
    or_security: tuple[tuple[str, Json], ...] = ()
    prefix: str = ""
    edited: Callable[[Json], None] = lambda schemas: None


class SchemaGenerator(GenerateJsonSchema):
    """Absent members have no default, and property names need no titles."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def build(contract: Contract, server: str = "/") -> Json:
    """The whole document, as served under the address `server`."""
    schemas, bodies = _schemas(contract)
    contract.edited(schemas)
    paths: Json = {}
    responses: Json = {}
    for operation in contract.operations:
        described = _operation(operation, bodies, responses)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    schemes = dict([contract.security, *contract.or_security])
    whole: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": contract.title,
            "version": contract.version,
            "description": contract.description,
            "license": LICENSE,
        },
        "servers": [{"url": server}],
        "tags": [{"name": tag, "description": text} for tag, text in contract.tags.items()],
        "security": [{name: []} for name in schemes],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": contract.headers,
            "parameters": contract.parameters,
            "responses": dict(sorted(responses.items())),
            "securitySchemes": schemes,
        },
    }
    whole["components"]["schemas"] = _reachable(whole)
    return whole


Bodies = dict[int, Json]
"""References to bodies, by the identity of what they are made of."""


def _schemas(contract: Contract) -> tuple[Json, Bodies]:
    adapters: dict[int, TypeAdapter[Any]] = {}
    for operation in contract.operations:
        answers = (one.model for one in operation.answers.values())
        for model in (operation.request, *answers):
            if model is not None and id(model) not in adapters:
                is_made = isinstance(model, TypeAdapter)
                adapters[id(model)] = model if is_made else TypeAdapter(model)
    found, defs = TypeAdapter.json_schemas(
        [(key, "validation", adapter) for key, adapter in adapters.items()],
        ref_template=f"{REF}{contract.prefix}{{model}}",
        schema_generator=SchemaGenerator,
    )
    named = {f"{contract.prefix}{name}": schema for name, schema in defs["$defs"].items()}
    for name, schema in named.items():
        schema["title"] = name
        for member in schema.get("properties", {}).values():
            if "default" in member:
                member[DEFAULT] = member.pop("default")
    return named, {key: schema for (key, _), schema in found.items()}


def _operation(operation: DescribedOperation, bodies: Bodies, responses: Json) -> Json:
    described: Json = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": list(operation.parameters),
        "responses": {
            str(status): _answer(answer, bodies, responses)
            for status, answer in sorted(operation.answers.items())
        },
    }
    if operation.request is not None:
        content = _content(bodies[id(operation.request)], operation.request_example)
        if operation.more_examples:
            every = {"sample": content.pop("example"), **operation.more_examples}
            content["examples"] = {name: {"value": body} for name, body in every.items()}
        described["requestBody"] = {
            "required": operation.is_body_needed,
            "content": {JSON_MEDIA: content},
        }
    if operation.scope is None:
        described["security"] = []
    else:
        described["x-fiscus-scope"] = operation.scope
    if operation.is_extension:
        described["x-fiscus-extension"] = True
    return described


def _answer(answer: DescribedAnswer, bodies: Bodies, responses: Json) -> Json:
    headers = {
        name: {"$ref": f"#/components/headers/{component}"}
        for name, component in answer.headers.items()
    }
    described: Json = {"description": answer.text, "headers": headers}
    if answer.model is not None:
        content = _content(bodies[id(answer.model)], answer.example)
        described["content"] = {answer.media: content}
    elif answer.media:
        binary = {"schema": {"type": "string", "contentMediaType": answer.media}}
        described["content"] = {answer.media: binary}
    if not answer.name:
        return described
    responses[answer.name] = described
    return {"$ref": f"#/components/responses/{answer.name}"}


def _content(schema: Json, example: Any) -> Json:
    return {"schema": schema} if example is None else {"schema": schema, "example": example}


def _reachable(whole: Json) -> Json:
    """The schemas that something still refers to."""
    schemas = whole["components"]["schemas"]
    others = {**whole, "components": {**whole["components"], "schemas": {}}}
    found: set[str] = set()
    waiting = set(_references(others))
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_references(schemas[name])) - found
    return {name: schemas[name] for name in sorted(found)}


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
    elif isinstance(node, str) and node.startswith(REF):
        yield node.removeprefix(REF)


def header(name: str, schema: Json, example: str, text: str, *, required: bool = False) -> Json:
    """A header that a caller sends, as a parameter."""
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": text,
        "schema": schema,
        "example": example,
    }


@cache
def published(families: tuple[ApiFamily, ...], version: str) -> dict[str, bytes]:
    """Every document by its address: all families together, and each version of each family. Made
    once: it takes a while."""
    whole = merged(version, *(family.document(family.current) for family in families))
    documents = {"/openapi.json": whole}
    for family in families:
        for one in family.versions:
            documents[f"/openapi/{family.code}-{one}.json"] = family.document(one)
    return {path: msgspec.json.encode(document) for path, document in documents.items()}


def merged(version: str, *documents: Json) -> Json:
    """One document of several families, whose paths, tags and components must not collide."""
    whole: Json = {
        "openapi": "3.1.0",
        "info": {"title": "Fiscus", "version": version, "license": LICENSE},
        "servers": [],
        "tags": [],
        "paths": {},
        "components": {},
    }
    said = []
    for document in documents:
        said.append(f"{document['info']['title']}: {document['info']['description']}")
        whole["servers"] = whole["servers"] or document["servers"]
        whole["tags"] += document["tags"]
        _add(whole["paths"], _secured(document))
        for kind, parts in document["components"].items():
            _add(whole["components"].setdefault(kind, {}), parts)
    whole["info"]["description"] = " ".join(said)
    return whole


def _secured(document: Json) -> Json:
    """What holds for a whole document is said at each operation: families differ in it."""
    paths: Json = {}
    for path, methods in document["paths"].items():
        paths[path] = {
            method: {"security": document["security"], **operation}
            for method, operation in methods.items()
        }
    return paths


def _add(whole: Json, parts: Json) -> None:
    assert not whole.keys() & parts.keys(), sorted(whole.keys() & parts.keys())
    whole.update(parts)
