"""Keys of small journals, and what is made with them, from `docs/journal-format.md` alone."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

START = datetime(2026, 5, 4, 8, 0, 0, tzinfo=UTC)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
DER = serialization.Encoding.DER
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


@dataclass(frozen=True)
class SmallKey:
    """A P-256 key."""

    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.key.public_key().public_bytes(DER, SPKI)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    @property
    def id(self) -> str:
        return self.sha256[:32]

    def sign(self, message: bytes) -> str:
        r, s = utils.decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        s = min(s, ORDER - s)
        return b64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def jws(self, typ: str, payload: bytes) -> str:
        header = b64url(f'{{"alg":"ES256","kid":"{self.id}","typ":"{typ}"}}'.encode())
        return f"{header}..{self.sign(f'{header}.{b64url(payload)}'.encode())}"

    def certificate(self) -> str:
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "small")])
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(self.key.public_key())
            .serial_number(int(self.id, 16) or 1)
            .not_valid_before(START)
            .not_valid_after(START + timedelta(days=3650))
            .sign(self.key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM).decode()

    def pem(self) -> str:
        return pem_of(self.der)


@dataclass(frozen=True)
class SmallLogKey:
    """An Ed25519 key that signs notes; `type` 1 for a log, 4 for a witness."""

    key: ed25519.Ed25519PrivateKey
    type: int = 1

    @property
    def der(self) -> bytes:
        return self.key.public_key().public_bytes(DER, SPKI)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    def pem(self) -> str:
        return pem_of(self.der)

    def key_id(self, name: str) -> bytes:
        raw = bytes([self.type]) + self.key.public_key().public_bytes_raw()
        return hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]

    def verifier_key(self, name: str) -> str:
        raw = bytes([self.type]) + self.key.public_key().public_bytes_raw()
        return f"{name}+{self.key_id(name).hex()}+{base64.b64encode(raw).decode()}"

    def line(self, name: str, text: str) -> str:
        signature = self.key.sign(text.encode())
        return f"— {name} {base64.b64encode(self.key_id(name) + signature).decode()}\n"

    def cosignature(self, name: str, text: str, time: int) -> str:
        signature = self.key.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        raw = self.key_id(name) + time.to_bytes(8, "big") + signature
        return f"— {name} {base64.b64encode(raw).decode()}\n"


@cache
def a_key(name: str) -> SmallKey:
    """The same key for the same name, as long as the tests run."""
    return SmallKey(ec.generate_private_key(ec.SECP256R1()))


@cache
def a_log_key(name: str, type: int = 1) -> SmallLogKey:
    return SmallLogKey(ed25519.Ed25519PrivateKey.generate(), type)


def pem_of(der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
