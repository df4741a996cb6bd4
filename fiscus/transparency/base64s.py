"""Base64 and numbers as these formats want them: one spelling for each value."""

import base64
import binascii

HASH_BYTES = 32
"""Of SHA-256, which all hashes in these formats are."""


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def decoded(text: str) -> bytes:
    """The bytes. Raises `ValueError` for anything but the one spelling that `encoded` gives."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError("no Base64") from error
    if encoded(data) != text:
        raise ValueError("another spelling of this Base64 is the right one")
    return data


def decoded_hash(text: str) -> bytes:
    """The 32 bytes of a hash. Raises `ValueError`."""
    data = decoded(text)
    if len(data) != HASH_BYTES:
        raise ValueError(f"{len(data)} bytes instead of {HASH_BYTES}")
    return data


def decimal(text: str, maximum: int) -> int:
    """A number from 0 to `maximum`, without sign and leading zeros. Raises `ValueError`."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0"):
        raise ValueError("no decimal number")
    if len(text) > len(str(maximum)) or int(text) > maximum:
        raise ValueError("the number is too large")
    return int(text)
