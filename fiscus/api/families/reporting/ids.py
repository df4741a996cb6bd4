"""Ids as this family writes them: a word for the kind of thing, and 32 hex digits."""

import re
from uuid import UUID

from fiscus.model.faults import Code, Missing

UNKNOWN_ID = Code("REPORTING-ID-01", "there is nothing with this id")

_HEX = re.compile("[0-9a-f]{32}", re.ASCII)


def shown(word: str, id_: str) -> str:
    """`shown("op", "0196a1f0-…")` is `op_0196a1f0…`."""
    return f"{word}_{id_.replace('-', '')}"


def read(word: str, text: str) -> str:
    """The inverse, with hyphens. Raises `Missing` for everything that `shown` does not write."""
    prefix, _, digits = text.partition("_")
    if prefix != word or not _HEX.fullmatch(digits):
        raise Missing(UNKNOWN_ID)
    return str(UUID(digits))
