"""TEST keys: an authority of its own with its services' certificates, the key that requests are
encrypted for, and the certificate of a producer of software that it has let in.

They protect nothing and prove nothing outside the simulator. Validity is for most of the century:
worlds run with clocks of their own.
"""

import ipaddress
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

PRODUCER = "599999993"
"""Tax number of the producer of software: the authority's own number for tests."""

_SINCE = datetime(2000, 1, 1, tzinfo=UTC)
_UNTIL = datetime(2099, 12, 31, tzinfo=UTC)
_LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
_FILES = {
    "authority_key": "authority.key",
    "authority": "authority.pem",
    "server": "server.pem",
    "expired_server": "server-expired.pem",
    "cipher_key": "cipher.key",
    "cipher_certificate": "cipher.pem",
    "certificate": "producer.pem",
    "private_key": "producer.key",
}
_PUBLIC = frozenset({"authority", "cipher_certificate", "certificate"})

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, kw_only=True)
class SimulatorKeys:
    """All of them as PEM. `server` and `expired_server` hold a key and its certificate
    each; `certificate` and `private_key` are the producer's, `cipher_key` decrypts what requests
    bring."""

    authority_key: bytes
    authority: bytes
    server: bytes
    expired_server: bytes
    cipher_key: bytes
    cipher_certificate: bytes
    certificate: bytes
    private_key: bytes

    def cipher(self) -> rsa.RSAPrivateKey:
        key = load_pem_private_key(self.cipher_key, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key

    def let_in(self, nif: str, until: datetime = _UNTIL) -> tuple[bytes, bytes]:
        """Certificate and key (PEM) of another producer, signed by this authority."""
        key = rsa.generate_private_key(65537, 2048)
        signer = load_pem_private_key(self.authority_key, None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        return _pem(_signed(_producer(nif), key, signer, until=until)), _pem_key(key)


def made() -> SimulatorKeys:
    """New keys, in memory only."""
    root = ec.generate_private_key(ec.SECP256R1())
    server = ec.generate_private_key(ec.SECP256R1())
    cipher = rsa.generate_private_key(65537, 2048)
    producer = rsa.generate_private_key(65537, 2048)
    here = _name("127.0.0.1")
    good = _signed(here, server, root, is_server=True)
    bad = _signed(here, server, root, until=_LONG_AGO, is_server=True)
    return SimulatorKeys(
        authority_key=_pem_key(root),
        authority=_pem(_signed(_ROOT, root, root, is_authority=True)),
        server=_pem_key(server) + _pem(good),
        expired_server=_pem_key(server) + _pem(bad),
        cipher_key=_pem_key(cipher),
        cipher_certificate=_pem(_signed(_name("TEST cipher"), cipher, root)),
        certificate=_pem(_signed(_producer(PRODUCER), producer, root)),
        private_key=_pem_key(producer),
    )


def kept(folder: Path) -> SimulatorKeys:
    """The keys of a folder, made where there are none yet. Private ones only the owner reads."""
    folder.mkdir(parents=True, exist_ok=True)
    if not all((folder / name).exists() for name in _FILES.values()):
        new = made()
        for field, name in _FILES.items():
            _write(folder / name, getattr(new, field), 0o644 if field in _PUBLIC else 0o600)
    return SimulatorKeys(**{field: (folder / name).read_bytes() for field, name in _FILES.items()})


def _write(file: Path, content: bytes, mode: int) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Fiscus TEST"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _producer(nif: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "PT"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Lisboa"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, "Lisboa"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Fiscus TEST producer"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "TEST"),
            x509.NameAttribute(NameOID.COMMON_NAME, nif),
        ]
    )


_ROOT = _name("TEST authority, simulated")


def _signed(
    subject: x509.Name,
    key: PrivateKey,
    root: ec.EllipticCurvePrivateKey,
    *,
    until: datetime = _UNTIL,
    is_authority: bool = False,
    is_server: bool = False,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_ROOT)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_SINCE)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False
        )
        .add_extension(_usage(is_authority), critical=True)
    )
    if is_server:
        names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(root, hashes.SHA256())


def _usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not is_authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _pem_key(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
