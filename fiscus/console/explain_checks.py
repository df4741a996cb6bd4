"""What this service finds when it recomputes a record itself: shown beside what a browser finds,
and instead of it where a browser cannot."""

import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable
from enum import StrEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from fiscus.journal.sign import P256_ORDER, header, unpadded
from fiscus.model.explained import ExplainedSignature
from fiscus.model.faults import Refused
from fiscus.transparency import cosignatures, notes
from fiscus.transparency.notes import SignatureLine, SignedNote, VerifierKey
from fiscus.transparency.proofs import InclusionProof

KEY_ID_DIGITS = 32
RSA_SHA1 = "rsa-pkcs1-sha1"

_HALF = 32
_HASHES = {"SHA256": hashes.SHA256(), "SHA384": hashes.SHA384(), "SHA512": hashes.SHA512()}


class StepState(StrEnum):
    """What recomputing a step has shown; `NOT_JUDGED`: something for it is not at hand."""

    GOOD = "good"
    BAD = "bad"
    NOT_JUDGED = "not_judged"


def _state(is_good: bool) -> StepState:
    return StepState.GOOD if is_good else StepState.BAD


def key_names_itself(spki: bytes, sha256: str, id_: str) -> StepState:
    """Whether a key's hash and id are those of its bytes."""
    found = hashlib.sha256(spki).hexdigest()
    return _state(found == sha256 and found[:KEY_ID_DIGITS] == id_)


def entry_signature(body: bytes, key: str, signature: str, spki: bytes) -> StepState:
    """Whether the JWS of an entry is good under this key (docs/journal-format.md, section 4)."""
    try:
        raw = urlsafe_b64decode(signature + "==")
        public = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        return StepState.BAD
    s = int.from_bytes(raw[_HALF:], "big")
    is_small = len(raw) == 2 * _HALF and s <= P256_ORDER // 2
    if not isinstance(public, ec.EllipticCurvePublicKey) or not is_small:
        return StepState.BAD
    signed = f"{header(key)}.{unpadded(body)}".encode("ascii")
    return _state(_is_ecdsa(public, raw, signed, hashes.SHA256()))


def law_signature(signature: ExplainedSignature, spki: bytes) -> StepState:
    """Whether what a law had signed is good: as its maker found, or verified here with the key."""
    if signature.is_good is not None:
        return _state(signature.is_good)
    if not spki:
        return StepState.NOT_JUDGED
    public = load_der_public_key(spki)
    if signature.algorithm == RSA_SHA1 and isinstance(public, rsa.RSAPublicKey):
        return _state(_is_rsa(public, signature))
    named = _HASHES.get(signature.algorithm.removeprefix("ecdsa-plain-"))
    if named is None or not isinstance(public, ec.EllipticCurvePublicKey):
        return StepState.NOT_JUDGED
    return _state(_is_ecdsa(public, signature.signature, signature.message, named))


def _is_rsa(public: rsa.RSAPublicKey, signature: ExplainedSignature) -> bool:
    return _holds(
        lambda: public.verify(
            signature.signature, signature.message, padding.PKCS1v15(), hashes.SHA1()
        )
    )


def _is_ecdsa(
    public: ec.EllipticCurvePublicKey, raw: bytes, message: bytes, by: hashes.HashAlgorithm
) -> bool:
    half = len(raw) // 2
    r, s = int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big")
    return _holds(lambda: public.verify(encode_dss_signature(r, s), message, ec.ECDSA(by)))


def _holds(verify: Callable[[], None]) -> bool:
    try:
        verify()
    except InvalidSignature:
        return False
    return True


def inclusion(proof: InclusionProof, link: str) -> StepState:
    """Whether the path of the proof leads from the record's link to the root of the checkpoint."""
    return _state(proof.proves(bytes.fromhex(link)))


def log_signature(note: SignedNote, key: VerifierKey) -> StepState:
    """Whether the log's key has signed the checkpoint."""
    try:
        return _state(bool(notes.verified(note, [key])))
    except Refused:
        return StepState.BAD


def cosignature(note: SignedNote, line: SignatureLine, keys: Iterable[VerifierKey]) -> StepState:
    """Whether a witness that is known here has signed the checkpoint by this line."""
    mine = [key for key in keys if (key.name, key.id) == (line.name, line.key_id)]
    if not mine or mine[0].kind not in cosignatures.CHECKS:
        return StepState.NOT_JUDGED
    try:
        good = cosignatures.verified(SignedNote(text=note.text, lines=(line,)), mine)
    except Refused:
        return StepState.BAD
    return _state(bool(good))


def key_name(spki: bytes) -> str:
    """`RSA-1024`, `secp256r1` …; empty for no key."""
    if not spki:
        return ""
    public = load_der_public_key(spki)
    if isinstance(public, rsa.RSAPublicKey):
        return f"RSA-{public.key_size}"
    return public.curve.name if isinstance(public, ec.EllipticCurvePublicKey) else ""
