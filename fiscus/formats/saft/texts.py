"""Ids and numbers as the file wants them."""

from decimal import Decimal
from hashlib import blake2b

from fiscus.model.amounts import decimals_half_up, plain

DECIMALS_MAX = 21
"""Enough for the price of one of the largest quantity: what is sealed is never cut. XML readers
of 24 digits understand it."""


def short_id(*parts: str) -> str:
    """The same sixteen characters for the same words, in every file."""
    words = "\x1f".join(" ".join(part.casefold().split()) for part in parts)
    return blake2b(words.encode("utf-8", "replace"), digest_size=8).hexdigest()


def exact(amount: Decimal) -> str:
    """The amount unrounded, except that endless fractions stop somewhere."""
    text = plain(amount)
    point = text.find(".")
    if point < 0 or len(text) - point - 1 <= DECIMALS_MAX:
        return text
    return plain(decimals_half_up(amount, DECIMALS_MAX))
