"""The security header of a request: who asks, encrypted for the authority (portugal.md 5.2).

Each request has a key of its own, which is used once. Nothing of it is ever logged or shown.
"""

import os
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from fiscus.channels import Rejected, Remedy
from fiscus.channels.at_portugal.envelope import text
from fiscus.channels.at_portugal.errors import LOGIN_OF_ANOTHER, PASSWORD_MISSING, USER_MISSING
from fiscus.channels.at_portugal.meanings import fault
from fiscus.model.ids import Entropy

NAMESPACE = "http://schemas.xmlsoap.org/ws/2002/12/secext"
KEY_BYTES = 16


class AtLogin(msgspec.Struct, frozen=True):
    """A sub-user of a taxpayer: `<NIF>/<number>`, and its password."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"AtLogin({self.username!r})"


def login(credentials: Mapping[str, str], taxpayer: str = "") -> AtLogin | Rejected:
    """The login in a taxpayer's credentials, or what is missing in them. With a taxpayer's NIF it
    must be one of that taxpayer: the authority takes from it whose series are meant."""
    username, password = credentials.get("username", ""), credentials.get("password", "")
    missing = [
        fault(code, f"credentials.{name}")
        for code, name, value in (
            (USER_MISSING, "username", username),
            (PASSWORD_MISSING, "password", password),
        )
        if not value
    ]
    if not missing and taxpayer and username.partition("/")[0].strip() != taxpayer:
        missing = [fault(LOGIN_OF_ANOTHER, "credentials.username")]
    if missing:
        return Rejected(faults=tuple(missing), remedy=Remedy.ACCESS)
    return AtLogin(username.strip(), password)


def authority_key(certificate: bytes) -> rsa.RSAPublicKey:
    """The public key in the authority's certificate (PEM or DER). Raises `ValueError` if there is
    no RSA key in it."""
    key = certificate_of(certificate).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("no RSA key")
    return key


def certificate_of(given: bytes) -> x509.Certificate:
    """A certificate from PEM or DER. Raises `ValueError`."""
    if b"-----BEGIN" in given:
        return x509.load_pem_x509_certificate(given)
    return x509.load_der_x509_certificate(given)


def security(
    who: AtLogin, to: rsa.RSAPublicKey, at: datetime, entropy: Entropy = os.urandom
) -> str:
    """The header of one request made at that instant."""
    key = entropy(KEY_BYTES)
    created = at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    return (
        f'<wss:Security xmlns:wss="{NAMESPACE}"><wss:UsernameToken>'
        f"{text('wss:Username', who.username)}"
        f"{text('wss:Password', _encrypted(key, who.password))}"
        f"{text('wss:Nonce', _base64(to.encrypt(key, padding.PKCS1v15())))}"
        f"{text('wss:Created', _encrypted(key, created))}"
        "</wss:UsernameToken></wss:Security>"
    )


def _encrypted(key: bytes, plain: str) -> str:
    """AES-128, ECB, PKCS #5: the authority's choice; safe enough, as each key serves once and what
    it hides is short and differs."""
    padder = PKCS7(algorithms.AES.block_size).padder()
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    padded = padder.update(plain.encode()) + padder.finalize()
    return _base64(cipher.update(padded) + cipher.finalize())


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
