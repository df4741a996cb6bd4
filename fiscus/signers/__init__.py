"""Whatever can sign: the contract, and the requests a seal flow may yield.

A signer is a key of ours, asked within the writer's transaction. A device is a foreign system:
the journal knows before it does, and it is asked between two commits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from fiscus.model.devices import Device
from fiscus.model.faults import Code, Missing
from fiscus.model.ids import Entropy, Ids
from fiscus.model.sockets import plugged
from fiscus.model.times import Clock

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


class DeviceTransaction(msgspec.Struct, frozen=True):
    """A whole transaction with a foreign device, from start to finish. Answer: a `Signing`."""

    process_type: str
    process_data: str


SignRequest = RsaSha1 | EcdsaSha256 | EcdsaDigest


class SignerDown(Exception):
    """The signer does not answer. Thrown into the seal flow: the law decides what follows.

    `is_particular`: it refused what was asked of it and works on; the next wish may succeed.
    """

    is_particular = False


@dataclass(frozen=True, kw_only=True)
class Signer:
    """One opened key or device. `sign` raises `SignerDown` when it cannot answer now."""

    sign: Callable[[SignRequest], str]
    public_pem: str


@dataclass(frozen=True, kw_only=True)
class SignerKind:
    """A way to keep keys: `create` makes secret bytes for an algorithm, `open` a signer of them.

    Algorithms: `rsa-1024`, `rsa-2048`, `ecdsa-p256`.
    """

    code: str
    create: Callable[[str], bytes]
    open: Callable[[bytes], Signer]


@dataclass(frozen=True, kw_only=True)
class DeviceKind:
    """A way to have a foreign device.

    `create(wanted, folder, clock, entropy)` sets a new device up and gives the secret by which it
    is opened again (keys, PINs, account), which the registry keeps encrypted; `wanted` is what the
    installation says of it (`description`, for a cloud its address and account). It may be
    repeated after a crash. `open(secret, folder, clock, ids)` is quick and asks nobody. `family`
    is what a law asks for; `is_test_only` devices are refused for live tenants.
    """

    code: str
    family: str
    create: Callable[[Mapping[str, str], Path, Clock, Entropy], bytes]
    open: Callable[[bytes, Path, Clock, Ids], Device]
    is_test_only: bool = False


@cache
def installed() -> dict[str, SignerKind]:
    return plugged(__name__, __path__, "SIGNERS", SignerKind)


@cache
def devices() -> dict[str, DeviceKind]:
    return plugged(__name__, __path__, "DEVICES", DeviceKind)


def find_device(code: str) -> DeviceKind:
    try:
        return devices()[code]
    except KeyError:
        raise Missing(UNKNOWN_SIGNER) from None


def find(code: str) -> SignerKind:
    try:
        return installed()[code]
    except KeyError:
        raise Missing(UNKNOWN_SIGNER) from None
