"""Finds the changes of an OpenAPI document that break callers of the old one.

A caller sends what the old document allowed and reads what it promised. So a request may not need
more or take less than before, and an answer may not lack what was always there. What is new and
may be left out breaks nobody; neither does a description, an example or an order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]

UPPER = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
LOWER = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
EXACT = ("pattern", "format", "const", "uniqueItems")


@dataclass(frozen=True)
class DocumentPair:
    """The old document and the new one. `seen`: what was compared already: schemas are circular."""

    old: Json
    new: Json
    seen: set[tuple[str, str, bool]] = field(default_factory=set)


def breaks(old: Json, new: Json) -> list[str]:
    """A sentence for each change that breaks a caller."""
    both = DocumentPair(old, new)
    found: list[str] = []
    for path, methods in old["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            now = new["paths"].get(path, {}).get(method)
            if now is None:
                found.append(f"{name} is gone")
            else:
                found += _operation(both, name, operation, now)
    return found


def _operation(both: DocumentPair, name: str, old: Json, new: Json) -> Iterator[str]:
    yield from _parameters(both, name, old, new)
    body, body_now = old.get("requestBody"), new.get("requestBody")
    if body_now and body_now.get("required") and not (body and body.get("required")):
        yield f"{name} now needs a body"
    if body and not body_now:
        yield f"{name} takes no body any more"
    if body and body_now:
        yield from _contents(both, f"{name} body", body, body_now, is_sent=True)
    for status, named in old["responses"].items():
        answer = _found(both.old, named)
        now = _found(both.new, new["responses"].get(status, {}))
        if not status.startswith("2"):
            continue
        if not now:
            yield f"{name} does not answer {status} any more"
            continue
        for header in answer.get("headers", {}).keys() - now.get("headers", {}).keys():
            yield f"{name} {status} lacks the header {header}"
        yield from _contents(both, f"{name} {status}", answer, now, is_sent=False)


def _parameters(both: DocumentPair, name: str, old: Json, new: Json) -> Iterator[str]:
    before, after = _by_name(both.old, old), _by_name(both.new, new)
    for key, parameter in before.items():
        if key not in after:
            yield f"{name} does not take {key[1]} any more"
            continue
        place = f"{name} {key[1]}"
        yield from _schema(both, place, parameter["schema"], after[key]["schema"], is_sent=True)
    for key, parameter in after.items():
        if parameter.get("required") and not before.get(key, {}).get("required"):
            yield f"{name} now needs {key[1]}"


def _by_name(document: Json, operation: Json) -> dict[tuple[str, str], Json]:
    found = (_found(document, one) for one in operation.get("parameters", ()))
    return {(one["in"], one["name"]): one for one in found}


def _contents(
    both: DocumentPair, place: str, old: Json, new: Json, *, is_sent: bool
) -> Iterator[str]:
    for media, content in old.get("content", {}).items():
        if media not in new.get("content", {}):
            yield f"{place} is not {media} any more"
        elif "schema" in content:
            now = new["content"][media]["schema"]
            yield from _schema(both, place, content["schema"], now, is_sent=is_sent)


def _schema(
    both: DocumentPair, place: str, old: Json, new: Json, *, is_sent: bool
) -> Iterator[str]:
    key = (old.get("$ref", ""), new.get("$ref", ""), is_sent)
    if key[0] and key[1]:
        if key in both.seen:
            return
        both.seen.add(key)
        place = key[0].rpartition("/")[2]
    old, new = _found(both.old, old), _found(both.new, new)
    choices, choices_now = _choices(both.old, old), _choices(both.new, new)
    for name, choice in choices.items():
        if name in choices_now:
            if choices.keys() != {""} or choices_now.keys() != {""}:
                yield from _schema(
                    both, f"{place} ({name})", choice, choices_now[name], is_sent=is_sent
                )
        elif is_sent:
            yield f"{place} does not take {name or old.get('type', 'anything')} any more"
    if not is_sent:
        for name in choices_now.keys() - choices.keys() if "" in choices else ():
            yield f"{place} may be {name} now"
    if choices.keys() == choices_now.keys() == {""}:
        yield from _plain(both, place, old, new, is_sent=is_sent)


def _choices(document: Json, schema: Json) -> dict[str, Json]:
    """What a value may be, by a name of each variant; a schema without variants is its only one."""
    variants = schema.get("oneOf") or schema.get("anyOf")
    if not variants:
        return {"": schema}
    tags = {ref: tag for tag, ref in schema.get("discriminator", {}).get("mapping", {}).items()}
    named = {}
    for one in variants:
        ref = one.get("$ref", "")
        name = tags.get(ref) or ref.rpartition("/")[2] or str(one.get("const", one.get("type", "")))
        named[name] = one
    return named


def _plain(both: DocumentPair, place: str, old: Json, new: Json, *, is_sent: bool) -> Iterator[str]:
    if old.get("type") != new.get("type"):
        yield f"{place} is {new.get('type', 'anything')}, it was {old.get('type', 'anything')}"
        return
    if is_sent:
        yield from _narrower(place, old, new)
    yield from _members(both, place, old, new, is_sent=is_sent)
    for inner in ("items", "additionalProperties"):
        if isinstance(old.get(inner), Mapping) and isinstance(new.get(inner), Mapping):
            yield from _schema(both, f"{place}[]", old[inner], new[inner], is_sent=is_sent)


def _members(
    both: DocumentPair, place: str, old: Json, new: Json, *, is_sent: bool
) -> Iterator[str]:
    members, members_now = old.get("properties", {}), new.get("properties", {})
    for name, member in members.items():
        if name not in members_now:
            yield f"{place}.{name} is gone"
        else:
            now = members_now[name]
            yield from _schema(both, f"{place}.{name}", member, now, is_sent=is_sent)
    needed, needed_now = set(old.get("required", ())), set(new.get("required", ()))
    if is_sent:
        yield from (f"{place} now needs {name}" for name in sorted(needed_now - needed))
    else:
        kept = (needed - needed_now) & members_now.keys()
        yield from (f"{place} may lack {name} now" for name in sorted(kept))


def _narrower(place: str, old: Json, new: Json) -> Iterator[str]:
    """What may be sent no more."""
    values, values_now = old.get("enum"), new.get("enum")
    if values_now is not None:
        gone = [value for value in values or ["other values"] if value not in values_now]
        yield from (f"{place} does not take {value!r} any more" for value in gone)
    for name in (*UPPER, *LOWER):
        if name in new:
            limit, now = old.get(name), new[name]
            if limit is None or (now < limit if name in UPPER else now > limit):
                yield f"{place} has {name} {now}, it was {'none' if limit is None else limit}"
    for name in EXACT:
        if name in new and new[name] != old.get(name):
            yield f"{place} has {name} {new[name]!r}, it was {old.get(name)!r}"
    is_closed = new.get("additionalProperties") is False
    if is_closed and old.get("additionalProperties") is not False:
        yield f"{place} takes no other members any more"


def _found(document: Json, node: Json) -> Json:
    """What a reference refers to; everything else is itself."""
    if "$ref" not in node:
        return node
    found: Any = document
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return _found(document, found)
