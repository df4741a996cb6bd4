"""A transparency log as the standard's text describes it: slow and plain, for tests."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fiscus.transparency import notes
from fiscus.transparency.checkpoints import TreeHead
from fiscus.transparency.notes import VerifierKey

Leaves = tuple[bytes, ...]

FIXED_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
"""For texts that name a test: they must be the same in each process."""


def _half(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)


@cache
def root_of(leaves: Leaves) -> bytes:
    """MTH of RFC 6962, 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = _half(len(leaves))
    pair = root_of(leaves[:half]) + root_of(leaves[half:])
    return hashlib.sha256(b"\x01" + pair).digest()


def path_of(index: int, leaves: Leaves) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*path_of(index, leaves[:half]), root_of(leaves[half:])]
    return [*path_of(index - half, leaves[half:]), root_of(leaves[:half])]


def proof_of(old_size: int, leaves: Leaves) -> list[bytes]:
    """PROOF of RFC 6962, 2.1.2."""
    return _subproof(old_size, leaves, True) if 0 < old_size < len(leaves) else []


def _subproof(old_size: int, leaves: Leaves, is_known: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if is_known else [root_of(leaves)]
    half = _half(len(leaves))
    if old_size <= half:
        return [*_subproof(old_size, leaves[:half], is_known), root_of(leaves[half:])]
    return [*_subproof(old_size - half, leaves[half:], False), root_of(leaves[:half])]


@dataclass(frozen=True, kw_only=True)
class PlainLog:
    """One history of a log. Another history of the same log has the same name and key."""

    origin: str = "fiscus/018f4a/journal/1"
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    leaves: Leaves = ()

    @property
    def key(self) -> VerifierKey:
        return notes.ed25519_key(self.origin, self.private)

    def with_leaves(self, leaves: Sequence[bytes]) -> "PlainLog":
        return PlainLog(origin=self.origin, private=self.private, leaves=tuple(leaves))

    def grown(self, count: int, mark: str = "") -> "PlainLog":
        """The same history and so many leaves more; `mark` makes them others."""
        begin = len(self.leaves)
        more = [leaf(number, mark) for number in range(begin, begin + count)]
        return self.with_leaves((*self.leaves, *more))

    def head(self, size: int) -> TreeHead:
        return TreeHead(origin=self.origin, size=size, root=root_of(self.leaves[:size]))

    def note(self, size: int) -> str:
        return notes.signed(self.head(size).text(), self.origin, self.private).whole()

    def proof(self, old_size: int, size: int) -> list[bytes]:
        return proof_of(old_size, self.leaves[:size])


def leaf(number: int, mark: str = "") -> bytes:
    """A leaf as the journal's: 32 bytes."""
    return hashlib.sha256(f"{mark}{number}".encode()).digest()
