"""The proof of one record as a text that is checked offline (C2SP `tlog-proof@v1`).

It holds the record's place in the log, the hashes from its leaf up to the root, and the checkpoint
with the signatures of the log and of witnesses.
"""

import msgspec

from fiscus.model.faults import Code, Refused
from fiscus.transparency import checkpoints, merkle, notes
from fiscus.transparency.base64s import decimal, decoded, decoded_hash, encoded
from fiscus.transparency.notes import SignedNote

BAD_PROOF = Code("PROOF-TEXT-01", "this is no proof of a record in a log")

PROOF_HASHES_MAX = 63
"""No tree of these formats is higher."""

_FIRST = "c2sp.org/tlog-proof@v1"


class InclusionProof(msgspec.Struct, frozen=True, kw_only=True):
    """A leaf's `index`, the hashes of its path (32 bytes each, lowest first), and the note.
    `extra` is not authenticated: nothing that we write has it."""

    index: int
    path: tuple[bytes, ...]
    note: SignedNote
    extra: bytes = b""

    def text(self) -> str:
        extra = [f"extra {encoded(self.extra)}"] if self.extra else []
        lines = [_FIRST, *extra, f"index {self.index}", *map(encoded, self.path), ""]
        return "\n".join(lines) + "\n" + self.note.whole()

    def proves(self, data: bytes) -> bool:
        """Whether `data`, a leaf's, is in the log at the note's size. Who signed the note is a
        question of its own (`cosignatures.verified`)."""
        head = checkpoints.parse(self.note.text)
        leaf = merkle.leaf_hash(data)
        return merkle.is_included(leaf, self.index, head.size, self.path, head.root)


def parse(data: bytes) -> InclusionProof:
    """A proof from its bytes. Raises `Refused`."""
    if len(data) > notes.NOTE_BYTES_MAX:
        raise Refused(BAD_PROOF, "(too large)")
    above, gap, below = data.partition(b"\n\n")
    try:
        first, *lines = above.decode("ascii").split("\n")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = decoded(lines.pop(0).removeprefix("extra "))
        index = decimal(_after("index ", lines.pop(0)), checkpoints.SIZE_MAX)
        path = tuple(decoded_hash(line) for line in lines)
    except (ValueError, IndexError) as error:
        raise Refused(BAD_PROOF, f"({error})") from None
    if first != _FIRST or not gap or len(path) > PROOF_HASHES_MAX:
        raise Refused(BAD_PROOF)
    note = notes.parse(below)
    checkpoints.parse(note.text)
    return InclusionProof(index=index, path=path, note=note, extra=extra)


def _after(beginning: str, line: str) -> str:
    if not line.startswith(beginning):
        raise ValueError(f"no line {beginning.strip()}")
    return line.removeprefix(beginning)
