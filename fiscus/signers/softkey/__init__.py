"""Keys in software: PKCS#8 bytes that the registry keeps encrypted."""

from base64 import b64encode, urlsafe_b64encode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from fiscus.signers import EcdsaSha256, RsaSha1, Signer, SignerKind, SignRequest

_PKCS1 = padding.PKCS1v15()
_SHA1 = hashes.SHA1()  # noqa: S303 - prescribed by law, never used for our own proofs
_ECDSA = ec.ECDSA(hashes.SHA256())
_ECDSA_DIGEST = ec.ECDSA(Prehashed(hashes.SHA256()))


def create(algorithm: str) -> bytes:
    """A new private key as PKCS#8 DER. Raises `ValueError` for an unknown algorithm."""
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if algorithm.startswith("rsa-"):
        # 1024 bits only where a law's field holds no longer signature.
        key = rsa.generate_private_key(public_exponent=65537, key_size=int(algorithm[4:]))
    elif algorithm == "ecdsa-p256":
        key = ec.generate_private_key(ec.SECP256R1())
    else:
        raise ValueError(f"softkey has no algorithm {algorithm}")
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def open_key(secret: bytes) -> Signer:
    key = serialization.load_der_private_key(secret, password=None)
    public_pem = (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    )

    def sign(request: SignRequest) -> str:
        if isinstance(request, RsaSha1):
            assert isinstance(key, rsa.RSAPrivateKey)
            return b64encode(key.sign(request.message, _PKCS1, _SHA1)).decode("ascii")
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        if isinstance(request, EcdsaSha256):
            signature = key.sign(request.message, _ECDSA)
        else:
            signature = key.sign(request.digest, _ECDSA_DIGEST)
        r, s = decode_dss_signature(signature)
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")

    return Signer(sign=sign, public_pem=public_pem)


SIGNERS = (SignerKind(code="softkey", create=create, open=open_key),)
