"""Keys that `key@1` entries name, the ranges that they sign, and their signatures."""

import base64
import binascii
import hashlib
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key

ENTRY = "fiscus-entry+json"
PACKAGE = "fiscus-package+zip"
SHA256 = ec.ECDSA(hashes.SHA256())
SHA256_DIGEST = ec.ECDSA(utils.Prehashed(hashes.SHA256()))
SIGNATURE_CHARACTERS = 86
SIGNATURE_BYTES = 64
ID_DIGITS = 32
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HALF_ORDER = (ORDER // 2).to_bytes(32, "big")
KEY_BYTES_MAX = 1024
FROM_BASE64URL = bytes.maketrans(b"-_", b"+/")

ROOT, ORGANIZATION, REGISTER, LOG, PACKAGES = (
    "root",
    "organization",
    "register",
    "log",
    "package",
)
PURPOSES = (ROOT, ORGANIZATION, REGISTER, LOG, PACKAGES)
CHAIN_CLASSES = {ROOT: "installation", ORGANIZATION: "organization", REGISTER: "register"}
"""By the purpose of a key: the class of the chain that it signs."""

FIRST, ROTATED, LOST, RECOVERED = "first", "rotated", "lost", "recovered"


class NamedKey(NamedTuple):
    """A key as a `key@1` entry names it, and where that entry stands (`in_…`)."""

    purpose: str
    of: str
    epoch: int
    first: int
    sha256: str
    public: bytes
    reason: str
    replaces: str
    signature: str
    in_chain: str
    in_epoch: int
    in_sequence: int
    in_id: str

    @property
    def id(self) -> str:
        return self.sha256[:ID_DIGITS]

    @property
    def from_place(self) -> tuple[int, int]:
        return self.epoch, self.first

    def rotation_text(self) -> bytes:
        """What the replaced key signs."""
        lines = ("fiscus/key/2", self.purpose, self.of, self.epoch, self.first, self.sha256)
        return "".join(f"{line}\n" for line in lines).encode()


class SigningKey(NamedTuple):
    """A P-256 key ready to verify with. `start` begins its signing inputs: header, full stop."""

    id: str
    start: bytes
    public: ec.EllipticCurvePublicKey


class Keyring:
    """The keys of all chains by the places that they sign, read when first asked for."""

    def __init__(self, keys: Iterable[NamedKey]) -> None:
        self.named: dict[str, list[NamedKey]] = {}
        for key in keys:
            if key.purpose in CHAIN_CLASSES:
                self.named.setdefault(key.of, []).append(key)
        for ranges in self.named.values():
            ranges.sort(key=lambda key: key.from_place)
        self.ready: dict[str, SigningKey | None] = {}

    def named_for(self, chain: str, epoch: int, sequence: int) -> NamedKey | None:
        ranges = self.named.get(chain)
        if ranges is None:
            return None
        if len(ranges) == 1:
            return ranges[0] if ranges[0].from_place <= (epoch, sequence) else None
        place = bisect_right(ranges, (epoch, sequence), key=lambda key: key.from_place)
        return ranges[place - 1] if place else None

    def find(self, chain: str, epoch: int, sequence: int) -> SigningKey | None:
        """The key of this place; None if no entry gives it one, or one that cannot be read."""
        named = self.named_for(chain, epoch, sequence)
        if named is None:
            return None
        if named.sha256 not in self.ready:
            self.ready[named.sha256] = read_signing_key(named.public, ENTRY)
        return self.ready[named.sha256]

    def home_of(self, chain: str) -> tuple[str, str]:
        """The class of a chain, and the chain that gives it its key; empty if unknown."""
        ranges = self.named.get(chain)
        if not ranges:
            return "", ""
        return CHAIN_CLASSES[ranges[0].purpose], ranges[0].in_chain


def read_signing_key(der: bytes, kind: str) -> SigningKey | None:
    """A P-256 key from its SubjectPublicKeyInfo."""
    public = read_public(der)
    if not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.name != "secp256r1":
        return None
    key_id = hashlib.sha256(der).hexdigest()[:ID_DIGITS]
    return SigningKey(key_id, base64url(protected_header(key_id, kind)) + b".", public)


def read_log_key(der: bytes) -> ed25519.Ed25519PublicKey | None:
    public = read_public(der)
    return public if isinstance(public, ed25519.Ed25519PublicKey) else None


def read_public(der: bytes) -> object:
    if len(der) > KEY_BYTES_MAX:
        return None
    try:
        return load_der_public_key(der)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def protected_header(key_id: str, kind: str) -> bytes:
    """Exactly these bytes, members in this order."""
    return f'{{"alg":"ES256","kid":"{key_id}","typ":"{kind}"}}'.encode("ascii", "replace")


def is_signed(key: SigningKey, message: bytes, signature: object) -> bool:
    """Whether the text is this key's signature (base64url of r and s) of the message."""
    return verified(key.public, message, signature_bytes(signature), SHA256)


def is_entry_signed(key: SigningKey, message: bytes, signature: object) -> bool:
    """The same for an entry, whose s is not above half of the curve's order: then nobody can make
    a second signature out of a good one."""
    raw = signature_bytes(signature)
    if raw is None or raw[32:] > HALF_ORDER:
        return False
    return verified(key.public, message, raw, SHA256)


def is_digest_signed(key: SigningKey, digest: bytes, signature: object) -> bool:
    """The same for a message too large to hold: its SHA-256 is enough."""
    return verified(key.public, digest, signature_bytes(signature), SHA256_DIGEST)


def verified(
    public: ec.EllipticCurvePublicKey, data: bytes, raw: bytes | None, scheme: ec.ECDSA
) -> bool:
    if raw is None:
        return False
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    try:
        public.verify(utils.encode_dss_signature(r, s), data, scheme)
    except InvalidSignature:
        return False
    return True


def signature_bytes(signature: object) -> bytes | None:
    """The 64 bytes, or None. One text for one signature: loose spellings are refused."""
    if not isinstance(signature, str) or len(signature) != SIGNATURE_CHARACTERS:
        return None
    try:
        raw = binascii.a2b_base64(signature.encode().translate(FROM_BASE64URL) + b"==")
    except (binascii.Error, ValueError):
        return None
    is_exact = len(raw) == SIGNATURE_BYTES and base64url(raw).decode() == signature
    return raw if is_exact else None


def base64url(data: bytes) -> bytes:
    # Most texts have few of the two signs: to look for them is quicker than to translate.
    text = binascii.b2a_base64(data, newline=False).replace(b"+", b"-").replace(b"/", b"_")
    return text.rstrip(b"=")


def base64_bytes(text: object, most: int = KEY_BYTES_MAX) -> bytes | None:
    """The bytes behind Base64 with padding, in the one spelling that it has; else None."""
    if not isinstance(text, str) or len(text) > 2 * most:
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text and len(raw) <= most else None
