"""Text as it may stand between two tags of XML: allowed characters, bounded lengths, escaped."""

import re
from functools import lru_cache

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = re.compile("[&<>]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def clean(text: str, length_max: int) -> str:
    """One line of characters that XML 1.0 allows, cut to the field's length, not yet escaped."""
    return one_line(allowed(text))[:length_max].rstrip()


def one_line(text: str) -> str:
    """The text with a single blank wherever lines, tabs or blanks part its words."""
    return " ".join(text.split())


def allowed(text: str) -> str:
    """The text with a mark in place of each character that XML 1.0 does not know."""
    return _FORBIDDEN.sub("\ufffd", text)


def escaped(text: str) -> str:
    return _MARKUP.sub(lambda found: _ENTITIES[found[0]], text)


@lru_cache(maxsize=4096)
def field(text: str, length_max: int, instead: str) -> str:
    """The text ready to stand between two tags; `instead` where nothing is left of it."""
    return escaped(clean(text, length_max) or instead)
