"""Signature algorithms of a TSE: their names, their object identifiers, and the plain form r‖s.

BSI TR-03116-5 allows plain ECDSA and EC-SDSA. EC-SDSA is known by name, so that a report can say
what it met, but no library we use verifies it.
"""

from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

_ECDSA_PLAIN = "0.4.0.127.0.7.1.1.4.1."
_ECSDSA_PLAIN = "0.4.0.127.0.7.1.1.4.4."

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "SHA224": hashes.SHA224(),
    "SHA256": hashes.SHA256(),
    "SHA384": hashes.SHA384(),
    "SHA512": hashes.SHA512(),
    "SHA3-224": hashes.SHA3_224(),
    "SHA3-256": hashes.SHA3_256(),
    "SHA3-384": hashes.SHA3_384(),
    "SHA3-512": hashes.SHA3_512(),
}

_ECDSA_ARCS = dict(zip((2, 3, 4, 5, 8, 9, 10, 11), _HASHES, strict=True))
_ECSDSA_ARCS = dict(zip(range(1, 9), _HASHES, strict=True))

NAMES = {f"{_ECDSA_PLAIN}{arc}": f"ecdsa-plain-{name}" for arc, name in _ECDSA_ARCS.items()}
NAMES |= {f"{_ECSDSA_PLAIN}{arc}": f"ecsdsa-plain-{name}" for arc, name in _ECSDSA_ARCS.items()}
"""Object identifier to name, as names stand in QR codes and in DSFinV-K."""

_SCHEMES = {f"ecdsa-plain-{name}": ec.ECDSA(algorithm) for name, algorithm in _HASHES.items()}

OIDS = {name: oid for oid, name in NAMES.items()}

CURVES: dict[str, ec.EllipticCurve] = {
    "secp256r1": ec.SECP256R1(),
    "secp384r1": ec.SECP384R1(),
    "secp521r1": ec.SECP521R1(),
    "brainpoolP256r1": ec.BrainpoolP256R1(),
    "brainpoolP384r1": ec.BrainpoolP384R1(),
    "brainpoolP512r1": ec.BrainpoolP512R1(),
}
"""The curves the guideline allows."""

DEFAULTS = {
    "secp256r1": "ecdsa-plain-SHA256",
    "secp384r1": "ecdsa-plain-SHA384",
    "secp521r1": "ecdsa-plain-SHA512",
    "brainpoolP256r1": "ecdsa-plain-SHA256",
    "brainpoolP384r1": "ecdsa-plain-SHA384",
    "brainpoolP512r1": "ecdsa-plain-SHA512",
}


class UnknownAlgorithm(ValueError):
    """Not an algorithm that can be verified here; the text names it."""


def is_weak(name: str) -> bool:
    """Hashes below 256 bits are not allowed in log messages."""
    return name.endswith("224")


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """The uncompressed point 04‖x‖y."""
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def serial(key: ec.EllipticCurvePublicKey) -> bytes:
    """The serial number of the TSE that holds the key: the hash of its point."""
    return sha256(point(key)).digest()


def public_key(octets: bytes) -> ec.EllipticCurvePublicKey:
    """A key from its point or, as some devices print it, from its DER.

    A bare point does not name its curve: of the curves with that field length, the one it lies on.
    """
    if octets[:1] == b"\x04":
        for curve in CURVES.values():
            if len(octets) == 1 + 2 * _width(curve):
                try:
                    return ec.EllipticCurvePublicKey.from_encoded_point(curve, octets)
                except ValueError:
                    continue
        raise ValueError("the point lies on none of the allowed curves")
    key = serialization.load_der_public_key(octets)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("not a key of an elliptic curve")
    return key


def verifies(key: ec.EllipticCurvePublicKey, name: str, message: bytes, signature: bytes) -> bool:
    """Whether the plain signature is right. Raises `UnknownAlgorithm` where nobody can tell."""
    if name not in _SCHEMES:
        raise UnknownAlgorithm(name)
    width = _width(key.curve)
    if len(signature) != 2 * width:
        return False
    r = int.from_bytes(signature[:width], "big")
    s = int.from_bytes(signature[width:], "big")
    try:
        key.verify(encode_dss_signature(r, s), message, _SCHEMES[name])
    except InvalidSignature:
        return False
    return True


def sign(key: ec.EllipticCurvePrivateKey, name: str, message: bytes) -> bytes:
    """r‖s, each as long as the field."""
    if name not in _SCHEMES:
        raise UnknownAlgorithm(name)
    r, s = decode_dss_signature(key.sign(message, _SCHEMES[name]))
    width = _width(key.curve)
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


def _width(curve: ec.EllipticCurve) -> int:
    return (curve.key_size + 7) // 8
