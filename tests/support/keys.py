"""The key of the Portuguese law that every story's installation has: always the same one, so that
what it signs can be compared. It protects nothing."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

_P = int(
    "f1115d658efc3976187df7c03ea0c0df63405feb2f62b4bfb76a5c0bc880e197"
    "b37017dc0449eda09927c189fdafec6ad3fbeafda06d19c99ca6618aba13bb4b",
    16,
)
_Q = int(
    "c05a72bd218ad6edb6317e0dc57373c85ef48937a8c4018766666f93d2ce9a13"
    "513409edff1bd8f555a8c36b3f1f1c30a3666e464f82c051e81ce7488f933e6b",
    16,
)
_EXPONENT = 65537


def seal_key() -> bytes:
    """RSA-1024 as PKCS#8 DER, as the vault keeps it."""
    secret = pow(_EXPONENT, -1, (_P - 1) * (_Q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=_P,
        q=_Q,
        d=secret,
        dmp1=rsa.rsa_crt_dmp1(secret, _P),
        dmq1=rsa.rsa_crt_dmq1(secret, _Q),
        iqmp=rsa.rsa_crt_iqmp(_P, _Q),
        public_numbers=rsa.RSAPublicNumbers(e=_EXPONENT, n=_P * _Q),
    )
    return numbers.private_key().private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
