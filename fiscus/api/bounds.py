"""Bounds for a JSON body, counted before the body is validated.

A body of some megabytes can hold a million values, or as many unknown members, and what validates
it would tell of each. So members, depth and values are counted first; of an object with very many
members only the first are validated; and within an array the first wrong item ends the search.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
from pydantic import TypeAdapter
from pydantic_core import SchemaValidator

from fiscus.model.faults import Code, Refused

MEMBERS_MAX = 10_000
DEPTH_MAX = 64
VALUES_MAX = 200_000
"""Of a whole body. One of the largest that we take has far fewer, unless it says nothing."""

FAULTS_MAX = 100
"""So many faults are told at once, and that there are more."""

FIRST_ITEMS = 3

PLACE_MAX = 300

SMALL_WEIGHT = 500
"""A body with fewer commas and brackets cannot have more faults than this: it needs no counting."""

MEMBERS = Code("INTAKE-JSON-01", "an object has more than 10,000 members")
DEPTH = Code("INTAKE-JSON-02", "the body is nested more than 64 levels deep")
VALUES = Code("INTAKE-JSON-03", "the body has more than 200,000 values")
TWICE = Code(
    "INTAKE-JSON-04", "an object has the same member twice, and only one of them could count"
)

Place = tuple[Any, ...]


def is_heavy(raw: bytes) -> bool:
    """Of a heavy body not all faults are told."""
    return weight(raw) > SMALL_WEIGHT


class DecodedBody(msgspec.Struct, frozen=True, kw_only=True):
    """A body as Python's own values, and how many it has, without the outermost."""

    said: Any
    values: int


def weight(raw: bytes) -> int:
    """Not less than the number of values: each but the first stands behind a comma or a bracket."""
    return raw.count(b",") + raw.count(b"[") + raw.count(b"{")


def decoded(raw: bytes) -> DecodedBody:
    """Raises `Refused` with the place if the body says too much, `ValueError` if it is no JSON."""
    if weight(raw) > VALUES_MAX:
        raise Refused(VALUES)
    try:
        said = msgspec.json.decode(raw)
    except RecursionError:
        raise Refused(DEPTH) from None
    return _counted(said)


def _counted(said: Any) -> DecodedBody:
    """Level by level: without recursion, because depth is what it looks for."""
    values, widest, depth = 0, 0, 0
    level = [said] if isinstance(said, dict | list) else []
    while level:
        depth += 1
        widest = max(widest, max((len(one) for one in level if type(one) is dict), default=0))
        if depth > DEPTH_MAX:
            raise Refused(DEPTH, _place(said, lambda _, depth: depth > DEPTH_MAX))
        if widest > MEMBERS_MAX:
            raise Refused(MEMBERS, _place(said, lambda one, _: _members(one) > MEMBERS_MAX))
        values += sum(map(len, level))
        level = [
            one
            for container in level
            for one in (container.values() if type(container) is dict else container)
            if one and (type(one) is dict or type(one) is list)
        ]
    return DecodedBody(said=said, values=values)


def _members(one: Any) -> int:
    return len(one) if isinstance(one, dict) else 0


def _place(said: Any, is_it: Callable[[Any, int], bool]) -> str:
    """Where the first thing is of which this holds, by itself and its depth."""
    waiting: deque[tuple[Any, int, Place]] = deque([(said, 1, ())])
    while waiting:
        one, depth, place = waiting.popleft()
        if is_it(one, depth):
            return _path(place)
        inner = one.items() if isinstance(one, dict) else enumerate(one)
        waiting += [
            (part, depth + 1, (place, name))
            for name, part in inner
            if part and isinstance(part, dict | list)
        ]
    return ""


def _path(place: Place) -> str:
    """`content.entries[3]`; of a long way its beginning."""
    steps: list[Any] = []
    while place:
        place, step = place
        steps.append(step)
    text = "".join(f"[{one}]" if isinstance(one, int) else f".{one[:64]}" for one in steps[::-1])
    return text.removeprefix(".")[:PLACE_MAX]


