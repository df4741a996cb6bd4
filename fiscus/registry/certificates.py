"""X.509 certificates for our own keys: self-signed, so that a stranger can check a signature."""

import hashlib
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fiscus.registry.things import Certificate


def self_signed(secret: bytes, name: str, at: datetime, life: timedelta) -> Certificate:
    """A certificate for a P-256 key given as PKCS#8 DER; `name` becomes the common name.

    The serial number is 127 bits of the key's own hash, written as 32 hex characters.
    """
    key = serialization.load_der_private_key(secret, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    point = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    number = int.from_bytes(hashlib.sha256(point).digest()[:16], "big") >> 1
    who = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Fiscus"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(at)
        .not_valid_after(at + life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Certificate(
        serial=f"{number:032x}",
        expires_at=(at + life).replace(microsecond=0),
        pem=certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
    )


def serial(pem: str) -> str:
    """The serial number of a certificate as 32 hex characters."""
    return f"{x509.load_pem_x509_certificate(pem.encode('ascii')).serial_number:032x}"
