"""Whatever can sign: the contract, and the requests a seal flow may yield.

A signer is a value. It says which requests it can answer and whether it is a foreign system:
an inside signer is asked within the writer's transaction, a foreign one between two commits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import msgspec

from fiscus.model.faults import Code, Missing
from fiscus.model.sockets import plugged

UNKNOWN_SIGNER = Code("SIGNER-KIND-01", "no signer of that kind is installed")


class RsaSha1(msgspec.Struct, frozen=True):
    """RSASSA-PKCS1-v1_5 with SHA-1, because a law names it. Answer: base64."""

    message: bytes


class EcdsaSha256(msgspec.Struct, frozen=True):
    """ECDSA on P-256 with SHA-256. Answer: base64url of r‖s (64 bytes), no padding."""

    message: bytes


class EcdsaDigest(msgspec.Struct, frozen=True):
    """As `EcdsaSha256`, for a message too large to hand over: its SHA-256 digest."""

    digest: bytes


SignRequest = RsaSha1 | EcdsaSha256 | EcdsaDigest


class SignerDown(Exception):
    """The signer does not answer. Thrown into the seal flow: the law decides what follows."""


@dataclass(frozen=True, kw_only=True)
class Signer:
    """One opened key or device. `sign` raises `SignerDown` when it cannot answer now."""

    sign: Callable[[SignRequest], str]
    public_pem: str
    is_foreign: bool = False


@dataclass(frozen=True, kw_only=True)
class SignerKind:
    """A way to keep keys: `create` makes secret bytes for an algorithm, `open` a signer of them.

    Algorithms: `rsa-1024`, `rsa-2048`, `ecdsa-p256`.
    """

    code: str
    create: Callable[[str], bytes]
    open: Callable[[bytes], Signer]


@cache
def installed() -> dict[str, SignerKind]:
    return plugged(__name__, __path__, "SIGNERS", SignerKind)


def find(code: str) -> SignerKind:
    try:
        return installed()[code]
    except KeyError:
        raise Missing(UNKNOWN_SIGNER) from None
