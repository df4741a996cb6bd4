"""Everything that can sign: the contract, and the requests that a seal flow may yield.

A signer is a key of ours, asked within the writer's transaction. A device is a foreign system:
the journal knows before it does, and it is asked between two commits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from fiscus.model.devices import SigningDevice
from fiscus.model.explained import ExplainedPart
from fiscus.model.faults import Code, Conflict, Missing
from fiscus.model.ids import Entropy, Ids
from fiscus.model.plugin_settings import Setting
from fiscus.model.plugins import plugged
from fiscus.model.records import DeviceSigning
from fiscus.model.times import Clock

UNKNOWN_SIGNER = Code("SIGNER-KIND-01", "no signer of that kind is installed")
NO_MAKER = Code("SIGNER-KIND-02", "no installed kind of signer makes keys of this algorithm")
SEVERAL_MAKERS = Code(
    "SIGNER-KIND-03", "several installed kinds of signers make keys of this algorithm: keep one"
)
JOURNAL_ALGORITHM = "ecdsa-p256"
"""Of the keys of chains: what the journal's entries are signed with."""

LOG_ALGORITHM = "ed25519"
"""Of the key of the log: what its checkpoints are signed with."""


class RsaSha1(msgspec.Struct, frozen=True):
    """RSASSA-PKCS1-v1_5 with SHA-1, because a law names it. Answer: base64."""

    message: bytes


class EcdsaSha256(msgspec.Struct, frozen=True):
    """ECDSA on P-256 with SHA-256. Answer: base64url of r‖s (64 bytes), no padding."""

    message: bytes


class EcdsaDigest(msgspec.Struct, frozen=True):
    """As `EcdsaSha256`, for a message too large to hand over: its SHA-256 digest."""

    digest: bytes


class Ed25519Message(msgspec.Struct, frozen=True):
    """Ed25519 over the message as it is (RFC 8032, without prehash). Answer: base64 of 64 bytes."""

    message: bytes


class EncryptIcm(msgspec.Struct, frozen=True):
    """AES-256 in counter mode (ICM, CTR) from this first counter block of 16 bytes. Answer: base64
    of as many bytes as the message has."""

    counter: bytes
    message: bytes


class KeySerial(msgspec.Struct, frozen=True):
    """The serial number of the certificate of the key that signs. Answer: 32 hex characters."""


class DeviceTransaction(msgspec.Struct, frozen=True):
    """A whole transaction with a foreign device, from start to finish. Answer: a `Signing`."""

    process_type: str
    process_data: str


SignRequest = RsaSha1 | EcdsaSha256 | EcdsaDigest | Ed25519Message | EncryptIcm | KeySerial


class SignerDown(Exception):
    """The signer does not answer. Thrown into the seal flow: the law decides what follows.

    `is_particular`: it refused what was asked of it and works on; the next request may succeed.
    """

    is_particular = False


@dataclass(frozen=True, kw_only=True)
class Signer:
    """One opened key, or the keys of a law that has several. It answers the requests that its keys
    are for. `sign` raises `SignerDown` when it cannot answer now; `public_pem` is empty for a key
    that only encrypts."""

    sign: Callable[[SignRequest], str]
    public_pem: str


@dataclass(frozen=True, kw_only=True)
class SignerKind:
    """A way to keep keys of some `algorithms`: `rsa-1024`, `ecdsa-p256`, `ed25519` … sign,
    `aes-256` encrypts.

    - `create(algorithm)` makes the secret bytes of a new key;
    - `open(secret)` makes a signer of them;
    - `taken(pem)` gives the algorithm and the secret bytes of a private key that was made elsewhere
      (PEM, unencrypted); raises `ValueError` for what is no such key. None: no key is taken over;
    - `is_spare`: it makes a new key only where no other kind can, so that whoever installs another
      kind has all new keys there.
    """

    code: str
    algorithms: frozenset[str]
    create: Callable[[str], bytes]
    open: Callable[[bytes], Signer]
    taken: Callable[[bytes], tuple[str, bytes]] | None = None
    is_spare: bool = False


def _explained_not(signing: DeviceSigning) -> tuple[ExplainedPart, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class DeviceKind:
    """A way to have a foreign device.

    `create(wanted, folder, clock, entropy)` sets a new device up and gives the secret by which it
    is opened again (keys, PINs, account), which the registry keeps encrypted; `wanted` has a
    `description` and the values of its `settings` (for a cloud its address and account). It may be
    repeated after a crash. `open(secret, folder, clock, ids)` is quick and asks nobody. `family`
    is what a law asks for; `is_test_only` devices are refused for live tenants, and in test one of
    them serves its family where the operator has chosen none. `explained(signing)`: what exactly a
    device of its family has signed, from what a record keeps of it.
    """

    code: str
    family: str
    create: Callable[[Mapping[str, str], Path, Clock, Entropy], bytes]
    open: Callable[[bytes, Path, Clock, Ids], SigningDevice]
    settings: tuple[Setting, ...] = ()
    is_test_only: bool = False
    explained: Callable[[DeviceSigning], tuple[ExplainedPart, ...]] = _explained_not


@cache
def installed() -> dict[str, SignerKind]:
    return plugged(__name__, __path__, "SIGNERS", SignerKind)


def maker(algorithm: str) -> SignerKind:
    """The kind that makes new keys of this algorithm. Raises `Missing` if none can, `Conflict` if
    several could that are no spare: one must be taken away."""
    able = [kind for kind in installed().values() if algorithm in kind.algorithms]
    first = [kind for kind in able if not kind.is_spare] or able
    if not first:
        raise Missing(NO_MAKER, algorithm)
    if len(first) > 1:
        raise Conflict(SEVERAL_MAKERS, algorithm, *(kind.code for kind in first))
    return first[0]


@cache
def devices() -> dict[str, DeviceKind]:
    return plugged(__name__, __path__, "DEVICES", DeviceKind)


def explained(family: str, signing: DeviceSigning) -> tuple[ExplainedPart, ...]:
    """What a device of that family has signed; nothing where none of it is installed."""
    found = (kind for kind in devices().values() if kind.family == family)
    return next((parts for kind in found if (parts := kind.explained(signing))), ())


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
