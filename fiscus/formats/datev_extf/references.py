"""Document numbers in Belegfeld 1, by which DATEV matches what is owed with what was paid."""

import hashlib
import re

LENGTH_MAX = 36
DIGITS = 10
RIGHT = re.compile(r"[A-Za-z0-9_$&\-/ ]*").fullmatch
OTHER = re.compile(r"[^A-Za-z0-9_$&\-/]")


def belegfeld(reference: str) -> str:
    """The number as Belegfeld 1 can hold it; two different numbers never give the same.

    As in the forms of the web, a blank is `+` and any other character that is not allowed there is
    `%` with two digits for each of its bytes: `FT A 1` is `FT+A+1`, and `FT A1` stays another
    number. One that is too long then is cut and ends with `*` and digits of its SHA-256.
    """
    if len(reference) <= LENGTH_MAX and RIGHT(reference):
        return reference.replace(" ", "+")
    found = OTHER.sub(_escaped, reference)
    if len(found) <= LENGTH_MAX:
        return found
    digest = hashlib.sha256(reference.encode()).hexdigest()[:DIGITS]
    return f"{found[: LENGTH_MAX - DIGITS - 1]}*{digest}"


def _escaped(match: re.Match[str]) -> str:
    one = match.group()
    return "+" if one == " " else "".join(f"%{byte:02X}" for byte in one.encode())
