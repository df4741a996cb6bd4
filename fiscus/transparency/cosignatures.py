"""Cosignatures: a witness says that it saw a checkpoint, when, and that the log only grew until
then (C2SP `tlog-cosignature`, types 0x04 and 0x06).

Type 0x04 is Ed25519 over the checkpoint's text; type 0x06 is ML-DSA-44, which a quantum computer
cannot forge, over a structure that also names the witness.
"""

from collections.abc import Iterable, Mapping

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from fiscus.model.faults import Refused
from fiscus.transparency import checkpoints, notes
from fiscus.transparency.checkpoints import TreeHead
from fiscus.transparency.notes import Check, SignatureLine, SignedNote, VerifierKey

TIME_MAX = 2**63 - 1

_TIME_BYTES = 8
_LABEL = b"subtree/v1\n\x00"


class Cosignature(msgspec.Struct, frozen=True, kw_only=True):
    """One good cosignature. `time` is the witness's, in seconds since 1970; 0: it says none."""

    key: VerifierKey
    time: int
    line: SignatureLine


class WitnessKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The private keys of one witness. Its name is that of all of them."""

    name: str
    ed25519: Ed25519PrivateKey
    ml_dsa_44: MLDSA44PrivateKey | None

    def public(self) -> tuple[VerifierKey, ...]:
        """One key for each type of cosignature that it makes."""
        kind, public = notes.COSIGNATURE_ED25519, self.ed25519.public_key().public_bytes_raw()
        found = [VerifierKey(name=self.name, kind=kind, public=public)]
        if self.ml_dsa_44 is not None:
            kind, public = (
                notes.COSIGNATURE_ML_DSA_44,
                self.ml_dsa_44.public_key().public_bytes_raw(),
            )
            found.append(VerifierKey(name=self.name, kind=kind, public=public))
        return tuple(found)


def new_ml_dsa_44() -> MLDSA44PrivateKey | None:
    """A key of type 0x06; None where the cryptographic library was built without it."""
    try:
        return MLDSA44PrivateKey.generate()
    except UnsupportedAlgorithm:
        return None


def cosigned(head: TreeHead, keys: WitnessKeys, time: int) -> tuple[SignatureLine, ...]:
    """The lines that a witness answers for this checkpoint, one for each of its keys."""
    assert 0 < time <= TIME_MAX, "a witness says when"
    stamp = time.to_bytes(_TIME_BYTES, "big")
    found = []
    for key in keys.public():
        if key.kind == notes.COSIGNATURE_ED25519:
            signature = keys.ed25519.sign(_ed25519_message(head.text(), time))
        else:
            assert keys.ml_dsa_44 is not None
            signature = keys.ml_dsa_44.sign(_ml_dsa_message(key.name, head, time))
        line = SignatureLine(name=key.name, key_id=key.id, signature=stamp + signature)
        found.append(line)
    return tuple(found)


def verified(note: SignedNote, keys: Iterable[VerifierKey]) -> tuple[Cosignature, ...]:
    """The good cosignatures of these witnesses, in the note's order. Raises `Refused` as
    `notes.verified` does."""
    known = {(key.name, key.id): key for key in keys if key.kind in _COSIGNATURES}
    lines = notes.verified(note, known.values(), CHECKS)
    return tuple(
        Cosignature(key=known[line.name, line.key_id], time=_time(line.signature), line=line)
        for line in lines
    )


def time_of(line: SignatureLine) -> int:
    """When a cosignature was made, as its line says; nothing is verified."""
    return _time(line.signature)


def _time(signature: bytes) -> int:
    return int.from_bytes(signature[:_TIME_BYTES], "big")


def _ed25519_message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _ml_dsa_message(witness: str, head: TreeHead, time: int) -> bytes:
    """Label, witness, time, log, and the subtree: from leaf 0 to the size, with its root."""
    parts = (
        _LABEL,
        _counted(witness),
        time.to_bytes(8, "big"),
        _counted(head.origin),
        (0).to_bytes(8, "big"),
        head.size.to_bytes(8, "big"),
        head.root,
    )
    return b"".join(parts)


def _counted(name: str) -> bytes:
    data = name.encode()
    return bytes([len(data)]) + data


def _is_cosigned_ed25519(key: VerifierKey, text: str, signature: bytes) -> bool:
    if not _is_timed(signature):
        return False
    message = _ed25519_message(text, _time(signature))
    return notes.is_ed25519(key.public, signature[_TIME_BYTES:], message)


def _is_cosigned_ml_dsa(key: VerifierKey, text: str, signature: bytes) -> bool:
    if not _is_timed(signature):
        return False
    try:
        message = _ml_dsa_message(key.name, checkpoints.parse(text), _time(signature))
        public = MLDSA44PublicKey.from_public_bytes(key.public)
        public.verify(signature[_TIME_BYTES:], message)
    except (InvalidSignature, Refused):
        return False
    return True


def _is_timed(signature: bytes) -> bool:
    return len(signature) > _TIME_BYTES and _time(signature) <= TIME_MAX


def _can_ml_dsa() -> bool:
    try:
        MLDSA44PublicKey.from_public_bytes(bytes(notes.PUBLIC_BYTES[notes.COSIGNATURE_ML_DSA_44]))
    except UnsupportedAlgorithm:
        return False
    return True


_COSIGNATURES: Mapping[int, Check] = {notes.COSIGNATURE_ED25519: _is_cosigned_ed25519} | (
    {notes.COSIGNATURE_ML_DSA_44: _is_cosigned_ml_dsa} if _can_ml_dsa() else {}
)
CHECKS: Mapping[int, Check] = {**notes.CHECKS, **_COSIGNATURES}
"""All types of signatures that are understood here, for `notes.verified`. Where the library was
built without ML-DSA, lines of that type are of an unknown key."""
