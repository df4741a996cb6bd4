"""What the families' OpenAPI documents have in common, and the one document they make together."""

from typing import Any

import msgspec
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

Json = dict[str, Any]


class Schemas(GenerateJsonSchema):
    """Absent members have no default, and property names need no titles."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def merged(version: str, *documents: bytes) -> bytes:
    """One document of several families, whose paths, tags and components must not collide."""
    whole: Json = {
        "openapi": "3.1.0",
        "info": {"title": "Fiscus", "version": version},
        "tags": [],
        "paths": {},
        "components": {},
    }
    said = []
    for document in map(msgspec.json.decode, documents):
        said.append(f"{document['info']['title']}: {document['info']['description']}")
        whole.setdefault("servers", document["servers"])
        whole["tags"] += document["tags"]
        _add(whole["paths"], _secured(document))
        for kind, parts in document["components"].items():
            _add(whole["components"].setdefault(kind, {}), parts)
    whole["info"]["description"] = " ".join(said)
    return msgspec.json.encode(whole)


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
