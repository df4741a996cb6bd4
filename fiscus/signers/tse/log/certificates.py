"""Certificates of a TSE: read them, follow them to their root, and make a chain for tests.

A signature proves nothing by its key alone: the guideline wants the chain from the TSE's
certificate over the sub CA to the root, judged at the time of signing.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fiscus.signers.tse.log import algorithms, asn1

VALID_YEARS = 8
_PEM = b"-----BEGIN CERTIFICATE-----"
_EXTENSIONS = 0xA3
_BASIC_CONSTRAINTS = asn1.object_octets("2.5.29.19")
_CHAIN_MAX = 8


class CertificateError(ValueError):
    """The text says what is wrong with a certificate."""


class UncheckedChain(CertificateError):
    """Nobody can tell here whether the chain holds: the text says why."""


def read(data: bytes) -> x509.Certificate:
    """From DER or PEM; devices export either under any extension, and some write before a PEM in
    words what it holds."""
    try:
        if _PEM in data:
            certificate = x509.load_pem_x509_certificate(data[data.index(_PEM) :])
        else:
            certificate = x509.load_der_x509_certificate(data)
        _expect_readable(certificate)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise CertificateError(f"unreadable: {error}") from None
    return certificate


def _expect_readable(certificate: x509.Certificate) -> None:
    """The library reads fields when they are asked for: ask now for all we shall need."""
    key(certificate)
    _ = (certificate.subject, certificate.issuer)
    _ = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def key(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    found = certificate.public_key()
    if not isinstance(found, ec.EllipticCurvePublicKey):
        raise CertificateError("the key is not of an elliptic curve")
    if found.curve.name not in algorithms.CURVES:
        raise CertificateError(f"the curve {found.curve.name} is not allowed")
    return found


def serial(certificate: x509.Certificate) -> bytes:
    """The hash of its public key: a TSE's serial number."""
    return algorithms.serial(key(certificate))


def is_own_issuer(certificate: x509.Certificate) -> bool:
    return certificate.subject == certificate.issuer


def chain(
    leaf: x509.Certificate, others: Iterable[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """From the leaf to its root. Raises `CertificateError` where the chain breaks."""
    pool = list(others)
    path = [leaf]
    while not is_own_issuer(path[-1]):
        issuer = _issuer(path[-1], pool)
        if issuer in path or len(path) == _CHAIN_MAX:
            raise CertificateError("the chain has no root")
        path.append(issuer)
    if not _is_issued_by(path[-1], path[-1]):
        raise CertificateError(f"the root does not sign itself: {_name(path[-1])}")
    return tuple(path)


def is_valid_at(certificate: x509.Certificate, moment: datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def test_chain(secret: bytes, at: datetime) -> tuple[bytes, ...]:
    """TSE certificate, sub CA and root for a private key (PKCS#8 DER), as DER, valid from `at`.

    The keys of both CAs are forgotten at once: nobody can ever sign another device with them.
    Every subject says TEST, because what such a key signs never becomes legally valid.
    """
    root_key = ec.generate_private_key(ec.SECP384R1())
    sub_key = ec.generate_private_key(ec.SECP384R1())
    tse_key = load_private(secret).public_key()
    root_name = _subject("Fiscus TEST Root CA")
    sub_name = _subject("Fiscus TEST Sub CA")
    tse_name = _subject("Fiscus TEST TSE", algorithms.serial(tse_key).hex())
    root = _certificate(root_name, root_name, root_key.public_key(), root_key, at, path_length=1)
    sub = _certificate(sub_name, root_name, sub_key.public_key(), root_key, at, path_length=0)
    tse = _certificate(tse_name, sub_name, tse_key, sub_key, at, path_length=None)
    return der(tse), der(sub), der(root)


def load_private(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """A private key from PKCS#8 DER. Raises `ValueError` if it is of no allowed curve."""
    private = serialization.load_der_private_key(secret, password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise ValueError("a TSE signs with a key of an elliptic curve")
    if private.curve.name not in algorithms.CURVES:
        raise ValueError(f"the curve {private.curve.name} is not allowed")
    return private


def new_key(curve: str = "secp256r1") -> bytes:
    """A new private key as PKCS#8 DER."""
    return ec.generate_private_key(algorithms.CURVES[curve]).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _issuer(child: x509.Certificate, pool: list[x509.Certificate]) -> x509.Certificate:
    named = [one for one in pool if one.subject == child.issuer]
    if not named:
        raise CertificateError(f"the issuer is absent: {child.issuer.rfc4514_string()}")
    unchecked: UncheckedChain | None = None
    for issuer in named:
        try:
            if not _is_issued_by(child, issuer):
                continue
        except UncheckedChain as error:
            unchecked = error
            continue
        if not is_authority(issuer):
            raise CertificateError(f"the issuer may not issue: {_name(issuer)}")
        return issuer
    raise unchecked or CertificateError(f"the signature of the issuer is wrong: {_name(child)}")


def _is_issued_by(child: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Raises `UncheckedChain` where the signature is of a kind that cannot be verified here."""
    if child.issuer != issuer.subject:
        return False
    name = algorithms.NAMES.get(child.signature_algorithm_oid.dotted_string)
    try:
        if name is not None:  # as a TSE signs its logs: plain, which the library does not know
            signed = child.tbs_certificate_bytes
            return algorithms.verifies(key(issuer), name, signed, child.signature)
        child.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, algorithms.UnknownAlgorithm, ValueError, TypeError) as error:
        raise UncheckedChain(f"{_name(child)}: {error}") from None
    return True


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether its basic constraints say so. They are read by themselves: some makers spell other
    extensions, or the word for true, in a way that the library refuses as a whole."""
    try:
        for extension in _extensions(certificate):
            name, *_, held = asn1.elements(extension.value)
            if name.value == _BASIC_CONSTRAINTS:
                first = next(asn1.elements(asn1.read(held.value).value), None)
                return first is not None and first.tag == asn1.BOOLEAN and any(first.value)
    except (asn1.Asn1Error, ValueError) as error:
        raise UncheckedChain(f"{_name(certificate)}: {error}") from None
    return False


def _extensions(certificate: x509.Certificate) -> Iterator[asn1.Tlv]:
    for field in asn1.elements(asn1.read(certificate.tbs_certificate_bytes).value):
        if field.tag == _EXTENSIONS:
            yield from asn1.elements(asn1.read(field.value).value)


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()


def _subject(name: str, number: str = "") -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Fiscus TEST"),
        x509.NameAttribute(NameOID.COMMON_NAME, name),
    ]
    if number:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, number))
    return x509.Name(parts)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    holder: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    at: datetime,
    path_length: int | None,
) -> x509.Certificate:
    is_authority = path_length is not None
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    start = at.replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(holder)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365 * VALID_YEARS + 2))
        .add_extension(x509.BasicConstraints(is_authority, path_length), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(holder), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
        .sign(signer, hashes.SHA384())
    )
