"""Says what is wrong with a body, in sentences that name places but no values; and how many places
and what besides is told of what a law refuses."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fiscus import regimes
from fiscus.model.faults import Fault

SHOWN_MAX = 100
BRIEF = "and perhaps more: in a body of this size each array is read to its first wrong item"
NAME_MAX = 64
CHOICES_MAX = 600
MAPS = ("metadata", "properties")
TAG = re.compile(r"[A-Z][A-Za-z0-9_-]*")

SENTENCES = {
    "missing": "is required",
    "value_error": "{error}",
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


def problem(error: ValidationError, *, is_brief: bool = False) -> str:
    """The first hundred problems of a body; `is_brief`: they were not all looked for. Input values
    never appear: they may be secrets."""
    found = error.errors(include_url=False, include_input=False)
    sentences = [_sentence(detail) for detail in found[:SHOWN_MAX]]
    return "; ".join([*sentences, *_more(len(found), is_brief)])


def places(
    error: ValidationError, body: Any, *, is_brief: bool = False
) -> Iterator[tuple[str, str]]:
    """The same as places and sentences, for a family that lists them one by one.

    `body` is what was sent: only what occurs in it is part of a place, so that the names by which
    a union tells its variants apart never show.
    """
    found = error.errors(include_url=False, include_input=False)
    for detail in found[:SHOWN_MAX]:
        kind, location = detail["type"], detail["loc"]
        place = _place(location, body, is_missing=kind == "missing")
        if kind == "json_invalid":
            yield "", "is not valid JSON"
        elif kind == "extra_forbidden":
            yield place, "is not supported here"
        else:
            yield place, _expected(kind, detail.get("ctx", {}))
    for sentence in _more(len(found), is_brief):
        yield "", sentence


def limited(faults: Sequence[Fault]) -> tuple[list[Fault], int]:
    """The faults with their first hundred places; and how many places more there are."""
    kept: list[Fault] = []
    room, left = SHOWN_MAX, 0
    for fault in faults:
        paths = fault.paths[:room]
        left += len(fault.paths) - len(paths)
        room -= len(paths)
        kept.append(msgspec.structs.replace(fault, paths=paths))
    return kept[:SHOWN_MAX], left


def advice(fault: Fault) -> str:
    """Which law is broken, and what to do; empty where no law is."""
    remedy = f"; what to do: {found}" if (found := regimes.remedy(fault.code)) else ""
    return f"law: {fault.law}{remedy}" if fault.law else ""


def _more(found: int, is_brief: bool) -> Iterator[str]:
    if found > SHOWN_MAX:
        yield f"and {'at least ' if is_brief else ''}{found - SHOWN_MAX} more"
    elif is_brief:
        yield BRIEF


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
