"""Whether the places that an answer of the Unified API names are in the body that was sent."""

import re
from typing import Any

from tests.support.till import Json

PLACES = re.compile(r"\(([a-z][a-z0-9_.\[\], …]*)\)")
"""How a fault names its places: in brackets behind its sentence."""

STEP = re.compile(r"[^.\[\]]+|\[[0-9]+\]")


def transaction(operation: Json) -> Json:
    """The body that concludes an intention with this operation."""
    record = {"id": "01a1e395-ae80-7000-8000-00100001ecc4"}
    return {"content": {"type": "TRANSACTION", "record": record, "operation": operation}}


def named(text: str) -> list[str]:
    """The places that a message, or the logs of a record, name."""
    found = [place for group in PLACES.findall(text) for place in group.split(", ")]
    return [place for place in found if place != "…"]


def at(body: Any, place: str) -> Any:
    """What stands there. Raises `KeyError`, `IndexError` or `TypeError` if nothing does."""
    for step in STEP.findall(place):
        body = body[int(step[1:-1])] if step.startswith("[") else body[step]
    return body


def expect_there(text: str, body: Json) -> list[str]:
    """The places that a text names, each of which must be in the body."""
    found = named(text)
    for place in found:
        assert place.startswith("content"), (place, text)
        try:
            at(body, place)
        except (KeyError, IndexError, TypeError):
            raise AssertionError(f"{place} is not in the body: {text}") from None
    return found
