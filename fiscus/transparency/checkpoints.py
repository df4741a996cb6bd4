"""Checkpoints: what a log says of all its leaves at one moment (C2SP `tlog-checkpoint`)."""

import hashlib

import msgspec

from fiscus.model.faults import Code, Refused
from fiscus.transparency.base64s import decimal, decoded_hash, encoded
from fiscus.transparency.notes import is_name

BAD_CHECKPOINT = Code(
    "CHECKPOINT-TEXT-01",
    "this is no checkpoint: it has three lines, the log's name, the number of leaves and the root",
)

SIZE_MAX = 2**63 - 1
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a log without leaves (RFC 6962, 2.1)."""


class TreeHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint says: the log's name (`origin`), how many leaves it has, and the Merkle
    root over them, 32 bytes."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"


def parse(text: str) -> TreeHead:
    """What the text of a note says. Raises `Refused`, also for further lines: nobody watches
    what they say."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not is_name(lines[0]):
        raise Refused(BAD_CHECKPOINT)
    try:
        size, root = decimal(lines[1], SIZE_MAX), decoded_hash(lines[2])
    except ValueError as error:
        raise Refused(BAD_CHECKPOINT, f"({error})") from None
    return TreeHead(origin=lines[0], size=size, root=root)


def origin_hash(origin: str) -> str:
    """64 hex digits: the log's name where it must fit into an address or a file's name."""
    return hashlib.sha256(origin.encode()).hexdigest()
