"""A TSE's certificate, and the way from it to its root."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from fiscus.signers.tse.log import algorithms, asn1, certificates
from fiscus.signers.tse.log.certificates import CertificateError, UncheckedChain

BORN = datetime(2026, 3, 1, 9, 0, 0, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def secret() -> bytes:
    return certificates.new_key()


@pytest.fixture(scope="module")
def path(secret: bytes) -> list[x509.Certificate]:
    """The TSE's certificate, the sub CA's and the root's."""
    return [certificates.read(one) for one in certificates.test_chain(secret, BORN)]


def test_a_chain_is_found_from_the_leaf_to_its_root_in_any_order(
    path: list[x509.Certificate],
) -> None:
    leaf, sub, root = path

    assert certificates.chain(leaf, [root, sub]) == (leaf, sub, root)
    assert certificates.chain(root, []) == (root,)
    assert [certificates.is_own_issuer(one) for one in path] == [False, False, True]


def test_the_authorities_may_issue_as_many_below_them_as_there_are(
    path: list[x509.Certificate],
) -> None:
    found = [one.extensions.get_extension_for_class(x509.BasicConstraints).value for one in path]

    assert [one.ca for one in found] == [False, True, True]
    assert [one.path_length for one in found] == [None, 0, 1]
    for one in path:
        usage = one.extensions.get_extension_for_class(x509.KeyUsage).value
        is_authority = one is not path[0]
        assert usage.key_cert_sign is usage.crl_sign is is_authority
        assert usage.digital_signature is not is_authority
    assert all("TEST" in one.subject.rfc4514_string() for one in path)


def test_the_serial_is_the_hash_of_the_key_and_stands_in_the_subject(
    path: list[x509.Certificate], secret: bytes
) -> None:
    held = certificates.load_private(secret).public_key()

    assert certificates.serial(path[0]) == algorithms.serial(held)
    assert algorithms.serial(held).hex() in path[0].subject.rfc4514_string()


def test_a_certificate_is_valid_for_eight_years_both_ends_included(
    path: list[x509.Certificate],
) -> None:
    begin, end = path[0].not_valid_before_utc, path[0].not_valid_after_utc

    assert begin == BORN.replace(microsecond=0)
    assert end - begin == timedelta(days=8 * 365 + 2)
    for moment, is_valid in (
        (begin - SECOND, False),
        (begin, True),
        (end, True),
        (end + SECOND, False),
    ):
        assert certificates.is_valid_at(path[0], moment) is is_valid


def test_where_a_chain_breaks_is_said(path: list[x509.Certificate], secret: bytes) -> None:
    leaf, sub, root = path
    other = [certificates.read(one) for one in certificates.test_chain(secret, BORN)]

    for pool, said in (
        ([root], "the issuer is absent: CN=Fiscus TEST Sub CA"),
        ([other[1], root], "the signature of the issuer is wrong: .*CN=Fiscus TEST TSE"),
        ([sub], "the issuer is absent: CN=Fiscus TEST Root CA"),
        ([sub, other[2]], "the signature of the issuer is wrong: CN=Fiscus TEST Sub CA"),
    ):
        with pytest.raises(CertificateError, match=said):
            certificates.chain(leaf, pool)


def remade(authority: x509.Certificate, change: Callable[[bytes], bytes]) -> x509.Certificate:
    """The certificate with other bytes in what was signed."""
    der = certificates.der(authority)
    whole = asn1.read(der).value
    signed = asn1.read(whole)
    inner = change(signed.value)
    rest = whole[len(signed.raw) :]
    return x509.load_der_x509_certificate(
        asn1.write(asn1.SEQUENCE, asn1.write(asn1.SEQUENCE, inner) + rest)
    )


