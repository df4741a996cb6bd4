"""Characters that no text of a body may have: paper, a terminal or an audit file would show them as
something else than what was sent, and no database or XML file keeps all of them."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

FOUND_MAX = 100

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)
"""Control characters, but not tab and the two ends of a line, which are blanks to every file; what
turns the direction of writing round; what Unicode calls no characters."""

_SUSPICIOUS = re.compile(
    rb"\\[bfu]|\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbf[\xbe\xbf]"
)
"""Bytes without which no JSON holds one of them: most bodies need no second look."""


def forbidden(raw: bytes) -> tuple[tuple[str, str], ...]:
    """The places of such characters in a JSON body, each with a sentence; the first hundred. What
    is in the name of a member stands at the object."""
    if not _SUSPICIOUS.search(raw):
        return ()
    found = dict(list(_found(msgspec.json.decode(raw), ""))[:FOUND_MAX])
    return tuple((place, f"must not contain U+{ord(found[place]):04X}") for place in found)


def _found(said: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(said, str):
        if character := _FORBIDDEN.search(said):
            yield place, character[0]
    elif isinstance(said, list):
        for i, item in enumerate(said):
            yield from _found(item, f"{place}[{i}]")
    elif isinstance(said, dict):
        for name, value in said.items():
            if character := _FORBIDDEN.search(name):
                yield place, character[0]
            else:
                yield from _found(value, f"{place}.{name}".removeprefix("."))
