"""PINs and PUKs, kept as salted scrypt hashes.

The counter of tries is the real guard. The hash is cheap, because a device that serves tests only
has no secrets worth more, and short PINs could be guessed from any hash.
"""

import hmac
from hashlib import scrypt

_COST, _BLOCK = 2**10, 8


def hashed(salt: bytes, secret: str) -> bytes:
    return scrypt(secret.encode(), salt=salt, n=_COST, r=_BLOCK, p=1, dklen=32)


def is_right(salt: bytes, secret: str, kept: bytes) -> bool:
    return hmac.compare_digest(hashed(salt, secret), kept)
