"""Keys and plain signatures: which are read, which verify, and which nobody can judge."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from fiscus.signers.tse.log import algorithms
from fiscus.signers.tse.log.algorithms import CURVES, DEFAULTS, NAMES, OIDS

CURVE = pytest.mark.parametrize("curve", sorted(CURVES))
DER = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def a_key(curve: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(CURVES[curve])


@CURVE
def test_a_key_is_read_from_its_point_or_from_its_der(curve: str) -> None:
    key = a_key(curve).public_key()

    for octets in (algorithms.point(key), key.public_bytes(*DER)):
        found = algorithms.public_key(octets)
        assert found.public_numbers() == key.public_numbers()
        assert found.curve.name == CURVES[curve].name
    assert len(algorithms.serial(key)) == 32


@pytest.mark.parametrize(
    "octets", [b"", b"\x04", b"\x04" + bytes(64), b"\x04" + bytes(63), b"\x30"]
)
def test_what_is_no_key_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        algorithms.public_key(octets)


def test_a_key_without_a_curve_of_ours_is_refused() -> None:
    other = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(*DER)

    with pytest.raises(ValueError, match="not a key of an elliptic curve"):
        algorithms.public_key(other)


@CURVE
def test_a_signature_is_of_its_key_its_message_and_its_hash(curve: str) -> None:
    key, name = a_key(curve), DEFAULTS[curve]
    signature = algorithms.sign(key, name, b"a log message")

    assert algorithms.verifies(key.public_key(), name, b"a log message", signature)
    assert not algorithms.verifies(key.public_key(), name, b"another", signature)
    assert not algorithms.verifies(a_key(curve).public_key(), name, b"a log message", signature)
    assert not algorithms.verifies(
        key.public_key(), "ecdsa-plain-SHA3-256", b"a log message", signature
    )


@CURVE
def test_a_plain_signature_is_as_long_as_two_numbers_of_the_field(curve: str) -> None:
    key, name = a_key(curve), DEFAULTS[curve]
    signature = algorithms.sign(key, name, b"m")

    assert len(signature) == 2 * ((CURVES[curve].key_size + 7) // 8)
    for wrong in (signature[:-1], signature + b"\x00", b"\x00" + signature, b""):
        assert not algorithms.verifies(key.public_key(), name, b"m", wrong)


@pytest.mark.parametrize("name", ["ecsdsa-plain-SHA256", "rsa"])
def test_what_cannot_be_verified_here_is_named(name: str) -> None:
    key = a_key("secp256r1")

    with pytest.raises(algorithms.UnknownAlgorithm, match=name):
        algorithms.verifies(key.public_key(), name, b"m", bytes(64))
    with pytest.raises(algorithms.UnknownAlgorithm):
        algorithms.sign(key, name, b"m")


@pytest.mark.parametrize(
    ("oid", "name"),
    [
        ("0.4.0.127.0.7.1.1.4.1.2", "ecdsa-plain-SHA224"),
        ("0.4.0.127.0.7.1.1.4.1.3", "ecdsa-plain-SHA256"),
        ("0.4.0.127.0.7.1.1.4.1.4", "ecdsa-plain-SHA384"),
        ("0.4.0.127.0.7.1.1.4.1.5", "ecdsa-plain-SHA512"),
        ("0.4.0.127.0.7.1.1.4.1.8", "ecdsa-plain-SHA3-224"),
        ("0.4.0.127.0.7.1.1.4.1.9", "ecdsa-plain-SHA3-256"),
        ("0.4.0.127.0.7.1.1.4.1.10", "ecdsa-plain-SHA3-384"),
        ("0.4.0.127.0.7.1.1.4.1.11", "ecdsa-plain-SHA3-512"),
        ("0.4.0.127.0.7.1.1.4.4.1", "ecsdsa-plain-SHA224"),
        ("0.4.0.127.0.7.1.1.4.4.2", "ecsdsa-plain-SHA256"),
        ("0.4.0.127.0.7.1.1.4.4.8", "ecsdsa-plain-SHA3-512"),
    ],
)
def test_algorithms_have_the_names_and_numbers_of_the_guideline(oid: str, name: str) -> None:
    """BSI TR-03111, 5.2.1."""
    assert NAMES[oid] == name
    assert OIDS[name] == oid
    assert len(NAMES) == len(OIDS) == 16


@pytest.mark.parametrize(
    ("name", "weak"),
    [("ecdsa-plain-SHA224", True), ("ecdsa-plain-SHA3-224", True), ("ecdsa-plain-SHA256", False)],
)
def test_a_hash_below_256_bits_is_weak(name: str, weak: bool) -> None:
    assert algorithms.is_weak(name) is weak