def test_who_may_issue_is_read_whatever_else_the_library_cannot_read() -> None:
    """A simulator spells true as 01 beside extensions that are no DER: the library then reads none
    of them, and the authority is one all the same."""
    (_, sub, _) = [
        certificates.read(one) for one in certificates.test_chain(certificates.new_key(), BORN)
    ]
    true = bytes.fromhex("551d130101ff04083006") + b"\x01\x01\xff"
    assert true in certificates.der(sub)

    spelled = remade(sub, lambda signed: signed.replace(true, true[:-1] + b"\x01"))
    lowered = remade(sub, lambda signed: signed.replace(true, true[:-1] + b"\x00"))

    with pytest.raises(ValueError, match="BasicConstraints"):
        _ = spelled.extensions
    assert certificates.is_authority(spelled)
    assert not certificates.is_authority(lowered)


def test_a_chain_that_is_signed_as_logs_are_is_verified() -> None:
    """With a plain signature, which the library knows nothing of; and one that nobody can verify
    here is not called wrong."""
    secret = certificates.new_key()
    leaf, sub, root = [certificates.read(one) for one in certificates.test_chain(secret, BORN)]
    own = ec.generate_private_key(ec.SECP384R1())
    plain = signed_plainly(sub, own, "ecdsa-plain-SHA384")
    unknown = signed_plainly(sub, own, "ecsdsa-plain-SHA384")
    wrong = signed_plainly(sub, ec.generate_private_key(ec.SECP384R1()), "ecdsa-plain-SHA384")
    issuer = selfsigned(root.subject, own)

    assert certificates.chain(leaf, [plain, issuer]) == (leaf, plain, issuer)
    with pytest.raises(CertificateError, match="signature of the issuer is wrong"):
        certificates.chain(leaf, [wrong, issuer])
    with pytest.raises(UncheckedChain, match="ecsdsa"):
        certificates.chain(leaf, [unknown, issuer])


def signed_plainly(
    certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, name: str
) -> x509.Certificate:
    """The same certificate, signed by that key with a signature in the plain form."""
    oid = asn1.write(asn1.OBJECT, asn1.object_octets(algorithms.OIDS[name]))
    algorithm = asn1.write(asn1.SEQUENCE, oid)
    fields = list(asn1.elements(asn1.read(certificate.tbs_certificate_bytes).value))
    raw = [field.raw for field in fields]
    raw[2] = algorithm
    signed = asn1.write(asn1.SEQUENCE, b"".join(raw))
    signature = algorithms.sign(key, "ecdsa-plain-SHA384", signed)
    return x509.load_der_x509_certificate(
        asn1.write(asn1.SEQUENCE, signed + algorithm + asn1.write(0x03, b"\0" + signature))
    )


def selfsigned(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(BORN)
        .not_valid_after(BORN + timedelta(days=999))
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .sign(key, hashes.SHA384())
    )


def test_one_of_the_same_name_that_signed_is_found_among_others(
    path: list[x509.Certificate], secret: bytes
) -> None:
    leaf, sub, root = path
    other = [certificates.read(one) for one in certificates.test_chain(secret, BORN)]

    assert certificates.chain(leaf, [other[1], sub, other[2], root]) == (leaf, sub, root)


def test_der_and_pem_are_read(path: list[x509.Certificate]) -> None:
    pem = path[0].public_bytes(serialization.Encoding.PEM)

    assert certificates.read(certificates.der(path[0])) == path[0]
    assert certificates.read(b"\n" + pem) == path[0]
    assert certificates.read(b"Subject: CN=TSE\nIssuer: CN=CA\n" + pem) == path[0]


@pytest.mark.parametrize("data", [b"", b"-----BEGIN", b"\x30\x80" * 5000])
def test_what_is_no_certificate_is_unreadable(data: bytes) -> None:
    with pytest.raises(CertificateError, match="unreadable"):
        certificates.read(data)


def test_a_private_key_is_of_an_allowed_curve(secret: bytes) -> None:
    assert certificates.load_private(secret).curve.name == "secp256r1"
    for curve in algorithms.CURVES:
        assert certificates.load_private(certificates.new_key(curve)).curve.name == curve
    for strange in (
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 1024),
        ec.generate_private_key(ec.SECP256K1()),
    ):
        packed = strange.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        with pytest.raises(ValueError, match="curve"):
            certificates.load_private(packed)
