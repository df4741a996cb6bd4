"""Checks the proof of a record as somebody would who has nothing of ours: hashlib, cryptography,
and the page docs/journal-format.md."""

import hashlib
from base64 import b64decode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def proved(text: str, link: str, name: str, public: bytes) -> int:
    """The size of the log in which the record with this link is; raises if the proof is bad.
    `name` and `public` (32 bytes) are the log's."""
    above, _, note = text.partition("\n\n")
    said, _, lines = note.partition("\n\n")
    assert above.startswith("c2sp.org/tlog-proof@v1\nindex ")
    index, *path = above.split("\n")[1:]
    origin, size, root = said.split("\n")
    assert origin == name
    signature = next(b64decode(one.split(" ")[2]) for one in lines.splitlines() if name in one)
    key_id = hashlib.sha256(f"{name}\n".encode() + b"\x01" + public).digest()[:4]
    assert signature[:4] == key_id
    Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], f"{said}\n".encode())
    place, last = int(index.removeprefix("index ")), int(size) - 1
    node = hashlib.sha256(b"\x00" + bytes.fromhex(link)).digest()
    for one in path:
        if place % 2 or place == last:
            node = hashlib.sha256(b"\x01" + b64decode(one) + node).digest()
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            node = hashlib.sha256(b"\x01" + node + b64decode(one)).digest()
        place, last = place // 2, last // 2
    assert (last, node) == (0, b64decode(root))
    return int(size)
