"""The register's own chain: each entry's link covers its predecessor's."""

import hashlib


def link(previous: str, sequence: int, kind: str, body: bytes) -> str:
    """SHA-256 (hex) over the previous link, the sequence, the kind and the stored bytes."""
    before = bytes.fromhex(previous)
    assert len(before) == 32
    assert sequence > 0
    header = sequence.to_bytes(8, "big") + len(kind).to_bytes(1, "big") + kind.encode("ascii")
    return hashlib.sha256(before + header + body).hexdigest()
