"""The public key that somebody gives with a file, to verify its seals with."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from fiscus.model.faults import Code, Refused

NOT_A_KEY = Code(
    "CHECK-KEY-01",
    "this is not a public RSA key in PEM (its first line is -----BEGIN PUBLIC KEY-----): take the "
    "file as the maker of the program hands it out, or leave this field empty",
)


def read(said: str) -> str:
    """The key in PEM, whatever stands around it; empty if nothing was given. Raises `Refused`."""
    if not said.strip():
        return ""
    try:
        key = serialization.load_pem_public_key(said.strip().encode("ascii"))
    except (ValueError, UnsupportedAlgorithm):
        raise Refused(NOT_A_KEY) from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise Refused(NOT_A_KEY)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode("ascii")
