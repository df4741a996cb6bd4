"""Request bodies, as every family reads them: bounded, and compared by what they say."""

from collections.abc import Mapping

import msgspec
from starlette.requests import Request

from fiscus.model.faults import Code, Refused

ESCAPED_NUL = b"\\u0000"
"""Only a body with these bytes can hold a U+0000, which no database of ours can keep."""

encoder = msgspec.json.Encoder(order="sorted")


async def read(
    request: Request, headers: Mapping[str, str], bytes_max: int, too_large: Code
) -> bytes:
    """The whole body. Raises `Refused` with the family's code as soon as it is too large."""
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > bytes_max:
        raise Refused(too_large)
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > bytes_max:
            raise Refused(too_large)
        parts.append(part)
    return b"".join(parts)


def canonical(raw: bytes) -> str:
    """A JSON body with its members in one order, so that only what it says counts."""
    try:
        return encoder.encode(msgspec.json.decode(raw)).decode() if raw else ""
    except msgspec.DecodeError:
        return raw.decode(errors="replace")
