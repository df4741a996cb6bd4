"""Checks signatures of keys as a stranger does, who has their public halves from the journal."""

from base64 import b64decode, urlsafe_b64decode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature


def public_key(spki: str) -> ec.EllipticCurvePublicKey:
    """From base64 of a SubjectPublicKeyInfo."""
    found = serialization.load_der_public_key(b64decode(spki))
    assert isinstance(found, ec.EllipticCurvePublicKey)
    return found


def verify(spki: str, signature: str, signed: bytes) -> None:
    """Raises `InvalidSignature` unless that key signed those bytes."""
    raw = urlsafe_b64decode(signature + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public_key(spki).verify(der, signed, ec.ECDSA(hashes.SHA256()))
