"""X.509 certificates for keys of the journal, issued by the installation's root key.

They are for programs that want PEM; a key counts because an entry of the journal says so.
"""

import hashlib
from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from typing import NoReturn

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import NameOID
from typing_extensions import Buffer

from fiscus.registry.views import RegisterCertificate
from fiscus.signers import EcdsaSha256, Signer

_ORGANIZATION = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Fiscus")
_ISSUER = x509.Name([_ORGANIZATION, x509.NameAttribute(NameOID.COMMON_NAME, "root")])


def issued(
    root: Signer, public_pem: str, name: str, at: datetime, life: timedelta
) -> RegisterCertificate:
    """A certificate for a P-256 key, signed with the root key; `name` becomes the common name.

    The serial number is the key's id: the first 16 bytes of its own hash, in 32 hex characters.
    """
    key = serialization.load_pem_public_key(public_pem.encode("ascii"))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    point = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    number = int.from_bytes(hashlib.sha256(point).digest()[:16], "big")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([_ORGANIZATION, x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(_ISSUER)
        .public_key(key)
        .serial_number(number)
        .not_valid_before(at)
        .not_valid_after(at + life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(SignerKey(root), hashes.SHA256())
    )
    return RegisterCertificate(
        serial=f"{number:032x}",
        expires_at=(at + life).replace(microsecond=0),
        pem=certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
    )


def serial(pem: str) -> str:
    """The serial number of a certificate as 32 hex characters."""
    return f"{x509.load_pem_x509_certificate(pem.encode('ascii')).serial_number:032x}"


class SignerKey(ec.EllipticCurvePrivateKey):
    """A signer as the certificate builder wants a private key; wherever the key itself is."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def public_key(self) -> ec.EllipticCurvePublicKey:
        key = serialization.load_pem_public_key(self._signer.public_pem.encode("ascii"))
        assert isinstance(key, ec.EllipticCurvePublicKey)
        return key

    @property
    def curve(self) -> ec.EllipticCurve:
        return ec.SECP256R1()

    @property
    def key_size(self) -> int:
        return 256

    def sign(self, data: Buffer, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        answer = self._signer.sign(EcdsaSha256(bytes(data)))
        raw = urlsafe_b64decode(answer + "==")
        return encode_dss_signature(
            int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        )

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> NoReturn:
        raise NotImplementedError("this key only signs")

    def private_numbers(self) -> NoReturn:
        raise NotImplementedError("this key is not handed out")

    def private_bytes(
        self,
        encoding: serialization.Encoding,
        format: serialization.PrivateFormat,
        encryption_algorithm: serialization.KeySerializationEncryption,
    ) -> NoReturn:
        raise NotImplementedError("this key is not handed out")

    def __copy__(self) -> "SignerKey":
        return self

    def __deepcopy__(self, memo: object) -> "SignerKey":
        return self
