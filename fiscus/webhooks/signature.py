"""Signatures of the Standard Webhooks scheme: HMAC-SHA-256 over id, time and body.

Source: Standard Webhooks, `spec/standard-webhooks.md`, "Symmetric".
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

from fiscus.model.ids import Entropy

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret(entropy: Entropy) -> str:
    """A signing secret as it is shown: `whsec_` and 32 bytes in base64."""
    return PREFIX + b64encode(entropy(SECRET_BYTES)).decode("ascii")


def signed(secrets: Sequence[str], message: str, timestamp: int, body: bytes) -> str:
    """The header: one signature for each secret that is good, apart by blanks."""
    content = b"%s.%d." % (message.encode("ascii"), timestamp) + body
    return " ".join(f"v1,{_one(secret, content)}" for secret in secrets)


def _one(secret: str, content: bytes) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return b64encode(hmac.digest(key, content, "sha256")).decode("ascii")
