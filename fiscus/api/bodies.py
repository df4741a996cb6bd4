"""Request bodies compared by what they say."""

import msgspec

encoder = msgspec.json.Encoder(order="sorted")


def canonical(raw: bytes) -> str:
    """A JSON body with its members in one order, so that only what it says counts."""
    try:
        return encoder.encode(msgspec.json.decode(raw)).decode() if raw else ""
    except msgspec.DecodeError:
        return raw.decode(errors="replace")
