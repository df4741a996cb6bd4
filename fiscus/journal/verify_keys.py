"""Certificates and signatures as the page on the journal's format describes them."""

import base64
import binascii
from collections.abc import Mapping
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

ENTRY = "fiscus-entry+json"
PACKAGE = "fiscus-package+zip"
SHA256 = ec.ECDSA(hashes.SHA256())
SHA256_DIGEST = ec.ECDSA(utils.Prehashed(hashes.SHA256()))
SIGNATURE_CHARACTERS = 86
SIGNATURE_BYTES = 64


class Key(NamedTuple):
    """A public key with its certificate's serial number (32 hex digits) and fingerprint."""

    serial: str
    fingerprint: str
    public: ec.EllipticCurvePublicKey

    def header(self, kind: str) -> bytes:
        """BASE64URL of the protected header: exactly these bytes, members in this order."""
        text = f'{{"alg":"ES256","kid":"{self.serial}","typ":"{kind}"}}'
        return base64url(text.encode("ascii"))


class Keyring:
    """The keys of the registers, read when first asked for.

    A register whose key was changed has several certificates, one after the other in one PEM
    text; a signature of any of them is good.
    """

    def __init__(self, certificates: Mapping[str, str]) -> None:
        self.certificates = certificates
        self.known: dict[str, tuple[tuple[bytes, Key], ...]] = {}

    def find(self, register: str) -> tuple[tuple[bytes, Key], ...]:
        """Each key behind the beginning of its signing inputs: header and full stop."""
        if register not in self.known:
            keys = read_keys(self.certificates.get(register))
            self.known[register] = tuple((key.header(ENTRY) + b".", key) for key in keys)
        return self.known[register]


def read_keys(pem: str | None) -> tuple[Key, ...]:
    """The P-256 keys of the certificates in this text; none if it cannot be read."""
    if not pem:
        return ()
    try:
        certificates = x509.load_pem_x509_certificates(pem.encode("utf-8", "surrogateescape"))
        return tuple(key for key in map(read_key, certificates) if key is not None)
    except (ValueError, UnsupportedAlgorithm):
        return ()


def read_key(certificate: x509.Certificate) -> Key | None:
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.name != "secp256r1":
        return None
    return Key(
        serial=f"{certificate.serial_number:032x}",
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        public=public,
    )


def is_signed(key: Key, message: bytes, signature: object) -> bool:
    """Whether the text is this key's signature (base64url of r and s) of the message."""
    return verified(key, message, signature, SHA256)


def is_digest_signed(key: Key, digest: bytes, signature: object) -> bool:
    """The same for a message too large to hold: its SHA-256 is enough."""
    return verified(key, digest, signature, SHA256_DIGEST)


def verified(key: Key, data: bytes, signature: object, scheme: ec.ECDSA) -> bool:
    raw = signature_bytes(signature)
    if raw is None:
        return False
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    try:
        key.public.verify(utils.encode_dss_signature(r, s), data, scheme)
    except InvalidSignature:
        return False
    return True


def signature_bytes(signature: object) -> bytes | None:
    """The 64 bytes, or None. One text for one signature: loose spellings are refused."""
    if not isinstance(signature, str) or len(signature) != SIGNATURE_CHARACTERS:
        return None
    try:
        raw = base64.urlsafe_b64decode(signature + "==")
    except (binascii.Error, ValueError):
        return None
    is_exact = len(raw) == SIGNATURE_BYTES and base64url(raw) == signature.encode()
    return raw if is_exact else None


def base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