class _Members(list[tuple[str, Any]]):
    """An object, as all its members."""


def expect_single(raw: bytes) -> None:
    """Raises `Refused` with the place if an object of a body has the same member twice: whoever
    reads it would see one of them only. What is no JSON is left to who reads it next."""
    try:
        json.loads(raw, object_pairs_hook=_single)
    except (_RepeatedMember, RecursionError, ValueError) as error:
        if isinstance(error, _RepeatedMember):
            said = json.loads(raw, object_pairs_hook=_Members)
            raise Refused(TWICE, _repeated(said)) from None


class _RepeatedMember(Exception):
    """Found while a body was read."""


def _single(members: list[tuple[str, Any]]) -> None:
    if len(members) > 1 and len({name for name, _ in members}) < len(members):
        raise _RepeatedMember


def _repeated(said: Any) -> str:
    """Where the first member is that its object has twice."""
    waiting: deque[tuple[Any, Place]] = deque([(said, ())])
    while waiting:
        one, place = waiting.popleft()
        if isinstance(one, _Members):
            seen: set[str] = set()
            for name, part in one:
                if name in seen:
                    return _path((place, name))
                seen.add(name)
                waiting.append((part, (place, name)))
        elif isinstance(one, list):
            waiting += [(part, (place, index)) for index, part in enumerate(one)]
    return ""


class BodyShape:
    """What a body must look like. `full` tells every fault; `brief` one per array, however many
    items are wrong."""

    def __init__(self, full: TypeAdapter[Any]) -> None:
        self._full = full
        schema = full.core_schema
        # Parts that were built before would be used as they are, without our change.
        self._brief = SchemaValidator(_hurried(schema), _use_prebuilt=False)
        self._names = frozenset(_names(schema))

    def validated(self, raw: bytes, body: DecodedBody | None = None) -> Any:
        """The body as a model. Raises pydantic's `ValidationError`, and what `decoded` raises."""
        if not is_heavy(raw):
            return self._full.validate_json(raw)
        # Each fault is told with the object it is in, made anew: of a large one that takes longer
        # than all the rest. So the first few members and items are validated alone.
        body = body or decoded(raw)
        self._brief.validate_json(msgspec.json.encode(self._thinned(body.said)))
        return self._brief.validate_json(raw)

    def _thinned(self, said: Any) -> Any:
        """With the first items of each array, and without most of the members that no model knows;
        depth is bounded already."""
        if isinstance(said, list):
            return [self._thinned(one) for one in said[:FIRST_ITEMS]]
        if not isinstance(said, dict):
            return said
        if len(said) > FAULTS_MAX:
            said = dict(self._first(said))
        return {name: self._thinned(one) for name, one in said.items()}

    def _first(self, said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        unknown = 0
        for name, one in said.items():
            unknown += name not in self._names
            if name in self._names or unknown <= FAULTS_MAX + 1:
                yield name, one


def _hurried(schema: Any) -> Any:
    """A schema of pydantic's whose arrays end at their first wrong item."""
    if isinstance(schema, dict):
        changed = {name: _hurried(part) for name, part in schema.items()}
        if changed.get("type") == "list":
            changed["fail_fast"] = True
        return changed
    if isinstance(schema, list | tuple):
        return type(schema)(_hurried(part) for part in schema)
    return schema


def _names(schema: Any) -> Iterator[str]:
    """Every name of a member anywhere in a schema of pydantic's."""
    if isinstance(schema, dict):
        if schema.get("type") == "model-fields":
            yield from schema["fields"]
        yield from _strings(schema.get("validation_alias"))
        for part in schema.values():
            yield from _names(part)
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from _names(part)


def _strings(alias: Any) -> Iterator[str]:
    if isinstance(alias, str):
        yield alias
    elif isinstance(alias, list | tuple):
        for part in alias:
            yield from _strings(part)


@cache
def shape(full: TypeAdapter[Any]) -> BodyShape:
    """Made once for each model: it takes a while."""
    return BodyShape(full)
