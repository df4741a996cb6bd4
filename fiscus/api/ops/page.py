"""The API's description as one page: no script, nothing loaded from elsewhere."""

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

Json = Mapping[str, Any]

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; }
nav { columns: 16rem; font-size: .9rem; } nav a { display: block; text-decoration: none; }
summary { cursor: pointer; } section { border-top: 1px solid var(--line); margin-top: 2rem; }
h2 code { font-size: 1.1rem; } code, pre { font: .85rem ui-monospace, monospace; }
pre { background: var(--soft); padding: .75rem; overflow: auto; max-height: 24rem; }
table { border-collapse: collapse; width: 100%; } td, th { border-bottom: 1px solid var(--line);
  padding: .25rem .5rem; text-align: left; vertical-align: top; }
.method { font-weight: 700; margin-right: .5rem; } details { margin: .5rem 0; }
"""


def render(document: Json, others: Sequence[str] = ()) -> str:
    """The page for an OpenAPI document. `others`: where the documents of single versions are."""
    info = document["info"]
    operations = list(_operations(document))
    links = "".join(
        f'<a href="#{one["operationId"]}"><code>{method.upper()} {escape(path)}</code></a>'
        for method, path, one in operations
    )
    sections = "".join(_section(document, *operation) for operation in operations)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}'
        f'</title><meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>"
        f"<p>{escape(info.get('description', ''))}</p>"
        f'<p>The exact document is <a href="/openapi.json">openapi.json</a>.{_versions(others)}</p>'
        f"<nav>{links}</nav>{sections}{_schemas(document)}</body></html>"
    )


def _versions(others: Sequence[str]) -> str:
    links = ", ".join(f'<a href="{path}">{path.rpartition("/")[2]}</a>' for path in others)
    return f" One version of one API: {links}." if links else ""


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, Mapping) and "operationId" in operation:
                yield method, path, operation


def _found(document: Json, node: Json) -> Json:
    """What a reference refers to; everything else is itself."""
    if "$ref" not in node:
        return node
    found: Any = document
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return _found(document, found)


def _section(document: Json, method: str, path: str, operation: Json) -> str:
    parameters = [_found(document, one) for one in operation.get("parameters", [])]
    return (
        f'<section id="{operation["operationId"]}"><h2><code><span class="method">'
        f"{method.upper()}</span>{escape(path)}</code></h2>"
        f"<p>{escape(operation.get('summary', ''))}. {escape(operation.get('description', ''))}</p>"
        f"{_parameters(parameters)}{_request(operation)}{_answers(document, operation)}"
        "</section>"
    )


def _parameters(parameters: list[Json]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{one['in']}</td>"
        f"<td>{'required' if one.get('required') else ''}</td>"
        f"<td>{_shape(one['schema'])}</td><td>{escape(one.get('description', ''))}</td></tr>"
        for one in parameters
    )
    return f"<table><tr><th>Parameter<th>In<th><th>Form<th></tr>{rows}</table>" if rows else ""


def _request(operation: Json) -> str:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return _body("Request", content) if content else ""


def _answers(document: Json, operation: Json) -> str:
    """By status, so that the good answer comes first."""
    found = []
    for status, named in sorted(operation["responses"].items()):
        answer = _found(document, named)
        content = answer.get("content", {}).get("application/json", {})
        found.append(_body(f"{status} {answer.get('description', '')}", content))
    return "".join(found)


def _body(title: str, content: Json) -> str:
    """A body: its schema as a link, its examples to be opened."""
    examples = {name: one.get("value") for name, one in content.get("examples", {}).items()}
    if "example" in content:
        examples["example"] = content["example"]
    shape = _shape(content["schema"]) if "schema" in content else ""
    shown = "".join(
        f"<details><summary>{escape(name)}</summary>"
        f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre></details>"
        for name, value in examples.items()
    )
    return f"<p><b>{escape(title)}</b> {shape}</p>{shown}"


def _schemas(document: Json) -> str:
    """Every body and what it is made of, member by member."""
    sections = "".join(
        f'<section id="schema-{escape(name)}"><h3><code>{escape(name)}</code></h3>'
        f"<p>{escape(schema.get('description', ''))}</p>{_members(schema)}</section>"
        for name, schema in document.get("components", {}).get("schemas", {}).items()
    )
    return f"<h2>Bodies</h2>{sections}" if sections else ""


def _members(schema: Json) -> str:
    if "properties" not in schema:
        return f"<p>{_shape(schema)}</p>"
    wanted = schema.get("required", ())
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td>"
        f"<td>{'required' if name in wanted else ''}</td><td>{_shape(one)}</td></tr>"
        for name, one in schema["properties"].items()
    )
    return f"<table>{rows}</table>" if rows else "<p>An empty object.</p>"


LIMITS = {
    "format": "{}",
    "pattern": "matches {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "from {}",
    "maximum": "to {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "maxProperties": "at most {} members",
    "default": "else {}",
    "x-fiscus-default": "else {}",
}


def _shape(schema: Json) -> str:
    """A schema in a few words: its type or the links to what it may be, and its limits."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}"><code>{name}</code></a>'
    choices = schema.get("oneOf") or schema.get("anyOf")
    if choices:
        return " or ".join(_shape(one) for one in choices)
    if values := [schema["const"]] if "const" in schema else schema.get("enum"):
        return ", ".join(f"<code>{escape(json.dumps(value))}</code>" for value in values)
    what = escape(str(schema.get("type", "anything")))
    if "items" in schema:
        what = f"array of {_shape(schema['items'])}"
    said = (text.format(schema[name]) for name, text in LIMITS.items() if name in schema)
    return ", ".join([what, *(escape(one) for one in said)])
