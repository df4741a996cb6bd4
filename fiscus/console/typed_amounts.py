"""Amounts as people type them: `12,34`, `12.34`, `1.234,50`, `1 234.5`."""

import re

_SPACES = re.compile(r"[\s'’\u00a0\u202f]+")
_TYPED = re.compile(r"[+-]?(?P<whole>[0-9][0-9.,]*?)(?:(?P<sign>[.,])(?P<cents>[0-9]{1,2}))?")
_WHOLE = re.compile(r"[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,3}(?:,[0-9]{3})+")
DIGITS_MAX = 13
"""More whole digits than any document has."""


def cents_of(text: str) -> int | None:
    """The amount in cents, without its sign; None if it is no amount.

    One or two digits behind the last separator are cents, three are thousands: so the same figures
    mean the same whatever the language.
    """
    found = _TYPED.fullmatch(_SPACES.sub("", text).strip("€"))
    if found is None or not _WHOLE.fullmatch(found["whole"]):
        return None
    if found["sign"] and found["sign"] in found["whole"]:
        return None
    whole = re.sub("[.,]", "", found["whole"])
    if len(whole) > DIGITS_MAX:
        return None
    return int(whole) * 100 + int((found["cents"] or "").ljust(2, "0") or 0)
