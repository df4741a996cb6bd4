"""What is wrong with a body: sentences that name the places and no values."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

SHOWN_MAX = 5
NAME_MAX = 64
CHOICES_MAX = 600
NUL = "\x00"
MAPS = ("metadata", "properties")
TAG = re.compile(r"[A-Z][A-Za-z0-9_-]*")

SENTENCES = {
    "missing": "is required",
    "string_type": "should be a string",
    "string_too_short": "should have at least {min_length} characters",
    "string_too_long": "should have at most {max_length} characters",
    "string_pattern_mismatch": "should match pattern {pattern}",
    "literal_error": "should be {expected}",
    "union_tag_invalid": "should have a type among {expected_tags}",
    "union_tag_not_found": "should have a type",
    "model_type": "should be an object",
    "model_attributes_type": "should be an object",
    "dict_type": "should be an object",
    "list_type": "should be an array",
    "bool_type": "should be true or false",
    "int_type": "should be an integer",
    "too_short": "should have at least {min_length} items",
    "too_long": "should have at most {max_length} items",
    "calendar": "should be a moment that exists",
    "distinct": "should have no item twice",
}


def problem(error: ValidationError) -> str:
    """The first few problems of a body. Input values never appear: they may be secrets."""
    found = error.errors(include_url=False, include_input=False)
    sentences = [_sentence(detail) for detail in found[:SHOWN_MAX]]
    if len(found) > SHOWN_MAX:
        sentences.append(f"and {len(found) - SHOWN_MAX} more")
    return "; ".join(sentences)


def places(error: ValidationError, body: Any) -> Iterator[tuple[str, str]]:
    """The first few problems as place and sentence, for a family that lists them one by one.

    `body` is what was sent: only what occurs in it is part of a place, so that the names by which
    a union tells its variants apart never show.
    """
    for detail in error.errors(include_url=False, include_input=False)[:SHOWN_MAX]:
        kind, location = detail["type"], detail["loc"]
        place = _place(location, body, is_missing=kind == "missing")
        if kind == "json_invalid":
            yield "", "is not valid JSON"
        elif kind == "extra_forbidden":
            yield place, "is not supported here"
        else:
            yield place, _expected(kind, detail.get("ctx", {}))


def _place(location: tuple[int | str, ...], body: Any, *, is_missing: bool) -> str:
    path, node = "", body
    for depth, step in enumerate(location):
        if isinstance(step, int):
            path += f"[{step}]"
            node = node[step] if isinstance(node, list) and step < len(node) else None
        elif isinstance(node, dict) and step in node:
            path += f".{step[:NAME_MAX]}"
            node = node[step]
        elif is_missing and depth == len(location) - 1:
            path += f".{step}"
    return path.removeprefix(".")


def nul_problem(body: Any) -> str:
    """Where a text holds U+0000, which neither PostgreSQL nor XML can keep; empty if none does."""
    return next((f"{_path(place)}: must not contain U+0000" for place in _nuls(body, ())), "")


def _nuls(value: Any, place: tuple[int | str, ...]) -> Iterator[tuple[int | str, ...]]:
    if isinstance(value, str):
        if NUL in value:
            yield place
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nuls(item, (*place, index))
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from [place] if NUL in name else _nuls(member, (*place, name))


def _sentence(detail: ErrorDetails) -> str:
    kind, location = detail["type"], detail["loc"]
    if kind == "json_invalid":
        return "the body is not valid JSON"
    if kind == "extra_forbidden":
        where = _path(location[:-1])
        name = str(location[-1])[:NAME_MAX]
        return f'property "{name}" is unsupported' + (f" at {where}" if where else "")
    return f"{_path(location) or 'the body'}: {_expected(kind, detail.get('ctx', {}))}"


def _expected(kind: str, context: dict[str, Any]) -> str:
    text = SENTENCES.get(kind, "is not valid").format(**context)
    return text if len(text) <= CHOICES_MAX else "should be one of the listed values"


def _path(location: tuple[int | str, ...]) -> str:
    """`content.operation.entries[0].data`: as in the body, without the names of variants.

    All members of the contract are lower-case, all variants begin with a capital; only
    inside the free maps may a key look like a variant.
    """
    path, is_free = "", False
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif is_free or not TAG.fullmatch(step):
            path += f".{step[:NAME_MAX]}"
        is_free = step in MAPS
    return path.removeprefix(".")
