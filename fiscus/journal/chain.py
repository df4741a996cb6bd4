"""The chains of the journal: each entry's link covers the one before it."""

import hashlib
from uuid import UUID

FIRST_EPOCH = 1
"""A chain begins with this epoch; a recovery begins the next."""

_PURPOSE = b"fiscus/link/2\n"


def link(previous: str, chain: str, epoch: int, sequence: int, body: bytes) -> str:
    """The link (hex) of an entry: docs/journal-format.md, section 3. `previous` is hex, `chain` a
    UUID."""
    before = bytes.fromhex(previous)
    assert len(before) == 32
    assert sequence > 0
    place = UUID(chain).bytes + epoch.to_bytes(4, "big") + sequence.to_bytes(8, "big")
    return hashlib.sha256(_PURPOSE + before + place + hashlib.sha256(body).digest()).hexdigest()
