"""Text and numbers as the file wants them: allowed characters, bounded lengths, escaped."""

import re
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b

from fiscus.model.amounts import cents_half_up, plain

DECIMALS_MAX = 12
"""Enough for any unit price, and few enough that 24-digit XML readers still understand it."""

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = re.compile("[&<>]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def clean(text: str, length_max: int) -> str:
    """One line of characters that XML 1.0 allows, cut to the field's length, not yet escaped."""
    allowed = _FORBIDDEN.sub("\ufffd", text)
    return " ".join(allowed.split())[:length_max].rstrip()


def escaped(text: str) -> str:
    return _MARKUP.sub(lambda found: _ENTITIES[found[0]], text)


@lru_cache(maxsize=4096)
def field(text: str, length_max: int, instead: str) -> str:
    """The text ready to stand between two tags; `instead` where nothing is left of it."""
    return escaped(clean(text, length_max) or instead)


def short_id(*parts: str) -> str:
    """The same sixteen characters for the same words, in every file."""
    words = "\x1f".join(" ".join(part.casefold().split()) for part in parts)
    return blake2b(words.encode("utf-8", "replace"), digest_size=8).hexdigest()


def exact(amount: Decimal) -> str:
    """The amount unrounded, except that endless fractions stop after twelve decimals."""
    text = plain(amount)
    point = text.find(".")
    if point < 0 or len(text) - point - 1 <= DECIMALS_MAX:
        return text
    return plain(cents_half_up(amount.scaleb(DECIMALS_MAX - 2)).scaleb(2 - DECIMALS_MAX))
