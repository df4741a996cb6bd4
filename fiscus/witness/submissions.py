"""What a log sends to a witness: how large the tree was that the witness knows, a proof that it
only grew, and the checkpoint (C2SP `tlog-witness`, body of `add-checkpoint`)."""

from collections.abc import Sequence

import msgspec

from fiscus.model.faults import Code, Refused
from fiscus.transparency import checkpoints, notes
from fiscus.transparency.base64s import decimal, decoded_hash, encoded
from fiscus.transparency.checkpoints import TreeHead
from fiscus.transparency.notes import SignedNote
from fiscus.transparency.proofs import PROOF_HASHES_MAX

BAD_SUBMISSION = Code("WITNESS-REQUEST-01", "this is no checkpoint with its proof of growth")

SUBMISSION_BYTES_MAX = 65_536
"""Enough for the longest proof and sixteen of the largest signatures."""


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint on its way to a witness; `proof` holds hashes of 32 bytes."""

    old_size: int
    proof: tuple[bytes, ...]
    note: SignedNote
    head: TreeHead


def body(old_size: int, proof: Sequence[bytes], note: str) -> bytes:
    """The body of the request."""
    lines = [f"old {old_size}", *map(encoded, proof), ""]
    return ("\n".join(lines) + "\n" + note).encode()


def parse(data: bytes) -> Submission:
    """A submission from the body of a request. Raises `Refused`."""
    above, gap, below = data.partition(b"\n\n")
    try:
        first, *lines = above.decode("ascii").split("\n")
        size = decimal(first.removeprefix("old "), checkpoints.SIZE_MAX)
        proof = tuple(decoded_hash(line) for line in lines)
    except ValueError as error:
        raise Refused(BAD_SUBMISSION, f"({error})") from None
    if not gap or not first.startswith("old ") or len(proof) > PROOF_HASHES_MAX:
        raise Refused(BAD_SUBMISSION)
    note = notes.parse(below)
    return Submission(old_size=size, proof=proof, note=note, head=checkpoints.parse(note.text))
