"""Keys in software: PKCS#8 bytes, or those of an AES key, that the registry keeps encrypted."""

import os
from base64 import b64encode, urlsafe_b64encode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from fiscus.signers import (
    EcdsaDigest,
    EcdsaSha256,
    Ed25519Message,
    EncryptIcm,
    RsaSha1,
    Signer,
    SignerKind,
    SignRequest,
)

AES_BYTES = 32

_PKCS1 = padding.PKCS1v15()
_SHA1 = hashes.SHA1()  # noqa: S303 - prescribed by law, never used for our own proofs
_ECDSA = ec.ECDSA(hashes.SHA256())
_ECDSA_DIGEST = ec.ECDSA(Prehashed(hashes.SHA256()))


# 1024 bits only where a law's field holds no longer signature.
RSA_BITS = {f"rsa-{bits}": bits for bits in (1024, 2048, 3072, 4096)}
P256 = "ecdsa-p256"
ED25519 = "ed25519"
AES = "aes-256"

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def create(algorithm: str) -> bytes:
    """A new private key as PKCS#8 DER, or a new AES key as it is. Raises `ValueError` for an
    unknown algorithm."""
    if algorithm == AES:
        return os.urandom(AES_BYTES)
    if algorithm in RSA_BITS:
        return _der(rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS[algorithm]))
    if algorithm == P256:
        return _der(ec.generate_private_key(ec.SECP256R1()))
    if algorithm == ED25519:
        return _der(ed25519.Ed25519PrivateKey.generate())
    raise ValueError(f"softkey has no algorithm {algorithm}")


def taken(pem: bytes) -> tuple[str, bytes]:
    """The algorithm of a private key in PEM, and the key as PKCS#8 DER. Raises `ValueError`."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (TypeError, UnsupportedAlgorithm) as error:  # encrypted, or of a kind nobody knows
        raise ValueError(str(error)) from error
    if isinstance(key, rsa.RSAPrivateKey) and f"rsa-{key.key_size}" in RSA_BITS:
        return f"rsa-{key.key_size}", _der(key)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return P256, _der(key)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return ED25519, _der(key)
    raise ValueError("softkey keeps no keys of this algorithm")


def _der(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def open_key(secret: bytes) -> Signer:
    return _cipher(secret) if len(secret) == AES_BYTES else _signer(secret)


def _cipher(secret: bytes) -> Signer:
    def encrypt(request: SignRequest) -> str:
        assert isinstance(request, EncryptIcm)
        encryptor = Cipher(algorithms.AES(secret), modes.CTR(request.counter)).encryptor()
        return b64encode(encryptor.update(request.message) + encryptor.finalize()).decode("ascii")

    return Signer(sign=encrypt, public_pem="")


def _signer(secret: bytes) -> Signer:
    # A secret was made here or checked when it was imported (`taken`), and whoever kept it has
    # authenticated it: an RSA key is not proved anew each time it is opened.
    key = serialization.load_der_private_key(
        secret, password=None, unsafe_skip_rsa_key_validation=True
    )
    public_pem = (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    )

    def sign(request: SignRequest) -> str:
        if isinstance(request, RsaSha1):
            assert isinstance(key, rsa.RSAPrivateKey)
            return b64encode(key.sign(request.message, _PKCS1, _SHA1)).decode("ascii")
        if isinstance(request, Ed25519Message):
            assert isinstance(key, ed25519.Ed25519PrivateKey)
            return b64encode(key.sign(request.message)).decode("ascii")
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        if isinstance(request, EcdsaSha256):
            signature = key.sign(request.message, _ECDSA)
        else:
            assert isinstance(request, EcdsaDigest)
            signature = key.sign(request.digest, _ECDSA_DIGEST)
        r, s = decode_dss_signature(signature)
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")

    return Signer(sign=sign, public_pem=public_pem)


SIGNERS = (
    SignerKind(
        code="softkey",
        algorithms=frozenset({*RSA_BITS, P256, ED25519, AES}),
        create=create,
        open=open_key,
        taken=taken,
        is_spare=True,
    ),
)
