"""JSON that means one thing only, read within limits, whoever wrote it."""

import json
import re
from decimal import Decimal
from typing import Any

BODY_BYTES_MAX = 16 * 1024 * 1024
"""A body that is larger is not read: no operation that a writer takes has so many words."""

SURROGATE = re.compile(rb"\\u[dD]")


def unique_members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    raise ValueError("a member name occurs twice")


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


DECODER = json.JSONDecoder(
    object_pairs_hook=unique_members, parse_float=Decimal, parse_constant=refuse_constant
)
SCAN: Any = vars(DECODER)["scan_once"]
"""The decoder's inner part, which leaves spaces around the value to us."""


def read_json(stored: bytes) -> object:
    """The value. Raises `ValueError` for everything that is not JSON, or is too large or deep."""
    if len(stored) > BODY_BYTES_MAX:
        raise ValueError("too large")
    try:
        value = decoded_text(stored.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except ArithmeticError as error:
        raise ValueError("a number without sense") from error
    if SURROGATE.search(stored) and has_halves(value):
        raise ValueError("half a character")
    return value


def decoded_text(text: str) -> object:
    """The value of a text. One without spaces around it, as writers store it, is quicker to read;
    what is odd goes to the whole decoder, which says what is wrong."""
    try:
        value, end = SCAN(text, 0)
    except StopIteration:
        return DECODER.decode(text)
    return value if end == len(text) else DECODER.decode(text)


def has_halves(value: object) -> bool:
    """Whether a text in it cannot be written as UTF-8; JSON may smuggle half characters."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if not one.isascii() and any("\ud800" <= character <= "\udfff" for character in one):
                return True
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
    return False


def read_object(stored: bytes) -> dict[str, object] | None:
    """The members of a JSON object, or None."""
    try:
        value = read_json(stored)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def part(members: object, name: str) -> dict[str, object]:
    """The object that a member is; an empty one for everything else."""
    value = members.get(name) if isinstance(members, dict) else None
    return value if isinstance(value, dict) else {}
